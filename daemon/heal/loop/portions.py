"""Of more jobs than one question holds: whom it is about now, and whom the next ones are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts
from heal.records import Attempt

# what SLURM's accounting is asked for by one command, or two where ids are long
MOST = 10_000


class Portions:
    """Takes turns among many, so that each is asked about, whatever the others' answers are."""

    def __init__(self) -> None:
        self._turn = 0
        self._asked: dict[str, int] = {}

    def next(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        """As many as one question holds, first those that it is longest ago for."""
        self._turn += 1
        chosen = sorted(attempts, key=lambda one: self._asked.get(one.job, 0))[:MOST]
        here = {one.job for one in attempts}
        before = {job: turn for job, turn in self._asked.items() if job in here}
        self._asked = before | {one.job: self._turn for one in chosen}
        return chosen


def in_portions(
    attempts: Sequence[Attempt], ask: Callable[[Sequence[Attempt]], Mapping[str, JobFacts]]
) -> tuple[dict[str, JobFacts], list[Attempt]]:
    """Ask about all of them, a portion at a time: what was answered, and those of whom nothing was.

    What is refused (by heal's own ceiling, say) takes nothing back of what was answered before.
    """
    told: dict[str, JobFacts] = {}
    for at in range(0, len(attempts), MOST):
        try:
            told |= ask(attempts[at : at + MOST])
        except SchedulerUnreachable:
            return told, list(attempts[at:])
    return told, []
