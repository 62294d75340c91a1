"""A change to lines that the user has just written lands in their files alone, and can be taken out again."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable

import pytest
from tests.patches.user import SNAKEFILE, User, draft, patch

from heal.errors import GitFailed, PatchConflict, PatchRefused
from heal.patch import Draft, Edit, Patch
from heal.patches.repository import Repository

# what the user has just written, and what heal makes of it
BROKEN = SNAKEFILE.replace("old", "odl --fast")
FIXED = SNAKEFILE.replace("old", "new --fast")


def refs(user: User) -> str:
    """All that names a commit, but what heal keeps for itself."""
    found = user.git("for-each-ref").split("\n")
    return "\n".join(row for row in found if not row.partition("\t")[2].startswith(("refs/heal/", "refs/heads/heal/")))


def broken(user: User, text: str = FIXED) -> tuple[Repository, Draft]:
    user.write("Snakefile", BROKEN)
    repository = user.heal()
    return repository, draft(repository, patch(text))


def held(user: User, commit: str, path: str = "Snakefile") -> bytes:
    return user.raw("cat-file", "blob", f"{commit}:{path}")


def shown(diff: str) -> list[str]:
    """The lines of a diff that change something."""
    return [line for line in diff.splitlines() if re.match(r"[-+](?![-+])", line)]


def test_a_change_to_lines_that_were_just_written_lands_in_the_file_alone(user: User):
    # Given lines that break the pipeline and are not committed, and other things staged, stashed and untracked
    user.write("a.py", "a\n")
    user.commit("a")
    user.write("a.py", "stashed\n")
    user.git("stash", "-q")
    user.write("a.py", "staged\n")
    user.git("add", "a.py")
    user.write("notes.txt", "mine\n")
    repository, made = broken(user)
    head, index, stashes, _files = user.state()
    files, names, diff = user.files(), refs(user), repository.diff(made)
    # When heal's change to them is accepted
    commit = repository.accept(made, "t1")
    # Then it is in the file, and neither committed nor staged
    assert user.files() == {**files, "Snakefile": (FIXED.encode(), 0)}
    assert (user.state()[:3], refs(user)) == ((head, index, stashes), names)
    assert user.git("status", "--porcelain") == " M Snakefile\nM  a.py\n?? notes.txt"
    # And what the file held before and after is kept, with what was shown
    assert [held(user, name) for name in (f"{commit}^", commit)] == [BROKEN.encode(), FIXED.encode()]
    assert user.git("rev-parse", f"{commit}~2") == user.git("rev-parse", "HEAD")
    assert shown(user.git("diff", f"{commit}^", commit)) == shown(diff)
    assert user.git("log", "-1", "--format=%an|%cn|%B", commit).rstrip() == (
        "heal|Ann|Call new, not old\n\nThe program old is gone.\n\nHeal-Incident: 7f3a\nHeal-Model: tiny\n"
        "Heal-Confidence: 0.90\nHeal-Remedy: t1\nHeal-Landed: in the work tree only"
    )
    assert (repository.drafts(), made.worktree.exists(), list((user.root / ".heal/landing").iterdir())) == (
        (),
        False,
        [],
    )


def test_a_second_yes_does_nothing(user: User):
    repository, made = broken(user)
    commit = repository.accept(made, "t1")
    assert (repository.landed("t1"), user.git("rev-parse", "refs/heal/landed/t1")) == (commit, commit)
    user.write("Snakefile", BROKEN)
    before = user.state()
    assert (repository.accept(made, "t1"), user.state()) == (commit, before)


def test_what_is_typed_elsewhere_after_the_draft_stays(user: User):
    repository, made = broken(user)
    user.write("Snakefile", BROKEN + "# typed later\n")
    commit = repository.accept(made, "t1")
    assert user.read("Snakefile") == FIXED + "# typed later\n"
    assert held(user, f"{commit}^").decode() == BROKEN + "# typed later\n"


def test_a_slip_is_mended_to_what_is_committed(user: User):
    # Given a change that leads back to what the last commit holds: there is nothing to commit
    repository, made = broken(user, SNAKEFILE)
    commit = repository.accept(made, "t1")
    assert (user.read("Snakefile"), user.git("status", "--porcelain")) == (SNAKEFILE, "")
    assert commit == repository.landed("t1") != user.git("rev-parse", "HEAD")
    repository.revert("t1")
    assert user.read("Snakefile") == BROKEN


def test_what_is_staged_stays_as_it_is(user: User):
    user.write("Snakefile", BROKEN)
    user.git("add", "Snakefile")
    repository, made = broken(user)
    index = user.git("diff", "--cached")
    repository.accept(made, "t1")
    assert (user.read("Snakefile"), user.git("diff", "--cached")) == (FIXED, index)
    assert user.git("status", "--porcelain") == "MM Snakefile"


def test_a_file_in_no_commit_gets_the_change(user: User):
    user.write("rules.smk", "x = 1\ny = 2\n")
    repository = user.heal()
    made = draft(repository, patch("x = 3\ny = 2\n", "rules.smk"))
    repository.accept(made, "t1")
    assert (user.read("rules.smk"), user.git("status", "--porcelain")) == ("x = 3\ny = 2\n", "?? rules.smk")
    repository.revert("t1")
    assert (user.read("rules.smk"), user.git("status", "--porcelain")) == ("x = 1\ny = 2\n", "?? rules.smk")


def test_several_files_are_one_landing(user: User):
    # Given a file that could be committed, one that could not, one that is new, and one with something staged
    user.write("a.py", "a\n")
    user.write("b.py", "1\n2\n3\n4\n5\n6\n7\n8\n")
    user.commit("more")
    user.write("b.py", "1\n2\n3\n4\n5\n6\n7\nstaged\n")
    user.git("add", "b.py")
    user.write("Snakefile", BROKEN)
    repository = user.heal()
    edits = (Edit("a.py", "A\n"), Edit("b.py", "ONE\n2\n3\n4\n5\n6\n7\nstaged\n"), Edit("lib/c.py", "c\n"), Edit("Snakefile", FIXED))  # fmt: skip
    made = draft(repository, Patch(edits, "s", "w"))
    before, files = user.state(), user.files()
    # When it is accepted, all of them have it in the work tree, and none in a commit or in the index
    repository.accept(made, "t1")
    assert user.files() == {**files, **{edit.path: (edit.text.encode(), 0) for edit in edits}}
    assert user.state()[:3] == before[:3]
    # And all of it goes out again
    repository.revert("t1")
    assert (user.state(), (user.root / "lib").exists()) == (before, False)


def test_a_real_conflict_in_the_file_is_refused(user: User):
    repository, made = broken(user)
    user.write("Snakefile", SNAKEFILE.replace("old", "mine"))
    before, names = user.state(), user.git("for-each-ref")
    with pytest.raises(PatchConflict, match=r"Snakefile \(your last commit, your work tree\)"):
        repository.accept(made, "t1")
    assert (user.state(), user.git("for-each-ref"), repository.drafts()) == (before, names, (made,))
    assert b"<<<<<<< yours" in (user.root / ".heal/conflicts/t1/Snakefile").read_bytes()


def test_one_file_in_conflict_holds_back_the_others(user: User):
    user.write("a.py", "a\n")
    user.commit("a")
    user.write("Snakefile", BROKEN)
    repository = user.heal()
    made = draft(repository, Patch((Edit("a.py", "A\n"), Edit("Snakefile", FIXED)), "s", "w"))
    user.write("a.py", "mine\n")
    before = user.state()
    with pytest.raises(PatchConflict, match=r"a\.py \(your work tree\)"):
        repository.accept(made, "t1")
    assert user.state() == before


def test_what_the_user_mended_themselves_is_not_landed(user: User):
    repository, made = broken(user)
    user.write("Snakefile", FIXED)
    with pytest.raises(PatchRefused, match="already holds this change"):
        repository.accept(made, "t1")
    assert repository.landed("t1") is None


def test_once_the_user_has_committed_their_lines_it_is_a_commit(user: User):
    repository, made = broken(user)
    user.commit("mine")
    commit = repository.accept(made, "t1")
    assert (user.git("rev-parse", "HEAD"), user.git("status", "--porcelain")) == (commit, "")
    assert held(user, "HEAD") == FIXED.encode()


# --- taking it out again ----------------------------------------------------------------------------


def test_it_is_taken_out_again_among_later_edits(user: User):
    repository, made = broken(user)
    landed = repository.accept(made, "t1")
    user.write("Snakefile", FIXED + "# typed later\n")
    head, index, stashes, _files = user.state()
    names = refs(user)
    commit = repository.revert("t1")
    assert user.read("Snakefile") == BROKEN + "# typed later\n"
    assert (user.state()[:3], refs(user)) == ((head, index, stashes), names)
    assert user.git("log", "-1", "--format=%B", commit).rstrip() == (
        f'Revert "Call new, not old"\n\nThis reverts commit {landed}.\n\n'
        "Heal-Incident: 7f3a\nHeal-Reverts: t1\nHeal-Landed: in the work tree only"
    )
    # Once, however often it is asked for
    user.write("Snakefile", FIXED)
    assert (repository.revert("t1"), user.read("Snakefile")) == (commit, FIXED)


def test_it_is_taken_out_of_the_file_where_the_user_has_committed_it(user: User):
    repository, made = broken(user)
    repository.accept(made, "t1")
    head = user.commit("mine, and heal's")
    repository.revert("t1")
    assert (user.read("Snakefile"), user.git("rev-parse", "HEAD")) == (BROKEN, head)
    assert user.git("status", "--porcelain") == " M Snakefile"


def test_what_was_built_on_it_is_not_taken_out(user: User):
    repository, made = broken(user)
    repository.accept(made, "t1")
    user.write("Snakefile", FIXED.replace("new", "newer"))
    before = user.state()
    with pytest.raises(PatchConflict, match=r"Snakefile \(your work tree\)"):
        repository.revert("t1")
    user.git("checkout", "-q", "--", "Snakefile")
    with pytest.raises(PatchConflict):
        repository.revert("t1")
    assert repository.landed("t1.revert") is None
    user.write("Snakefile", FIXED.replace("new", "newer"))
    assert user.state() == before


def test_git_keeps_what_the_file_held(user: User):
    repository, made = broken(user)
    repository.accept(made, "t1")
    user.git("reflog", "expire", "--expire=now", "--all")
    user.git("gc", "-q", "--prune=now")
    repository.revert("t1")
    assert user.read("Snakefile") == BROKEN


@pytest.mark.parametrize(
    ("rule", "committed", "mine", "fixed"),
    [
        ("*.py text eol=crlf", b"a\r\nb\r\nc\r\n", b"a\r\nodl\r\nc\r\n", b"a\r\nnew\r\nc\r\n"),
        ("*.py -text", b"a\nb\nc\n", b"a\r\nodl\r\nc\nd", b"a\r\nnew\r\nc\nd"),
        ("*.py text working-tree-encoding=UTF-16", "a\nb\n".encode("utf-16"), "a\nodl\n".encode("utf-16"), "a\nnew\n".encode("utf-16")),
        ("", b"caf\xe9\nb\n", b"caf\xe9\nodl\n", b"caf\xe9\nnew\n"),
    ],
)  # fmt: skip
def test_each_byte_comes_back(user: User, rule: str, committed: bytes, mine: bytes, fixed: bytes):
    user.write(".gitattributes", f"{rule}\n")
    user.write("x.py", committed)
    user.commit("x")
    user.write("x.py", mine)
    repository = user.heal()
    text = repository.text("x.py")
    assert text
    repository.accept(draft(repository, patch(text.replace("odl", "new"), "x.py")), "t1")
    assert (user.root / "x.py").read_bytes() == fixed
    repository.revert("t1")
    assert (user.root / "x.py").read_bytes() == mine


def test_the_right_to_be_run_comes_and_goes_with_it(user: User):
    file = user.write("bin/run.sh", "#!/bin/sh\nold\n")
    user.commit("x")
    user.write("bin/run.sh", "#!/bin/sh\nodl\n")
    repository = user.heal()
    made = repository.draft(
        patch("#!/bin/sh\nnew\n", "bin/run.sh"), incident="7f3a", slug="x", executable=["bin/run.sh"]
    )
    repository.accept(made, "t1")
    assert (file.read_text(), bool(file.stat().st_mode & 0o100)) == ("#!/bin/sh\nnew\n", True)
    repository.revert("t1")
    assert (file.read_text(), bool(file.stat().st_mode & 0o100)) == ("#!/bin/sh\nodl\n", False)


# --- somebody works at the same time, or nothing can be written ----------------------------------------


def at(user: User, when: str, do: Callable[[], object]) -> Repository:
    """A repository in which something is done just after an effect, once."""
    left = [do]

    def step(name: str) -> None:
        if name == when and left:
            left.pop()()

    return Repository.at(user.root, user.root / ".heal", step=step)


def test_an_edit_in_the_very_moment_is_kept(user: User):
    _repository, made = broken(user)
    mine = BROKEN + "# typed just now\n"
    at(user, "kept Snakefile", lambda: (user.root / "Snakefile").write_text(mine)).accept(made, "t1")
    assert user.read("Snakefile") == FIXED + "# typed just now\n"


@pytest.mark.parametrize(("when", "committed"), [("record", BROKEN), ("file Snakefile", FIXED)])
def test_a_commit_in_the_midst_of_it_is_the_users(user: User, when: str, committed: str):
    _repository, made = broken(user)
    commit = at(user, when, lambda: user.git("commit", "-q", "-a", "-m", "mine")).accept(made, "t1")
    assert (user.read("Snakefile"), held(user, "HEAD").decode()) == (FIXED, committed)
    assert (user.git("log", "--format=%s"), user.heal().landed("t1")) == ("mine\nbegin", commit)


@pytest.mark.parametrize("text", [FIXED, SNAKEFILE])
@pytest.mark.parametrize("when", ["kept Snakefile", "file Snakefile"])
def test_a_disk_that_is_full_half_way_leaves_everything_as_it_was(user: User, when: str, text: str):
    _repository, made = broken(user, text)
    before, names = user.state(), user.git("for-each-ref")

    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(GitFailed, match=r"No space left on device.*undone"):
        at(user, when, full).accept(made, "t1")
    assert (user.state(), user.git("for-each-ref")) == (before, names)
    user.heal().accept(made, "t1")
    assert user.read("Snakefile") == text
