"""Tasks that their engine calls done, looked at in SLURM's books: what was killed in them is told, and changes nothing.

The engine has seen the declared outputs, so its word stands. One question is about all that ended since the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from heal.loop.parts import Parts
from heal.loop.portions import MOST
from heal.loop.questions import Questions
from heal.loop.results import warning
from heal.records import Attempt
from heal.steps import followed
from heal.store import Scope

_EVERY = timedelta(minutes=5)
# of a run that is over what accounting does not have yet is asked about again after this
_SOON = timedelta(seconds=5)
# and in a run that goes on, or where nobody answered
_LATER = timedelta(minutes=1)
# what ended before this heal began is looked at where it is no older; so late an end may be told
_BEFORE = timedelta(minutes=30)


class SecondLook:
    """Asks about each such task until the books are complete, or have had their time; every five minutes at most.

    When a run is over what ended last in it is asked about at once. ``pending``: that is not done yet.
    """

    def __init__(self, parts: Parts, questions: Questions, scope: Callable[[], Scope]) -> None:
        self._parts = parts
        self._questions = questions
        self._scope = scope
        self._next: datetime | None = None
        self._last_end: datetime | None = None
        self._since: datetime | None = None
        self._done: set[int] = set()
        self.pending = False

    def look(self) -> None:
        """Tell of those in which SLURM saw something, when it is time."""
        now = self._parts.clock()
        if self._parts.slurm is None or not (self._a_run_is_over() or self._next is None or now >= self._next):
            return
        found = self._parts.store.came_home(self._since or now - _BEFORE, self._scope())
        left = [one for one in found if one.id not in self._done]
        seen = self._judged(left[:MOST], now)
        self._done = self._done.intersection(one.id for one in found) | seen
        rest = [one for one in left if one.id not in seen]
        self._since = min([now - _BEFORE, *(one.ended for one in rest if one.ended)])
        self.pending = any(self._is_over(one.run_id) and not self._waited(one, now) for one in rest)
        self._next = now + (_SOON if self.pending else _LATER if rest else _EVERY)

    def _a_run_is_over(self) -> bool:
        """True where one ended since the last time, whoever told of it."""
        before, self._last_end = self._last_end, self._parts.store.last_end_of_a_run()
        return self._last_end != before

    def _is_over(self, run_id: str) -> bool:
        run = self._parts.store.run(run_id)
        return run is not None and run.ended is not None

    def _judged(self, attempts: Sequence[Attempt], now: datetime) -> set[int]:
        """Which of these are done with; what is to be told of them is."""
        jobs = self._questions.facts(attempts) if attempts else {}
        seen, told = set(), []
        for attempt in attempts:
            job = jobs.get(attempt.job)
            if not (job and job.final) and not self._given_up(attempt, now):
                continue
            seen.add(attempt.id)
            if job and (said := followed.doubt(attempt, job)):
                told.append(warning(f"second:{attempt.id}", now, attempt.run_id, (attempt.name, attempt.job), said))
        self._parts.store.take_many(told)
        return seen

    def _given_up(self, attempt: Attempt, now: datetime) -> bool:
        """No more can be had of it: where nobody answered it is asked about for a while, as long as it is no haste."""
        if attempt.job in self._questions.unheard:
            return attempt.ended is None or now - attempt.ended > _BEFORE
        return self._waited(attempt, now)

    def _waited(self, attempt: Attempt, now: datetime) -> bool:
        """Accounting had its time."""
        run = self._parts.store.run(attempt.run_id)
        wait = self._parts.settings_for(run.cwd if run else "").slurm.accounting_wait_s
        return attempt.ended is None or now - attempt.ended > timedelta(seconds=wait)
