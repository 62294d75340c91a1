"""A bounded pool of the lines of a text of any length that may matter: head, tail, what was found, what complains.

First comes what stands closest to a find; only then, as far as there is room, what stands around it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from heal.cases import Passage
from heal.evidence.complaints import Complaints
from heal.evidence.textfile import Block

BYTES = 64_000
GAP = "…"
_HEAD, _TAIL = 3_000, 10_000
_LINE = 800
_MANY = 60
_NEAR = 2


@dataclass(frozen=True, slots=True)
class _Reach:
    """How many lines before and after a find are kept, and at most how many bytes on either side."""

    before: int
    after: int
    most: int


_OF_HIT = _Reach(16, 8, 2_000)
_OF_COMPLAINT = _Reach(6, 8, 1_200)


@dataclass(frozen=True, slots=True)
class Place:
    """A line and those about it, by their numbers."""

    line: int
    lines: dict[int, str]

    def near(self) -> dict[int, str]:
        """The line and what stands closest to it."""
        return {number: text for number, text in self.lines.items() if abs(number - self.line) <= _NEAR}


@dataclass(slots=True)
class _FirstAndLast:
    """The first places and the latest."""

    first: int
    last: deque[Place]
    early: list[Place] = field(default_factory=list)

    def add(self, place: Place) -> None:
        (self.early if len(self.early) < self.first else self.last).append(place)

    def __iter__(self) -> Iterator[Place]:
        yield from self.early
        yield from reversed(self.last)


class Excerpt:
    """Gathers the pool while the blocks go by. ``clipped`` is True where something was left out."""

    def __init__(self) -> None:
        self.clipped = False
        self._head: dict[int, str] = {}
        self._last: deque[Block] = deque(maxlen=2)
        self._hits: set[int] = set()
        self._complaints = Complaints()
        self._grave = _FirstAndLast(32, deque(maxlen=24))
        self._mild = _FirstAndLast(12, deque(maxlen=8))

    def saw(self, block: Block) -> None:
        """Takes note of a block: of the first its beginning, of the last its end."""
        if not self._head:
            self._head = _lines(block.text[:_HEAD], block.raw, 0, block.line)
        self._last.append(block)

    def around(self, block: Block, offset: int) -> Place:
        """The lines about ``offset``, where a pattern matched."""
        line = block.line_at(max(offset - 1, 0))
        self._hits.add(line)
        return _place(block, line, offset, _OF_HIT)

    def complained(self, block: Block, ends: Sequence[int] | None) -> None:
        """Keeps the lines about each new kind of complaint; ``ends`` is None in a storm of them."""
        for offset, grave in self._complaints.fresh(block, ends):
            line = block.line_at(max(offset - 1, 0))
            if line not in self._hits:
                (self._grave if grave else self._mild).add(_place(block, line, offset, _OF_COMPLAINT))

    def passages(self, hits: Iterable[Place] = ()) -> tuple[Passage, ...]:
        """The pool, in the order of the text. Of ``hits`` those that come first have more room."""
        chosen: dict[int, str] = {}
        left = BYTES
        for lines, backwards in self._by_worth(hits):
            for line in sorted(lines, reverse=backwards):
                size = len(lines[line].encode()) + 1
                if line not in chosen and left >= size:
                    chosen[line] = lines[line]
                    left -= size
        passages: list[list[int]] = []
        for number in sorted(chosen):
            if passages and passages[-1][-1] == number - 1:
                passages[-1].append(number)
            else:
                passages.append([number])
        self.clipped = len(passages) > 1 or [first for first, *_ in passages[:1]] > [1]
        return tuple(Passage(some[0], "\n".join(chosen[number] for number in some)) for some in passages)

    def _by_worth(self, hits: Iterable[Place]) -> Iterator[tuple[dict[int, str], bool]]:
        first: dict[int, Place] = {}
        for place in hits:
            first.setdefault(place.line, place)
        places = [*list(first.values())[:_MANY], *self._grave, *self._mild]
        # a line without end is best shown where something was found in it
        yield from (({place.line: place.lines[place.line]}, False) for place in places if place.line in place.lines)
        tail: dict[int, str] = {}
        for block in self._last:
            raw = block.raw
            cut = max(0, len(raw) - _TAIL)
            # half a line says something else, unless it is all there is
            cut = raw.find(b"\n", max(cut - 1, 0), len(raw) - 1) + 1 if cut else cut
            tail |= _lines(raw[cut:], raw, cut, block.line_at(cut))
        # the tail is nearest to the failure, and its end nearest of all
        yield tail, True
        yield self._head, False
        yield from ((place.near(), False) for place in places)
        yield from ((place.lines, False) for place in places)


def _place(block: Block, line: int, offset: int, reach: _Reach) -> Place:
    text, left, right = block.text, offset, offset
    for _ in range(reach.before + 1):
        left = text.rfind(b"\n", max(0, offset - reach.most), max(left, 0))
        if left < 0:
            break
    start = left + 1 if left >= 0 else max(0, offset - reach.most)
    for _ in range(reach.after + 1):
        right = text.find(b"\n", right + 1, offset + reach.most)
        if right < 0:
            break
    stop = right if right >= 0 else min(len(text), offset + reach.most)
    lines = _lines(text[start:stop], block.raw, start, line - block.raw.count(b"\n", start, max(offset - 1, 0)))
    begin = text.rfind(b"\n", 0, max(offset - 1, 0)) + 1
    if line in lines and offset - begin > _LINE:
        shown = text[max(begin, offset - _LINE * 3 // 4) : offset + _LINE // 4].partition(b"\n")[0]
        lines[line] = f"{GAP} {shown.decode('utf-8', 'replace')}"
    return Place(line, lines)


def _lines(text: bytes, raw: bytes, start: int, first: int) -> dict[int, str]:
    # of a progress bar only the last state is a line of the excerpt
    piece = raw[start : start + len(text)]
    rows = piece.removesuffix(b"\n").split(b"\n")
    shown = (row.rstrip(b"\r").rpartition(b"\r")[2].decode("utf-8", "replace") for row in rows)
    return {first + n: row if len(row) <= _LINE else row[:_LINE] + GAP for n, row in enumerate(shown)}
