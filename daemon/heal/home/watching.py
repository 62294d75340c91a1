"""Wakes whoever waits for a spool: by inotify on a local file system, by looking now and then on a shared one."""

from __future__ import annotations

import contextlib
import logging
import threading
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


# it warns of a folder that is removed while it is watched, on the user's terminal
logging.getLogger("watchdog").setLevel(logging.CRITICAL)


class Watch:
    """Calls ``wake`` soon after a file was renamed into one of the folders.

    A folder that cannot be watched is left out: the timetable of whoever waits looks into it all the same.
    """

    def __init__(self, folders: Sequence[Path], wake: Callable[[], None]) -> None:
        self._folders = folders
        self._wake = wake
        self._observers: list[BaseObserver] = []

    def __enter__(self) -> Self:
        for folder in self._folders:
            observer = PollingObserver(timeout=_LOOK_EVERY_S) if on_network_fs(folder) else Observer()
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
    """A bell: rung from any thread, waited for by one."""

    def __init__(self) -> None:
        self._bell = threading.Event()

    def ring(self) -> None:
        """Wake whoever waits, now or at once when they come to wait."""
        self._bell.set()

    def wait(self, seconds: float) -> bool:
        """Wait until rung, at most so long; True when rung."""
        rung = self._bell.wait(seconds)
        self._bell.clear()
        return rung
