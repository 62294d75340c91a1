"""What the schedulers are asked, and how often: one bulk question for many jobs, never one per job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, Limits
from heal.loop.parts import Parts
from heal.records import Attempt
from heal.seams import Scheduler
from heal.steps import watch
from heal.store import Scope

# a question about failed jobs is asked at most this often, however many fail
_ASK_EVERY = timedelta(seconds=2)
# jobs that ended longer ago than this were not waited for by anybody
_LOOKBACK = timedelta(days=2)
# final answers remembered; more failures than this in one sitting are asked about again
_REMEMBERED = 20_000


class Questions:
    """Asks and remembers final answers. Silence, and "still running", are asked about again."""

    def __init__(self, parts: Parts, scope: Callable[[], Scope]) -> None:
        self._parts = parts
        self._scope = scope
        self._next_poll: datetime | None = None
        self._next_look: datetime | None = None
        self._next_ask: datetime | None = None
        self._known: dict[str, JobFacts] = {}

    def poll(self) -> None:
        """Ask once for all watched jobs, when it is time, and take what ended as events."""
        parts, now = self._parts, self._parts.clock()
        if parts.slurm is None or (self._next_poll and now < self._next_poll):
            return
        watched = parts.store.watched(self._scope())
        if not watched:
            return
        youngest = min(((now - a.submitted).total_seconds() for a in watched if a.submitted), default=0.0)
        every = parts.settings_for(watched[0].workdir or "").slurm.poll_seconds
        self._next_poll = now + timedelta(seconds=watch.next_poll_after(youngest, every))
        try:
            found = parts.slurm.facts(watched)
        except SchedulerUnreachable:
            return
        for event in watch.endings(watched, found, now):
            parts.store.take(event)

    def discover(self) -> None:
        """Look for the user's own jobs in registered projects that nobody announced, when it is time.

        Jobs submitted before the newest project was registered are left alone: nobody asked heal to look after them.
        """
        parts, now = self._parts, self._parts.clock()
        if not parts.discovers or parts.slurm is None or (self._next_look and now < self._next_look):
            return
        projects = parts.store.projects()
        since = parts.store.last_event("person", "project")
        if not projects or since is None:
            return
        self._next_look = now + timedelta(seconds=parts.settings_for("").slurm.poll_seconds)
        try:
            found = parts.slurm.recent(max(since, now - _LOOKBACK))
        except SchedulerUnreachable:
            return
        for job in watch.unannounced(found, projects, since):
            if not parts.store.knows_job(job.job):
                for event in watch.discovered(job, now):
                    parts.store.take(event)

    def may_ask(self) -> bool:
        """True when failed jobs may be asked about now; the next time is set."""
        now = self._parts.clock()
        if self._next_ask and now < self._next_ask:
            return False
        self._next_ask = now + _ASK_EVERY
        return True

    def facts(self, attempts: Sequence[Attempt]) -> dict[str, JobFacts]:
        """What is finally known of these attempts, by ``Attempt.job``."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        for scheduler, own in self._by_scheduler([attempt for attempt in attempts if attempt.job not in self._known]):
            try:
                self._known |= {job: found for job, found in scheduler.facts(own).items() if found.state.over}
            except SchedulerUnreachable:
                continue
        return {attempt.job: self._known[attempt.job] for attempt in attempts if attempt.job in self._known}

    def limits(self, attempts: Sequence[Attempt], jobs: Mapping[str, JobFacts]) -> Limits:
        """The most one job may ask for where these ran; nothing known where the scheduler does not say."""
        scheduler = self._parts.slurm if any(attempt.native_id for attempt in attempts) else self._parts.local
        partition = next((job.partition for job in jobs.values() if job.partition), None)
        try:
            return scheduler.limits(partition) if scheduler else Limits()
        except SchedulerUnreachable:
            return Limits()

    def _by_scheduler(self, attempts: Sequence[Attempt]) -> list[tuple[Scheduler, list[Attempt]]]:
        jobs = [attempt for attempt in attempts if attempt.native_id is not None]
        tasks = [attempt for attempt in attempts if attempt.native_id is None]
        asked: list[tuple[Scheduler, list[Attempt]]] = []
        if self._parts.slurm is not None and jobs:
            asked.append((self._parts.slurm, jobs))
        if tasks:
            asked.append((self._parts.local, tasks))
        return asked
