"""A draft lies beside the user's work, on what the task really ran with, and touches nothing of theirs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.patches.user import HEALED, SNAKEFILE, User, draft, patch

from heal.errors import GitFailed, PatchRefused
from heal.model_settings import Patches
from heal.patch import Draft, Edit, Patch


def test_a_draft_is_one_commit_on_a_branch_in_a_worktree(user: User):
    # Given a clean repository
    before = user.state()
    head = user.git("rev-parse", "HEAD")
    # When a patch is drafted
    made = draft(user.heal())
    # Then it is one commit on HEAD, and the user's things are as they were, with nothing new in their status
    place = user.root / ".heal/worktrees/7f3a-call-new"
    files, why = ("Snakefile",), "The program old is gone."
    assert made == Draft(
        user.root, user.root / ".git", "heal/7f3a-call-new", head, made.commit, made.patch_id, place, files,
        "Call new, not old", why,
    )  # fmt: skip
    assert (place / "Snakefile").read_text() == HEALED
    assert user.git("rev-parse", "heal/7f3a-call-new", "heal/7f3a-call-new^") == f"{made.commit}\n{head}"
    assert user.git("-C", str(place), "status", "--porcelain", "--branch") == "## heal/7f3a-call-new"
    assert (user.state(), user.git("status", "--porcelain")) == (before, "")
    assert user.heal().drafts() == (made,)


def test_what_the_commit_says(user: User):
    made = draft(user.heal())
    said = user.git("log", "-1", "--format=%an <%ae>|%B", made.commit).split("|")
    key = user.git("log", "-1", "--format=%(trailers:key=Heal-Draft,valueonly)", made.commit).strip()
    assert said == [
        "heal <heal@localhost>",
        f"Call new, not old\n\nThe program old is gone.\n\nHeal-Incident: 7f3a\nHeal-Model: tiny\nHeal-Confidence: 0.90\nHeal-Draft: {key}",
    ]


def test_the_same_patch_of_the_same_incident_is_drafted_once(user: User):
    repository = user.heal()
    first, other = draft(repository), draft(repository, patch(SNAKEFILE.replace("old", "newer")))
    assert draft(repository, slug="said-otherwise") == first
    assert (other.branch, other.worktree.name) == ("heal/7f3a-call-new-2", "7f3a-call-new-2")
    assert repository.drafts() == (first, other)


def test_equal_changes_have_one_patch_id_wherever_they_stand_and_blanks_count(user: User):
    # Given the same change further down in the file, and one that differs in its blanks
    repository = user.heal()
    user.write("Snakefile", "# more\n" * 5 + SNAKEFILE)
    one = draft(repository, patch("# more\n" * 5 + HEALED))
    user.write("Snakefile", "# more\n" * 20 + SNAKEFILE)
    moved = draft(repository, patch("# more\n" * 20 + HEALED), incident="2")
    blanks = draft(repository, patch("# more\n" * 20 + HEALED.replace("    shell", "  shell", 1)), incident="3")
    assert moved.patch_id == one.patch_id != blanks.patch_id


# --- what is not committed ----------------------------------------------------------------------


def test_a_draft_stands_on_what_the_task_ran_with(user: User):
    # Given an edit that is not committed, one that is staged, a new file, and a big, a binary and a foreign one
    user.write("rules/x.smk", "x = 1\n")
    user.commit("x")
    user.write("Snakefile", SNAKEFILE + "# mine\n")
    user.write("rules/x.smk", "x = 2\n")
    user.git("add", "rules/x.smk")
    user.write("scripts/new.py", "print(1)\n")
    user.write("scripts/big.py", "#" * (1 << 21))
    user.write("scripts/data.py", b"\0\1\2")
    (user.root / "scripts/link.py").symlink_to("/etc/passwd")
    user.write("results/out.txt", "result\n")
    before = user.state()
    # When a patch is drafted
    made = draft(user.heal(), patch(HEALED + "# mine\n"))
    # Then it changes that state, which is a commit of its own, and the user's things are as they were
    assert user.git("diff", "--name-only", "HEAD", made.base) == "Snakefile\nrules/x.smk\nscripts/new.py"
    assert user.git("rev-parse", f"{made.base}^") == user.git("rev-parse", "HEAD")
    assert user.heal().diff(made).splitlines()[5:] == [
        " rule a:", '     output: "a.txt"', '-    shell: "old > {output}"', '+    shell: "new > {output}"', " ", " rule b:",
        '     output: "b.txt"',
    ]  # fmt: skip
    assert (made.worktree / "scripts/new.py").read_text() == "print(1)\n"
    assert user.state() == before


def test_a_file_the_user_deleted_is_not_there_for_the_draft_either(user: User):
    user.write("rules/x.smk", "x = 1\n")
    user.commit("x")
    (user.root / "rules/x.smk").unlink()
    made = draft(user.heal())
    assert not (made.worktree / "rules/x.smk").exists()
    assert user.git("diff", "--name-status", "HEAD", made.base) == "D\trules/x.smk"


def test_what_settings_deny_stays_out_of_git(user: User):
    user.write("config/secret.yaml", "key: 1\n")
    settings = Patches(deny=("config/secret.yaml",))
    made = draft(user.heal(settings))
    assert made.base == user.git("rev-parse", "HEAD")


def test_a_pipeline_in_a_folder_of_a_bigger_repository(user: User):
    user.write("lines/rna/Snakefile", SNAKEFILE)
    user.commit("a pipeline")
    user.write("lines/rna/rules.smk", "x = 1\n")
    repository = user.heal(folder="lines/rna")
    made = draft(repository, patch(path="lines/rna/Snakefile"))
    assert (repository.root, made.worktree) == (user.root, user.root / "lines/rna/.heal/worktrees/7f3a-call-new")
    assert user.git("diff", "--name-only", "HEAD", made.base) == "lines/rna/rules.smk"
    assert user.git("status", "--porcelain") == "?? lines/rna/rules.smk"


def test_text_that_is_not_what_was_read_is_refused(user: User):
    seen = {"Snakefile": SNAKEFILE}
    user.write("Snakefile", SNAKEFILE + "# typed while the model thought\n")
    with pytest.raises(PatchRefused, match="Snakefile is not what the patch was made from any more"):
        user.heal().draft(patch(), incident="1", slug="x", seen=seen)
    assert user.heal().drafts() == ()


# --- files of all kinds -------------------------------------------------------------------------


def test_a_new_file_and_one_that_gets_the_right_to_be_run(user: User):
    user.write("bin/lost.sh", "#!/bin/sh\necho\n")
    user.commit("a script without its right")
    edits = (Edit("bin/new.py", "#!/usr/bin/env python3\nprint(1)"), Edit("lib/deep/x.py", "x = 1\n"))
    made = user.heal().draft(Patch(edits, "s", "w"), incident="1", slug="x", executable=["bin/lost.sh"])
    assert user.git("diff", "--summary", made.base, made.commit).split("\n") == [
        " mode change 100644 => 100755 bin/lost.sh",
        " create mode 100755 bin/new.py",
        " create mode 100644 lib/deep/x.py",
    ]
    assert (made.worktree / "bin/new.py").read_text().endswith("print(1)\n")


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        pytest.param(b"a\r\nb\r\nc\r\n", "a\nB\nc\n", b"a\r\nB\r\nc\r\n", id="line breaks of Windows"),
        pytest.param(b"a\r\nb\nc\r\n", "a\nb\nnew\nc\n", b"a\r\nb\nnew\r\nc\r\n", id="mixed line breaks"),
        pytest.param(b"a\nb", "a\nc\n", b"a\nc", id="no line break at the end"),
        pytest.param(b"a\nb\n", "a\nc", b"a\nc\n", id="a line break at the end"),
        pytest.param(
            "caf\xe9\nb\n".encode("latin-1"), "caf\xe9\n\xe8\n", "caf\xe9\n\xe8\n".encode("latin-1"), id="latin-1"
        ),
        pytest.param("\ufeffa\nb\n".encode(), "a\nc\n", "\ufeffa\nc\n".encode(), id="a mark at the start"),
        pytest.param("\ufeffa\r\n".encode("utf-16-le"), "b\n", "\ufeffb\r\n".encode("utf-16-le"), id="utf-16"),
        pytest.param(b"a\x0c\rb\nc\n", "a\x0c\rb\nd\n", b"a\x0c\rb\nd\n", id="signs that are no line breaks"),
        pytest.param(b"", "x", b"x\n", id="empty"),
    ],
)
def test_bytes_that_an_edit_leaves_alone_stay(user: User, before: bytes, text: str, after: bytes):
    user.write("x.py", before)
    user.commit("x")
    repository = user.heal()
    made = draft(repository, patch(text, "x.py"))
    assert (made.worktree / "x.py").read_bytes() == after
    assert repository.accept(made, "t1") == user.git("rev-parse", "HEAD")
    assert (user.root / "x.py").read_bytes() == after
    assert user.git("status", "--porcelain") == ""


@pytest.mark.parametrize("setting", ["attributes", "autocrlf"])
def test_line_breaks_that_git_makes(user: User, setting: str):
    # Given files that git stores with \n and checks out with \r\n
    if setting == "attributes":
        user.write(".gitattributes", "*.py text eol=crlf\n")
    else:
        user.git("config", "core.autocrlf", "true")
    user.write("x.py", b"a\r\nb\r\n")
    user.commit("x")
    repository = user.heal()
    made = draft(repository, patch("a\nc\n", "x.py"))
    # Then both the worktree and, after a yes, the user's file have \r\n, and git has \n
    assert (made.worktree / "x.py").read_bytes() == b"a\r\nc\r\n"
    assert user.git("cat-file", "blob", f"{made.commit}:x.py") == "a\nc"
    repository.accept(made, "t1")
    assert ((user.root / "x.py").read_bytes(), user.git("status", "--porcelain")) == (b"a\r\nc\r\n", "")


def test_line_breaks_of_windows_that_autocrlf_found_stored(user: User):
    user.write("x.py", b"a\r\nb\r\n")
    user.commit("with its line breaks")
    user.git("config", "core.autocrlf", "true")
    repository = user.heal()
    repository.accept(draft(repository, patch("a\nc\n", "x.py")), "t1")
    assert (user.root / "x.py").read_bytes() == b"a\r\nc\r\n"
    assert user.git("cat-file", "blob", "HEAD:x.py") == "a\r\nc\r"


def test_an_encoding_that_attributes_name(user: User):
    user.write(".gitattributes", "*.py working-tree-encoding=UTF-16LE-BOM\n")
    user.write("x.py", "\ufeffa\nb\n".encode("utf-16-le"))
    user.commit("x")
    repository = user.heal()
    repository.accept(draft(repository, patch("a\nc\n", "x.py")), "t1")
    assert (user.root / "x.py").read_bytes() == "\ufeffa\nc\n".encode("utf-16-le")
    assert (user.git("cat-file", "blob", "HEAD:x.py"), user.git("status", "--porcelain")) == ("a\nc", "")


@pytest.mark.parametrize(
    "name", ["with blank.py", "-n.py", "--force", "näme.py", "a'b\"c.py", "[x]*.py", ":(top)x", "日本/語.py"]
)
def test_any_name_a_file_can_have(user: User, name: str):
    user.write(name, "a\n")
    user.commit("x")
    repository = user.heal()
    made = draft(repository, patch("b\n", name))
    repository.accept(made, "t1")
    assert (made.files, user.read(name), user.git("status", "--porcelain")) == ((name,), "b\n", "")


# --- what is refused ----------------------------------------------------------------------------


def _refused(user: User, path: str, why: str, text: str = "x\n") -> None:
    before = (user.state(), user.git("branch", "--list"), user.git("worktree", "list"))
    with pytest.raises(PatchRefused, match=why):
        draft(user.heal(), patch(text, path))
    assert (user.state(), user.git("branch", "--list"), user.git("worktree", "list")) == before
    assert not list((user.root / ".heal").glob("worktrees/*"))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../out.py", "no path inside"), ("/etc/passwd", "no path inside"), ("a/../b", "no path inside"),
        ("", "no path inside"), ("a//b", "no path inside"), ("./a", "no path inside"), ("a\nb", "no path inside"),
        (".git/config", "belongs to git"), ("sub/.GIT/hooks/x", "belongs to git"), ("git~1/config", "belongs to git"),
        (".git. /config", "belongs to git"), (".gitattributes", "belongs to git"), ("x/.gitmodules", "belongs to git"),
        (".heal/x", "belongs to git or to heal"),
    ],
)  # fmt: skip
def test_paths_that_no_patch_may_touch(user: User, path: str, why: str):
    _refused(user, path, why)


def test_links_and_what_lies_behind_them_are_refused(user: User, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (user.root / "link.py").symlink_to(tmp_path / "out.py")
    (user.root / "folder").symlink_to(tmp_path / "elsewhere")
    user.commit("links")
    _refused(user, "link.py", "link.py is a symbolic link")
    _refused(user, "folder/x.py", "folder is a symbolic link")
    (user.root / "new").symlink_to(tmp_path / "elsewhere")
    _refused(user, "new/x.py", "lies behind new")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_submodule_is_patched_in_its_own_repository(user: User, tmp_path: Path):
    # Given a submodule
    User(tmp_path / "other").begin()
    user.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "other"), "sub")
    user.commit("sub")
    # Then the outer repository refuses, and its own takes the patch
    _refused(user, "sub/Snakefile", "sub is a submodule")
    inner = User(user.root / "sub")
    inner.git("config", "user.name", "Ann")
    inner.git("config", "user.email", "ann@uni.example")
    repository = inner.heal()
    repository.accept(draft(repository), "t1")
    assert (inner.read("Snakefile"), inner.git("status", "--porcelain")) == (HEALED, "")


def test_what_git_does_not_hold_is_refused(user: User):
    user.write("big.py", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    user.write(".gitattributes", "*.bin filter=lfs -text\n")
    user.write("x.bin", "x\n")
    user.write(".gitignore", "local.py\n")
    user.write("nul.py", b"a\0b")
    user.commit("x")
    user.write("local.py", "x\n")
    _refused(user, "big.py", "pointer of Git LFS")
    _refused(user, "x.bin", "kept by a filter")
    _refused(user, "local.py", "ignored by git")
    _refused(user, "nul.py", "NUL bytes")
    _refused(user, "Snakefile/x", "Snakefile is a file")


@pytest.mark.usefixtures("git_lfs")
def test_what_a_real_git_lfs_keeps_is_never_patched_and_stays_as_it_is(user: User):
    # Given a script that git holds as a pointer, whole in the work tree; one more with an edit that is not committed
    user.git("lfs", "install", "--local")
    user.git("lfs", "track", "scripts/table.py", "scripts/model.py")
    whole = "ROWS = [1, 2, 3]\n" * 200
    user.write("scripts/table.py", whole)
    user.write("scripts/model.py", whole)
    user.commit("kept by LFS")
    user.write("scripts/model.py", f"{whole}# mine\n")
    pointer = user.git("cat-file", "-p", "HEAD:scripts/table.py").splitlines()
    assert (pointer[0], pointer[2]) == ("version https://git-lfs.github.com/spec/v1", f"size {len(whole)}")
    before = (user.state(), user.git("status", "--porcelain"), user.git("lfs", "ls-files"))
    # When patches of both are drafted, Then they are refused, and nothing has changed
    _refused(user, "scripts/table.py", "kept by a filter")
    _refused(user, "scripts/model.py", "kept by a filter")
    assert (user.state(), user.git("status", "--porcelain"), user.git("lfs", "ls-files")) == before
    # When a patch of a file beside them is drafted and accepted
    repository = user.heal()
    made = draft(repository)
    repository.accept(made, "t1")
    # Then they are as they were: pointers in git, whole in the work tree
    assert (user.read("Snakefile"), user.read("scripts/table.py")) == (HEALED, whole)
    assert (user.git("status", "--porcelain"), user.git("lfs", "ls-files")) == before[1:]
    assert user.git("show", "--format=", "--name-only", "HEAD") == "Snakefile"


def test_what_cannot_be_kept_elsewhere_is_refused(user: User):
    user.write("x.py", "caf\xe9\n".encode("latin-1"))
    user.commit("x")
    _refused(user, "x.py", "latin-1, which has no", "caf\ufffd\n\u4e2d\n")


def test_a_patch_that_changes_nothing_is_refused(user: User):
    _refused(user, "Snakefile", "changes nothing", SNAKEFILE)
    with pytest.raises(PatchRefused, match="edits no file"):
        draft(user.heal(), Patch((), "s", "w"))
    with pytest.raises(PatchRefused, match="twice"):
        draft(user.heal(), Patch((Edit("a", "1"), Edit("a", "2")), "s", "w"))


def test_a_branch_named_heal_is_in_the_way(user: User):
    user.git("branch", "heal")
    _refused(user, "Snakefile", "git branch -m heal")


# --- leftovers ----------------------------------------------------------------------------------


def test_a_worktree_that_was_removed_comes_back(user: User):
    repository = user.heal()
    made = draft(repository)
    user.git("worktree", "remove", "--force", str(made.worktree))
    assert repository.drafts() == (made,)
    assert draft(repository) == made
    assert (made.worktree / "Snakefile").read_text() == HEALED


def test_a_worktree_folder_that_was_deleted_comes_back(user: User):
    repository = user.heal()
    made = draft(repository)
    user.git("-C", str(made.worktree.parent), "rev-parse")  # the folder above lies in the user's own repository
    os.system(f"rm -rf '{made.worktree}'")  # noqa: S605 - as a user does it
    assert repository.restored(made) == made
    assert (made.worktree / "Snakefile").read_text() == HEALED


def test_a_folder_that_cannot_be_written(user: User):
    user.write(".heal", "a file where heal wants its folder")
    before = user.state()
    with pytest.raises(GitFailed, match="cannot be written"):
        draft(user.heal())
    assert user.state() == before


def test_worktrees_that_cannot_be_written(user: User):
    user.write(".heal/worktrees", "a file")
    with pytest.raises(GitFailed, match="no draft can be made"):
        draft(user.heal())
    assert user.git("branch", "--list", "heal/*") == ""
