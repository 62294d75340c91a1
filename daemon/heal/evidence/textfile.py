"""Any file or stream as blocks of plain lines: compressed, UTF-16, full of progress bars or holes, and however large.

Memory is bounded by the block size whatever the file holds. What could not be had is said in ``notes``.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

from heal.evidence.deadline import Deadline
from heal.evidence.unpacking import BROKEN, Unreadable, begun, unpacked

BLOCK = 1 << 20
# a line longer than this is looked at in windows, which overlap so that nothing falls between two of them
WINDOW = 1 << 16
OVERLAP = 1 << 12
# what a block knows of the text before it
BEFORE = 1 << 14
# read last of a plain file, whatever time is left
TAIL = 4 << 20

_ANSI = re.compile(rb"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\n\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78DEHM])")
_STRANGE = bytes(set(range(32)) - {8, 9, 10, 12, 13, 27})
_BINARY_SHARE = 0.05
_SAMPLE = 8192
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# lines are counted once, in steps: to number one of them takes a step at most
_STEP = 1 << 16
# where lines are this long at the beginning of a text, leaping is faster
_GLANCE, _LEAP = 1 << 11, 40
_LATE = "it took too long"


@dataclass(frozen=True, slots=True)
class Skip:
    """Bytes that were not looked at; ``lines`` is None where not even their lines were counted."""

    size: int
    lines: int | None
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole lines, or a window of one endless line. ``line`` is the number of the first.

    ``text`` has every carriage return turned into a line end, so that each state of a progress bar is a line
    to the patterns; ``raw`` has the line ends that are counted. ``inside`` is True where it starts within a line.
    ``skip`` is what was left out right before it, ``before`` the end of the text that stands there.
    """

    raw: bytes
    text: bytes
    line: int
    inside: bool = False
    skip: Skip | None = None
    before: bytes = b""
    _counts: tuple[int, ...] = (0,)

    @property
    def after(self) -> int:
        """The number of the line that follows its last line end."""
        return self.line + self._counts[-1]

    @property
    def last_line(self) -> int:
        """The number of its last line."""
        return self.after - self.raw.endswith(b"\n")

    def line_at(self, offset: int) -> int:
        """The number of the line that holds the byte at ``offset``."""
        step = min(offset // _STEP, len(self._counts) - 1)
        return self.line + self._counts[step] + self.raw.count(b"\n", step * _STEP, offset)

    @classmethod
    def of(cls, raw: bytes, line: int, *, inside: bool = False) -> Block:
        """The block of these bytes, which begin at that line."""
        if b"\x1b" in raw:
            raw = _ANSI.sub(b"", raw)
        text = raw.replace(b"\r", b"\n") if b"\r" in raw else raw
        steps = (newlines(raw[at : at + _STEP]) for at in range(0, len(raw), _STEP))
        return cls(raw, text, line, inside, _counts=tuple(accumulate(steps, initial=0)))


@dataclass(slots=True)
class Text:
    """Bytes read once from front to back; ``notes`` is complete when ``blocks`` is exhausted."""

    deadline: Deadline = field(default_factory=Deadline)
    notes: list[str] = field(default_factory=list)
    _late: bool = False

    def blocks(self, raw: BinaryIO) -> Iterator[Block]:
        """The blocks in order; none where it is unreadable, empty or not text."""
        after = 1
        try:
            for block in lines_of(self._chunks(raw)):
                if block.skip:
                    self.notes.append(_left_out(block.skip, after, block.line))
                after = block.after
                yield block
        except BROKEN as error:
            self.notes.append(f"unreadable: {getattr(error, 'strerror', None) or error}")
        if self._late:
            self.notes.append(f"not read from line {after} on: {_LATE}")

    def _chunks(self, raw: BinaryIO) -> Iterator[bytes | Skip]:
        head, raw = begun(raw)
        if not head:
            self.notes.append("empty")
            return
        try:
            opened = unpacked(raw, head)
        except Unreadable as error:
            self.notes.append(str(error))
            return
        # the middle of what is packed or of two bytes each cannot be left out
        plain = opened is raw and head[:2] not in _UTF16 and raw.seekable()
        yield from self._text_only(self._plain(raw) if plain else self._unpacked(opened))

    def _plain(self, raw: BinaryIO) -> Iterator[bytes | Skip]:
        while not self.deadline.passed():
            chunk = raw.read(BLOCK)
            if not chunk:
                return
            yield chunk
            if not chunk.strip(b"\0"):
                _skip_hole(raw)
        yield from self._end(raw)

    def _end(self, raw: BinaryIO) -> Iterator[bytes | Skip]:
        """The end of the file: when time is up that much is still looked at."""
        size = os.fstat(raw.fileno()).st_size
        left_out = size - TAIL - raw.tell()
        if left_out > 0:
            lines = self._counted(raw, size - TAIL)
            raw.seek(size - TAIL)
            rest = raw.readline(OVERLAP)
            lines = None if lines is None else lines + rest.count(b"\n")
            yield Skip(left_out + len(rest), lines, inside=not rest.endswith(b"\n"))
        while (left := size - raw.tell()) > 0 and (chunk := raw.read(min(BLOCK, left))):
            yield chunk

    def _counted(self, raw: BinaryIO, until: int) -> int | None:
        lines = 0
        while (left := until - raw.tell()) > 0 and (chunk := raw.read(min(BLOCK, left))):
            if self.deadline.long_passed():
                return None
            lines += newlines(chunk)
        return lines

    def _unpacked(self, opened: BinaryIO) -> Iterator[bytes | Skip]:
        try:
            while chunk := opened.read(BLOCK):
                if self.deadline.passed():
                    self._late = True
                    return
                yield chunk
        except BROKEN as error:
            self.notes.append(f"the compressed text breaks off: {error}")

    def _text_only(self, chunks: Iterator[bytes | Skip]) -> Iterator[bytes | Skip]:
        decoder: codecs.IncrementalDecoder | None = None
        judged = started = False
        for chunk in chunks:
            if isinstance(chunk, Skip):
                yield chunk
                continue
            data = chunk
            if not started:
                started = True
                if encoding := _UTF16.get(data[:2]):
                    decoder, data = codecs.getincrementaldecoder(encoding)(errors="replace"), data[2:]
                data = data.removeprefix(codecs.BOM_UTF8)
            if decoder:
                data = decoder.decode(data).encode("utf-8", "replace")
            # a log that was truncated under its writer is full of NULs, and is a log all the same
            data = data.replace(b"\0", b"")
            if data and not judged:
                judged = True
                if _binary(data[:_SAMPLE]):
                    self.notes.append("binary: not read")
                    return
            yield data


class TextFile:
    """A file, read once from front to back; ``notes`` is complete when ``blocks`` is exhausted.

    ``reading`` gives what is to be read of it, in as many lines.
    """

    def __init__(
        self, path: Path, deadline: Deadline | None = None, reading: Callable[[BinaryIO], BinaryIO] = lambda raw: raw
    ) -> None:
        self.path = path
        self._reading = reading
        self._text = Text(deadline or Deadline())

    @property
    def notes(self) -> list[str]:
        """What could not be had."""
        return self._text.notes

    def blocks(self) -> Iterator[Block]:
        """The blocks in order; none where the file is missing, unreadable, empty or not text."""
        if self.path.exists() and not self.path.is_file():
            # a pipe or a device would be waited for without end
            self.notes.append("unreadable: not a file")
            return
        try:
            with self.path.open("rb") as raw:
                yield from self._text.blocks(self._reading(raw))
        except FileNotFoundError:
            self.notes.append("missing")
        except OSError as error:
            self.notes.append(f"unreadable: {error.strerror or error}")


def newlines(text: bytes) -> int:
    """How many line ends it has."""
    # to count bytes takes a look at each, to leave some out of a copy leaps from one to the next
    few = text.count(b"\n", 0, _GLANCE) * _LEAP < min(len(text), _GLANCE)
    return len(text) - len(text.replace(b"\n", b"")) if few else text.count(b"\n")


def lines_of(chunks: Iterator[bytes | Skip]) -> Iterator[Block]:
    """The chunks cut anew, at line ends; a line without end comes in overlapping windows."""
    before = b""
    for block in _cut(chunks):
        yield block if block.inside or block.skip else replace(block, before=before)
        before = block.text[-BEFORE:]


def _cut(chunks: Iterator[bytes | Skip]) -> Iterator[Block]:
    carry, line, inside = b"", 1, False
    skip: Skip | None = None
    for chunk in chunks:
        if isinstance(chunk, Skip):
            if carry:
                yield replace(Block.of(carry, line, inside=inside), skip=skip)
            carry, inside, skip = b"", chunk.inside, chunk
            line += 1 if chunk.lines is None else chunk.lines
            continue
        data = carry + chunk if carry else chunk
        cut = data.rfind(b"\n") + 1
        if cut:
            block = Block.of(data[:cut], line, inside=inside)
            yield replace(block, skip=skip) if skip else block
            line, inside, skip, data = block.after, False, None, data[cut:]
        if len(data) > WINDOW:
            yield replace(Block.of(data, line, inside=inside), skip=skip)
            inside, skip, data = True, None, data[-OVERLAP:]
        carry = data
    if carry:
        yield replace(Block.of(carry, line, inside=inside), skip=skip)


def _left_out(skip: Skip, after: int, line: int) -> str:
    size = f"{skip.size / 1e6:,.1f} MB"
    if skip.lines is None:
        return f"not read: {size} from line {after} on: {_LATE}; what follows is numbered as if they were one line"
    return f"not read from line {after} to {line - 1}, {size}: {_LATE}"


def _skip_hole(raw: BinaryIO) -> None:
    # a hole of a sparse file can be terabytes of nothing; its end is known to the file system
    try:
        raw.seek(os.lseek(raw.fileno(), raw.tell(), os.SEEK_DATA))
    except OSError:
        return


def _binary(sample: bytes) -> bool:
    strange = len(sample) - len(sample.translate(None, _STRANGE))
    return strange > _BINARY_SHARE * len(sample)
