"""The user's own jobs in registered projects that nobody announced: looked for now and then, and followed."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts
from heal.knowledge.reused import is_his, is_later
from heal.loop.parts import Parts
from heal.loop.questions import Questions
from heal.loop.rhythm import Rhythm
from heal.records import Attempt
from heal.seams import Scheduler
from heal.steps import watch

# they are looked for no more often than this
_LOOK_EVERY_S = 60.0
# jobs that ended longer ago than this were not waited for by anybody
_LOOKBACK = timedelta(days=2)
# jobs in the queue that accounting does not list are asked about so many at a time
_MOST_STRANGERS = 500


class Strangers:
    """Finds jobs of which no engine, hook or shim has told."""

    def __init__(self, parts: Parts, questions: Questions) -> None:
        self._parts = parts
        self._questions = questions
        rules = parts.settings_for("").slurm
        self._looking = Rhythm(max(rules.poll_seconds, _LOOK_EVERY_S))
        self._patience_s = rules.discover_after_s
        self._met: set[str] = set()

    def hurry(self) -> None:
        """One is said to have ended: an answer is worth having now, unless the scheduler is silent."""
        self._looking.hurry()

    def discover(self) -> None:
        """Look for the user's own jobs in registered projects that nobody announced, when it is time.

        Jobs submitted before the newest project was registered are left alone: nobody asked heal to look after them.
        """
        parts, now = self._parts, self._parts.clock()
        if not parts.discovers or parts.slurm is None or self._questions.silent or not self._looking.due(now):
            return
        projects = parts.store.projects()
        since = parts.store.last_event("person", "project")
        if not projects or since is None:
            return
        try:
            started = time.monotonic()
            found = [*parts.slurm.recent(max(since, now - _LOOKBACK))]
            queue = self._questions.queue_since(now - timedelta(seconds=_LOOK_EVERY_S))
            found += self._unaccounted(parts.slurm, queue, {job.job for job in found})
            told = watch.unannounced(found, projects, since)
            new = [job for job in told if not parts.store.knows_job(job.job)]
            new += self._used_again(parts.slurm, [job for job in told if job not in new])
            took = time.monotonic() - started
        except SchedulerUnreachable as error:
            self._looking.missed(now, error)
            return
        self._looking.answered(now, took_s=took, youngest_s=_LOOK_EVERY_S * 4, changed=bool(new))
        parts.store.take_many([event for job in new for event in watch.discovered(job, now)])

    def _used_again(self, slurm: Scheduler, known: Sequence[JobFacts]) -> list[JobFacts]:
        """Of these jobs, whose ids are known, those that are others than all that had their id, which have ended."""
        before = {job.job: self._parts.store.of_job(job.job) for job in known}
        later = [one for job in known for one in before[job.job][-1:] if is_later(one, job)]
        facts = slurm.facts(later) if later else {}
        return [
            found
            for job, found in facts.items()
            if all(one.ok is not None and is_his(one, found) is False for one in before.get(job, ()))
        ]

    def _is_settled(self, job: JobFacts) -> bool:
        """Whoever submitted it under ``heal run``, which tells of it in a spool of its own, has had the time to."""
        try:
            submitted = datetime.fromisoformat(job.submitted).astimezone()
        except ValueError:
            return False
        return self._parts.clock() - submitted >= timedelta(seconds=self._patience_s)

    def _unaccounted(self, slurm: Scheduler, queue: Mapping[str, JobFacts], listed: Collection[str]) -> list[JobFacts]:
        """Jobs of the queue that accounting does not list: one that was cancelled before it could start has no time."""
        new = [
            job
            for job, facts in queue.items()
            if job not in listed and job not in self._met and self._is_settled(facts)
        ]
        unknown = [job for job in new[:_MOST_STRANGERS] if not self._parts.store.knows_job(job)]
        asked = [Attempt(0, "", "", "sbatch", job, job, job, native_id=job) for job in unknown]
        found = [*slurm.facts(asked).values()] if asked else []
        # after the question: who was asked about in vain is asked about again
        self._met = {*self._met.intersection(queue), *new[:_MOST_STRANGERS]}
        return found
