"""What successful tasks of a failed task's process say: lines that stand in their logs too are no cause."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from heal.evidence.templates import Ordinary
from heal.loop.parts import Parts
from heal.records import Attempt, Run

# a few logs of successes tell what all of them say
_MOST_LOGS = 3
_MOST_TEMPLATES = 1000


class Habits:
    """Learns from successes only when there is a failure to explain: while all is well no log is read."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def of(self, run: Run, attempt: Attempt, beside: Sequence[Attempt]) -> Ordinary:
        """What tasks of the process say that went well, in this run or an earlier one of the same folder."""
        store = self._parts.store
        known = store.habits(attempt.engine, attempt.process, run.cwd)
        logs = [log for one in beside if one.ok and one.process == attempt.process for log in one.log_paths]
        failed = set(attempt.log_paths)
        lines = [line for log in dict.fromkeys(logs[:_MOST_LOGS]) if log not in failed for line in self._lines(log)]
        if not lines:
            return Ordinary(known)
        seen = Ordinary.of(lines).templates
        templates = tuple(dict.fromkeys([*seen, *known]))[:_MOST_TEMPLATES]
        if templates != known:
            store.keep_habits(attempt.engine, attempt.process, run.cwd, templates)
        return Ordinary(templates)

    def _lines(self, log: str) -> list[str]:
        return self._parts.reader.read(Path(log)).text.split("\n")
