"""A draft under other words: the same change, another message."""

from __future__ import annotations

from heal.patch import Draft
from heal.patches import messages, snapshot
from heal.patches.finding import Checkout
from heal.patches.shelf import described


def reworded(checkout: Checkout, draft: Draft, subject: str, why: str) -> Draft:
    """The draft with a commit that says this, its trailers kept. The branch moves, worktree and index need not."""
    inner = checkout.worktree(draft.worktree)
    trailers = messages.parsed(inner.text("log", "-1", "--format=%B", draft.commit))[2]
    said = messages.message(subject, why, tuple(trailers.items()))
    words = ("commit-tree", "-p", draft.base, f"{draft.commit}^{{tree}}")
    commit = inner.having(**snapshot.HEAL).text(*words, stdin=said.encode("utf-8", "replace"))
    checkout.git.run("update-ref", f"refs/heads/{draft.branch}", commit, draft.commit)
    checkout.step("reworded")
    return described(checkout, draft.branch, commit, draft.worktree)
