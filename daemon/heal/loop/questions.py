"""What the schedulers are asked, and how often: one bulk question for many jobs, never one per job."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, JobState
from heal.knowledge.reused import is_his, is_later
from heal.loop.exit_codes import ExitCodes
from heal.loop.parts import Parts
from heal.loop.results import checked
from heal.loop.rhythm import Rhythm
from heal.records import Attempt
from heal.seams import Scheduler
from heal.settings import Slurm
from heal.steps import watch
from heal.steps.gather import said_all
from heal.store import Scope

# a question about failed jobs is asked at most this often, however many fail
_ASK_EVERY = timedelta(seconds=4)
# accounting knows what the controller has forgotten; it is asked about watched jobs this often
_RECONCILE_EVERY = timedelta(minutes=5)
# strangers are looked for no more often than this
_LOOK_EVERY_S = 60.0
# jobs that ended longer ago than this were not waited for by anybody
_LOOKBACK = timedelta(days=2)
# jobs in the queue that nobody announced are asked about so many at a time
_MOST_STRANGERS = 500
# final answers remembered; more failures than this in one sitting are asked about again
_REMEMBERED = 20_000


class Questions:
    """Asks and remembers final answers. Silence, and "still running", are asked about again.

    ``queue`` is what the controller said last of all the user's own jobs. ``unheard`` are the jobs of the last question
    about failures that had no answer.
    """

    def __init__(self, parts: Parts, scope: Callable[[], Scope]) -> None:
        self._parts = parts
        self._scope = scope
        rules = parts.settings_for("").slurm
        self._polling = Rhythm(rules.poll_seconds)
        self._looking = Rhythm(max(rules.poll_seconds, _LOOK_EVERY_S))
        self._patience_s = rules.discover_after_s
        self._next_ask: datetime | None = None
        self._next_reconcile: datetime | None = None
        self._exit_codes = ExitCodes(parts, self.facts)
        self._known: dict[str, JobFacts] = {}
        self._asked: set[str] = set()
        self._strangers: set[str] = set()
        # jobs that neither side knew when they were asked about, by attempt, and since when
        self._missed: dict[int, datetime] = {}
        self._queue_at: datetime | None = None
        self.queue: Mapping[str, JobFacts] = {}
        self.unheard: frozenset[str] = frozenset()

    def poll(self, held: Callable[[JobFacts], bool]) -> None:
        """Ask once for all watched jobs, when it is time, and take what ended as events.

        ``held``: a job that waits for one that is being healed is not taken for stuck.
        """
        parts, now = self._parts, self._parts.clock()
        self._exit_codes.write()
        if parts.slurm is None or not self._polling.due(now):
            return
        watched = parts.store.watched(self._scope())
        if not watched:
            return
        youngest = min(((now - a.submitted).total_seconds() for a in watched if a.submitted), default=0.0)
        try:
            started = time.monotonic()
            before = self.queue
            self._ask_queue(parts.slurm)
            took = time.monotonic() - started
            self._polling.answered(now, took_s=took, youngest_s=youngest, changed=before != self.queue)
        except SchedulerUnreachable as error:
            self._polling.missed(now, error)
            return
        waiting = {job for job, facts in self.queue.items() if facts.state is JobState.PENDING and facts.dependency}
        free = [one for one in watched if not (one.job in waiting and held(self.queue[one.job]))]
        told, known = self._told(free, now)
        theirs = self._left_to_engines(told)
        self._exit_codes.heard([one for one in told if one.id in theirs], known)
        sure = [one for one in self._sure(free, told, known, now) if one.id not in theirs]
        parts.store.take_many(checked(parts, watch.endings(sure, known, now, self._rules)))

    def _left_to_engines(self, attempts: Sequence[Attempt]) -> frozenset[int]:
        """Of these attempts those whose engine still runs, and will tell of their end itself."""
        followed = {one.run_id: one for one in attempts if one.engine != "sbatch"}
        runs = {run for run, one in followed.items() if self._parts.left_to_engine(one)}
        return frozenset(one.id for one in attempts if one.run_id in runs)

    def _sure(
        self, watched: Sequence[Attempt], told: Sequence[Attempt], known: Mapping[str, JobFacts], now: datetime
    ) -> list[Attempt]:
        """Of the told ones all but those that neither side knows, until they have been missing for a while.

        Accounting that comes back tells of what happened meanwhile once the controller has sent it on.
        """
        bases = {job.split("_")[0] for job in known}
        missing = {one.id for one in told if one.job not in known and one.job not in bases}
        here = {one.id for one in told} - missing
        still = {one.id for one in watched} - here
        self._missed = {number: since for number, since in self._missed.items() if number in still}
        self._missed |= {number: now for number in missing if number not in self._missed}
        return [one for one in told if one.id not in missing or now - self._missed[one.id] >= watch.FORGOTTEN_AFTER]

    def _rules(self, attempt: Attempt) -> Slurm:
        return self._parts.settings_for(attempt.workdir or "").slurm

    def hurry(self, *, strangers: bool = False) -> None:
        """Something is said to have ended: a watched job, or (``strangers``) one that is still to be discovered.

        An answer is worth having now, unless the scheduler is silent.
        """
        (self._looking if strangers else self._polling).hurry()

    @property
    def silent(self) -> bool:
        """True where nobody answers about watched jobs: no scheduler is here, or the last question had no answer."""
        return self._parts.slurm is None or self._polling.is_silent

    def _told(self, watched: Sequence[Attempt], now: datetime) -> tuple[list[Attempt], Mapping[str, JobFacts]]:
        """The watched jobs of which all can be said now, and what is known of them.

        The controller forgets jobs some minutes after their end, elements of an array one by one: accounting is asked
        about a job that has left the queue and an array that seems to be over at once, about the rest now and then.
        Whether a step of a completed job was killed is known to accounting alone. The queue does not tell a job that
        was requeued from another one of its id: about one that ended it is asked as well.
        """
        elements: dict[str, list[JobFacts]] = {}
        for job, facts in self.queue.items():
            elements.setdefault(job.split("_")[0], []).append(facts)
        here = [one for one in watched if _is_told(one, self.queue.get(one.job))]
        told = {one.id for one in here}
        rest = [one for one in watched if one.id not in told]
        arrays = [one for one in rest if one.job in elements]
        gone = [one for one in rest if one.job not in elements]
        gone += [one for one in arrays if all(facts.state.over for facts in elements[one.job])]
        sure = [one for one in (*here, *arrays) if one not in gone]
        if self._parts.slurm is None or not rest or not self._worth_asking(gone, now):
            return sure, self.queue
        try:
            accounted = self._parts.slurm.facts(rest)
        except SchedulerUnreachable:
            return sure, self.queue
        # of one whose end accounting has not yet, it is asked again soon
        behind = {job for job, found in accounted.items() if job in self.queue and not found.state.over}
        lagging = behind | {job for job, found in accounted.items() if not found.final}
        # an array is watched as a whole, and lags with any of its elements
        lagging |= {job.partition("_")[0] for job in lagging}
        self._asked = {one.job for one in gone} - lagging
        self._remember(_own(rest, accounted))
        return list(watched), {**self.queue, **accounted}

    def _remember(self, answered: Mapping[str, JobFacts]) -> None:
        self._known |= {job: found for job, found in answered.items() if found.state.over and found.final}

    def _worth_asking(self, gone: Sequence[Attempt], now: datetime) -> bool:
        new = any(one.job not in self._asked for one in gone)
        if not new and self._next_reconcile and now < self._next_reconcile:
            return False
        self._next_reconcile = now + _RECONCILE_EVERY
        return True

    def discover(self) -> None:
        """Look for the user's own jobs in registered projects that nobody announced, when it is time.

        Jobs submitted before the newest project was registered are left alone: nobody asked heal to look after them.
        """
        parts, now = self._parts, self._parts.clock()
        if not parts.discovers or parts.slurm is None or self._polling.is_silent or not self._looking.due(now):
            return
        projects = parts.store.projects()
        since = parts.store.last_event("person", "project")
        if not projects or since is None:
            return
        try:
            started = time.monotonic()
            found = [*parts.slurm.recent(max(since, now - _LOOKBACK))]
            if self._queue_at is None or now - self._queue_at >= timedelta(seconds=_LOOK_EVERY_S):
                self._ask_queue(parts.slurm)
            found += self._unaccounted(parts.slurm, {job.job for job in found})
            told = watch.unannounced(found, projects, since)
            new = [job for job in told if not parts.store.knows_job(job.job)]
            new += self._used_again(parts.slurm, [job for job in told if job not in new])
            took = time.monotonic() - started
        except SchedulerUnreachable as error:
            self._looking.missed(now, error)
            return
        self._looking.answered(now, took_s=took, youngest_s=_LOOK_EVERY_S * 4, changed=bool(new))
        parts.store.take_many([event for job in new for event in watch.discovered(job, now)])

    def _ask_queue(self, slurm: Scheduler) -> None:
        self.queue, self._queue_at = slurm.queue(), self._parts.clock()

    def queue_since(self, at: datetime) -> Mapping[str, JobFacts]:
        """The queue as it was at that time or later; asked for only where that is not known yet.

        Raises ``SchedulerUnreachable``.
        """
        if self._parts.slurm is not None and (self._queue_at is None or self._queue_at < at):
            self._ask_queue(self._parts.slurm)
        return self.queue

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

    def _unaccounted(self, slurm: Scheduler, listed: Collection[str]) -> list[JobFacts]:
        """Jobs of the queue that accounting does not list: one that was cancelled before it could start has no time."""
        new = [
            job
            for job, facts in self.queue.items()
            if job not in listed and job not in self._strangers and self._is_settled(facts)
        ]
        unknown = [job for job in new[:_MOST_STRANGERS] if not self._parts.store.knows_job(job)]
        asked = [Attempt(0, "", "", "sbatch", job, job, job, native_id=job) for job in unknown]
        found = [*slurm.facts(asked).values()] if asked else []
        # after the question: who was asked about in vain is asked about again
        self._strangers = {*self._strangers.intersection(self.queue), *new[:_MOST_STRANGERS]}
        return found

    def may_ask(self) -> bool:
        """True when failed jobs may be asked about now; the next time is set."""
        now = self._parts.clock()
        if self._next_ask and now < self._next_ask:
            return False
        self._next_ask = now + _ASK_EVERY
        return True

    def facts(self, attempts: Sequence[Attempt]) -> dict[str, JobFacts]:
        """What is known of the ends of these attempts, by ``Attempt.job``; what may still change is not remembered."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        over: dict[str, JobFacts] = {}
        unheard: set[str] = set()
        asked = [one for one in attempts if one.job not in self._known and not said_all(one)]
        for scheduler, own in self._by_scheduler(asked):
            try:
                over |= ended(scheduler, own)
            except SchedulerUnreachable:
                unheard |= {attempt.job for attempt in own}
        self.unheard = frozenset(unheard)
        self._remember(over)
        return over | self.remembered(attempts)

    def remembered(self, attempts: Sequence[Attempt]) -> dict[str, JobFacts]:
        """What was answered before of these attempts; nobody is asked."""
        return {attempt.job: self._known[attempt.job] for attempt in attempts if attempt.job in self._known}

    def _by_scheduler(self, attempts: Sequence[Attempt]) -> list[tuple[Scheduler, list[Attempt]]]:
        jobs = [attempt for attempt in attempts if attempt.native_id is not None]
        tasks = [attempt for attempt in attempts if attempt.native_id is None]
        asked: list[tuple[Scheduler, list[Attempt]]] = []
        if self._parts.slurm is not None and jobs:
            asked.append((self._parts.slurm, jobs))
        if tasks:
            asked.append((self._parts.local, tasks))
        return asked


def ended(scheduler: Scheduler, attempts: Sequence[Attempt]) -> dict[str, JobFacts]:
    """What a scheduler, its sides agreeing or not, knows of their ends, by job. Raises ``SchedulerUnreachable``."""
    told = _own(attempts, scheduler.facts(attempts))
    return {job: found for job, found in told.items() if found.state.over or found.disagreement}


def _is_told(attempt: Attempt, facts: JobFacts | None) -> bool:
    """True where the queue's word is enough: the job runs or waits, or it ended and is surely the attempt's."""
    return facts is not None and facts.final and not (facts.state.over and is_later(attempt, facts))


def _own(attempts: Sequence[Attempt], answered: Mapping[str, JobFacts]) -> dict[str, JobFacts]:
    """What was answered of these attempts, without what is another job's under an id that was used again."""
    by_job = {attempt.job: attempt for attempt in attempts}
    asked = {job: by_job.get(job) or by_job.get(job.split("_")[0]) for job in answered}
    return {job: found for job, found in answered.items() if not (one := asked[job]) or is_his(one, found) is not False}
