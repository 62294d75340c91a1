"""At a yes heal's change lands, and what the user has not committed, staged or stashed stays as it is."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.patches.user import HEALED, SNAKEFILE, User, draft, patch

from heal.errors import AlreadyThere, GitFailed, HealError, NoHistory, PatchConflict, PatchRefused
from heal.model_settings import Patches
from heal.patch import Edit, Patch
from heal.patches.repository import Repository


def test_a_yes_lands_the_change_on_the_users_branch(user: User):
    # Given a draft, in a repository with staged, unstaged, stashed and untracked things in other files
    user.write("a.py", "a\n")
    user.write("b.py", "b\n")
    user.commit("more")
    user.write("a.py", "stashed\n")
    user.git("stash", "-q")
    user.write("a.py", "staged\n")
    user.git("add", "a.py")
    user.write("a.py", "staged\nand edited\n")
    user.write("b.py", "edited\n")
    user.write("c.txt", "new\n")
    status, index, stash = user.git("status", "--porcelain"), user.git("diff", "--cached"), user.git("stash", "list")
    repository = user.heal()
    made = draft(repository)
    before = user.files()
    head = user.git("rev-parse", "HEAD")
    # When it is accepted
    commit = repository.accept(made, "7f3a-1")
    # Then one commit with nothing but it is on the branch, and all else is as it was
    assert user.git("log", "--format=%H %P", "-1", "main") == f"{commit} {head}"
    assert user.git("show", "--format=", "--name-only", commit) == "Snakefile"
    assert user.files() == {**before, "Snakefile": (HEALED.encode(), 0)}
    assert (user.git("status", "--porcelain"), user.git("diff", "--cached")) == (status, index)
    assert user.git("stash", "list") == stash
    # And the draft has gone
    assert (repository.drafts(), made.worktree.exists(), user.git("worktree", "list").count("\n")) == ((), False, 0)
    assert list((user.root / ".heal/landing").iterdir()) == []


def test_what_the_landed_commit_says(user: User):
    repository = user.heal(Patches(signoff=True))
    commit = repository.accept(draft(repository), "7f3a-1")
    assert user.git("log", "-1", "--format=%an <%ae>|%cn <%ce>|%B", commit).rstrip().split("|") == [
        "heal <heal@localhost>",
        "Ann <ann@uni.example>",
        "Call new, not old\n\nThe program old is gone.\n\nHeal-Incident: 7f3a\nHeal-Model: tiny\nHeal-Confidence: 0.90\nHeal-Remedy: 7f3a-1\nSigned-off-by: Ann <ann@uni.example>",
    ]  # fmt: skip


def test_nobody_signs_for_a_user_whom_git_does_not_know(user: User):
    user.git("config", "--unset", "user.email")
    repository = user.heal(Patches(signoff=True))
    with pytest.raises(PatchRefused, match="who signs"):
        repository.accept(draft(repository), "t1")
    commit = user.heal().accept(user.heal().drafts()[0], "t1")
    assert user.git("log", "-1", "--format=%cn", commit) == "heal"


def test_accepting_twice_lands_once(user: User):
    repository = user.heal()
    made = draft(repository)
    assert repository.landed("t1") is None
    commit = repository.accept(made, "t1")
    assert repository.accept(made, "t1") == commit == repository.landed("t1")
    assert user.git("rev-list", "--count", "HEAD") == "2"
    # Even where a person has dropped the commit since: it was landed once
    user.git("reset", "-q", "--hard", "HEAD~")
    assert (repository.accept(made, "t1"), user.read("Snakefile")) == (commit, SNAKEFILE)


def test_a_branch_that_moved_is_joined(user: User):
    # Given commits after the draft, in this file and in others
    repository = user.heal()
    made = draft(repository)
    user.write("Snakefile", SNAKEFILE.replace('shell: "b"', 'shell: "c"'))
    user.write("x.py", "x\n")
    user.commit("on")
    commit = repository.accept(made, "t1")
    assert user.read("Snakefile") == HEALED.replace('shell: "b"', 'shell: "c"')
    assert (user.git("status", "--porcelain"), user.git("show", "--format=", "--name-only", commit)) == (
        "",
        "Snakefile",
    )


def test_edits_of_the_user_in_the_same_file_stay_uncommitted(user: User):
    # Given an edit made before the draft and one made after it
    user.write("Snakefile", SNAKEFILE.replace('shell: "b"', 'shell: "mine"'))
    repository = user.heal()
    made = draft(repository, patch(HEALED.replace('shell: "b"', 'shell: "mine"')))
    user.write("Snakefile", SNAKEFILE.replace('shell: "b"', 'shell: "mine"') + "# later\n")
    edited = user.git("diff", "-U0").splitlines()
    # When it is accepted
    repository.accept(made, "t1")
    # Then the commit has heal's line only, and the user's edits are what they were
    assert user.git("show", "HEAD:Snakefile") + "\n" == HEALED
    assert user.read("Snakefile") == HEALED.replace('shell: "b"', 'shell: "mine"') + "# later\n"
    assert user.git("diff", "-U0").splitlines()[2:] == edited[2:]
    assert user.git("diff", "--cached") == ""


def test_what_the_user_staged_in_the_same_file_stays_staged(user: User):
    user.write("Snakefile", SNAKEFILE.replace('shell: "b"', 'shell: "staged"'))
    user.git("add", "Snakefile")
    user.write("Snakefile", SNAKEFILE.replace('shell: "b"', 'shell: "staged"') + "# more\n")
    repository = user.heal()
    made = draft(repository, patch(HEALED.replace('shell: "b"', 'shell: "staged"') + "# more\n"))
    staged, edited = (user.git("diff", "-U0", *words).splitlines()[2:] for words in (["--cached"], []))
    repository.accept(made, "t1")
    assert user.git("show", "HEAD:Snakefile") + "\n" == HEALED
    assert [user.git("diff", "-U0", *words).splitlines()[2:] for words in (["--cached"], [])] == [staged, edited]


def test_line_breaks_of_an_edited_file_are_the_users(user: User):
    # Given a file that git would check out with \r\n, which the user rewrote with \n
    user.write(".gitattributes", "*.py text eol=crlf\n")
    user.write("x.py", b"a\r\nb\r\nc\r\nd\r\ne\r\n")
    user.commit("x")
    repository = user.heal()
    made = draft(repository, patch("A\nb\nc\nd\ne\n", "x.py"))
    user.write("x.py", "a\nb\nc\nd\nmine\n")
    repository.accept(made, "t1")
    assert (user.root / "x.py").read_bytes() == b"A\nb\nc\nd\nmine\n"


def test_rights_and_a_second_name_of_the_file_stay(user: User):
    file = user.write("bin/run.sh", "#!/bin/sh\nold\n")
    file.chmod(0o775)
    user.commit("x")
    made = draft(user.heal(), patch("#!/bin/sh\nnew\n", "bin/run.sh"))
    file.chmod(0o770)
    user.heal().accept(made, "t1")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("#!/bin/sh\nnew\n", 0o770)


def test_an_edit_right_after_staging_is_still_seen(user: User):
    # Given a file that was staged and edited in one instant, to the same size: git tells by the time of its index
    user.write("x.py", "a\n")
    user.commit("x")
    user.git("config", "core.trustctime", "false")
    moment = (1_700_000_000, 1_700_000_000)
    os.utime(user.write("x.py", "b\n"), moment)
    user.git("add", "x.py")
    os.utime(user.write("x.py", "c\n"), moment)
    os.utime(user.root / ".git/index", moment)
    repository = user.heal()
    made = draft(repository)
    assert (made.worktree / "x.py").read_text() == "c\n"
    os.utime(user.root / ".git/index", moment)
    repository.accept(made, "t1")
    assert user.git("status", "--porcelain") == "MM x.py"


# --- where it cannot be landed --------------------------------------------------------------------


Doing = Callable[[User], object]


def edit(user: User) -> None:
    user.write("Snakefile", SNAKEFILE.replace("old", "mine"))


def stage(user: User) -> None:
    edit(user)
    user.git("add", "Snakefile")
    user.write("Snakefile", SNAKEFILE)


def commit(user: User) -> None:
    edit(user)
    user.commit("mine")


def delete(user: User) -> None:
    (user.root / "Snakefile").unlink()


def link(user: User) -> None:
    delete(user)
    user.write("elsewhere", SNAKEFILE)
    (user.root / "Snakefile").symlink_to("elsewhere")


def mark(user: User) -> None:
    user.git("update-index", "--assume-unchanged", "Snakefile")


@pytest.mark.parametrize(
    ("do", "error", "says"),
    [
        (edit, PatchConflict, r"Snakefile \(your work tree\)"),
        (stage, PatchConflict, r"Snakefile \(what you staged\)"),
        (commit, PatchConflict, r"Snakefile \(your last commit, your work tree\)"),
        (delete, PatchConflict, r"Snakefile \(your work tree\)"),
        (link, PatchRefused, "no symbolic links"),
        (mark, PatchRefused, "assume-unchanged"),
    ],
)
def test_a_conflict_leaves_everything_as_it_was(user: User, do: Doing, error: type[Exception], says: str):
    # Given a draft, of two files, and a user who did something to one of them since
    user.write("other.py", "a\n")
    user.commit("other")
    repository = user.heal()
    made = draft(repository, Patch((Edit("other.py", "b\n"), Edit("Snakefile", HEALED)), "s", "w"))
    do(user)
    before, refs = user.state(), user.git("for-each-ref")
    # When it is accepted
    with pytest.raises(error, match=says):
        repository.accept(made, "t1")
    # Then nothing has changed, the draft is still there, and both versions are kept for a person
    assert (user.state(), user.git("for-each-ref"), repository.drafts()) == (before, refs, (made,))
    shown = user.root / ".heal/conflicts/t1/Snakefile"
    assert shown.exists() == (error is PatchConflict)
    if do is edit:
        assert shown.read_text() == (
            'rule a:\n    output: "a.txt"\n<<<<<<< yours\n    shell: "mine > {output}"\n||||||| before\n'
            '    shell: "old > {output}"\n=======\n    shell: "new > {output}"\n>>>>>>> heal\n\n'
            'rule b:\n    output: "b.txt"\n    shell: "b"\n'
        )


def test_a_new_file_takes_nobodys_place(user: User):
    repository = user.heal()
    made = draft(repository, patch("heal's\n", "new.py"))
    user.write("new.py", "mine\n")
    with pytest.raises(PatchConflict, match=r"new\.py \(your work tree\)"):
        repository.accept(made, "t1")
    assert user.read("new.py") == "mine\n"


def test_what_the_user_did_themselves_is_not_done_again(user: User):
    repository = user.heal()
    made = draft(repository)
    user.write("Snakefile", HEALED)
    user.commit("by hand")
    with pytest.raises(AlreadyThere, match="already holds this change"):
        repository.accept(made, "t1")


def test_a_draft_that_was_changed_since_it_was_shown_is_not_landed(user: User):
    repository = user.heal()
    made = draft(repository)
    inner = User(made.worktree)
    inner.write("Snakefile", HEALED + "# more\n")
    inner.git("commit", "-q", "-a", "-m", "more")
    with pytest.raises(PatchRefused, match="was changed since this patch was looked at"):
        repository.accept(made, "t1")


def test_a_draft_that_git_has_lost(user: User):
    repository = user.heal()
    made = draft(repository)
    user.git("worktree", "remove", "--force", str(made.worktree))
    user.git("branch", "-q", "-D", made.branch)
    user.git("reflog", "expire", "--expire=now", "--all")
    user.git("gc", "-q", "--prune=now")
    with pytest.raises(NoHistory, match="let the patch be drafted again"):
        repository.accept(made, "t1")


def test_a_draft_whose_branch_was_deleted_still_lands(user: User):
    repository = user.heal()
    made = draft(repository)
    user.git("worktree", "remove", "--force", str(made.worktree))
    user.git("branch", "-q", "-D", made.branch)
    repository.accept(made, "t1")
    assert (user.read("Snakefile"), user.git("status", "--porcelain")) == (HEALED, "")


@pytest.mark.parametrize("token", ["", "../x", "a..b", "a b", ".x", "x.lock", "a/b", "-x", "x\n"])
def test_a_token_that_can_name_nothing_is_refused(user: User, token: str):
    repository = user.heal()
    with pytest.raises(PatchRefused, match="cannot be a token"):
        repository.accept(draft(repository), token)


TWO = Patch((Edit("a.py", "A\n"), Edit("ro/b.py", "B\n")), "s", "w")


def test_a_disk_that_is_full_half_way_leaves_everything_as_it_was(user: User):
    user.write("a.py", "a\n")
    user.write("ro/b.py", "b\n")
    user.commit("x")
    made = draft(user.heal(), TWO)
    before = user.state()

    def full(step: str) -> None:
        if step == "kept ro/b.py":
            raise OSError(errno.ENOSPC, "No space left on device")

    repository = Repository.at(user.root, user.root / ".heal", step=full)
    with pytest.raises(GitFailed, match=r"No space left on device.*undone"):
        repository.accept(made, "t1")
    assert user.state() == before
    user.heal().accept(made, "t1")
    assert (user.read("a.py"), user.read("ro/b.py"), user.git("status", "--porcelain")) == ("A\n", "B\n", "")


@pytest.mark.parametrize("room", [0, 1, 64, 200])
def test_files_that_cannot_grow_leave_everything_as_it_was(user: User, room: int):
    """A real limit on what may be written, on heal and the git under it, stands for a quota that is spent."""
    user.write("a.py", "a\n")
    user.write("ro/b.py", "b\n")
    user.commit("x")
    before, refs = user.state(), user.git("for-each-ref", "refs/heads/main")
    made = draft(user.heal(), TWO)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for do in (lambda: draft(user.heal(), patch(HEALED)), lambda: user.heal().accept(made, "t1")):
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
        try:
            with pytest.raises(HealError):
                do()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert (user.state(), user.git("for-each-ref", "refs/heads/main")) == (before, refs)
    assert user.heal().drafts() == (made,)
    user.heal().accept(made, "t1")
    assert (user.read("a.py"), user.read("ro/b.py"), user.git("status", "--porcelain")) == ("A\n", "B\n", "")


# --- somebody works at the same time ----------------------------------------------------------------


def at(user: User, when: str, do: Doing) -> Repository:
    """A repository in which the user does something just before an effect is gone on from, once."""
    left = [do]

    def step(name: str) -> None:
        if name == when and left:
            left.pop()(user)

    return Repository.at(user.root, user.root / ".heal", step=step)


def test_an_edit_in_the_very_moment_is_kept(user: User):
    # Given a file that an editor writes after heal looked and before heal replaces it
    made = draft(user.heal())
    mine = SNAKEFILE + "# typed just now\n"
    at(user, "kept Snakefile", lambda user: (user.root / "Snakefile").write_text(mine)).accept(made, "t1")
    # Then both are there
    assert user.read("Snakefile") == HEALED + "# typed just now\n"
    assert user.git("show", "HEAD:Snakefile") + "\n" == HEALED


def test_a_file_renamed_over_in_the_very_moment_is_kept(user: User):
    made = draft(user.heal())
    mine = SNAKEFILE + "# typed just now\n"

    def save(user: User) -> None:
        user.write("Snakefile~", mine).rename(user.root / "Snakefile")

    at(user, "record", save).accept(made, "t1")
    assert user.read("Snakefile") == HEALED + "# typed just now\n"


@pytest.mark.parametrize("when", ["record", "file Snakefile", "index"])
def test_a_commit_in_the_midst_of_it_is_kept(user: User, when: str):
    made = draft(user.heal())

    def go_on(user: User) -> None:
        user.write("x.py", "x\n")
        user.git("add", "x.py")
        user.git("commit", "-q", "-m", "meanwhile", "--", "x.py")

    commit = at(user, when, go_on).accept(made, "t1")
    assert user.git("log", "--format=%s") == "Call new, not old\nmeanwhile\nbegin"
    assert (user.git("rev-parse", "HEAD"), user.read("Snakefile"), user.git("status", "--porcelain")) == (
        commit,
        HEALED,
        "",
    )


@pytest.mark.parametrize("when", ["record", "file Snakefile", "index ready"])
def test_what_is_staged_in_the_midst_of_it_is_kept(user: User, when: str):
    made = draft(user.heal())
    at(user, when, lambda user: (user.write("x.py", "x\n"), user.git("add", "x.py"))).accept(made, "t1")
    assert (user.git("status", "--porcelain"), user.read("Snakefile")) == ("A  x.py", HEALED)


# --- taking it back -----------------------------------------------------------------------------------


def test_taking_it_back_is_a_commit_too(user: User):
    repository = user.heal()
    landed = repository.accept(draft(repository), "t1")
    user.write("x.py", "x\n")
    user.commit("on")
    user.write("Snakefile", HEALED + "# mine\n")
    commit = repository.revert("t1")
    assert (user.read("Snakefile"), user.git("show", "HEAD:Snakefile") + "\n") == (SNAKEFILE + "# mine\n", SNAKEFILE)
    assert user.git("log", "-1", "--format=%B", commit).rstrip() == (
        f'Revert "Call new, not old"\n\nThis reverts commit {landed}.\n\nHeal-Incident: 7f3a\nHeal-Reverts: t1'
    )
    assert repository.revert("t1") == commit == user.git("rev-parse", "HEAD")


def test_a_file_that_heal_made_goes_with_its_folders(user: User):
    repository = user.heal()
    repository.accept(draft(repository, patch("x\n", "lib/deep/x.py")), "t1")
    repository.revert("t1")
    assert ((user.root / "lib").exists(), user.git("status", "--porcelain")) == (False, "")


def test_what_was_built_on_it_is_not_taken_back(user: User):
    repository = user.heal()
    repository.accept(draft(repository, patch("x\n", "x.py")), "t1")
    user.write("x.py", "x\nmine\n")
    before = user.state()
    with pytest.raises(PatchConflict, match=r"x\.py \(your work tree\)"):
        repository.revert("t1")
    assert user.state() == before
    with pytest.raises(PatchRefused, match="nothing was landed under t2"):
        repository.revert("t2")


# --- a no, and no answer --------------------------------------------------------------------------------


def test_a_rejected_draft_is_archived_first(user: User):
    repository = user.heal()
    made = draft(repository)
    before = user.state()
    archive = repository.reject(made, "not the cause")
    assert archive == user.root / f".heal/rejected/7f3a-call-new-{made.commit[:12]}.patch"
    assert archive.read_text().split("\n")[1] == "X-Heal-Rejected: not the cause"
    assert (repository.drafts(), made.worktree.exists(), user.state()) == ((), False, before)
    user.git("am", "-q", "--keep-cr", str(archive))
    assert user.read("Snakefile") == HEALED
    assert repository.reject(made) == archive


def test_a_worktree_in_which_somebody_worked_is_kept(user: User):
    repository = user.heal()
    made = draft(repository)
    (made.worktree / "notes.txt").write_text("mine\n")
    repository.reject(made)
    kept = user.root / ".heal/kept/7f3a-call-new"
    assert ((kept / "notes.txt").read_text(), made.worktree.exists()) == ("mine\n", False)
    assert user.git("worktree", "list").count("\n") == 0


def test_a_locked_worktree_is_left_alone(user: User):
    repository = user.heal()
    made = draft(repository)
    user.git("worktree", "lock", str(made.worktree))
    with pytest.raises(PatchRefused, match="git worktree unlock"):
        repository.reject(made)
    assert repository.expire(datetime.now(UTC) + timedelta(days=99)) == ()
    assert repository.drafts() == (made,)


def test_a_branch_that_the_user_has_checked_out_is_theirs(user: User, tmp_path: Path):
    # Given a user who removed heal's worktree and has the branch in one of their own
    repository = user.heal()
    made = draft(repository)
    user.git("worktree", "remove", "--force", str(made.worktree))
    user.git("worktree", "add", "-q", str(tmp_path / "mine"), made.branch)
    # Then neither a no nor time takes it from under them
    assert repository.drafts() == (made,)
    with pytest.raises(PatchRefused, match=r"is checked out in .*/mine: git switch"):
        repository.reject(made)
    assert repository.expire(datetime.now(UTC) + timedelta(days=99)) == ()
    repository.accept(made, "t1")
    assert (tmp_path / "mine/Snakefile").read_text() == HEALED
    assert User(tmp_path / "mine").git("status", "--porcelain", "--branch") == f"## {made.branch}"
    assert user.git("status", "--porcelain") == ""


def test_a_repository_with_a_submodule_lets_go_of_its_drafts(user: User, tmp_path: Path):
    User(tmp_path / "other").begin()
    user.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "other"), "sub")
    user.commit("sub")
    repository = user.heal()
    repository.accept(draft(repository), "t1")
    repository.reject(draft(repository, patch(SNAKEFILE), incident="2"))
    assert (user.git("status", "--porcelain"), user.git("worktree", "list").count("\n")) == ("", 0)


def test_an_archive_that_cannot_be_written_keeps_the_draft(user: User):
    repository = user.heal()
    made = draft(repository)
    (user.root / ".heal/rejected").write_text("in the way")
    with pytest.raises(GitFailed, match="Nothing was removed"):
        repository.reject(made)
    assert (repository.drafts(), made.worktree.exists()) == ((made,), True)


def test_a_draft_that_nobody_answers_is_withdrawn(user: User):
    repository = user.heal()
    made = draft(repository)
    now = datetime.now(UTC)
    assert repository.expire(now + timedelta(days=13)) == ()
    assert repository.expire(now + timedelta(days=15), waited=[made.branch]) == ()
    assert repository.expire(now + timedelta(days=15)) == (made,)
    archive = next((user.root / ".heal/rejected").glob("*.patch"))
    assert (repository.drafts(), archive.read_text().split("\n")[1]) == (
        (),
        "X-Heal-Rejected: nobody answered within 14 days",
    )


def test_where_no_draft_is_none_expires_and_nothing_is_written(tmp_path: Path):
    user = User(tmp_path / "pipeline")
    user.write("Snakefile", SNAKEFILE)
    assert user.heal().expire(datetime.now(UTC)) == ()
    assert [path.name for path in user.root.iterdir()] == ["Snakefile"]


# --- for others -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SNAKEFILE.encode(), HEALED),
        (b"a\r\nb\r\n", "a\nc\n"),
        ("caf\xe9\n".encode("latin-1"), "caf\xe9s\n"),
        (b"a\nb", "a\nc"),
    ],
)
def test_git_am_takes_what_is_exported(user: User, tmp_path: Path, before: bytes, after: str):
    # Given a draft whose words look like the begin of a patch and of a mail
    user.write("x.py", before)
    user.commit("x")
    user.git("clone", "-q", str(user.root), str(tmp_path / "clone"))
    other = User(tmp_path / "clone")
    why = "Why:\n---\ndiff --git a/x b/x\nFrom 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nEnd."
    repository = user.heal()
    made = draft(repository, Patch((Edit("x.py", after),), "Subject [PATCH] of it", why))
    # When it is taken in another clone
    mail = repository.export(made).encode("utf-8", "surrogateescape")
    other.git("-c", "user.name=B", "-c", "user.email=b@c", "am", "-q", "--keep-cr", "--keep-non-patch", stdin=mail)
    # Then the file and what is said are the same there
    assert (other.root / "x.py").read_bytes() == (made.worktree / "x.py").read_bytes()
    assert other.git("log", "-1", "--format=%B") == user.git("log", "-1", "--format=%B", made.commit)
