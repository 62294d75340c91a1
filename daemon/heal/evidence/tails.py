"""The beginning and the end of logs as a set of lines, numbers left out: enough to tell that two say the same."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Sequence

_NUMBERS = re.compile(rb"\d+")
_END = 2**14


def said(logs: Sequence[str]) -> frozenset[bytes]:
    """The lines of the first and the last 16 kB of each file, with every number as ``0``; none where none can be read.

    Of a file that is longer the line at either cut is half a line, and left out.
    """
    return frozenset(line for log in logs for line in _lines(log))


def silent(logs: Sequence[str]) -> bool:
    """True where none of the files holds anything, or is there; False without files, and where one is no file.

    Each is opened: of a file that another host wrote, a network file system tells the size of some seconds ago.
    """
    return bool(logs) and all(_silent(log) for log in logs)


def masked(line: str) -> bytes:
    """A line as ``said`` gives it."""
    return _NUMBERS.sub(b"0", line.encode("utf-8", "surrogateescape")).strip()


def _silent(path: str) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        # what may not be read will not be by waiting
        return error.errno in (errno.ENOENT, errno.ESTALE)
    try:
        found = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    return stat.S_ISREG(found.st_mode) and not found.st_size


def _lines(path: str) -> list[bytes]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return []
    try:
        size = os.fstat(descriptor).st_size
        first = os.pread(descriptor, _END, 0)
        last = os.pread(descriptor, _END, max(_END, size - _END)) if size > _END else b""
    except OSError:
        return []
    finally:
        os.close(descriptor)
    parts = [first, last] if size <= 2 * _END else [first[: first.rfind(b"\n") + 1], last[last.find(b"\n") + 1 :]]
    return [line.strip() for line in _NUMBERS.sub(b"0", b"".join(parts)).splitlines() if line.strip()]
