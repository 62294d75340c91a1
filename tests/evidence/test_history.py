"""Real git repositories, asked what changed."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heal.cases import Finding, Sight
from heal.evidence.history import History
from heal.knowledge.surroundings import Surroundings

SNAKEFILE = 'configfile: "c.yaml"\nrule a:\n    input: "samples.tsv"\n    shell: "x"\n'
LAST_SUCCESS = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


def git(folder: Path, *words: str, day: int = 1) -> str:
    moment = f"2026-11-{day:02d}T12:00:00+0000"
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env |= {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment, "GIT_CONFIG_GLOBAL": "/dev/null"}
    options = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
    command = ["git", "-C", str(folder), *options, *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.strip()


def commit(folder: Path, day: int, subject: str, **files: str) -> str:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", subject, day=day)
    return git(folder, "rev-parse", "--short", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    commit(tmp_path, 10, "begin", Snakefile=SNAKEFILE)
    return tmp_path


def changes(repo: Path, *names: str, since: datetime | None = LAST_SUCCESS) -> tuple[Finding, ...]:
    around = Surroundings(cwd=str(repo), last_success=since)
    return History().changes(["Snakefile"], names, around)


def test_the_commit_and_the_line_that_name_it(repo: Path):
    identity = commit(repo, 22, "rename sample sheet", Snakefile=SNAKEFILE.replace("samples", "sheet"))
    commit(repo, 23, "other", Snakefile=SNAKEFILE.replace("samples", "sheet").replace('"x"', '"y"'))
    text = (
        f"Snakefile:3 changed in {identity} 'rename sample sheet' (2026-11-22, after this task last succeeded on "
        f'2026-11-20 14:02 UTC): - input: "samples.tsv" + input: "sheet.tsv"'
    )
    assert changes(repo, "data/sheet.tsv") == (Finding(Sight.CHANGED, "Snakefile", text),)


def test_what_changed_before_the_task_last_succeeded_did_not_break_it(repo: Path):
    commit(repo, 15, "rename", Snakefile=SNAKEFILE.replace("samples", "sheet"))
    assert changes(repo, "sheet.tsv") == ()
    assert [one.sight for one in changes(repo, "sheet.tsv", since=None)] == [Sight.CHANGED]


def test_a_change_that_names_nothing_is_told_where_the_task_succeeded_before_it(repo: Path):
    commit(repo, 22, "other", Snakefile=SNAKEFILE.replace('"x"', '"y"'))
    [found] = changes(repo, "nothing.tsv")
    assert found.text.startswith("Snakefile:4 changed in ")
    assert changes(repo, "nothing.tsv", since=None) == ()


def test_of_what_changed_in_one_place_the_line_that_names_it_is_told(repo: Path):
    after = SNAKEFILE.replace('configfile: "c.yaml"\n', "").replace("samples", "sheet").replace('"x"', '"y"')
    commit(repo, 22, "rewrite", Snakefile=f"# a\n\n{after}rule b:\n    shell: 'z'\n")
    [committed] = changes(repo, "sheet.tsv")
    # a name that only stood there before is told where its line was
    [gone] = changes(repo, "c.yaml")
    assert committed.text.partition(" changed in ")[0] == "Snakefile:4"
    assert committed.text.endswith('UTC): - input: "samples.tsv" + input: "sheet.tsv"')
    assert gone.text.partition(" changed in ")[0] == "Snakefile:1"
    assert gone.text.endswith('UTC): - configfile: "c.yaml"')


def test_what_a_commit_only_put_there_was_not_changed_by_it(repo: Path):
    # Given the commit that began it all, and one that adds a file
    commit(repo, 22, "add", **{"b.smk": 'rule b:\n    input: "samples.tsv"\n'})

    def told(name: str, since: datetime | None) -> list[str]:
        found = History().changes([name], ["samples.tsv"], Surroundings(cwd=str(repo), last_success=since))
        return [one.text.partition(" changed in ")[0] for one in found]

    # Then neither changed what it put there; but the file was not there when the task last succeeded
    assert [told("Snakefile", None), told("b.smk", None)] == [[], []]
    assert [told("Snakefile", LAST_SUCCESS - timedelta(days=30)), told("b.smk", LAST_SUCCESS)] == [[], ["b.smk:2"]]


def test_an_edit_that_was_not_committed(repo: Path):
    edited(repo, LAST_SUCCESS + timedelta(hours=1))
    text = 'Snakefile:3 was edited and is not committed: - input: "samples.tsv" + input: "sheet.tsv"'
    assert changes(repo, "sheet.tsv") == (Finding(Sight.CHANGED, "Snakefile", text),)


def test_an_edit_that_was_there_when_the_task_last_succeeded_did_not_break_it(repo: Path):
    edited(repo, LAST_SUCCESS - timedelta(hours=1))
    assert changes(repo, "sheet.tsv") == ()
    assert [one.sight for one in changes(repo, "sheet.tsv", since=None)] == [Sight.CHANGED]


def edited(repo: Path, at: datetime) -> None:
    (repo / "Snakefile").write_text(SNAKEFILE.replace("samples", "sheet"), encoding="utf-8")
    os.utime(repo / "Snakefile", (at.timestamp(), at.timestamp()))


def test_a_folder_below_the_repositorys_own(repo: Path):
    (repo / "run").mkdir()
    commit(repo, 22, "rename", Snakefile=SNAKEFILE.replace("samples", "sheet"))
    around = Surroundings(cwd=str(repo / "run"), last_success=LAST_SUCCESS)
    assert [one.subject for one in History().changes(["../Snakefile"], ["sheet.tsv"], around)] == ["Snakefile"]


def test_no_repository_no_history(tmp_path: Path):
    assert changes(tmp_path, "x.tsv") == ()
    assert changes(tmp_path / "gone", "x.tsv") == ()


def test_nothing_that_a_repository_sets_is_run(repo: Path):
    # Given settings that make git run programs, and filters of files
    trap = repo / ".git" / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {repo}/sprung\ncat\n", encoding="utf-8")
    trap.chmod(0o755)
    for name in ("core.fsmonitor", "diff.external", "core.pager", "filter.t.clean", "diff.t.textconv", "gpg.program"):
        git(repo, "config", name, str(trap))
    git(repo, "config", "log.showSignature", "true")
    (repo / ".gitattributes").write_text("Snakefile filter=t diff=t\n", encoding="utf-8")
    (repo / "Snakefile").write_text(SNAKEFILE.replace("samples", "sheet"), encoding="utf-8")
    before = (repo / ".git" / "index").stat().st_mtime_ns
    # When it is asked
    found = changes(repo, "sheet.tsv", since=None)
    # Then it tells, and nothing was run or written
    assert [one.sight for one in found] == [Sight.CHANGED]
    assert not (repo / "sprung").exists()
    assert (repo / ".git" / "index").stat().st_mtime_ns == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository to another user")
def test_another_users_repository_is_left_unread(repo: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("HOME", str(repo))
    commit(repo, 22, "rename", Snakefile=SNAKEFILE.replace("samples", "sheet"))
    os.chown(repo, 65534, 65534)
    os.chown(repo / ".git", 65534, 65534)
    assert changes(repo, "sheet.tsv") == ()
