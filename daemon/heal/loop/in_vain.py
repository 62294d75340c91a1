"""Jobs that can never start while their engine waits for them: a person is told, and that it is over once it is.

The engine's jobs stay the engine's: none is ended, changed or cancelled, and how one ends is for the engine to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, JobState
from heal.knowledge.reused import is_his
from heal.knowledge.waiting import never_starts
from heal.loop.casebook import Casebook
from heal.loop.parts import Parts
from heal.loop.questions import Questions
from heal.loop.rhythm import Rhythm
from heal.loop.waits import Waits
from heal.records import Attempt, Event
from heal.settings import Slurm
from heal.steps import followed, watch
from heal.store import Scope

# the newest answer about the queue does, whoever asked, where it is no older than this part of the interval
_FRESH = 0.5
# one that has begun is looked at again after this: it may have been put back, and be held since
_AGAIN = timedelta(hours=1)


class InVain:
    """Looks at the jobs that engines follow, by one question about the queue for all of them."""

    def __init__(self, parts: Parts, book: Casebook, questions: Questions, scope: Callable[[], Scope]) -> None:
        self._parts = parts
        self._questions = questions
        self._scope = scope
        self._usual_s = parts.settings_for("").slurm.poll_seconds
        self._looking = Rhythm(self._usual_s)
        self._followed: dict[str, Attempt] = {}
        self._begun: dict[int, datetime] = {}
        self._waits = Waits(parts, book, scope, lambda first: "reason" in first.facts)
        # what was told of and may start by now, and since when
        self._free: dict[int, datetime] = {}

    @property
    def pending(self) -> bool:
        """True while an engine that lives has jobs of the scheduler's that have not ended."""
        return any(map(self._parts.left_to_engine, self._followed.values()))

    def look(self) -> None:
        """Tell of those that can never start, and of those told that it is over."""
        now = self._parts.clock()
        told = self._waits.told()
        if self._parts.slurm is None or not self._looking.due(now):
            return
        wait = self._waiting(now)
        if not wait and not told:
            self._looking.answered(now, took_s=0.0, youngest_s=0.0, changed=True)
            return
        try:
            queue = self._questions.queue_since(now - timedelta(seconds=self._usual_s * _FRESH))
            new = self._new(wait, queue, [one for _, ill in told.values() for one in ill], now)
        except SchedulerUnreachable as error:
            self._looking.missed(now, error)
            return
        youngest = min(((now - one.submitted).total_seconds() for one in wait if one.submitted), default=0.0)
        self._looking.answered(now, took_s=0.0, youngest_s=youngest, changed=bool(new))
        self._begun |= {one.id: now for one in wait if not _waits(queue.get(one.job))}
        self._parts.store.take_many(new)
        for incident, ill in told.values():
            over = {one.id: why for one in ill if (why := self._over(one, queue, now))}
            self._waits.settle(incident, ill, over, "SLURM", now)

    def _waiting(self, now: datetime) -> list[Attempt]:
        """The jobs that are old enough to be told of and were not seen to have begun."""
        jobs = self._parts.store.followed(self._scope())
        self._followed = {one.run_id: one for one in jobs}
        young = {run: self._young(one) for run, one in self._followed.items() if self._parts.left_to_engine(one)}
        old = [one for one in jobs if one.run_id in young and one.submitted and now - one.submitted > young[one.run_id]]
        self._begun = {one.id: at for one in old if (at := self._begun.get(one.id)) and now - at < _AGAIN}
        return [one for one in old if one.id not in self._begun]

    # --- what is told ----------------------------------------------------------------------------

    def _new(
        self, jobs: Sequence[Attempt], queue: Mapping[str, JobFacts], told: Sequence[Attempt], now: datetime
    ) -> list[Event]:
        """The events of those that wait in vain and of which that was not told yet."""
        known = {(one.run_id, one.key) for one in told}
        vain = []
        for attempt in jobs:
            job = queue.get(attempt.job)
            never = never_starts(job) if job else None
            if job is None or never is None or (attempt.run_id, followed.key_of(job)) in known:
                continue
            if watch.waited(attempt, never, now, self._rules):
                vain.append((attempt, job, never))
        theirs = self._theirs([(attempt, job) for attempt, job, _ in vain])
        tries = {attempt.id: self._tries(attempt, job) for attempt, job, _ in vain if attempt.id in theirs}
        return [
            followed.waits(attempt, job, never, len(tries[attempt.id]) + 1, now)
            for attempt, job, never in vain
            if attempt.id in theirs and not (tries[attempt.id] and tries[attempt.id][-1].ok is False)
        ]

    def _theirs(self, found: Sequence[tuple[Attempt, JobFacts]]) -> frozenset[int]:
        """Of these the attempts whose job it is, not another one that has its id by now; one question where unsure."""
        unsure = [attempt for attempt, job in found if is_his(attempt, job) is None]
        slurm = self._parts.slurm
        known = slurm.facts(unsure) if slurm and unsure else {}
        return frozenset(attempt.id for attempt, job in found if is_his(attempt, known.get(attempt.job, job)))

    def _tries(self, attempt: Attempt, job: JobFacts) -> list[Attempt]:
        """How often it was told before that this job waits in vain for this reason, and ended."""
        told = self._parts.store.attempts(attempt.lineage, followed.key_of(job))
        return [one for one in told if one.run_id == attempt.run_id]

    def _young(self, attempt: Attempt) -> timedelta:
        """What waits for less long is told of for no reason."""
        return timedelta(seconds=min(watch.CERTAIN_AFTER_S, self._rules(attempt).stuck_after_s))

    def _rules(self, attempt: Attempt) -> Slurm:
        run = self._parts.store.run(attempt.run_id)
        return self._parts.settings_for(run.cwd if run else "").slurm

    # --- what is over ----------------------------------------------------------------------------

    def _over(self, told: Attempt, queue: Mapping[str, JobFacts], now: datetime) -> str:
        """Why a job waits in vain no longer; empty while it does, and while that may come back in a moment."""
        name = str(told.facts.get("job"))
        job = queue.get(name)
        if job is None:
            return f"job {name} has left the queue"
        if job.state is not JobState.PENDING:
            return f"job {name} waits no longer: it is {job.state_text}"
        if never_starts(job) is not None:
            self._free.pop(told.id, None)
            return "" if followed.key_of(job) == told.key else f"job {name} waits for another reason now: {job.reason}"
        since = self._free.setdefault(told.id, now)
        if (now - since).total_seconds() < self._rules(told).stuck_after_s:
            return ""
        return f"job {name} may start by now: SLURM's reason is {job.reason or 'none'}"


def _waits(job: JobFacts | None) -> bool:
    return job is not None and job.state is JobState.PENDING
