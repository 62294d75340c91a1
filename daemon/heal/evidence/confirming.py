"""The second look at a line that matched: whether it fits its pattern, and is said and not only shown."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from heal.evidence.excerpt import Place
from heal.evidence.textfile import Block
from heal.knowledge.patterns import Pattern
from heal.knowledge.shown import REACH, said

# kept of each pattern: the first show where it began, the last where it ended
FIRST, LAST = 3, 3
# so many lines of a block are looked at from either end for some that hold
_TRIES = 12
_CITED = 400
# of a longer line only this much about the place that matched
_CLIP = 2048


@dataclass(frozen=True, slots=True)
class Spot:
    """A line that a pattern was found in, and the lines about it."""

    line: int
    text: str
    place: Place


@dataclass(slots=True)
class Kept:
    """The first spots of a pattern and the last."""

    first: list[Spot] = field(default_factory=list)
    last: deque[Spot] = field(default_factory=lambda: deque(maxlen=LAST))

    @property
    def begun(self) -> bool:
        """Whether its first spots are there, so that only the last can change."""
        return len(self.first) == FIRST

    def look(self, block: Block, ends: Sequence[int], pattern: Pattern, around: Callable[[Block, int], Place]) -> None:
        """Takes what holds of the places in the block where the pattern matched."""

        def holding(some: Iterable[int]) -> Iterator[Spot]:
            for end in some:
                if held := confirmed(block, end, pattern):
                    yield Spot(*held, around(block, end))

        at = 0
        while at < min(len(ends), _TRIES) and not self.begun:
            for spot in holding(ends[at : at + 1]):
                self._add(spot)
            at += 1
        latest: list[Spot] = []
        for spot in holding(reversed(ends[max(at, len(ends) - _TRIES) :])):
            latest.append(spot)
            if len(latest) == LAST:
                break
        for spot in reversed(latest):
            self._add(spot)

    def _add(self, spot: Spot) -> None:
        newest = self.last[-1] if self.last else self.first[-1] if self.first else None
        # the overlap of two windows shows one line twice
        if newest and newest.line == spot.line:
            return
        if len(self.first) < FIRST:
            self.first.append(spot)
        else:
            self.last.append(spot)

    def spots(self) -> list[Spot]:
        """All that was kept, in order."""
        return [*self.first, *self.last]


def confirmed(block: Block, end: int, pattern: Pattern) -> tuple[int, str] | None:
    """The number of the line that matched up to ``end`` and what is cited of it; None where it does not hold."""
    text = block.text
    start = text.rfind(b"\n", 0, max(end - 1, 0)) + 1
    stop = text.find(b"\n", max(end - 1, start))
    stop = len(text) if stop < 0 else stop
    left, right = max(start, end - _CLIP * 3 // 4), min(stop, end + _CLIP // 4)
    # a window that starts within a line, or a clipped line, must not satisfy a '^'
    lead = "… " if left > start or (start == 0 and block.inside) else ""
    line = lead + text[left:right].decode("utf-8", "replace")
    before = text[max(0, start - REACH) : start]
    line = said(block.before + before if start < REACH else before, text[start : start + REACH], line)
    if not line or not pattern.find(line):
        return None
    return block.line_at(start), _cited(line, lead, text[left:end])


def _cited(line: str, lead: str, before: bytes) -> str:
    if len(line) <= _CITED:
        return line.rstrip()
    hit = len(lead) + len(before.decode("utf-8", "replace"))
    left = max(0, min(hit - _CITED * 3 // 4, len(line) - _CITED))
    cut = line[left : left + _CITED].rstrip()
    return f"… {cut}" if left else cut
