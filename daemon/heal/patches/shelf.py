"""The drafts that are there, as git itself tells them: branches heal/…, their last commits, and their worktrees."""

from __future__ import annotations

import os
from pathlib import Path

from heal.errors import NoHistory
from heal.patch import Draft
from heal.patches import messages
from heal.patches.finding import Checkout

INCIDENT = "Heal-Incident"


def drafts(checkout: Checkout) -> tuple[Draft, ...]:
    """Every branch heal/… whose last commit is a patch of heal's, by name."""
    rows = checkout.git.text("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads/heal/")
    places = worktrees(checkout)
    found = []
    for row in rows.split("\n") if rows else []:
        branch, _, commit = row.rpartition(" ")
        if INCIDENT in trailers(checkout, commit):
            mine = (place for place, ref in places.items() if ref == f"refs/heads/{branch}" and heals(checkout, place))
            there = next(mine, None)
            found.append(described(checkout, branch, commit, there or _gone(checkout, branch)))
    return tuple(found)


def heals(checkout: Checkout, place: Path) -> bool:
    """Whether a worktree is heal's: a user may check the same branch out in one of their own."""
    return place.parent.name == "worktrees" and place.parent.parent.name == checkout.state.name


def described(checkout: Checkout, branch: str, commit: str, place: Path) -> Draft:
    """The draft that a commit holds. Raises NoHistory where git has lost the commit."""
    subject, why, _trailers = messages.parsed(message(checkout, commit))
    base = checkout.git.text("rev-parse", f"{commit}^")
    names = checkout.git.names("diff-tree", "-r", "-z", "--no-renames", "--name-only", base, commit)
    identity = patch_id(checkout, base, commit)
    return Draft(checkout.root, checkout.git_dir, branch, base, commit, identity, place, names, subject, why)


def message(checkout: Checkout, commit: str) -> str:
    """What a commit says. Raises NoHistory where it is not there (any more)."""
    answer = checkout.git.ask("log", "-1", "--format=%B", commit, "--")
    if answer.code:
        raise NoHistory(
            f"git has no commit {commit[:12]} any more ({answer.complaint}): let the patch be drafted again"
        )
    return answer.out.decode("utf-8", "replace")


def trailers(checkout: Checkout, commit: str) -> dict[str, str]:
    """The trailers of a commit."""
    return messages.parsed(message(checkout, commit))[2]


def difference(checkout: Checkout, base: str, commit: str) -> bytes:
    """What leads from one commit to the other, as a patch in bytes; no program of the user's shows it."""
    how = ("--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--full-index", "--binary", "--unified=3")
    plain = ("--src-prefix=a/", "--dst-prefix=b/", "--diff-algorithm=histogram", "--no-indent-heuristic")
    return checkout.git.run("diff-tree", "-r", "-p", *how, *plain, base, commit).out


def patch_id(checkout: Checkout, base: str, commit: str) -> str:
    """The same for equal changes wherever in a file they are made. Blanks count: in Python they are the change.

    git counts them from 2.39 on (``--verbatim``).
    """
    patch = difference(checkout, base, commit)
    answer = checkout.git.ask("patch-id", "--verbatim", stdin=patch)
    if answer.code:
        answer = checkout.git.run("patch-id", "--stable", stdin=patch)
    return answer.text.partition(" ")[0]


def worktrees(checkout: Checkout) -> dict[Path, str]:
    """The folder of each worktree that git lists, there or not, and the full name of its branch (empty: none)."""
    found: dict[Path, str] = {}
    place: Path | None = None
    for row in os.fsdecode(checkout.git.run("worktree", "list", "--porcelain").out).split("\n"):
        if row.startswith("worktree "):
            place = Path(row.removeprefix("worktree "))
            found[place] = ""
        elif place and row.startswith("branch "):
            found[place] = row.removeprefix("branch ")
    return found


def locked(checkout: Checkout, place: Path) -> bool:
    """Whether somebody locked a worktree (git worktree lock)."""
    rows = os.fsdecode(checkout.git.run("worktree", "list", "--porcelain").out).split("\n\n")
    block = next((row for row in rows if row.split("\n")[0] == f"worktree {place}"), "")
    return any(line.split(" ")[0] == "locked" for line in block.split("\n"))


def _gone(checkout: Checkout, branch: str) -> Path:
    """Where a draft whose worktree was removed would lie."""
    return checkout.state / "worktrees" / branch.removeprefix("heal/")
