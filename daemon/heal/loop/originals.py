"""Jobs of which a person was told that they can never start, looked at again once that person says yes.

Such a job may still stand in the queue, and start when somebody raises a limit: nothing is submitted beside it, and it
is not cancelled either. Where it may start by now, runs, or has ended, it is what counts, and is followed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heal.jobs import JobFacts, JobState
from heal.journal import Decided
from heal.knowledge.waiting import forgotten, never_starts, still_waits
from heal.loop.parts import Parts
from heal.loop.questions import Questions
from heal.records import Attempt, Incident


@dataclass(frozen=True, slots=True)
class Standing:
    """What has become of them. ``on``: those to be followed on. ``kept``: those that nothing is submitted for, and why.

    What is in neither was cancelled, and is a person's to have submitted again.
    """

    on: tuple[tuple[Attempt, JobFacts], ...] = ()
    kept: frozenset[int] = frozenset()
    why: str = ""


class Originals:
    """Asks once for all of them; each answer is of the time of the yes or later."""

    def __init__(self, parts: Parts, questions: Questions) -> None:
        self._parts = parts
        self._questions = questions

    def look(self, incident: Incident, tries: Sequence[Attempt]) -> Standing:
        """What has become of those of these tries. Raises ``SchedulerUnreachable`` where that is not told now."""
        told = [one for one in tries if one.engine == "sbatch" and "advice" in one.facts]
        last = self._parts.store.last(incident.id)
        if not told or last is None:
            return Standing()
        known = self._questions.since(told, last.at)
        waiting = [one for one in told if (job := known.get(one.job)) and never_starts(job)]
        lost = [one for one in told if one.job not in known]
        on = [(one, job) for one in told if (job := known.get(one.job)) and _counts(job)]
        said = [still_waits([known[one.job] for one in waiting])] if waiting else []
        if lost and not self._agreed(incident, unknown := forgotten([one.job for one in lost])):
            said.append(unknown)
            waiting += lost
        return Standing(tuple(on), frozenset(one.id for one in waiting), "; ".join(said))

    def _agreed(self, incident: Incident, said: str) -> bool:
        """True where a person was asked just this, and said yes since."""
        asked = [entry.body for entry in self._parts.store.journal(incident.id) if isinstance(entry.body, Decided)]
        return bool(asked) and said in asked[-1].why


def _counts(job: JobFacts) -> bool:
    """True for a job that may start, runs, or came to an end that nobody asked for."""
    return job.state is not JobState.CANCELLED and never_starts(job) is None
