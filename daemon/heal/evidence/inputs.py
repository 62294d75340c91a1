"""How large the inputs of a task are, as far as the files are still there; looked up for a bounded time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from heal.records import Attempt

# a file system that many share is not asked about every file of a month
_SECONDS = 5.0


class Inputs:
    """Adds up sizes of files, each looked up once; after some seconds nothing more is known."""

    def __init__(self, seconds: float = _SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = clock() + seconds
        self._known: dict[str, int | None] = {}

    def size_mb(self, attempt: Attempt) -> float | None:
        """All inputs of a task together, in MB (2**20 bytes); None where one of them is not known."""
        paths = attempt.facts.get("input")
        if not isinstance(paths, list) or not paths or attempt.workdir is None:
            return None
        sizes = [self._size(str(Path(attempt.workdir, path))) for path in paths if isinstance(path, str)]
        known = [size for size in sizes if size is not None]
        return sum(known) / 2**20 if len(known) == len(sizes) else None

    def _size(self, path: str) -> int | None:
        if path not in self._known:
            if self._clock() > self._until:
                return None
            try:
                self._known[path] = os.stat(path).st_size  # noqa: PTH116 - a million times faster forms matter here
            except OSError:
                self._known[path] = None
        return self._known[path]
