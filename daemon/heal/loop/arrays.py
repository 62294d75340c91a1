"""Arrays that are followed as a whole: which of their elements accounting is asked about.

The queue tells of those that wait, run or have just failed. What is left are those that have left it, that it calls
completed, and that may be another job's by now. Of what runs nobody is asked, however many there are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from heal.jobs import JobFacts, JobState, base_of
from heal.knowledge.reused import is_later
from heal.records import Attempt
from heal.store import Store


@dataclass(frozen=True, slots=True)
class Question:
    """Whom accounting is to be asked about, elements as attempts of their own.

    ``besides``: elements that it need not tell where their array is asked for as a whole. ``begun``: the arrays
    of which the end of an element is stored.
    """

    attempts: tuple[Attempt, ...]
    besides: frozenset[str]
    begun: frozenset[str]


class Arrays:
    """Remembers which elements have left the queue, and as what, until their ends are stored."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._left: dict[str, JobState] = {}
        self._seen: set[int] = set()

    def changed(self, before: Mapping[str, JobFacts], queue: Mapping[str, JobFacts]) -> None:
        """The queue was asked again, by whomever."""
        gone = {job: facts.state for job, facts in before.items() if "_" in job and job not in queue}
        self._left = {job: state for job, state in self._left.items() if job not in queue} | gone

    def keep(self, watched: Sequence[Attempt]) -> None:
        """Forget all that is not about these."""
        jobs = {one.job for one in watched}
        self._left = {job: state for job, state in self._left.items() if base_of(job) in jobs}
        self._seen &= {one.id for one in watched}

    def forget(self, element: str) -> JobState:
        """Nobody will know it any more; as what the queue saw it last."""
        return self._left.pop(element)

    def answered(self, arrays: Collection[int]) -> None:
        """These were asked about as a whole, and answered; their attempts' numbers."""
        self._seen |= {*arrays}

    def left(self) -> dict[str, list[str]]:
        """The elements that have left the queue, by their array."""
        found: dict[str, list[str]] = {}
        for job in self._left:
            found.setdefault(base_of(job), []).append(job)
        return found

    def question(self, attempts: Sequence[Attempt], here: Mapping[str, Mapping[str, JobFacts]]) -> Question:
        """Whom to ask about. ``here``: of those that are arrays the elements that are in the queue, by the array's id.

        An array is asked about as a whole where heal has not seen all that became of it, for it has just begun to
        follow it, and where none of it is left to run. Elements whose ends are stored are not asked about.
        """
        ended = self._store.ended_elements(attempts)
        stored = frozenset[str]().union(*ended.values())
        self._left = {job: state for job, state in self._left.items() if job not in stored}
        left = self.left()
        asked: list[Attempt] = []
        besides = set(stored)
        for one in attempts:
            unclear = {job for job, facts in here.get(one.job, {}).items() if not _is_clear(one, facts)}
            elements = [*left.get(one.job, ())]
            if one.id in self._seen and not is_over(here.get(one.job)):
                elements += [job for job in unclear if job not in stored]
            else:
                asked.append(one)
                besides |= {job for job, facts in here.get(one.job, {}).items() if not facts.state.over} - unclear
            asked += [element_of(one, job) for job in elements]
        return Question(tuple(asked), frozenset(besides), frozenset(one.job for one in attempts if one.id in ended))


def in_queue(attempts: Sequence[Attempt], queue: Mapping[str, JobFacts]) -> dict[str, dict[str, JobFacts]]:
    """The elements that are in the queue of those of these attempts that are arrays, by the array's id."""
    jobs = {one.job for one in attempts}
    found: dict[str, dict[str, JobFacts]] = {}
    for job, facts in queue.items():
        base, dash, _ = job.partition("_")
        if dash and base in jobs:
            found.setdefault(base, {})[job] = facts
    return found


def is_over(elements: Mapping[str, JobFacts] | None) -> bool:
    """True where none of these is left to run."""
    return all(facts.state.over for facts in (elements or {}).values())


def element_of(array: Attempt, job: str) -> Attempt:
    """An element of an array as an attempt of its own."""
    part = job.removeprefix(array.job)
    return replace(array, key=array.key + part, name=array.name + part.replace("_", " #", 1), native_id=job)


def _is_clear(array: Attempt, facts: JobFacts) -> bool:
    """True where the queue's word on an element is enough, and is about an element of this array."""
    return facts.final and not is_later(array.submitted, facts)
