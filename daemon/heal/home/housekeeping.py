"""Removes what heal kept for later once later has passed: environments, scripts, claims, logs of launches."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from heal.home import places, sessions

# a run that failed longer ago than this is not started again from what was kept of it
_KEPT_S = 30 * 86_400
# the spool of a heal run that died may still be written to by what it had started
_ORPHAN_S = 7 * 86_400


def sweep(home: Path, now: float | None = None) -> list[Path]:
    """Remove what is too old to be needed, and return it. Only heal's own files below ``home`` are looked at."""
    at = time.time() if now is None else now
    gone = [path for path in _kept(home) if _age(path, at) > _KEPT_S]
    for path in gone:
        path.unlink(missing_ok=True)
    attended = sessions.attended(home)
    for folder in sessions.folders(home):
        spool = folder / "spool"
        empty = not any(spool.glob("*.json")) if spool.is_dir() else True
        if folder.name not in attended and empty and _age(folder, at) > _ORPHAN_S:
            shutil.rmtree(folder, ignore_errors=True)
            gone.append(folder)
    return gone


def _kept(home: Path) -> Iterator[Path]:
    for folder in (home / "env", home / "scripts", home / "launches", places.logs(home)):
        if folder.is_dir():
            yield from (path for path in folder.iterdir() if path.is_file() and path.name != "daemon.log")


def _age(path: Path, now: float) -> float:
    with suppress(OSError):
        return now - path.stat().st_mtime
    return 0.0
