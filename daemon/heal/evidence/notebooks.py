"""An executed notebook as lines: what its cells printed and raised, each in the line of the file that holds it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

NOTEBOOK = ".ipynb"
_MOST = 1 << 20
# a text that stands alone in its line, as all that is printed or raised does
_TEXT = re.compile(rb'\s*("(?:[^"\\]|\\.)*"),?\s*')
_CODE, _END = re.compile(rb'\s*"source": \[\s*'), re.compile(rb"\s*\],?\s*")


def said_in(raw: BinaryIO) -> BinaryIO:
    """What a notebook says, in as many lines as it has; its code is left out, which may name any failure."""
    return cast("BinaryIO", io.BufferedReader(_Lines(_spoken(raw))))


def _spoken(raw: BinaryIO) -> Iterator[bytes]:
    is_code = False
    while line := raw.readline(_MOST):
        end = b"\n" if line.endswith(b"\n") else b""
        if is_code or _CODE.fullmatch(line):
            is_code = not _END.fullmatch(line)
            yield end
        else:
            yield _plain(line) + end


def _plain(line: bytes) -> bytes:
    """What stands between the quotes; line ends in it are those of a progress bar, which number no line."""
    alone = _TEXT.fullmatch(line)
    if not alone:
        return line.rstrip(b"\n")
    try:
        text = str(json.loads(alone[1]))
    except ValueError:
        return line.rstrip(b"\n")
    return text.rstrip("\n").replace("\n", "\r").encode("utf-8", "replace")


class _Lines(io.RawIOBase):
    """The lines as a stream that cannot go back."""

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
