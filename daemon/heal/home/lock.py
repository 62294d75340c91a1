"""Who may act: a file that one process holds, with its host and pid inside for whoever comes second."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from heal.errors import AlreadyRunning
from heal.home.places import private_folder

_TRIES, _BETWEEN_S = 10, 0.02


class Lock:
    """Held by at most one process; released by the kernel when that process ends, however it ends.

    On file systems whose locks do not reach other hosts, another host's name in the file is respected too: it is
    removed on a clean exit, so only a host that died keeps it, and the error says which file to remove.
    """

    def __init__(self, path: Path, role: str = "heal", lineage: str | None = None) -> None:
        self.path = path
        self._who = {"host": socket.gethostname(), "role": role, "lineage": lineage}
        self._fd: int | None = None

    def acquire(self) -> Self:
        """Take the lock. Raises AlreadyRunning, naming the holder; OSError where the file cannot be made."""
        private_folder(self.path.parent)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _locked(fd):
            os.close(fd)
            raise AlreadyRunning(_held(self.path))
        other = _holder(self.path)
        if other and other[0] != socket.gethostname():
            os.close(fd)
            raise AlreadyRunning(f"{_held(self.path)}. If that process is gone, remove {self.path}")
        os.ftruncate(fd, 0)
        os.pwrite(fd, json.dumps({**self._who, "pid": os.getpid()}).encode(), 0)
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


def _locked(fd: int) -> bool:
    """Take the lock; a look at it by ``holder`` takes it for an instant, which is waited out."""
    for _ in range(_TRIES):
        with suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(_BETWEEN_S)
    return False


class Holder(NamedTuple):
    """Who holds a lock, and as what: ``daemon``, or the command that does its work for a while.

    ``lineage``: the one run that it looks after; empty for whoever looks after more.
    """

    host: str
    pid: int
    role: str
    lineage: str = ""


def holder(path: Path) -> Holder | None:
    """The living process that holds the lock; None when nobody does."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return _holder(path) or Holder("unknown host", 0, "heal")
    finally:
        os.close(fd)
    other = _holder(path)
    return other if other and other[0] != socket.gethostname() else None


def _holder(path: Path) -> Holder | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        role, lineage = str(found.get("role") or "heal"), str(found.get("lineage") or "")
        return Holder(str(found["host"]), int(found["pid"]), role, lineage)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _held(path: Path) -> str:
    other = _holder(path)
    return (
        f"another heal holds {path}: {other.role}, pid {other.pid} on {other.host}"
        if other
        else f"another heal holds {path}"
    )
