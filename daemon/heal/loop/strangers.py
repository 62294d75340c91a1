"""The user's own jobs in registered projects that nobody announced: looked for now and then, and followed."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, base_of
from heal.knowledge.reused import is_his, is_later
from heal.loop.parts import Parts
from heal.loop.questions import Questions
from heal.loop.rhythm import Rhythm
from heal.records import Attempt
from heal.seams import Scheduler
from heal.steps import watch

# they are looked for no more often than this
_LOOK_EVERY_S = 60.0
# accounting is asked when the queue has a job that heal does not know, and now and then: where the controller forgets
# soon, one may come and go between two looks at the queue
_BOOKS_EVERY = timedelta(minutes=10)
# jobs that ended longer ago than this were not waited for by anybody
_LOOKBACK = timedelta(days=2)
# jobs in the queue that accounting does not list are asked about so many at a time
_MOST_STRANGERS = 500
# tens of thousands that are found at once are stored so many at a time
_AT_ONCE = 1000


class Strangers:
    """Finds jobs of which no engine, hook or shim has told."""

    def __init__(self, parts: Parts, questions: Questions) -> None:
        self._parts = parts
        self._questions = questions
        rules = parts.settings_for("").slurm
        self._looking = Rhythm(max(rules.poll_seconds, _LOOK_EVERY_S))
        self._patience_s = rules.discover_after_s
        self._next_books: datetime | None = None
        self._met: set[str] = set()
        # jobs of which it is known what they are, each as it was submitted in SLURM's words: ids are used again
        self._known: dict[str, str] = {}
        self._known_for: Mapping[str, datetime] = {}

    def hurry(self) -> None:
        """One is said to have ended: an answer is worth having now, unless the scheduler is silent."""
        self._next_books = None
        self._looking.hurry()

    def discover(self) -> None:
        """Look for the user's own jobs in registered projects that nobody announced, when it is time.

        Jobs submitted before their project was registered are left alone: nobody asked heal to look after them.
        """
        parts, now = self._parts, self._parts.clock()
        if not parts.discovers or parts.slurm is None or self._questions.silent or not self._looking.due(now):
            return
        projects = parts.store.registered()
        if not projects:
            return
        if self._known_for != projects:
            self._known, self._known_for, self._next_books = {}, projects, None
        try:
            started = time.monotonic()
            new, judged = self._look(parts.slurm, projects)
            took = time.monotonic() - started
        except SchedulerUnreachable as error:
            self._looking.missed(now, error)
            return
        self._looking.answered(now, took_s=took, youngest_s=_LOOK_EVERY_S * 4, changed=bool(new))
        for at in range(0, len(new), _AT_ONCE):
            parts.store.take_many(watch.discovered(new[at : at + _AT_ONCE], now))
        self._known |= _as_submitted(judged)

    def _look(self, slurm: Scheduler, projects: Mapping[str, datetime]) -> tuple[list[JobFacts], Iterable[JobFacts]]:
        """Those that are to be followed from now on, and all of which it is known now what they are."""
        now = self._parts.clock()
        queue = self._questions.queue_since(now - timedelta(seconds=_LOOK_EVERY_S))
        self._forget(queue, now)
        here = [job for job in queue.values() if self._is_news(job)]
        heard = self._heard_of(here)
        self._known |= _as_submitted(job for job in here if job.job in heard and not is_later(heard[job.job], job))
        here = [job for job in here if self._is_news(job)]
        if not here and self._next_books and now < self._next_books:
            return [], ()
        found = [*slurm.recent(max(min(projects.values()), now - _LOOKBACK), self._known)]
        found += self._unaccounted(slurm, queue, here, {job.job for job in found} | heard.keys())
        told = watch.unannounced(found, projects)
        heard = self._heard_of(told)
        later = [job for job in told if job.job in heard and is_later(heard[job.job], job)]
        again, unclear = self._used_again(slurm, later)
        self._next_books = now + _BOOKS_EVERY
        return [job for job in told if job.job not in heard] + again, (job for job in found if job.job not in unclear)

    def _is_news(self, job: JobFacts) -> bool:
        return job.job not in self._known or job.submitted > self._known[job.job]

    def _forget(self, queue: Mapping[str, JobFacts], now: datetime) -> None:
        """What accounting would not list any more."""
        first = (now - _LOOKBACK).astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
        self._known = {job: at for job, at in self._known.items() if at >= first or job in queue}

    def _heard_of(self, jobs: Sequence[JobFacts]) -> dict[str, datetime | None]:
        """Those of these jobs whose id the store has, or that of their array, and when heal heard of it last."""
        ids = sorted({one for job in jobs for one in (job.job, base_of(job.job))})
        times = self._parts.store.last_submitted(ids)
        both = {job.job: [times[one] for one in {job.job, base_of(job.job)} if one in times] for job in jobs}
        return {job: max((at for at in known if at), default=None) for job, known in both.items() if known}

    def _used_again(self, slurm: Scheduler, later: Sequence[JobFacts]) -> tuple[list[JobFacts], set[str]]:
        """Of these jobs, whose ids are known, those that are others than all that had their id, which have ended.

        And those of which that cannot be told yet.
        """
        before = {job.job: self._before(job.job) for job in later}
        facts = slurm.facts([replace(known[-1], native_id=job) for job, known in before.items()]) if later else {}
        whose = {job: [is_his(one, facts[job]) for one in before[job]] if job in facts else [None] for job in before}
        over = {job for job, known in before.items() if all(one.ok is not None for one in known)}
        again = [facts[job] for job, his in whose.items() if job in over and not any(one is not False for one in his)]
        settled = {job.job for job in again} | {job for job, his in whose.items() if his[-1]}
        return again, before.keys() - settled

    def _before(self, job: str) -> list[Attempt]:
        """All that had a job's id, or that of its array, oldest first."""
        own, base = self._parts.store.of_job(job), base_of(job)
        array = [one for one in self._parts.store.of_job(base) if one.job == base] if base != job else []
        return sorted([*own, *array], key=lambda one: one.id)

    def _is_settled(self, job: JobFacts) -> bool:
        """Whoever submitted it under ``heal run``, which tells of it in a spool of its own, has had the time to."""
        try:
            submitted = datetime.fromisoformat(job.submitted).astimezone()
        except ValueError:
            return False
        return self._parts.clock() - submitted >= timedelta(seconds=self._patience_s)

    def _unaccounted(
        self, slurm: Scheduler, queue: Mapping[str, JobFacts], here: Sequence[JobFacts], listed: Collection[str]
    ) -> list[JobFacts]:
        """Jobs of the queue that accounting does not list: one that was cancelled before it could start has no time."""
        new = [job for job in here if job.job not in listed and job.job not in self._met and self._is_settled(job)]
        asked = [Attempt(0, "", "", "sbatch", job.job, job.job, job.job, native_id=job.job) for job in new]
        found = [*slurm.facts(asked[:_MOST_STRANGERS]).values()] if asked else []
        # after the question: who was asked about in vain is asked about again
        self._met = {*self._met.intersection(queue), *(job.job for job in new[:_MOST_STRANGERS])}
        return found


def _as_submitted(jobs: Iterable[JobFacts]) -> dict[str, str]:
    return {job.job: job.submitted for job in jobs}
