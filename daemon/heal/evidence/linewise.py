"""A stream of lines that are made one after the other, where a file is to be read otherwise than it stands."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

# of a line without end so much is taken for a line
MOST = 1 << 20


def stream(lines: Iterator[bytes]) -> BinaryIO:
    """The lines as a stream that cannot go back."""
    return cast("BinaryIO", io.BufferedReader(_Lines(lines)))


class _Lines(io.RawIOBase):
    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self._rest = lines, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._rest:
            line = next(self._lines, None)
            if line is None:
                return 0
            self._rest = line
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)
