"""What the chain is given about one incident, frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from heal.cases import Evidence
from heal.records import Diagnosis


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the pipeline that may be changed. ``text`` is all that it holds.

    ``start`` and ``end`` are the lines that a model is shown, from 1, both included; ``end`` None: to its end.
    A file of which several places matter comes several times. ``told``: the cause is told with a line of this file.
    """

    path: str
    text: str
    start: int = 1
    end: int | None = None
    told: bool = field(default=False, compare=False)

    @property
    def whole(self) -> bool:
        """True where all of the file is shown."""
        return self.start <= 1 and (self.end is None or self.end >= self.count)

    @property
    def count(self) -> int:
        """How many lines the whole file has."""
        return self.text.count("\n") + (not self.text.endswith("\n") and bool(self.text))

    @property
    def last(self) -> int:
        """The number of the last line that is shown."""
        return self.count if self.end is None else min(self.end, self.count)

    @property
    def lines(self) -> list[str]:
        """The lines that are shown, without their ends."""
        return [line.rstrip("\r") for line in self.text.split("\n")[max(0, self.start - 1) : self.last]]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One incident to be healed by a patch.

    ``sources`` are the files that may be changed, the likeliest first. ``tracked`` are all paths of the repository: one
    that is not among the sources is never overwritten. ``allow`` are the globs of what may be changed, told to the
    coder. ``context`` is what the parts know the incident by; the chain only hands it on.
    """

    incident: str
    engine: str
    process: str
    diagnosis: Diagnosis
    sources: tuple[Source, ...]
    evidence: tuple[Evidence, ...] = ()
    tracked: frozenset[str] = frozenset()
    allow: tuple[str, ...] = ()
    context: Any = None
