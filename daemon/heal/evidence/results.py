"""Files that a task should have made: there, with something in them, whole. Read only."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from heal.evidence.compressed import Broken, Whole, checked
from heal.evidence.contents import HEAD, opened

_BAM, _GZIP = b"BAM\1", b"\x1f\x8b"


def expanded(files: Sequence[str], cwd: str, *, declared: bool) -> tuple[str, ...]:
    """The paths that are meant, absolute; what the user names may be a glob, and one without a match is itself."""
    paths: list[str] = []
    for name in files:
        path = str(Path(cwd, name))
        found = [] if declared else sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - absolute ones too
        paths += found or [path]
    return tuple(dict.fromkeys(paths))


def absent(paths: Sequence[str]) -> tuple[str, ...]:
    """Those of the paths that are not there."""
    return tuple(path for path in paths if not os.path.lexists(path))


def wrong(kind: str, paths: Sequence[str], cwd: str) -> Iterator[str]:
    """What speaks against these results, a sentence each; ``kind``: exist, not_empty, gzip, bam."""
    for path in paths:
        if said := _wrong(kind, path):
            yield f"{os.path.relpath(path, cwd)} {said}"


def _wrong(kind: str, path: str) -> str:
    try:
        size = os.stat(path).st_size  # noqa: PTH116 - a path as it was given
        if kind == "exist" or Path(path).is_dir():
            return ""
        if size == 0:
            return "is empty"
        return _of_its_kind(kind, path, size) if kind != "not_empty" else ""
    except FileNotFoundError:
        return "does not exist"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _of_its_kind(kind: str, path: str, size: int) -> str:
    with opened(path) as file:
        head = file.read(HEAD)
        if not head.startswith(_GZIP):
            return f"is no {'BAM' if kind == 'bam' else 'gzip'} file: it begins with {head[:4].hex(' ')}"
        state = checked(file, head, size)
    if isinstance(state, Broken):
        return f"({size} bytes) is {'cut short' if state.cut else 'damaged'}: {state.why}"
    first = state.first if isinstance(state, Whole) else None
    return "is no BAM file: what it unpacks to is something else" if kind == "bam" and not _begins(first) else ""


def _begins(first: bytes | None) -> bool:
    return first is not None and first.startswith(_BAM)
