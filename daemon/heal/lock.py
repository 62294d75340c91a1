"""Who may act: a file that one process holds, with its host and pid inside for whoever comes second."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from heal.errors import AlreadyRunning
from heal.places import private_folder


class Lock:
    """Held by at most one process; released by the kernel when that process ends, however it ends.

    On file systems whose locks do not reach other hosts, another host's name in the file is respected too: it is
    removed on a clean exit, so only a host that died keeps it, and the error says which file to remove.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def acquire(self) -> Self:
        """Take the lock. Raises AlreadyRunning, naming the holder; OSError where the file cannot be made."""
        private_folder(self.path.parent)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(fd)
            raise AlreadyRunning(_held(self.path)) from error
        other = _holder(self.path)
        if other and other[0] != socket.gethostname():
            os.close(fd)
            raise AlreadyRunning(f"{_held(self.path)}. If that process is gone, remove {self.path}")
        os.ftruncate(fd, 0)
        os.pwrite(fd, json.dumps({"host": socket.gethostname(), "pid": os.getpid()}).encode(), 0)
        self._fd = fd
        return self

    def release(self) -> None:
        """Give the lock back. Harmless when it is not held."""
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def holder(path: Path) -> tuple[str, int] | None:
    """Host and pid of the living process that holds the lock; None when nobody does."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return _holder(path) or ("unknown host", 0)
    finally:
        os.close(fd)
    other = _holder(path)
    return other if other and other[0] != socket.gethostname() else None


def _holder(path: Path) -> tuple[str, int] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return str(found["host"]), int(found["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _held(path: Path) -> str:
    other = _holder(path)
    return f"another heal holds {path}: pid {other[1]} on {other[0]}" if other else f"another heal holds {path}"
