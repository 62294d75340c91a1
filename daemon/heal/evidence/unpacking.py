"""Opens what a log was packed with, told by how it begins."""

from __future__ import annotations

import bz2
import gzip
import importlib
import io
import lzma
import sys
import zlib
from typing import Any, BinaryIO, cast

from heal.errors import HealError

_HEAD = 6
_ZSTD = b"\x28\xb5\x2f\xfd"


class Unreadable(HealError):
    """Packed with something that this Python cannot read."""


class BrokenZstd(OSError):
    """The text packed with zstd breaks off or is damaged."""


# what reading a packed file may raise
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError)


def begun(raw: BinaryIO) -> tuple[bytes, BinaryIO]:
    """How it begins, and the whole of it, from there on."""
    if raw.seekable():
        here = raw.tell()
        head = raw.read(_HEAD)
        raw.seek(here)
        return head, raw
    head = raw.read(_HEAD)
    return head, cast("BinaryIO", io.BufferedReader(_Joined(head, raw)))


def unpacked(raw: BinaryIO, head: bytes) -> BinaryIO:
    """What is in it; itself where it is not packed. Raises Unreadable."""
    if head.startswith(b"\x1f\x8b"):
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw))
    if head.startswith(b"BZh"):
        return cast("BinaryIO", bz2.BZ2File(raw))
    if head == b"\xfd7zXZ\x00":
        return cast("BinaryIO", lzma.LZMAFile(raw))
    if head.startswith(_ZSTD):
        return cast("BinaryIO", io.BufferedReader(_Zstd(raw)))
    return raw


class _Joined(io.RawIOBase):
    """What was read already, then the rest of a stream that cannot go back."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._head or self._rest.read(len(buffer))
        part, self._head = data[: len(buffer)], data[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


class _Zstd(io.RawIOBase):
    """The unpacked text, its errors among those in ``BROKEN``."""

    def __init__(self, raw: BinaryIO) -> None:
        # part of Python since 3.14
        name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
        try:
            module: Any = importlib.import_module(name)
        except ImportError as error:
            raise Unreadable(f"compressed with zstd, which this Python cannot read: {error}") from error
        self._file, self._error = module.ZstdFile(raw), module.ZstdError

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            data = self._file.read(len(buffer))
        except self._error as error:
            raise BrokenZstd(str(error)) from error
        buffer[: len(data)] = data
        return len(data)
