"""The last lines of what a program said."""

from __future__ import annotations

import os
import re
from pathlib import Path

_MOST_BYTES = 64_000
_UNPRINTABLE = re.compile(r"\x1b\[[\d;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


def last_lines(path: Path, count: int) -> str:
    """The last so many lines with something in them, at most 64 kB of text; empty where there is nothing to read."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _MOST_BYTES))
            text = file.read(_MOST_BYTES).decode(errors="replace")
    except OSError:
        return ""
    return tail_of(text, count)


def tail_of(text: str, count: int) -> str:
    """The last so many lines of a text that have something in them, without what moves a terminal's cursor."""
    lines = [line.rstrip() for line in _UNPRINTABLE.sub("", text).splitlines()]
    return "\n".join([line for line in lines if line][-count:])
