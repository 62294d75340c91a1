"""Which watched jobs can be told of at a look at the queue: by its word, or accounting's where that is not enough."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, JobState, base_of
from heal.knowledge.reused import is_later
from heal.loop.arrays import Arrays, in_queue, is_over
from heal.loop.portions import Portions
from heal.records import Attempt
from heal.seams import Scheduler
from heal.steps import watch
from heal.store import Store

# accounting knows what the controller has forgotten; it is asked about elements of arrays that run this often
_RECONCILE_EVERY = timedelta(minutes=5)
# stands for an element of which nothing is known yet: its array is not over
_UNTOLD = JobFacts("", JobState.UNKNOWN, final=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What can be told: of which attempts, what is known by job, and of which arrays ends are stored.

    ``sure`` are those of whose end something may be concluded.
    """

    told: Sequence[Attempt]
    sure: Sequence[Attempt]
    known: Mapping[str, JobFacts]
    begun: Collection[str] = ()


class Ends:
    """Asks about what has ended or left the queue. ``heard`` is given what was asked, and what was answered."""

    def __init__(self, store: Store, heard: Callable[[Sequence[Attempt], Mapping[str, JobFacts]], None]) -> None:
        self.arrays = Arrays(store)
        self._heard = heard
        self._portions = Portions()
        self._next_reconcile: datetime | None = None
        self._asked: set[str] = set()
        # jobs that neither side knew when they were asked about, and since when
        self._missed: dict[str, datetime] = {}
        # jobs that have left the queue and that accounting calls running all the same, and since when
        self._late: dict[str, datetime] = {}

    def of(self, watched: Sequence[Attempt], queue: Mapping[str, JobFacts], slurm: Scheduler, now: datetime) -> Answer:
        """Those of which something can be said now, and what is known.

        The controller forgets jobs some minutes after their end, elements of an array one by one: accounting is asked
        about a job that has left the queue and an array that seems to be over at once, about elements of one that runs
        now and then. Whether a step of a completed job was killed is known to accounting alone. The queue does not tell
        a job that was requeued from another one of its id: about one that ended it is asked as well. Where more are to
        be asked about than one question holds, the next ones are told at the next look.
        """
        self.arrays.keep(watched)
        rest = [one for one in watched if not _is_told(one, queue.get(one.job))]
        here = in_queue(rest, queue)
        over = [one for one in rest if is_over(here.get(one.job))]
        left = {one.id for one in over}
        told = [one for one in watched if one.id not in left]
        jobs, there = {one.job for one in rest}, {one.job for one in told}
        missed = self._missed.keys() - queue.keys() - there
        self._missed = {job: self._missed[job] for job in missed if base_of(job) in jobs or job in jobs}
        if not rest or not self._worth_asking(over, now):
            return Answer(told, told, queue)
        question = self.arrays.question(rest, here)
        asked = self._portions.next(question.attempts)
        try:
            accounted = slurm.facts(asked, question.besides) if asked else {}
        except SchedulerUnreachable:
            # the queue's word on an element counts, but whether there were more of its array is not known
            told += [one for one in over if one.job in here]
            return Answer(told, told, {**{f"{job}_": _UNTOLD for job in here}, **queue})
        self._heard(asked, accounted)
        own = {(one.id, one.job) for one in rest}
        whole = {one.id for one in asked if (one.id, one.job) in own}
        self.arrays.answered(whole)
        elements = [one for one in asked if (one.id, one.job) not in own]
        ended = {one.job for one in over if one.id in whole}
        self._asked = ended - _lagging(queue, accounted) - self._still_late(ended - queue.keys(), accounted, now)
        told += [one for one in over if one.id in whole]
        return self._answer(told, elements, {**queue, **accounted}, question.begun, now)

    def _answer(
        self,
        told: Sequence[Attempt],
        elements: Sequence[Attempt],
        known: dict[str, JobFacts],
        begun: frozenset[str],
        now: datetime,
    ) -> Answer:
        """All but those that neither side knows, until they have been missing for a while.

        Accounting that comes back tells of what happened meanwhile once the controller has sent it on. ``elements``
        were asked about one by one; of an array of which nothing at all is known that is told, and not of each of them.
        """
        heard_of = {base_of(job) for job in known} | begun
        nowhere = [one for one in told if one.job not in known and one.job not in heard_of]
        unheard = [one for one in elements if one.job not in known and base_of(one.job) in heard_of]
        since = {job: at for job, at in self._missed.items() if job not in known and job not in heard_of}
        self._missed = since | {one.job: since.get(one.job, now) for one in (*nowhere, *unheard)}
        lost = {job for job, at in self._missed.items() if now - at >= watch.FORGOTTEN_AFTER}
        # what was completed when the queue had it last went well by all that anybody knows
        forgotten = [one for one in unheard if one.job in lost and not self.arrays.forget(one.job).over]
        left = self.arrays.left()
        own = [one.job for one in told if one.job in heard_of]
        untold = {job: _UNTOLD for array in own for job in left.get(array, ()) if job not in known}
        self._asked -= {base_of(job) for job in untold}
        missing = {one.job for one in nowhere} - lost
        sure = [one for one in told if one.job not in missing]
        return Answer(told, [*sure, *forgotten], known | untold, begun)

    def _still_late(self, gone: Collection[str], accounted: Mapping[str, JobFacts], now: datetime) -> set[str]:
        """Those of the gone that accounting is to be asked about again soon; of some it never hears the end."""
        running = {job for job in gone if job in accounted and not accounted[job].state.over}
        self._late = {job: self._late.get(job, now) for job in running}
        return {job for job, since in self._late.items() if now - since < _RECONCILE_EVERY}

    def _worth_asking(self, over: Sequence[Attempt], now: datetime) -> bool:
        new = any(one.job not in self._asked for one in over)
        if not new and self._next_reconcile and now < self._next_reconcile:
            return False
        self._next_reconcile = now + _RECONCILE_EVERY
        return True


def _is_told(attempt: Attempt, facts: JobFacts | None) -> bool:
    """True where the queue's word is enough: the job runs or waits, or it ended and is surely the attempt's."""
    return facts is not None and facts.final and not (facts.state.over and is_later(attempt.submitted, facts))


def _lagging(queue: Mapping[str, JobFacts], accounted: Mapping[str, JobFacts]) -> set[str]:
    """Those about whose end accounting is to be asked again soon, for it does not have it yet.

    An array is followed as a whole, and lags with any of its elements.
    """
    behind = {job for job, found in accounted.items() if not found.final or (job in queue and not found.state.over)}
    return behind | {base_of(job) for job in behind}
