"""Whether a compressed or boxed file is whole, told from its ends where its format allows, else in a bounded time."""

from __future__ import annotations

import bz2
import lzma
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_CRAM_END = b"\xe0\x45\x4f\x46"
# what is packed tightest unpacks to a thousand times as much, bzip2 to far more
_CHUNK, _SMALL_CHUNK = 1 << 14, 1 << 10
_SECONDS = 1.5
_ZIP_END, _ZIP_REACH = b"PK\x05\x06", 66_000


@dataclass(frozen=True, slots=True)
class Whole:
    """Nothing is wrong with it as far as it was read; ``first`` is how its content begins, None where not read."""

    first: bytes | None = None
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """What is wrong with it; ``cut``: it ends too early."""

    why: str
    cut: bool = True


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def checked(
    file: BinaryIO, head: bytes, size: int, *, clock: Callable[[], float] = time.monotonic
) -> Whole | Broken | None:
    """Whether the file is whole; None where it is of no kind that can be told. Takes seconds at most."""
    if head.startswith(b"\x1f\x8b"):
        return _gzip(file, head, size, clock() + _SECONDS, clock)
    if head.startswith(b"BZh"):
        return _unpacked(file, bz2.BZ2Decompressor, clock() + _SECONDS, clock)
    for begins, judged in _BY_BEGIN:
        if head.startswith(begins):
            return judged(file, head, size)
    if head.startswith(b"PAR1"):
        return Whole() if _tail(file, size, 4) == b"PAR1" else Broken("it ends without Parquet's footer")
    return None


def _tail(file: BinaryIO, size: int, count: int) -> bytes:
    file.seek(max(0, size - count))
    return file.read(count)


def _gzip(file: BinaryIO, head: bytes, size: int, until: float, clock: Callable[[], float]) -> Whole | Broken:
    blocked = len(head) > 16 and head[3] & 4 and head[12:14] == b"BC"  # noqa: PLR2004 - the fields of a bgzf block
    if not blocked:
        return _unpacked(file, lambda: zlib.decompressobj(31), until, clock)
    if _tail(file, size, len(_BGZF_END)) != _BGZF_END:
        return Broken("it ends without the block that ends every BGZF file")
    try:
        first = zlib.decompressobj(31).decompress(head, 4096)
    except zlib.error as error:
        return Broken(f"its first block cannot be read ({error})", cut=False)
    return Whole(first, empty=size == len(_BGZF_END))


def _unpacked(
    file: BinaryIO, fresh: Callable[[], _Unpacker], until: float, clock: Callable[[], float]
) -> Whole | Broken:
    """Unpack from the front until it ends, breaks, or takes too long."""
    file.seek(0)
    unpacker, first, ended, read = fresh(), b"", False, 0
    chunk = _SMALL_CHUNK if isinstance(unpacker, bz2.BZ2Decompressor) else _CHUNK
    try:
        while data := file.read(chunk):
            read += len(data)
            while data:
                if ended:
                    # zeros are what a tape or a copy fills up with; another part may follow
                    data = data.lstrip(b"\0")
                    if not data:
                        break
                    unpacker, ended = fresh(), False
                out = unpacker.decompress(data)
                first = first or out[:4096]
                ended = unpacker.eof
                data = unpacker.unused_data if ended else b""
            if clock() > until:
                return Whole(first)
    except (zlib.error, OSError, EOFError) as error:
        return Broken(f"its packed content is damaged within the first {read} bytes ({error})", cut=False)
    if not ended:
        return Broken("its packed content breaks off before its end")
    return Whole(first, empty=not first)


def _xz(file: BinaryIO, _head: bytes, size: int) -> Whole | Broken:
    if not _tail(file, size, 1024).rstrip(b"\0").endswith(b"YZ"):
        return Broken("it ends without the footer of an xz file")
    file.seek(0)
    try:
        return Whole(lzma.LZMADecompressor().decompress(file.read(_CHUNK), 4096))
    except lzma.LZMAError as error:
        return Broken(f"its packed content is damaged ({error})", cut=False)


def _zip(file: BinaryIO, _head: bytes, size: int) -> Whole | Broken:
    found = _ZIP_END in _tail(file, size, _ZIP_REACH)
    return Whole() if found else Broken("it ends without the list of its contents that every zip ends with")


def _cram(file: BinaryIO, _head: bytes, size: int) -> Whole | Broken:
    return Whole() if _CRAM_END in _tail(file, size, 40) else Broken("it ends without CRAM's end mark")


def _hdf(_file: BinaryIO, head: bytes, size: int) -> Whole | Broken | None:
    # where the superblock says that the file ends; its place depends on the version, and offsets may be of other sizes
    version, at = head[8], 40 if head[8] < 2 else 28  # noqa: PLR2004
    wide = head[13] == 8 if version < 2 else head[9] == 8  # noqa: PLR2004
    if not wide or len(head) < at + 8:
        return None
    end = int.from_bytes(head[at : at + 8], "little")
    return Broken(f"it says that it is {end} bytes long, and has {size}") if end > size else Whole()


_BY_BEGIN = ((b"\xfd7zXZ\x00", _xz), (b"PK\x03\x04", _zip), (b"CRAM", _cram), (b"\x89HDF\r\n\x1a\n", _hdf))
