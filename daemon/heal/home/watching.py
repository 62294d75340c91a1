"""Wakes whoever waits for a spool: by inotify on a local file system, by looking now and then on a shared one."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from heal.filesystem import on_network_fs

# on a shared file system each look costs the server a request; an event may wait this long
_LOOK_EVERY_S = 2.0
# a turn costs some milliseconds of the machine that the tasks run on
_APART_S = 0.25


# it warns of a folder that is removed while it is watched, on the user's terminal
logging.getLogger("watchdog").setLevel(logging.CRITICAL)


class Watch:
    """Calls ``wake`` soon after a file was renamed into one of the folders.

    ``shared`` tells of a folder whether other hosts write to it, of whom inotify hears nothing.
    A folder that cannot be watched is left out: the timetable of whoever waits looks into it all the same.
    """

    def __init__(
        self, folders: Sequence[Path], wake: Callable[[], None], shared: Callable[[Path], bool] = on_network_fs
    ) -> None:
        self._folders = folders
        self._wake = wake
        self._shared = shared
        self._observers: list[BaseObserver] = []

    def __enter__(self) -> Self:
        for folder in self._folders:
            observer = PollingObserver(timeout=_LOOK_EVERY_S) if self._shared(folder) else Observer()
            with contextlib.suppress(OSError):
                observer.schedule(_Waker(self._wake), str(folder))
                observer.start()
                self._observers.append(observer)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for observer in self._observers:
            observer.stop()
        for observer in self._observers:
            observer.join(timeout=2)


class _Waker(FileSystemEventHandler):
    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:
        # a spool file arrives by rename; its removal by heal itself is no news
        path = str(event.dest_path or event.src_path)
        if event.event_type in ("moved", "created") and path.endswith(".json"):
            self._wake()


class Bell:
    """A bell: rung from any thread, waited for by one, who is not woken twice within ``apart_s``.

    What is said in one breath, as by many tasks that end together, is then heard together.
    """

    def __init__(self, apart_s: float = _APART_S) -> None:
        self._bell, self._now = threading.Event(), threading.Event()
        self._apart_s = apart_s
        self._woken = -apart_s

    def ring(self, *, at_once: bool = False) -> None:
        """Wake whoever waits, soon or at once when they come to wait."""
        if at_once:
            self._now.set()
        self._bell.set()

    def wait(self, seconds: float) -> bool:
        """Wait until rung, at most so long; True when rung."""
        rung = self._bell.wait(seconds)
        if rung and (early := self._woken + self._apart_s - time.monotonic()) > 0:
            self._now.wait(early)
        self._bell.clear()
        self._now.clear()
        self._woken = time.monotonic()
        return rung
