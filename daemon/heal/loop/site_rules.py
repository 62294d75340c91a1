"""The most that a job may ask for: learnt while all is well, so that a failure finds it known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, Limits
from heal.loop.parts import Parts
from heal.loop.rhythm import Rhythm
from heal.records import Attempt
from heal.store import Scope

# the site's rules are kept for an hour; how often to see whether they are
_LEARN_EVERY_S = 120.0
# rules that were not to be had are asked for again this often
_LIMITS_AGAIN = timedelta(seconds=15)


class SiteRules:
    """Asks for limits. ``silent``: whether the scheduler answers nobody now."""

    def __init__(self, parts: Parts, scope: Callable[[], Scope], silent: Callable[[], bool]) -> None:
        self._parts = parts
        self._scope = scope
        self._silent = silent
        self._learning = Rhythm(_LEARN_EVERY_S)
        self._next_limits: datetime | None = None

    def limits(self, attempts: Sequence[Attempt], jobs: Mapping[str, JobFacts], partition: str | None = None) -> Limits:
        """The most one job may ask for where these ran. Raises ``SchedulerUnreachable`` where that is not told now."""
        now = self._parts.clock()
        scheduler = self._parts.slurm if any(attempt.native_id for attempt in attempts) else self._parts.local
        job = next((job for job in jobs.values() if job.partition), None)
        if scheduler is None:
            return Limits()
        if self._next_limits and now < self._next_limits:
            raise SchedulerUnreachable("the site's rules were asked for in vain a moment ago")
        try:
            return scheduler.limits(job, partition)
        except SchedulerUnreachable:
            self._next_limits = now + _LIMITS_AGAIN
            raise

    def of_waiting(self, attempt: Attempt) -> tuple[JobFacts, Limits] | None:
        """What a job that waits in vain asks for, and the most that it may; None where that is not told now."""
        slurm, job = self._parts.slurm, str(attempt.facts.get("job") or attempt.job)
        if slurm is None or not job[:1].isdigit():
            return None
        try:
            found = slurm.facts([replace(attempt, native_id=job)]).get(job)
            return (found, slurm.limits(found)) if found else None
        except SchedulerUnreachable:
            return None

    def learn(self) -> None:
        """Ask for the site's rules while all is well: a failure then finds them known."""
        if self._parts.slurm is None or self._silent() or not self._learning.due(self._parts.clock()):
            return
        if self._parts.store.watches(self._scope()):
            try:
                self._parts.slurm.limits(None)
                self._learning.answered(self._parts.clock(), took_s=0.0, youngest_s=_LEARN_EVERY_S * 4, changed=True)
            except SchedulerUnreachable as error:
                self._learning.missed(self._parts.clock(), error)
