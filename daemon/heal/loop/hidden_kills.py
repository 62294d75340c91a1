"""Jobs that went well, by their logs: where a child of the script was killed the books may not know of it.

Accounting tells of steps; of a program that the script itself ran, slurmstepd and the shell tell in its log alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from heal.evidence.last_lines import kill_in_logs
from heal.evidence.patience import Patience
from heal.knowledge.endings import Silent
from heal.loop.parts import Parts
from heal.loop.results import warning
from heal.records import Attempt, Event
from heal.store import Scope

# so many a turn, and no longer than this: an array of tens of thousands ends well at once
_MOST, _PATIENCE_S = 1000, 2.0
# what ended before this heal began is looked at where it is no older
_BEFORE = timedelta(minutes=30)


class HiddenKills:
    """Reads the end of the log of each such job once, and tells; nobody is asked, and nothing is done about it.

    Where a file system hangs, the logs that were to be read then are left alone. ``pending``: there are more to read.
    """

    def __init__(self, parts: Parts, scope: Callable[[], Scope]) -> None:
        self._parts = parts
        self._scope = scope
        self._patience: Patience[Attempt, Silent | None] = Patience(_PATIENCE_S)
        self._after = 0
        self.pending = False

    def look(self) -> None:
        """Tell of those whose end was stored since the last time."""
        store, now = self._parts.store, self._parts.clock()
        newest = store.events()
        if self._parts.slurm is None or newest == self._after:
            return
        found = store.ended_well(now - _BEFORE, self._after, _MOST, self._scope())
        read, held = self._patience.each([attempt for _number, attempt in found], _kill_in)
        done = len(found) if held is not None and not read else len(read)
        store.take_many([_told(found[at][1], hidden, now) for at, hidden in enumerate(read) if hidden])
        self.pending = done < len(found) or len(found) == _MOST
        self._after = newest if not self.pending else found[done - 1][0] if done else self._after


def _kill_in(attempt: Attempt) -> Silent | None:
    """What its log says; nothing of one that SLURM's books have told of already."""
    return None if "warning" in attempt.facts else kill_in_logs(attempt.log_paths)


def _told(attempt: Attempt, hidden: Silent, now: datetime) -> Event:
    # many elements may share one log: a line of it is told once in a run
    line = "\n".join((*attempt.log_paths, hidden.text))
    about = f"log:{attempt.run_id}:{hashlib.sha256(line.encode(errors='replace')).hexdigest()[:16]}"
    return warning(about, now, attempt.run_id, (attempt.name, attempt.job), hidden.text)
