"""Lines that complain in general words, each kind of them once, however often a storm repeats it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

import hyperscan

from heal.evidence import databases
from heal.evidence.textfile import Block

_T = TypeVar("_T")
# looked for beside the patterns, in whatever case
_IN_ONE = (
    "error|exception|traceback|fatal|panic|abort|killed|terminate|segmentation|core dumped|cannot|can't|can not"
    "|could not|couldn't|unable|unknown|not found|no such|not exist|denied|not permitted|not allowed|invalid|illegal"
    "|fail|refused|exceed|out of memory|no space|quota|corrupt|truncat|malformed|mismatch|undefined|unbound"
    "|unexpected|unrecogni|unsupported|missing|timed out|timeout|cancelled|interrupt|locked|must be|expected|caused by"
    "|violat|assert|inconsist|conflict|wrong|broken|not supported|too many|too large|too long|lost |not a valid"
)
WORDS = tuple(_IN_ONE.split("|"))
_STRONG = re.compile(
    rb"(?i)error|exception|fatal|panic|abort|killed|terminate|segmentation|core dumped|cannot|can't|could not"
    rb"|unable|not found|no such|denied|invalid|failed|no space|quota|out of memory|undefined|unbound|caused by"
)
_MILD = re.compile(
    rb"(?i)warn|retry|skipp|ignor|continuing|deprecat|(?-i:\b(?:INFO|DEBUG|TRACE|NOTE)\b)|without error|\b0 errors"
)
_DIGITS = b"0123456789"
# more matches than this in a block are a storm
STORM = 256
# a storm of ever new words is looked at by how its lines begin
_VARIED, _BEGINNING = 2_000, 16
_FRESH = 16
_REMEMBERED = 5_000
_SHAPED = 300
# from where a word begins, each byte of it once: a text may be made to be slow to read
_NAMES = re.compile(rb"'[^'\n]*'|\"[^\"\n]*\"|(?<![^\s:=,;()\[\]'\"])[^\s:=,;()\[\]0-9/]*+[0-9/][^\s:=,;()\[\]]*+")


@dataclass(slots=True)
class Complaints:
    """Which shapes of complaint were seen so far in a text; bounded, whatever the text says."""

    _shapes: set[bytes] = field(default_factory=set)
    _lines: set[bytes] = field(default_factory=set)

    def fresh(self, block: Block, ends: Sequence[int] | None) -> list[tuple[int, bool]]:
        """Of the lines that complain those unlike all before: an offset in each, and whether it is grave.

        ``ends`` has a place in every line that complains, or is None where they are too many.
        """
        text = block.text
        spots = self._unseen(text) if ends is None else ends
        found: list[tuple[int, bool]] = []
        stop = -1
        for end in spots:
            if end <= stop:
                continue
            start = text.rfind(b"\n", 0, max(end - 1, 0)) + 1
            stop = text.find(b"\n", max(end - 1, start))
            stop = len(text) if stop < 0 else stop
            line = text[start : min(stop, start + _SHAPED * 4)].translate(None, _DIGITS)
            if ends and line in self._lines:
                continue
            self._lines.add(line)
            shape = _NAMES.sub(b"#", text[max(start, end - _SHAPED) : min(stop, end + _SHAPED)])
            if shape not in self._shapes:
                self._shapes.add(shape)
                found.append((end, bool(_STRONG.search(shape)) and not _MILD.search(shape)))
        for seen in (self._shapes, self._lines):
            if len(seen) > _REMEMBERED:
                seen.clear()
        return _some(found, _FRESH)

    def _unseen(self, text: bytes) -> list[int]:
        """In a storm lines are compared as a whole, without their digits: a place in each complaint among new ones."""
        lines = text.translate(None, _DIGITS).split(b"\n")
        fresh = [line for line in dict.fromkeys(lines) if line not in self._lines]
        wanted = _complaining(fresh)
        self._lines |= wanted
        spots: list[int] = []
        at = 0
        for line, squeezed in zip(text.split(b"\n"), lines, strict=True):
            if not wanted:
                break
            if squeezed in wanted:
                wanted.discard(squeezed)
                spots.append(at + 1)
            at += len(line) + 1
        return _some(spots, STORM)


def complaining(text: bytes) -> list[int] | None:
    """Where the words that complain end; None where they are a storm."""
    ends = _ends(text, STORM)
    return ends if len(ends) < STORM else None


def _some(things: list[_T], most: int) -> list[_T]:
    return things if len(things) <= most else things[: most // 2] + things[-most // 2 :]


def _complaining(lines: list[bytes]) -> set[bytes]:
    if len(lines) > _VARIED:
        lines = list({line[:_BEGINNING]: line for line in reversed(lines)}.values())[-_VARIED:]
    joined = b"\n".join(lines)
    found: set[bytes] = set()
    stop = -1
    for end in _ends(joined, STORM * 3):
        if end > stop:
            start = joined.rfind(b"\n", 0, end) + 1
            stop = joined.find(b"\n", end)
            stop = len(joined) if stop < 0 else stop
            found.add(joined[start:stop])
    return found


def _ends(text: bytes, most: int) -> list[int]:
    """Where the words that complain end, the first ``most`` of them."""
    ends: list[int] = []

    def seen(_regex: int, _start: int, end: int, _flags: int, _context: Any) -> bool:
        ends.append(end)
        return len(ends) >= most

    if text:
        # to be told to stop is an error to hyperscan
        with suppress(hyperscan.ScanTerminated):
            _words().scan(text, match_event_handler=seen)
    return ends


@cache
def _words() -> hyperscan.Database:
    return databases.made([(word.encode(), databases.ANY_CASE) for word in WORDS])
