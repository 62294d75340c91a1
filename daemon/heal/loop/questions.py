"""What the schedulers are asked, and how often: one bulk question for many jobs, never one per job."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from heal.errors import AskedEnough, SchedulerUnreachable
from heal.jobs import JobFacts, base_of
from heal.knowledge.reused import is_his
from heal.loop.ends import Ends
from heal.loop.exit_codes import ExitCodes
from heal.loop.last_words import LastWords
from heal.loop.parts import Parts
from heal.loop.portions import in_portions
from heal.loop.results import checked, take
from heal.loop.rhythm import Rhythm
from heal.records import Attempt
from heal.seams import Scheduler
from heal.settings import Slurm
from heal.steps import watch
from heal.steps.gather import said_all
from heal.store import Scope

# a question about failed jobs is asked at most this often, however many fail
_ASK_EVERY = timedelta(seconds=4)
# final answers remembered, the newest
_REMEMBERED = 20_000


class Questions:
    """Asks and remembers final answers. Silence, and "still running", are asked about again.

    ``queue`` is what the controller said last of all the user's own jobs. ``unheard`` are the jobs of the last question
    about failures that had no answer; ``crowded``: for heal's own ceiling, which soon leaves room.
    """

    def __init__(self, parts: Parts, scope: Callable[[], Scope], words: LastWords) -> None:
        self._parts = parts
        self._scope = scope
        self._words = words
        self._polling = Rhythm(parts.settings_for("").slurm.poll_seconds)
        self._ends = Ends(parts.store, lambda asked, answered: self._remember(_own(asked, answered)))
        self._next_ask: datetime | None = None
        self._exit_codes = ExitCodes(parts, self.facts)
        self._known: dict[str, JobFacts] = {}
        self._queue_at: datetime | None = None
        self.queue: Mapping[str, JobFacts] = {}
        self.unheard: frozenset[str] = frozenset()
        self.crowded = False

    def poll(self, held: Callable[[JobFacts], bool]) -> None:
        """Ask once for all watched jobs, when it is time, and take what ended as events.

        ``held``: a job that waits for one that is being healed, which is not taken for stuck.
        """
        parts, now = self._parts, self._parts.clock()
        self._exit_codes.write()
        if parts.slurm is None or not self._polling.due(now):
            return
        watched = parts.store.watched(self._scope())
        if not watched:
            self._ends.arrays.keep(())
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
        answer = self._ends.of(watched, self.queue, parts.slurm, now)
        theirs = self._left_to_engines(answer.told)
        self._exit_codes.heard([one for one in answer.told if one.id in theirs], answer.known)
        sure = [one for one in answer.sure if one.id not in theirs]
        ends = watch.endings(sure, answer.known, now, self._rules, answer.begun, held=held)
        take(parts, checked(parts, ends))

    def _left_to_engines(self, attempts: Sequence[Attempt]) -> frozenset[int]:
        """Of these attempts those whose engine tells of their end itself."""
        followed = {one.run_id: one for one in attempts if one.engine != "sbatch"}
        runs = {run for run, one in followed.items() if self._words.left_to_engine(one)}
        return frozenset(one.id for one in attempts if one.run_id in runs)

    def _rules(self, attempt: Attempt) -> Slurm:
        return self._parts.settings_for(attempt.workdir or "").slurm

    def hurry(self) -> None:
        """A watched job is said to have ended: an answer is worth having now, unless the scheduler is silent."""
        self._polling.hurry()

    @property
    def silent(self) -> bool:
        """True where nobody answers about watched jobs: no scheduler is here, or the last question had no answer."""
        return self._parts.slurm is None or self._polling.is_silent

    def _remember(self, answered: Mapping[str, JobFacts]) -> None:
        self._known |= {job: found for job, found in answered.items() if found.state.over and found.final}
        for job in [*self._known][: max(0, len(self._known) - _REMEMBERED)]:
            del self._known[job]

    def _ask_queue(self, slurm: Scheduler) -> None:
        queue = slurm.queue()
        self._ends.arrays.changed(self.queue, queue)
        self.queue, self._queue_at = queue, self._parts.clock()

    def queue_since(self, at: datetime) -> Mapping[str, JobFacts]:
        """The queue as it was at that time or later; asked for only where that is not known yet.

        Raises ``SchedulerUnreachable``.
        """
        if self._parts.slurm is not None and (self._queue_at is None or self._queue_at < at):
            self._ask_queue(self._parts.slurm)
        return self.queue

    def since(self, attempts: Sequence[Attempt], at: datetime) -> dict[str, JobFacts]:
        """What these jobs were at that time or later, by ``Attempt.job``, whether they are in the queue or not.

        One of which nothing is known is absent. Raises ``SchedulerUnreachable``.
        """
        if self._parts.slurm is None:
            raise SchedulerUnreachable("there is no SLURM here to be asked")
        queue = self.queue_since(at)
        here = {one.job: job for one in attempts if (job := queue.get(one.job)) and is_his(one, job)}
        left = [one for one in attempts if one.job not in here]
        told, untold = in_portions(left, self._parts.slurm.facts)
        if untold:
            raise SchedulerUnreachable(f"what became of job {untold[0].job} is not told now")
        return here | {one.job: job for one in left if (job := told.get(one.job)) and is_his(one, job)}

    def may_ask(self) -> bool:
        """True when failed jobs may be asked about now; the next time is set."""
        now = self._parts.clock()
        if self._next_ask and now < self._next_ask:
            return False
        self._next_ask = now + _ASK_EVERY
        return True

    def facts(self, attempts: Sequence[Attempt]) -> dict[str, JobFacts]:
        """What is known of the ends of these attempts, by ``Attempt.job``; what may still change is not remembered.

        A job of which the scheduler's sides do not say the same is told with what they say.
        """
        over: dict[str, JobFacts] = {}
        unheard: set[str] = set()
        self.crowded = False
        asked = [one for one in attempts if one.job not in self._known and not said_all(one)]
        for scheduler, own in self._by_scheduler(asked):
            told, untold = in_portions(own, partial(self._asked, scheduler))
            over |= _ends(own, told)
            unheard |= {attempt.job for attempt in untold}
        self.unheard = frozenset(unheard)
        known = self.remembered(attempts)
        self._remember(over)
        return over | known

    def _asked(self, scheduler: Scheduler, attempts: Sequence[Attempt]) -> Mapping[str, JobFacts]:
        try:
            return scheduler.facts(attempts)
        except AskedEnough:
            self.crowded = True
            raise

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
    """What a scheduler knows of the ends of these attempts, by ``Attempt.job``. Raises ``SchedulerUnreachable``."""
    return _ends(attempts, scheduler.facts(attempts))


def _ends(attempts: Sequence[Attempt], told: Mapping[str, JobFacts]) -> dict[str, JobFacts]:
    """Of what was answered the ends, and where the scheduler's sides do not say the same of one."""
    return {job: found for job, found in _own(attempts, told).items() if found.state.over or found.disagreement}


def _own(attempts: Sequence[Attempt], answered: Mapping[str, JobFacts]) -> dict[str, JobFacts]:
    """What was answered of these attempts, without what is another job's under an id that was used again."""
    by_job = {attempt.job: attempt for attempt in attempts}
    asked = {job: by_job.get(job) or by_job.get(base_of(job)) for job in answered}
    return {job: found for job, found in answered.items() if not (one := asked[job]) or is_his(one, found) is not False}
