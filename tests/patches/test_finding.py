"""Every kind of repository a pipeline can lie in: worked in, or refused with what would help."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest
from tests.patches.user import HEALED, SNAKEFILE, User, draft, patch

from heal.errors import NoHistory, NotNow, PatchRefused
from heal.patch import Edit, Patch
from heal.patches.repository import Repository


def heal(folder: Path) -> Repository:
    return Repository.at(folder, folder / ".heal")


def test_a_worktree_of_the_users_is_worked_in_by_itself(user: User, tmp_path: Path):
    # Given a second work tree of the same repository, on a branch of its own
    user.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = User(tmp_path / "side")
    before = user.state()
    # When a draft is made and accepted there
    repository = side.heal()
    commit = repository.accept(draft(repository), "t1")
    # Then it lands on its branch, and the first work tree is as it was
    assert side.git("rev-parse", "side") == commit
    assert (side.read("Snakefile"), side.git("status", "--porcelain")) == (HEALED, "")
    assert (user.state(), user.git("status", "--porcelain")) == (before, "")


def test_a_bare_repository_has_nothing_to_patch(user: User, tmp_path: Path):
    user.git("clone", "-q", "--bare", str(user.root), str(tmp_path / "bare.git"))
    for folder in (tmp_path / "bare.git", user.root / ".git"):
        with pytest.raises(NoHistory, match="there is no work tree to patch"):
            heal(folder)


def test_a_repository_without_a_commit(tmp_path: Path):
    User(tmp_path).git("init", "-q")
    with pytest.raises(NoHistory, match="has no commit yet"):
        heal(tmp_path)


def test_another_users_repository_is_left_alone(user: User):
    if os.geteuid():
        pytest.skip("only root can give a file away")
    for file in (user.root, *user.root.rglob("*")):
        os.chown(file, 12345, 12345)
    with pytest.raises(NoHistory, match=r"another user's: git config --global --add safe\.directory"):
        heal(user.root)


def test_a_repository_that_git_cannot_use_is_not_shadowed(user: User, tmp_path: Path):
    (user.root / ".git/HEAD").unlink()
    with pytest.raises(NoHistory, match=r"\.git is there, but git cannot use it"):
        heal(user.root)
    lost = tmp_path / "lost"
    lost.mkdir()
    (lost / ".git").write_text("gitdir: /nowhere/at/all\n")
    with pytest.raises(NoHistory, match="git cannot use it"):
        heal(lost)


def test_a_folder_that_is_gone(tmp_path: Path):
    with pytest.raises(NoHistory, match="is no folder"):
        heal(tmp_path / "gone")


def test_a_shallow_clone_is_enough(user: User, tmp_path: Path):
    user.commit("second")
    user.git("clone", "-q", "--depth=1", f"file://{user.root}", str(tmp_path / "shallow"))
    shallow = User(tmp_path / "shallow")
    repository = shallow.heal()
    commit = repository.accept(draft(repository), "t1")
    assert (shallow.read("Snakefile"), shallow.git("rev-parse", "HEAD")) == (HEALED, commit)


def test_a_detached_head_moves_on(user: User):
    user.git("checkout", "-q", "--detach")
    before = user.git("rev-parse", "main")
    repository = user.heal()
    commit = repository.accept(draft(repository), "t1")
    assert (user.git("rev-parse", "HEAD"), user.git("rev-parse", "main")) == (commit, before)
    assert user.git("status", "--porcelain", "--branch") == "## HEAD (no branch)"


@pytest.mark.parametrize("what", ["merge", "rebase", "cherry-pick", "revert", "bisect"])
def test_in_the_midst_of_something_a_draft_waits_for_its_end(user: User, what: str):
    # Given a repository in which something goes on that meets a conflict in another file
    user.write("other", "1\n")
    user.commit("one")
    user.git("checkout", "-q", "-b", "side")
    user.write("other", "2\n")
    user.commit("two")
    user.git("checkout", "-q", "main")
    user.write("other", "3\n")
    user.commit("three")
    words = {"merge": ("merge", "side"), "rebase": ("rebase", "side"), "cherry-pick": ("cherry-pick", "side"),
             "revert": ("revert", "--no-edit", "HEAD~1"), "bisect": ("bisect", "start")}[what]  # fmt: skip
    user.git(*words, check=False)
    before = user.state()
    # When a draft is made, that is no trouble; but it is not landed
    repository = user.heal()
    made = draft(repository)
    with pytest.raises(PatchRefused, match=f"in the midst of a {what}.*finish or abort it first"):
        repository.accept(made, "t1")
    assert user.state() == before
    # Then it is, once that has ended
    user.git(*(("bisect", "reset") if what == "bisect" else (what, "--abort")))
    repository.accept(made, "t1")
    assert user.read("Snakefile") == HEALED


def test_a_file_with_a_conflict_is_no_base_for_a_patch(user: User):
    user.git("checkout", "-q", "-b", "side")
    user.write("Snakefile", SNAKEFILE + "# side\n")
    user.commit("side")
    user.git("checkout", "-q", "main")
    user.write("Snakefile", SNAKEFILE + "# main\n")
    user.commit("main")
    user.git("merge", "side", check=False)
    with pytest.raises(PatchRefused, match="Snakefile is in the midst of a merge"):
        draft(user.heal())


def test_another_git_at_work_is_waited_for(user: User):
    repository = user.heal()
    made = draft(repository)
    (user.root / ".git/index.lock").touch()
    before = user.state()
    with pytest.raises(NotNow, match="another git is at work"):
        repository.accept(made, "t1")
    assert user.state() == before
    (user.root / ".git/index.lock").unlink()
    repository.accept(made, "t1")
    assert user.git("status", "--porcelain") == ""


def test_another_heal_at_work_is_waited_for(user: User):
    repository = user.heal()
    with repository.checkout.alone(), pytest.raises(NotNow, match="another heal"):
        draft(repository)


@pytest.mark.parametrize("how", ["split index", "sparse", "untracked cache", "many files"])
def test_however_git_keeps_its_index(user: User, how: str):
    user.write("deep/er/x.py", "x\n")
    user.write("scripts/y.py", "y\n")
    user.commit("x")
    if how == "sparse":
        user.git("sparse-checkout", "set", "--cone", "--sparse-index", "scripts")
    else:
        setting = {
            "split index": "core.splitIndex",
            "untracked cache": "core.untrackedCache",
            "many files": "feature.manyFiles",
        }
        user.git("config", setting[how], "true")
        user.git("update-index", "--really-refresh")
    user.write("scripts/y.py", "staged\n")
    user.git("add", "scripts/y.py")
    user.write("scripts/y.py", "edited\n")
    repository = user.heal()
    made = draft(repository)
    assert (made.worktree / "scripts/y.py").read_text() == "edited\n"
    repository.accept(made, "t1")
    assert (user.read("Snakefile"), user.git("status", "--porcelain")) == (HEALED, "MM scripts/y.py")
    repository.revert("t1")
    assert (user.read("Snakefile"), user.git("status", "--porcelain")) == (SNAKEFILE, "MM scripts/y.py")
    assert user.git("fsck", "--no-dangling") == ""


def test_hashes_of_the_longer_kind(tmp_path: Path):
    user = User(tmp_path)
    user.git("init", "-q", "--object-format=sha256", "-b", "main")
    user.write("Snakefile", SNAKEFILE)
    user.git("config", "user.name", "Ann")
    user.git("config", "user.email", "ann@uni.example")
    user.commit("begin")
    repository = user.heal()
    made = draft(repository, Patch((Edit("Snakefile", HEALED), Edit("new.py", "x\n")), "s", "w"))
    assert repository.accept(made, "t1") == user.git("rev-parse", "HEAD")
    repository.revert("t1")
    assert (user.read("Snakefile"), (user.root / "new.py").exists(), user.git("status", "--porcelain")) == (
        SNAKEFILE,
        False,
        "",
    )


# --- nothing of the user's is run ----------------------------------------------------------------


def test_no_program_that_settings_name_is_run(user: User, tmp_path: Path):
    # Given a repository whose settings, attributes and hooks would run something at every turn
    ran = tmp_path / "ran"
    program = user.write("../program", f'#!/bin/sh\necho "$0 $@" >> {ran}\ncat\n')
    program.chmod(0o755)
    user.write(".gitattributes", "*.dat filter=f\n*.py diff=d merge=m\nSnakefile diff=d merge=m\n")
    user.write("a.dat", "x\n")
    user.write("b.py", "x\n")
    user.commit("x")
    hooks = user.root / ".git/hooks"
    shutil.rmtree(hooks)
    hooks.mkdir()
    for name in (
        "pre-commit",
        "commit-msg",
        "post-commit",
        "post-checkout",
        "post-index-change",
        "reference-transaction",
    ):
        shutil.copy(program, hooks / name)
    for name in ("core.fsmonitor", "core.editor", "core.pager", "core.sshCommand", "gpg.program", "diff.external",
                 "diff.d.command", "diff.d.textconv", "merge.m.driver", "filter.f.clean", "filter.f.smudge",
                 "filter.a=b.process", "core.askPass", "trailer.x.cmd"):  # fmt: skip
        user.git("config", name, str(program))
    for name in ("filter.f.required", "commit.gpgSign", "log.showSignature"):
        user.git("config", name, "true")
    os.utime(user.root / "a.dat", (1, 1))
    # When a patch goes all its ways, on a tree that is not clean
    user.root.joinpath("b.py").write_text("mine\n")
    repository = user.heal()
    made = draft(repository)
    repository.diff(made), repository.export(made), repository.drafts()
    user.git("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "commit.gpgSign=false",
             "commit", "-q", "--allow-empty", "-m", "moved on")  # fmt: skip
    ran.unlink(missing_ok=True)
    repository.accept(made, "t1")
    repository.revert("t1")
    repository.reject(draft(repository, incident="2"))
    # Then none of it was run
    assert not ran.exists(), ran.read_text()


def test_variables_of_git_lead_nowhere_else(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    other = User(tmp_path / "other").begin()
    before = other.state()
    for name, value in (("GIT_DIR", other.root / ".git"), ("GIT_WORK_TREE", other.root), ("GIT_INDEX_FILE", tmp_path / "i"),
                        ("GIT_OBJECT_DIRECTORY", tmp_path / "objects"), ("GIT_AUTHOR_NAME", "Eve"),
                        ("GIT_EXTERNAL_DIFF", "false")):  # fmt: skip
        monkeypatch.setenv(name, str(value))
    repository = user.heal()
    commit = repository.accept(draft(repository), "t1")
    assert user.git("log", "-1", "--format=%an %cn", commit) == "heal Ann"
    assert other.state() == before


# --- a folder without git ------------------------------------------------------------------------


@pytest.fixture
def plain(tmp_path: Path) -> User:
    """A pipeline in no repository."""
    user = User(tmp_path / "plain")
    user.write("Snakefile", SNAKEFILE)
    user.write("scripts/a.py", "print(1)\n")
    user.write("results/big.bam", b"\0" * 100)
    user.write("scripts/big.py", "#" * (1 << 21))
    (user.root / "scripts/link.py").symlink_to("/etc/passwd")
    return user


def test_a_folder_without_git_gets_a_history_of_heals(plain: User):
    # Given no git
    before = plain.files()
    repository = plain.heal()
    assert (repository.shadow, repository.drafts(), plain.files()) == (True, (), before)
    # When a patch is drafted
    made = draft(repository)
    # Then the history has the small text files and nothing else, and the folder is as it was
    shadow = ("--git-dir", str(plain.root / ".heal/shadow.git"))
    assert plain.git(*shadow, "ls-tree", "-r", "--name-only", "main").split("\n") == ["Snakefile", "scripts/a.py"]
    assert (plain.files(), (plain.root / ".git").exists()) == (before, False)
    assert (made.worktree / "Snakefile").read_text() == HEALED
    assert repository.drafts() == (made,)


def test_a_patch_lands_and_is_taken_back_without_git(plain: User):
    repository = plain.heal()
    made = draft(repository)
    plain.write("Snakefile", SNAKEFILE + "# typed since\n")
    commit = repository.accept(made, "t1")
    assert (plain.read("Snakefile"), repository.landed("t1")) == (HEALED + "# typed since\n", commit)
    repository.revert("t1")
    assert plain.read("Snakefile") == SNAKEFILE + "# typed since\n"
    # And a draft that is not wanted is kept; nobody else can look into what holds copies of the files
    repository.reject(draft(repository, incident="8a40"), "no")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (plain.root / ".heal").iterdir() if path.is_dir()}
    assert modes == dict.fromkeys(("landing", "rejected", "shadow.git", "worktrees"), 0o700)


def test_what_the_history_does_not_hold_is_not_patched(plain: User):
    repository = plain.heal()
    for path, why in (("scripts/big.py", "more than"), ("scripts/link.py", "symbolic link")):
        with pytest.raises(PatchRefused, match=why):
            draft(repository, patch("x\n", path))


def test_a_pipeline_that_a_bigger_repository_ignores_has_none(user: User):
    # Given a home folder under git, say, which does not track what lies in it
    user.write(".gitignore", "lines/\n")
    user.commit("ignore")
    user.write("lines/rna/Snakefile", SNAKEFILE)
    repository = user.heal(folder="lines/rna")
    repository.accept(draft(repository), "t1")
    assert (repository.shadow, user.read("lines/rna/Snakefile")) == (True, HEALED)
    assert user.git("log", "--format=%s") == "ignore\nbegin"
