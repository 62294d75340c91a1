"""Which engines may still have something to say: those that live, and those whose last words are not read yet."""

from __future__ import annotations

from collections.abc import Callable

from heal.loop.parts import Parts
from heal.records import Attempt


class LastWords:
    """An engine that ends has told of its jobs by then, and better than SLURM can; heal reads that a moment later.

    ``unread`` are the runs whose logs are not read to their end.
    """

    def __init__(self, parts: Parts, unread: Callable[[], frozenset[str]]) -> None:
        self._parts = parts
        self._unread = unread
        self._gone: frozenset[str] = frozenset()

    def look(self) -> None:
        """See which engines are gone, before what was said is read: all of theirs will have been."""
        alive = self._parts.alive
        self._gone = frozenset(run.id for run in self._parts.store.open_runs() if alive(run) is False)

    def left_to_engine(self, attempt: Attempt) -> bool:
        """True while an engine follows the job of an attempt itself, or what it said of that may not be read yet."""
        if self._parts.left_to_engine(attempt):
            return True
        run = self._parts.store.run(attempt.run_id) if attempt.engine not in ("", "sbatch") else None
        if run is None or run.ended is not None:
            return False
        return run.id not in self._gone or run.id in self._unread()
