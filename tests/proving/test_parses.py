"""Changed files are read by what reads their kind, and by nothing that would run them."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from heal.patch import Draft, Trial
from heal.proving.parses import kind_of, parses


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    """A repository whose one commit is the base, and a worktree that a test changes."""
    repository, worktree = tmp_path / "repository", tmp_path / "worktree"
    for folder in (repository, worktree):
        folder.mkdir()
    git(repository, "init", "-q")
    (repository / "old.py").write_text("print 'of Python 2'\n", encoding="utf-8")
    (repository / "odd.py").write_text("type X = int\ntype Y[T] = list[T] if\n", encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "-c", "user.name=n", "-c", "user.email=e@e", "commit", "-q", "-m", "base")
    base = git(repository, "rev-parse", "HEAD")
    return Draft(repository, repository / ".git", "b", base, "c", "p", worktree, (), "s", "w")


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def tried(draft: Draft, **files: str | bytes) -> Trial:
    for name, content in files.items():
        (draft.worktree / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    said = parses(replace(draft, files=tuple(files)))
    return replace(said, seconds=0.0)


@pytest.mark.parametrize(
    ("name", "bad", "good", "said"),
    [
        ("a.py", "def f(:\n", "def f(): pass\n", "line 1: invalid syntax"),
        ("Snakefile", "rule a:\n    output: 'x\n", "rule a:\n    output: 'x'\n    shell: 'true'\n", "does not end"),
        ("a.smk", "rule a:\n    input: ('x'\n", "rule a:\n    input: ('x')\n", "EOF in multi-line statement"),
        ("a.smk", "rule a:\n        input: 'x'\n    output: 'y'\n", "rule a:\n    input: 'x'\n", "unindent"),
        ("a.sh", "if true; then\n", "if true; then :; fi\n", "end of file"),
        ("a.sh", "case x in\n", "shopt -s extglob\n[[ a == !(b|c) ]]\n", "end of file"),
        ("run", "#!/bin/sh\necho 'a\n", "#!/bin/sh\necho 'a'\n", "nterminated"),
        ("a.yaml", "a: b: c\n", "a: !own [1]\n", "mapping values are not allowed here"),
        ("a.toml", "a = \n", "a = 1\n", "Invalid value"),
        ("a.json", "{,}\n", "{}\n", "line 1"),
    ],
)
def test_what_cannot_be_read_is_told_and_where(draft: Draft, name: str, bad: str, good: str, said: str):
    assert tried(draft, **{name: good}) == Trial("parses", True)
    failed = tried(draft, **{name: bad})
    assert (failed.passed, failed.said.startswith(f"{name}: "), said in failed.said) == (False, True, True)


@pytest.mark.usefixtures("rscript")
@pytest.mark.parametrize(
    ("bad", "good", "said"),
    [
        ("f <- function(x) {\n  x + 1\n", "f <- function(x) {\n  x + 1\n}\n", "unexpected end of input"),
        ("x <- c(1, 2\ny <- 3\n", "x <- c(1, 2)\ny <- 3\n", "unexpected symbol"),
        ("x <- 'a\n", "x <- 'a'\n", "unexpected INCOMPLETE_STRING"),
        # answered in Python
        ("with open('a') as table:\n    print(len(list(table)))\n", "x <- 1\n", "unexpected symbol"),
    ],
)
def test_r_is_read_by_rs_own_parser_and_not_run(draft: Draft, tmp_path: Path, bad: str, good: str, said: str):
    trace = tmp_path / "trace"
    runs = f"file.create('{trace}')\n"
    assert tried(draft, **{"a.R": runs + good}) == Trial("parses", True)
    failed = tried(draft, **{"a.R": runs + bad})
    assert (failed.passed, failed.said.startswith("a.R: "), said in failed.said) == (False, True, True), failed.said
    assert not trace.exists()


@pytest.mark.parametrize("name", ["notes.txt", "data.csv", "README.md"])
def test_what_is_no_program_has_nothing_to_parse(draft: Draft, name: str):
    assert tried(draft, **{name: b"def f(:\n\xff"}) == Trial("parses", True)


@pytest.mark.parametrize(
    ("name", "said"),
    [("a.pl", "perl -c would run its BEGIN blocks"), ("main.nf", "the engine's own parser reads it")],
)
def test_what_cannot_be_tried_is_no_yes(draft: Draft, name: str, said: str):
    assert tried(draft, **{name: "x\n"}) == Trial("parses", None, f"{name}: {said}")


def test_a_file_that_could_not_be_read_before_either_is_not_held_against_the_change(draft: Draft):
    # Given files that this Python cannot read as they are in git: of Python 2, and of a newer one
    assert tried(draft, **{"old.py": "print 'better'\n"}).said == "old.py: it is written for Python 2"
    odd = tried(draft, **{"odd.py": "type X = str\ntype Y[T] = list[T] if\n"})
    assert (odd.passed, "without the change either" in odd.said) == (None, True)


def test_one_that_is_bad_counts_more_than_one_that_was_not_tried(draft: Draft):
    assert tried(draft, **{"a.pl": "x", "b.json": "{,}", "c.json": "{}"}).said.startswith("b.json: ")


def test_a_file_that_is_gone_or_a_link_is_not_read(draft: Draft):
    (draft.worktree / "link.json").symlink_to("/etc/passwd")
    assert replace(parses(replace(draft, files=("gone.py", "link.json"))), seconds=0.0) == Trial("parses", True)


def test_nothing_is_run(draft: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Given what shells read when they start, and a file that would leave a trace
    trace = tmp_path / "trace"
    (tmp_path / "rc").write_text(f"touch {trace}\n", encoding="utf-8")
    for name in ("BASH_ENV", "ENV"):
        monkeypatch.setenv(name, str(tmp_path / "rc"))
    files = {"a.py": f"open({str(trace)!r}, 'w')\n", "a.sh": f"touch {trace}\n", "b.sh": f"#!/bin/sh\ntouch {trace}\n"}
    assert tried(draft, **files) == Trial("parses", True)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("run", b"#!/usr/bin/env -S python3.9 -u\n", "python"),
        ("run.sh", b"#!/usr/bin/env python\n", "python"),
        ("run", b"#!/opt/R/4.3/bin/Rscript --vanilla\n", "r"),
        ("run", b"#!/bin/zsh\n", ""),
        ("workflow/Snakefile", b"", "snakefile"),
        ("conf/base.config", b"", "engine"),
        ("a.R", b"", "r"),
        ("a.b/c", b"", ""),
    ],
)
def test_kinds(name: str, content: bytes, kind: str):
    assert kind_of(name, content) == kind
