"""What a person changed lately in files that a patch touches: their own change must not be taken back by it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from heal.errors import HealError
from heal.guard.facts import UserChange
from heal.patches.repository import Repository

# commits that are lately enough to be what somebody is at work on
_COMMITS = 5
_HOW = ("--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--unified=0", "--src-prefix=a/")
_FILE = re.compile(r"^\+\+\+ (?:b/)?(.+?)\t?$")


def changes(repository: Repository, paths: Sequence[str]) -> tuple[UserChange, ...]:
    """The newest changes to these files, those that are only on disk first. None where git does not tell.

    What heal itself committed is no person's change.
    """
    git = repository.checkout.git
    try:
        head = repository.checkout.head()
        own = git.run("diff", *_HOW, "--dst-prefix=b/", head, "--", *paths).out
        people = ("--invert-grep", "--grep=^Heal-Incident:", f"--max-count={_COMMITS}", "--format=")
        log = git.run("log", "--patch", "--no-merges", *people, *_HOW, "--dst-prefix=b/", head, "--", *paths).out
    except HealError:
        return ()
    return (*_read(own, committed=False), *_read(log, committed=True))


def _read(said: bytes, *, committed: bool) -> Iterator[UserChange]:
    """Each hunk of a diff without context."""
    path = ""
    old: list[str] = []
    new: list[str] = []
    for line in [*said.decode("utf-8", "replace").split("\n"), "@@"]:
        if line.startswith(("@@", "diff ")):
            if path and (old or new):
                yield UserChange(path, tuple(old), tuple(new), committed)
            old, new = [], []
        elif found := _FILE.match(line):
            path = found[1]
        elif line.startswith("-") and not line.startswith("--- "):
            old.append(line[1:])
        elif line.startswith("+"):
            new.append(line[1:])
