"""Scripts of jobs that are submitted again, in a private folder: each tells that a submission was tried, and when."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def touch(path: Path) -> None:
    """Say that a request has just gone out."""
    # how long ago the last request went out decides how long its job may still come
    with suppress(OSError):
        os.utime(path)


def store(path: Path, script: str) -> None:
    """Keep a script for sbatch to read. Raises OSError, and keeps nothing, where it cannot be kept for good."""
    # the script may hold secrets, and sbatch alone reads it
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(script)
            file.flush()
            # that it was tried must outlive even the machine: whoever finds no script does not look the token up
            os.fsync(descriptor)
        _sync_folder(path.parent)
    except OSError:
        # a full disk: sbatch was not run
        path.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
