"""A log that somebody else writes, read on from where it was left; the file is kept by what it is, not by its name."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# so much is read at a time, and of one line kept
_TURN_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024


class LogFile:
    """An open log. A file that is renamed while it grows is read on; ``at_end``: the last look found no more."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._offset = 0
        self._rest = b""
        self._skipping = False
        self.at_end = False

    @classmethod
    def open(cls, path: Path) -> LogFile | None:
        """Open a log; None where there is none (yet), or what is there is no plain file."""
        try:
            # a pipe would be waited for
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return cls(descriptor)
        os.close(descriptor)
        return None

    def close(self) -> None:
        """Be done with it."""
        with suppress(OSError):
            os.close(self._descriptor)

    def head(self, size: int) -> bytes:
        """Its first bytes, wherever reading stands; empty where they cannot be read."""
        try:
            return os.pread(self._descriptor, size, 0)
        except OSError:
            return b""

    def lines(self, longest: int) -> Iterator[tuple[int, str]]:
        """Each whole line that was added since, with where it begins; of a longer line so many bytes, and not the rest.

        A file that was cut short is read on from its new end. No more than a turn can bear is read at once.
        """
        read = 0
        while read < _TURN_BYTES:
            chunk = self._more()
            self.at_end = not chunk
            if not chunk:
                return
            read += len(chunk)
            yield from self._taken_apart(chunk, longest)

    def _more(self) -> bytes:
        place = self._offset + len(self._rest)
        try:
            size = os.fstat(self._descriptor).st_size
            if size < place:
                self._offset, self._rest, place = size, b"", size
            return os.pread(self._descriptor, _CHUNK_BYTES, place)
        except OSError:
            return b""

    def _taken_apart(self, chunk: bytes, longest: int) -> Iterator[tuple[int, str]]:
        *whole, rest = (self._rest + chunk).split(b"\n")
        for line in whole:
            if not self._skipping:
                yield self._offset, line[:longest].decode(errors="replace")
            self._offset += len(line) + 1
            self._skipping = False
        if len(rest) > longest:
            if not self._skipping:
                yield self._offset, rest[:longest].decode(errors="replace")
            self._offset += len(rest)
            self._skipping, rest = True, b""
        self._rest = rest


def text_of(path: Path, most: int) -> str:
    """The first bytes of a small file as text; empty where it is not there, no plain file or not to be read."""
    file = LogFile.open(path)
    if file is None:
        return ""
    try:
        return file.head(most).decode(errors="replace")
    finally:
        file.close()


def named(folder: Path, start: str) -> Path | None:
    """The first entry of a folder whose name begins so; None where there is none."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.startswith(start))  # noqa: PTH208 - names are all there is to it
    except OSError:
        return None
    return folder / names[0] if names else None
