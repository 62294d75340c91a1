"""Jobs that wait for failed ones: held while the failure is being healed, then told to wait for what runs instead.

Nothing is remembered here: what is to be done follows from the queue and the store each time, so that a crash between
two steps loses nothing. What a job waits for is changed in place; heal cancels nobody's job.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from heal.errors import SchedulerUnreachable, SubmissionRefused
from heal.jobs import JobFacts, JobState, base_of
from heal.journal import Approved, Body, Decided, Dependent, Proposed, State
from heal.knowledge.waiting import NEVER_SATISFIED
from heal.loop.casebook import Casebook
from heal.loop.parts import Parts
from heal.loop.questions import Questions
from heal.records import Attempt, Event, RunRef, Verdict
from heal.seams import Submitter
from heal.steps.dependents import Standing, repointed, taken_for_failed, waited_for
from heal.store import Scope

_FORGOTTEN = timedelta(days=1)
# jobs, or arrays, that are told what to wait for by one request: the controller changes them one by one
_AT_ONCE = 100
_LOST = (State.UNHEALED, State.GIVEN_UP, State.DISMISSED)


class Dependents:
    """Looks after jobs that wait for jobs whose failure heal knows."""

    def __init__(self, parts: Parts, book: Casebook, questions: Questions) -> None:
        self._parts = parts
        self._book = book
        self._questions = questions
        self._done: set[tuple[str, str]] = set()
        self._seen: tuple[int, int] | None = None

    def held(self, job: JobFacts) -> bool:
        """True for a job that waits, or was cancelled for waiting, and may run after all.

        The failure of what it waits for is being healed, or is healed already, or is yet to be told.
        """
        return any(self._hopeful(base, job) for base in waited_for(job.dependency))

    def of(self, failed: Sequence[Attempt]) -> tuple[Dependent, ...]:
        """All that waits for these, and what waits for that, nearest first; as the queue was last seen."""
        numbers = {one.id for one in failed}
        reached = {base_of(one.job) for one in failed if one.native_id}
        waiting = [job for job in self._questions.queue.values() if job.dependency and _may_run_after(job)]
        found: dict[str, Dependent] = {}
        nearest = [one for one in waiting if any(self._is_of(base, one, numbers) for base in reached)]
        while nearest:
            found |= {(base := base_of(one.job)): self._dependent(base, one) for one in nearest}
            nearest = [
                one
                for one in waiting
                if base_of(one.job) not in found and not found.keys().isdisjoint(waited_for(one.dependency))
            ]
        return tuple(found.values())

    def _is_of(self, base: str, waiting: JobFacts, failed: Collection[int]) -> bool:
        return base in waited_for(waiting.dependency) and any(
            one.id in failed for one in self._waited_for(base, waiting)
        )

    def _dependent(self, base: str, job: JobFacts) -> Dependent:
        # the queue is asked in few words, without names
        known = self._parts.store.of_job(base)
        name = job.name or (known[-1].process if known else "")
        return Dependent(base, name, job.dependency, job.state is JobState.CANCELLED)

    def tend(self) -> None:
        """Let jobs that wait for failed ones wait for what was submitted in their place."""
        queue = self._questions.queue
        seen = (id(queue), self._parts.store.events())
        if self._parts.submitter is None or seen == self._seen:
            return
        self._seen = seen
        spoilt = self._spoilt()
        wanted = {
            (job.job, dependency): job
            for job in queue.values()
            if job.state is JobState.PENDING and job.dependency and _concerned(job, spoilt)
            if (dependency := self.instead(job)) is not None
        }
        # a second failure under the same id is told of like the first
        self._done &= wanted.keys()
        waiting: dict[str, dict[str, list[JobFacts]]] = {}
        for (name, dependency), job in wanted.items():
            if (name, dependency) not in self._done:
                waiting.setdefault(dependency, {}).setdefault(base_of(name), []).append(job)
        for dependency, bases in waiting.items():
            jobs = list(bases.values())
            for start in range(0, len(jobs), _AT_ONCE):
                some = [job for of in jobs[start : start + _AT_ONCE] for job in of]
                self._repoint(some, dependency, self._parts.submitter)

    def instead(self, job: JobFacts) -> str | None:
        """What a job should wait for, now that what it waits for was submitted again; None: not to be told (yet)."""
        return repointed(job.dependency, lambda base: self._standing(base, job))

    def agreed(self, job: JobFacts) -> str | None:
        """The incident of a job that this one waits for, to whose fix a yes was said that named this one; else None."""
        store, base = self._parts.store, base_of(job.job)
        tries = [one.id for waited in waited_for(job.dependency) for one in self._waited_for(waited, job)]
        incidents = sorted(set(store.explained(tries).values()))
        return next((one for one in incidents if _names([row.body for row in store.journal(one)], base)), None)

    def _standing(self, base: str, waiting: JobFacts) -> Standing | None:
        """What runs in place of a job, once all of it that failed was submitted again; None until then."""
        of_job = self._waited_for(base, waiting)
        if any(one.job == base and one.ok is None for one in of_job):
            return self._under_its_own_id(base, waiting)
        last = self._last_tries(of_job)
        later = [one for one in last if base_of(one.job) != base]
        if not later or any(one.ok is False for one in last):
            return self._under_its_own_id(base, waiting, last) if last else None
        return Standing(tuple(dict.fromkeys(base_of(one.job) for one in later if one.ok is None)))

    def _under_its_own_id(self, base: str, waiting: JobFacts, over: Sequence[Attempt] = ()) -> Standing | None:
        """What is to be said anew of a job that failed and that its owner put back: it runs, or went well by now.

        SLURM leaves what waits for it as it is: the failure stands there, and is not looked at again. ``over``: its
        tries, where all have ended.
        """
        if base not in taken_for_failed(waiting.dependency):
            return None
        job = self._questions.queue.get(base)
        if (job is None and over and all(one.ok for one in over)) or (job and job.state is JobState.COMPLETED):
            return Standing()
        return Standing((base,)) if job and not job.state.over else None

    def _last_tries(self, of_job: Sequence[Attempt]) -> list[Attempt]:
        """The newest try of each task that the job or one of its elements was; an array itself is no task."""
        elements = [one for one in of_job if "_" in one.job] or of_job
        return [self._parts.store.attempts(one.lineage, one.key)[-1] for one in elements]

    def _waited_for(self, base: str, waiting: JobFacts) -> list[Attempt]:
        """The tries under this id, without those that were over long before the job that waits was submitted.

        SLURM lets nobody wait for a job that it has forgotten: the id was used again.
        """
        submitted = datetime.fromisoformat(waiting.submitted).astimezone() if waiting.submitted else None
        tries = self._parts.store.of_job(base)
        return [one for one in tries if not (submitted and one.ended and submitted - one.ended > _FORGOTTEN)]

    def _hopeful(self, base: str, waiting: JobFacts) -> bool:
        tries = self._waited_for(base, waiting)
        if base in taken_for_failed(waiting.dependency, parts=True) and any(one.ok is None for one in tries):
            return True
        failed = [one for one in self._last_tries(tries) if one.ok is False]
        if not failed:
            return self._standing(base, waiting) is not None
        incidents = self._parts.store.explained([one.id for one in failed])
        states = [self._book.state(self._parts.store.incident(one)) for one in set(incidents.values())]
        return len(incidents) < len(failed) or not any(state in _LOST for state in states)

    def _spoilt(self) -> frozenset[str]:
        """The jobs of incidents that are not settled."""
        store = self._parts.store
        open_ones = [one for one in store.unsettled(Scope()) if one.engine == "sbatch"]
        return frozenset(base_of(job) for incident in open_ones for job in store.jobs_of(incident.id))

    def _repoint(self, jobs: Sequence[JobFacts], dependency: str, submitter: Submitter) -> None:
        """Said ahead, as every effect; said again after a crash it changes nothing."""
        for job in jobs:
            self._parts.store.take(self._said(job, dependency))
        try:
            submitter.repoint([job.job for job in jobs], dependency)
        except SchedulerUnreachable:
            self._seen = None
            return
        except SubmissionRefused:
            # one waits no longer, or the site says no: if it can never start, it will be told as that
            pass
        self._done |= {(job.job, dependency) for job in jobs}

    def _said(self, job: JobFacts, dependency: str) -> Event:
        known = self._parts.store.of_job(job.job)
        run = RunRef(known[0].run_id if known else f"slurm:{job.job}:{job.submitted}")
        facts = {"job": job.job, "old": job.dependency, "new": dependency}
        said = f"repointed:{job.job}:{job.submitted}:{dependency}"
        body = json.dumps({"facts": facts})
        return Event(said, "repointed", self._parts.clock(), "heal", run, None, facts, body)


def _concerned(job: JobFacts, spoilt: frozenset[str]) -> bool:
    return (
        job.reason == NEVER_SATISFIED
        or "(failed)" in job.dependency
        or not spoilt.isdisjoint(waited_for(job.dependency))
    )


def _names(bodies: Sequence[Body], base: str) -> bool:
    """True where a fix was approved, by policy or by a person, that was told with this job among what waits for it."""
    named = False
    for body in bodies:
        match body:
            case Proposed(dependents=others):
                named = any(one.job == base for one in others)
            case Approved() | Decided(verdict=Verdict.AUTO) if named:
                return True
    return False


def _may_run_after(job: JobFacts) -> bool:
    return job.state is JobState.PENDING or (job.state is JobState.CANCELLED and job.reason == NEVER_SATISFIED)
