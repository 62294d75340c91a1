"""A server that fails again and again is left alone for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from heal.models.failures import Failure

FAILURES = 3
REST = timedelta(seconds=60)


class Breaker:
    """After ``FAILURES`` in a row nothing is asked for ``REST``; then one question is, and decides how it goes on."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._until: datetime | None = None

    def enter(self) -> None:
        """Ask whether a question may be asked now. Raises ``Failure`` where not."""
        with self._lock:
            if self._until is None:
                return
            left = self._until - self._clock()
            if left > timedelta():
                seconds = left.total_seconds()
                raise Failure(f"it failed {self._failures} times in a row; left alone for {seconds:.0f} s", unused=True)
            # this one is the trial: whoever comes while it lasts waits as before
            self._until = self._clock() + REST

    def well(self) -> None:
        """The server answered."""
        with self._lock:
            self._failures, self._until = 0, None

    def failed(self) -> None:
        """The server did not answer as a server should."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                self._until = self._clock() + REST
