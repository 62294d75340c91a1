"""What a person changed in a draft's worktree becomes the draft: heal accept --edit."""

from __future__ import annotations

from dataclasses import replace

from heal.errors import PatchRefused
from heal.patch import Draft
from heal.patches import entries, messages, shelf, snapshot
from heal.patches.files import held
from heal.patches.finding import Checkout

_EDITED = ("Heal-Edited", "by hand")


def edited(checkout: Checkout, draft: Draft) -> Draft:
    """The draft with the files as they are in its worktree now; the same one where nobody changed any.

    The draft's own files, and others that patches may touch; what a run left there is none of it. Its commit is on no
    branch yet. Raises PatchRefused where somebody committed there, or nothing of the patch is left.
    """
    inner = checkout.worktree(draft.worktree)
    if inner.text("rev-parse", "HEAD") != draft.commit:
        raise PatchRefused(f"{draft.worktree} stands on another commit than the draft: heal diff shows what it is now")
    folder = draft.worktree / checkout.folder.resolve().relative_to(checkout.root.resolve())
    there = replace(checkout, root=draft.worktree, folder=folder if folder.is_dir() else draft.worktree, git=inner)
    names = list(dict.fromkeys([*draft.files, *(name for name, _what in snapshot.changed(there))]))
    for name in names:
        entries.checked_path(name)
        held(draft.worktree, name, snapshot.MOST_BYTES)
    entries.of_commit(inner, "HEAD", names)
    snapshot.enter(inner, names)
    tree = inner.text("write-tree")
    if tree == inner.text("rev-parse", "HEAD^{tree}"):
        return draft
    if tree == inner.text("rev-parse", f"{draft.base}^{{tree}}"):
        raise PatchRefused("nothing of the patch is left: heal reject says no to it")
    subject, why, said = messages.parsed(shelf.message(checkout, draft.commit))
    text = messages.message(subject, why, [*said.items(), *([_EDITED] if _EDITED[0] not in said else [])])
    commit = inner.having(**snapshot.HEAL).text("commit-tree", "-p", draft.base, tree, stdin=text.encode())
    return shelf.described(checkout, draft.branch, commit, draft.worktree)


def amend(checkout: Checkout, draft: Draft, made: Draft) -> None:
    """What a person made of the draft takes its place."""
    checkout.git.run("update-ref", f"refs/heads/{draft.branch}", made.commit, draft.commit)
