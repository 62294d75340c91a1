"""A draft gets other words, or goes before anybody was shown it."""

from __future__ import annotations

import os
import signal

import pytest
from tests.patches.user import HEALED, SNAKEFILE, User, draft, patch

from heal.errors import GitFailed, NoHistory, PatchRefused
from heal.patches.repository import Repository


def test_the_same_change_under_other_words(user: User):
    # Given a draft on something that the user has not committed
    user.write("Snakefile", SNAKEFILE + "# mine\n")
    repository = user.heal()
    made = draft(repository, patch(HEALED + "# mine\n"))
    before, diff = user.state(), repository.diff(made)
    # When it gets another message
    other = repository.reword(made, "Call the new program", "Old was removed.")
    # Then it is the same change on the same base, in the same worktree, and says so
    assert (other.branch, other.base, other.worktree, other.files, other.patch_id, repository.diff(other)) == (
        made.branch, made.base, made.worktree, made.files, made.patch_id, diff,
    )  # fmt: skip
    assert (other.subject, other.why) == ("Call the new program", "Old was removed.")
    said, old = (user.git("log", "-1", "--format=%B", one.commit).rstrip().split("\n\n") for one in (other, made))
    assert said == ["Call the new program", "Old was removed.", old[-1]]
    # And the one before is gone, with nothing of the user's or in the worktree touched
    assert (repository.drafts(), user.state()) == ((other,), before)
    assert User(made.worktree).git("status", "--porcelain", "--branch") == f"## {made.branch}"
    # And it is what a yes lands
    commit = repository.accept(other, "t1")
    assert user.git("log", "-1", "--format=%s", commit) == "Call the new program"
    assert user.read("Snakefile") == HEALED + "# mine\n"


def test_a_draft_that_was_reworded_is_not_what_is_landed(user: User):
    repository = user.heal()
    made = draft(repository)
    repository.reword(made, "s", "w")
    with pytest.raises(PatchRefused, match="was changed since this patch was looked at"):
        repository.accept(made, "t1")


def test_the_same_patch_is_still_drafted_once(user: User):
    repository = user.heal()
    other = repository.reword(draft(repository), "Other words", "Other reasons.")
    assert (draft(repository), repository.drafts()) == (other, (other,))


def test_words_cannot_pass_for_trailers(user: User):
    repository = user.heal()
    made = draft(repository)
    other = repository.reword(made, "A\nHeal-Confidence: 1.00", "Why\n\nHeal-Confidence: 1.00\nHeal-Incident: 1")
    said = user.git("log", "-1", "--format=%(trailers:key=Heal-Confidence,valueonly)", other.commit)
    assert said.split() == ["0.90"]
    assert other.subject == "A Heal-Confidence: 1.00"


def test_a_branch_that_somebody_moved_is_not_reworded(user: User):
    # Given a person who went on on the draft's branch
    repository = user.heal()
    made = draft(repository)
    inner = User(made.worktree)
    inner.write("Snakefile", HEALED + "# more\n")
    inner.git("commit", "-q", "-a", "-m", "more")
    tip = user.git("rev-parse", made.branch)
    # Then their commit stays the last one
    with pytest.raises(GitFailed):
        repository.reword(made, "s", "w")
    assert user.git("rev-parse", made.branch) == tip


def test_a_worktree_that_is_gone_is_said(user: User):
    repository = user.heal()
    made = draft(repository)
    user.git("worktree", "remove", "--force", str(made.worktree))
    with pytest.raises(NoHistory, match="is gone"):
        repository.reword(made, "s", "w")
    assert user.git("rev-parse", made.branch) == made.commit


def test_what_nobody_was_shown_goes_without_a_trace(user: User):
    user.write("Snakefile", SNAKEFILE + "# mine\n")
    repository = user.heal()
    kept = draft(repository, patch(HEALED), incident="1")
    made = draft(repository, patch(HEALED + "# mine\n"))
    before = user.state()
    repository.drop(made)
    assert (repository.drafts(), made.worktree.exists(), user.state()) == ((kept,), False, before)
    assert user.git("branch", "--list", made.branch) == ""
    assert not (user.root / ".heal/rejected").exists()
    # And again does nothing, and drafting it again makes it anew
    repository.drop(made)
    assert draft(repository, patch(HEALED + "# mine\n")).branch == made.branch


def test_what_somebody_wrote_into_a_worktree_that_goes_is_kept(user: User):
    repository = user.heal()
    made = draft(repository)
    (made.worktree / "notes.txt").write_text("mine\n")
    repository.drop(made)
    assert (user.root / ".heal/kept/7f3a-call-new/notes.txt").read_text() == "mine\n"
    assert (repository.drafts(), made.worktree.exists()) == ((), False)


def test_a_branch_that_somebody_moved_is_not_dropped(user: User):
    repository = user.heal()
    made = draft(repository)
    inner = User(made.worktree)
    inner.git("commit", "-q", "--allow-empty", "-m", "more")
    tip = inner.git("rev-parse", "HEAD")
    with pytest.raises(GitFailed):
        repository.drop(made)
    assert user.git("rev-parse", made.branch) == tip


def test_a_branch_that_the_user_has_checked_out_stays(user: User):
    repository = user.heal()
    made = draft(repository)
    user.git("worktree", "remove", "--force", str(made.worktree))
    user.git("switch", "-q", made.branch)
    repository.drop(made)
    assert (user.git("rev-parse", made.branch), user.read("Snakefile")) == (made.commit, HEALED)


def dropping(user: User, when: str) -> int:
    """Drop the draft in a process of its own that is killed at an effect; the signal that ended it."""
    child = os.fork()
    if child == 0:
        repository = Repository.at(
            user.root, user.root / ".heal", step=lambda name: name == when and os.kill(os.getpid(), signal.SIGKILL)
        )
        repository.drop(repository.drafts()[0])
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("when", ["worktree removed", "branch removed"])
def test_a_draft_whose_removal_was_killed_goes_the_next_time(user: User, when: str):
    made = draft(user.heal())
    before = user.state()
    assert dropping(user, when) == signal.SIGKILL
    user.heal().drop(made)
    assert (user.heal().drafts(), made.worktree.exists(), user.state()) == ((), False, before)
    assert user.git("branch", "--list", "heal/*") == ""
