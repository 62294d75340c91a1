"""Candidates: which are the same, which is best by its checks, and whether another round would bring anything new."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from heal.dialogue import Reply
from heal.patch import Draft, Objection, Patch, Trial
from heal.records import Verdict

_OF_A_RUN = re.compile(r"/\S+|0x[0-9a-fA-F]+|\b[0-9a-f]{7,40}\b|\d+")
_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One patch of one round, and what was found out about it. ``text`` is what was said; ``changed`` lines."""

    number: int
    patch: Patch
    text: str
    changed: int
    replies: tuple[Reply, ...] = ()
    objections: tuple[Objection, ...] = ()
    draft: Draft | None = None
    trials: tuple[Trial, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Those whose answers it is made of, each once."""
        return tuple(dict.fromkeys(reply.model for reply in self.replies))

    @property
    def refused(self) -> tuple[Objection, ...]:
        """The objections that are final."""
        return tuple(one for one in self.objections if one.verdict is Verdict.REFUSE)

    @property
    def failed(self) -> tuple[Trial, ...]:
        """The trials that it did not pass."""
        return tuple(one for one in self.trials if one.passed is False)

    @property
    def stands(self) -> bool:
        """True where nothing final speaks against it."""
        return self.draft is not None and not self.refused and not self.failed

    def faults(self) -> tuple[str, ...]:
        """What is wrong with it, in sentences."""
        objected = [f"{one.path}{f':{one.line}' if one.line else ''}: {one.why}" for one in self.refused]
        tried = [f"{one.name} failed{f': {one.said}' if one.said else ''}" for one in self.failed]
        return (*objected, *tried)


def identity(patch: Patch) -> str:
    """The same for patches that do the same: only blanks within and at the end of lines, and empty lines, differ."""
    parts = [f"{edit.path}\0{_plain(edit.text)}" for edit in sorted(patch.edits, key=lambda edit: edit.path)]
    return hashlib.sha256("\0\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def merged(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One of each that are the same: the first."""
    found: dict[str, Candidate] = {}
    for one in candidates:
        found.setdefault(identity(one.patch), one)
    return list(found.values())


def ranked(candidates: Iterable[Candidate], checks: Sequence[str]) -> list[Candidate]:
    """The best first: by what it passed (``checks`` in their order), then fewer objections, fewer lines, its number."""
    return sorted(candidates, key=lambda one: _rank(one, checks))


def _rank(one: Candidate, checks: Sequence[str]) -> tuple[object, ...]:
    by_name: dict[str, bool | None] = {_name(trial.name): trial.passed for trial in one.trials}
    rows = [_weight(by_name.get(_name(check))) for check in checks]
    other = [_weight(passed) for name, passed in by_name.items() if name not in {_name(check) for check in checks}]
    return (
        not one.stands,
        len(one.refused),
        len(one.failed),
        *rows,
        sum(other),
        len(one.objections),
        one.changed,
        one.number,
    )


def _weight(passed: bool | None) -> int:
    return {True: 0, None: 1, False: 2}[passed]


def _name(text: str) -> str:
    return _WORDS.sub("-", text).strip("-").lower()


def _plain(text: str) -> str:
    lines = (line.rstrip() for line in text.replace("\r\n", "\n").split("\n"))
    return "\n".join(_spaced(line) for line in lines if line)


def _spaced(line: str) -> str:
    # the indentation says what belongs together, the rest of the blanks says nothing
    bare = line.lstrip(" \t")
    return line[: len(line) - len(bare)].expandtabs(8) + " ".join(bare.split())


@dataclass(slots=True)
class Progress:
    """What earlier rounds brought; one run's own."""

    patches: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)

    def new(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Those that no earlier round had; they are known from now on."""
        found = [one for one in candidates if identity(one.patch) not in self.patches]
        self.patches |= {identity(one.patch) for one in found}
        return found

    def again(self, faults: Iterable[str]) -> bool:
        """True where all that is wrong now was wrong in an earlier round; it is known from now on."""
        now = {_error(one) for one in faults}
        seen = bool(now) and now <= self.errors
        self.errors |= now
        return seen


def _error(text: str) -> str:
    # folders, numbers and hashes are those of one run
    return _OF_A_RUN.sub("#", " ".join(text.split()))[:500]
