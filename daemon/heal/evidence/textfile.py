"""Any file as blocks of plain lines: compressed, UTF-16, full of progress bars or holes, and however large.

Memory is bounded by the block size whatever the file holds. What could not be had is said in ``notes``.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import importlib
import io
import lzma
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

BLOCK = 1 << 20
# a line longer than this is looked at in windows, which overlap so that nothing falls between two of them
WINDOW = 1 << 16
OVERLAP = 1 << 12

_ANSI = re.compile(rb"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\n\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78DEHM])")
_STRANGE = bytes(set(range(32)) - {8, 9, 10, 12, 13, 27})
_BINARY_SHARE = 0.05
_SAMPLE = 8192
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError)


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole lines, or a window of one endless line. ``line`` is the number of the first.

    ``text`` has every carriage return turned into a line end, so that each state of a progress bar is a line
    to the patterns; ``raw`` has the line ends that are counted. ``inside`` is True where it starts within a line.
    """

    raw: bytes
    text: bytes
    line: int
    inside: bool = False

    @property
    def last_line(self) -> int:
        """The number of its last line."""
        return self.line + self.raw.count(b"\n", 0, len(self.raw) - 1)

    def line_at(self, offset: int) -> int:
        """The number of the line that holds the byte at ``offset``."""
        return self.line + self.raw.count(b"\n", 0, offset)


class TextFile:
    """A file, read once from front to back; ``notes`` is complete when ``blocks`` is exhausted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []

    def blocks(self) -> Iterator[Block]:
        """The blocks in order; none where the file is missing, unreadable, empty or not text."""
        if self.path.exists() and not self.path.is_file():
            # a pipe or a device would be waited for without end
            self.notes.append("unreadable: not a file")
            return
        try:
            with self.path.open("rb") as raw:
                yield from lines_of(self._chunks(raw))
        except FileNotFoundError:
            self.notes.append("missing")
        except _BROKEN as error:
            self.notes.append(f"unreadable: {getattr(error, 'strerror', None) or error}")

    def _chunks(self, raw: BinaryIO) -> Iterator[bytes]:
        head = raw.read(6)
        raw.seek(0)
        if not head:
            self.notes.append("empty")
            return
        opened = self._opened(raw, head)
        if opened is None:
            return
        chunks = _plain(raw) if opened is raw else self._unpacked(opened)
        yield from self._text_only(chunks)

    def _opened(self, raw: BinaryIO, head: bytes) -> BinaryIO | None:
        if head.startswith(b"\x1f\x8b"):
            return cast("BinaryIO", gzip.GzipFile(fileobj=raw))
        if head.startswith(b"BZh"):
            return cast("BinaryIO", bz2.BZ2File(raw))
        if head == b"\xfd7zXZ\x00":
            return cast("BinaryIO", lzma.LZMAFile(raw))
        if head.startswith(b"\x28\xb5\x2f\xfd"):
            return self._zstandard(raw)
        return raw

    def _zstandard(self, raw: BinaryIO) -> BinaryIO | None:
        try:
            module: Any = importlib.import_module("zstandard")
        except ImportError:
            self.notes.append("compressed with zstd, which this Python cannot read: install 'zstandard'")
            return None
        return io.BufferedReader(module.ZstdDecompressor().stream_reader(raw, read_across_frames=True))

    def _unpacked(self, opened: BinaryIO) -> Iterator[bytes]:
        try:
            while chunk := opened.read(BLOCK):
                yield chunk
        except _BROKEN as error:
            self.notes.append(f"the compressed text breaks off: {error}")

    def _text_only(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        decoder: codecs.IncrementalDecoder | None = None
        judged = started = False
        for chunk in chunks:
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


def lines_of(chunks: Iterator[bytes]) -> Iterator[Block]:
    """The chunks cut anew, at line ends; a line without end comes in overlapping windows."""
    carry, line, inside = b"", 1, False
    for chunk in chunks:
        data = carry + chunk
        cut = data.rfind(b"\n") + 1
        if cut:
            yield _block(data[:cut], line, inside=inside)
            line, inside, data = line + data.count(b"\n", 0, cut), False, data[cut:]
        if len(data) > WINDOW:
            yield _block(data, line, inside=inside)
            inside, data = True, data[-OVERLAP:]
        carry = data
    if carry:
        yield _block(carry, line, inside=inside)


def _block(raw: bytes, line: int, *, inside: bool) -> Block:
    if b"\x1b" in raw:
        raw = _ANSI.sub(b"", raw)
    text = raw.replace(b"\r", b"\n") if b"\r" in raw else raw
    return Block(raw, text, line, inside)


def _plain(raw: BinaryIO) -> Iterator[bytes]:
    while chunk := raw.read(BLOCK):
        yield chunk
        if not chunk.strip(b"\0"):
            _skip_hole(raw)


def _skip_hole(raw: BinaryIO) -> None:
    # a hole of a sparse file can be terabytes of nothing; its end is known to the file system
    try:
        raw.seek(os.lseek(raw.fileno(), raw.tell(), os.SEEK_DATA))
    except OSError:
        return


def _binary(sample: bytes) -> bool:
    strange = len(sample) - len(sample.translate(None, _STRANGE))
    return strange > _BINARY_SHARE * len(sample)
