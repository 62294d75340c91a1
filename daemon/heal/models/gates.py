"""The way into each server: how many are in at once, and whether anybody is let in at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from heal.model_settings import Model
from heal.models import payloads
from heal.models.breaker import Breaker
from heal.models.failures import Stopped

_SLICE_S = 0.05


class Gate:
    """The way into one server, for all threads that share it."""

    def __init__(self, parallel: int, clock: Callable[[], datetime]) -> None:
        self.breaker = Breaker(clock)
        self._turns = threading.BoundedSemaphore(parallel)

    @contextmanager
    def turn(self, stop: Callable[[], bool]) -> Iterator[None]:
        """Wait for a turn, and have it. Raises ``Stopped``, or ``Failure`` where the server is left alone."""
        while not self._turns.acquire(timeout=_SLICE_S):
            if stop():
                raise Stopped
        try:
            # whose turn comes because all are told to stop asks nothing any more
            if stop():
                raise Stopped
            self.breaker.enter()
            yield
        finally:
            self._turns.release()


class Gates:
    """The gates of a process: projects that name the same server, and the same ``parallel``, share one."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._gates: dict[tuple[str, int], Gate] = {}

    def of(self, model: Model) -> Gate:
        """The gate of a model's server."""
        with self._lock:
            key = payloads.server(model), model.parallel
            return self._gates.setdefault(key, Gate(model.parallel, self._clock))
