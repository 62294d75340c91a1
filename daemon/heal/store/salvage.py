"""A damaged database: kept, copied aside, told about; never deleted."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from heal.errors import StoreBroken

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_damage(error: BaseException | None) -> bool:
    """Tell damage of the file from every other failure."""
    code = getattr(error, "sqlite_errorcode", None)
    # the low byte is the kind, the rest tells where it was found
    return isinstance(code, int) and code & 0xFF in _DAMAGE


def broken(path: Path, error: BaseException | None) -> StoreBroken:
    """Copy a damaged database aside and make the error that says where the copy is and what to do."""
    try:
        kept = f"A copy is kept at {_copy(path)}."
    except OSError as refusal:
        kept = f"It could not be copied ({refusal}); copy it yourself first."
    return StoreBroken(
        f"the database {path} cannot be read ({error}). {kept} Nothing was deleted. To save what can be saved:"
        f" sqlite3 {path} .recover | sqlite3 {path}.recovered; to begin anew, move {path} away and start heal again."
    )


def _copy(path: Path) -> Path:
    """Copy the file and what SQLite keeps beside it; the same damage is copied once, however often it is met."""
    original = path.stat()
    for earlier in sorted(path.parent.glob(f"{path.name}.broken-*Z")):
        copied = earlier.stat()
        if (copied.st_size, copied.st_mtime_ns) == (original.st_size, original.st_mtime_ns):
            return earlier
    copy = path.with_name(f"{path.name}.broken-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    for suffix in ("-wal", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            shutil.copy2(beside, copy.with_name(copy.name + suffix))
    shutil.copy2(path, copy)
    return copy
