"""A bounded excerpt of a text of any length: its head, its tail, and the lines around what was found."""

from __future__ import annotations

from heal.cases import Passage
from heal.evidence.textfile import Block

BYTES = 16_000
_HEAD = 1_500
_TAIL = 5_000
_BEFORE, _AFTER = 16, 6
_REACH = 2_000
_LINE = 400
_MANY = 60
GAP = "…"


class Excerpt:
    """Gathers the excerpt while the blocks go by. ``clipped`` is True where something was left out."""

    def __init__(self) -> None:
        self.clipped = False
        self._head: dict[int, str] = {}
        self._around: dict[int, dict[int, str]] = {}
        self._tail: list[tuple[int, bytes]] = []

    def saw(self, block: Block) -> None:
        """Takes note of a block: of the first its beginning, of the last its end."""
        if not self._head:
            self._head = _lines(block.text[:_HEAD], block.raw, 0, block.line)
        cut = len(block.text) - _TAIL
        start = block.text.rfind(b"\n", 0, cut) + 1 if cut > 0 else 0
        self._tail = [*self._tail[-1:], (block.line_at(start), block.raw[start:])]

    def around(self, block: Block, offset: int) -> None:
        """Keeps the lines about ``offset``."""
        line = block.line_at(max(offset - 1, 0))
        if line in self._around or len(self._around) >= _MANY:
            return
        text, left, right = block.text, offset, offset
        for _ in range(_BEFORE + 1):
            left = text.rfind(b"\n", max(0, offset - _REACH), max(left, 0))
            if left < 0:
                break
        start = left + 1 if left >= 0 else max(0, offset - _REACH)
        for _ in range(_AFTER + 1):
            right = text.find(b"\n", right + 1, offset + _REACH)
            if right < 0:
                break
        stop = right if right >= 0 else min(len(text), offset + _REACH)
        self._around[line] = _lines(text[start:stop], block.raw, start, block.line_at(start))

    def passages(self) -> tuple[Passage, ...]:
        """The excerpt, in the order of the text."""
        chosen: dict[int, str] = {}
        tail: dict[int, str] = {}
        for line, raw in self._tail:
            tail |= _lines(raw[-_TAIL:], raw, max(0, len(raw) - _TAIL), line + raw[:-_TAIL].count(b"\n"))
        left = BYTES
        for lines in (tail, self._head, *self._around.values()):
            # the tail is nearest to the failure and comes first, from its end
            order = sorted(lines, reverse=lines is tail)
            for line in order:
                if line not in chosen and left > len(lines[line]):
                    chosen[line] = lines[line]
                    left -= len(lines[line].encode()) + 1
        numbers = sorted(chosen)
        starts = [line for before, line in zip([-1, *numbers], numbers, strict=False) if line != before + 1]
        self.clipped = len(starts) > 1 or starts[:1] > [1]
        ends = [*starts[1:], numbers[-1] + 1] if numbers else []
        return tuple(
            Passage(start, "\n".join(chosen[line] for line in numbers if start <= line < end))
            for start, end in zip(starts, ends, strict=True)
        )


def _lines(text: bytes, raw: bytes, start: int, first: int) -> dict[int, str]:
    # of a progress bar only the last state is a line of the excerpt
    piece = raw[start : start + len(text)]
    rows = piece.removesuffix(b"\n").split(b"\n")
    shown = (row.rstrip(b"\r").rpartition(b"\r")[2].decode("utf-8", "replace") for row in rows)
    return {first + n: row if len(row) <= _LINE else row[:_LINE] + GAP for n, row in enumerate(shown)}
