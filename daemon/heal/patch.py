"""A change to a pipeline's own files, as data: what is edited, what speaks against it, how it was tried.

Frozen like all records. Paths of files are relative to the repository's root, with ``/``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from heal.records import Verdict


class Size(StrEnum):
    """How much work an incident is, by rules."""

    SIMPLE = "simple"  # one short place and a sure diagnosis
    USUAL = "usual"
    BIG = "big"  # more files than fit: asked about in parts, and joined


@dataclass(frozen=True, slots=True)
class Sized:
    """The size, and the rule that made it."""

    size: Size
    why: str


@dataclass(frozen=True, slots=True)
class Edit:
    """What a file is to hold; a file that is not there yet is made."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Patch:
    """The smallest change that is thought to heal an incident. ``subject`` is one line, ``why`` is for people."""

    edits: tuple[Edit, ...]
    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class Objection:
    """Something that speaks against a patch: REFUSE is final, ASK lets a person decide. ``line`` 0: the whole file."""

    rule: str
    verdict: Verdict
    path: str
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One way a patch was tried. ``passed`` None: it could not be tried, which is never taken for a yes.

    ``reruns``: what will run again with the patch, in words; empty where this trial does not tell.
    """

    name: str
    passed: bool | None
    said: str = ""
    seconds: float = 0.0
    reruns: str = ""


def reruns_of(trials: Sequence[Trial]) -> str:
    """What will run again, in the words of the last trial that tells: what is tried later knows more."""
    return next((trial.reruns for trial in reversed(trials) if trial.reruns), "")


@dataclass(frozen=True, slots=True)
class Draft:
    """A patch that git holds: one commit on a branch of its own, beside the user's work tree.

    ``repository`` is the root of the user's work tree, ``git_dir`` its repository or heal's shadow of it, ``base`` and
    ``commit`` are full hashes, ``patch_id`` is the same for equal changes wherever they are made. ``worktree`` is the
    folder that holds the changed state.
    """

    repository: Path
    git_dir: Path
    branch: str
    base: str
    commit: str
    patch_id: str
    worktree: Path
    files: tuple[str, ...]
    subject: str
    why: str
