"""A draft goes: its worktree and branch, after what they hold is in a file of its own."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from heal.errors import GitFailed, PatchRefused
from heal.patch import Draft
from heal.patches import messages, shelf
from heal.patches.files import private_folder
from heal.patches.finding import Checkout

_LONGEST = 500
_EXPORT = (
    *("format-patch", "--stdout", "--no-signature", "--no-attach", "--no-thread", "--no-cover-letter", "--no-base"),
    *("--no-notes", "--subject-prefix=PATCH", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"),
    *("--full-index", "--binary", "--no-numbered", "--no-signoff", "--src-prefix=a/", "--dst-prefix=b/"),
)


def exported(checkout: Checkout, base: str, tip: str) -> str:
    """The commits between as mails that git am takes; bytes that are no UTF-8 as escapes (``surrogateescape``)."""
    return checkout.git.run(*_EXPORT, f"{base}..{tip}", "--").out.decode("utf-8", "surrogateescape")


def rejected(checkout: Checkout, draft: Draft, why: str = "") -> Path:
    """Archive a draft and remove it; the archive. Raises PatchRefused (a locked worktree) or GitFailed."""
    tip = checkout.git.ask("rev-parse", "--verify", "--quiet", f"refs/heads/{draft.branch}").text or draft.commit
    _refuse_held(checkout, draft)
    name = f"{draft.branch.removeprefix('heal/').replace('/', '-')}-{tip[:12]}.patch"
    archive = checkout.state / "rejected" / name
    if not archive.exists():
        first, _, rest = exported(checkout, draft.base, tip).partition("\n")
        said = f"X-Heal-Rejected: {messages.line(why)[:_LONGEST]}\n" if why else ""
        _archived(archive, f"{first}\n{said}{rest}")
    checkout.step("archived")
    removed(checkout, draft, tip)
    return archive


def removed(checkout: Checkout, draft: Draft, tip: str) -> None:
    """Remove worktree and branch. A worktree in which something was changed is moved aside whole, and kept."""
    listed = shelf.worktrees(checkout)
    if not shelf.heals(checkout, draft.worktree):
        raise PatchRefused(f"{draft.worktree} is no worktree of heal's, and is left alone")
    if draft.worktree.exists() and _untouched(checkout, draft.worktree):
        # forced, since git itself removes none with a submodule; that it holds nothing else was just looked at
        checkout.git.run("worktree", "remove", "--force", str(draft.worktree))
    elif draft.worktree.exists():
        _moved_aside(checkout, draft.worktree)
    if draft.worktree in listed and not draft.worktree.exists():
        checkout.git.ask("worktree", "remove", "--force", str(draft.worktree))
    checkout.step("worktree removed")
    ref = f"refs/heads/{draft.branch}"
    if ref in shelf.worktrees(checkout).values():
        return  # the user has it checked out in a work tree of their own: theirs to leave
    if checkout.git.ask("rev-parse", "--verify", "--quiet", ref).code == 0:
        checkout.git.run("update-ref", "-d", ref, tip)
    checkout.step("branch removed")


def expired(checkout: Checkout, days: float, now: datetime, waited: Collection[str]) -> tuple[Draft, ...]:
    """Withdraw the drafts that are older than this, not ``waited`` with, and that nobody holds; those that went."""
    limit = (now - timedelta(days=days)).timestamp()
    gone = []
    for draft in shelf.drafts(checkout):
        made = float(checkout.git.text("log", "-1", "--format=%ct", draft.commit))
        if made < limit and draft.branch not in waited:
            with suppress(PatchRefused):  # somebody locked it, or has it checked out: they are at it
                rejected(checkout, draft, f"nobody answered within {days:g} days")
                gone.append(draft)
    return tuple(gone)


def _refuse_held(checkout: Checkout, draft: Draft) -> None:
    for place, ref in shelf.worktrees(checkout).items():
        if ref == f"refs/heads/{draft.branch}" and not shelf.heals(checkout, place):
            raise PatchRefused(f"{draft.branch} is checked out in {place}: git switch to another branch there first")
    if shelf.locked(checkout, draft.worktree):
        raise PatchRefused(f"the worktree {draft.worktree} is locked: git worktree unlock it first")


def _untouched(checkout: Checkout, worktree: Path) -> bool:
    """Whether the worktree holds nothing but its commit; what git ignores does not count."""
    if not (worktree / ".git").exists():
        return False
    return not checkout.worktree(worktree).ask("status", "--porcelain", "--untracked-files=normal").out.strip()


def _moved_aside(checkout: Checkout, worktree: Path) -> None:
    to = checkout.state / "kept" / worktree.name
    number = 1
    while to.exists():
        number += 1
        to = to.with_name(f"{worktree.name}.{number}")
    try:
        private_folder(to.parent)
        worktree.rename(to)
    except OSError as error:
        raise GitFailed(f"{worktree} was changed and cannot be moved to {to}: {error.strerror}") from error


def _archived(archive: Path, text: str) -> None:
    """Write it through to the disk under another name first: a branch is never removed before its archive is whole."""
    aside = archive.with_name(f".{archive.name}")
    try:
        private_folder(archive.parent)
        with aside.open("wb") as out:
            out.write(text.encode("utf-8", "surrogateescape"))
            out.flush()
            os.fsync(out.fileno())
        aside.rename(archive)
    except OSError as error:
        raise GitFailed(f"{archive} cannot be written: {error.strerror}. Nothing was removed") from error
