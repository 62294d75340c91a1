"""Engines that hold a failed task back and ask: each is told at once to try it again so, or to do as it would have."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from heal.home.answers import give, is_question, sweep, withdraw
from heal.journal import (
    Applied,
    Applying,
    Approved,
    Decided,
    Delayed,
    Diagnosed,
    Entry,
    Observed,
    Proposed,
    Proven,
    Widening,
)
from heal.loop.casebook import Casebook
from heal.loop.parts import Parts
from heal.records import Attempt, Event, Fix, FixKind, Incident, Outcome, Run, TaskRef, Verdict
from heal.seams import Order
from heal.store import Scope

# what an engine can be told for one task while its run goes on
_TOLD = ("memory_mb", "time_min")
# who asks believes for half a minute that somebody listens
_ATTEND_EVERY = timedelta(seconds=5)
# whom nobody listens to for so long has surely gone on without heal
_GONE_ON = timedelta(seconds=60)
# no engine waits longer than this for an answer
_LONGEST = timedelta(days=1)


def can_be_told(fix: Fix) -> bool:
    """Tell whether a fix is one that an engine can give a single task while its run goes on."""
    if fix.kind is FixKind.RESOURCES:
        return all(change.name in _TOLD and isinstance(change.new, int | float) for change in fix.changes)
    return fix.kind is FixKind.RETRY


def delay_s(fix: Fix) -> float:
    """How long after the decision a fix is carried out, in seconds."""
    return sum(float(change.new or 0) for change in fix.changes if change.name == "delay_s")


class Answers:
    """The questions that are open, and what is said to them. A question left alone costs its run the time it waits."""

    def __init__(self, parts: Parts, book: Casebook, scope: Callable[[], Scope]) -> None:
        self._parts = parts
        self._book = book
        self._scope = scope
        self._reach: Scope | None = None
        self._asked: tuple[Attempt, ...] = ()
        # of tasks that have their key from another one of their run, whose try is all that the store holds
        self._namesakes: dict[str, Attempt] = {}
        # every question of a run that goes on
        self._known: dict[str, Attempt] = {}
        self._given: set[str] = set()
        self._hopeless: set[str] = set()
        # since when an answer cannot be written
        self._stuck: dict[str, datetime] = {}
        self._attended: datetime | None = None

    def attend(self) -> None:
        """Show engines that somebody listens; not while no answer reaches one, so that it waits no longer."""
        now = self._parts.clock()
        if not self._stuck and (self._attended is None or now - self._attended >= _ATTEND_EVERY):
            self._attended = now
            wait_s = self._parts.settings_for("").in_flight.wait_seconds
            for spool in self._parts.spools():
                spool.attend(wait_s)

    def recall(self) -> None:
        """What was asked of an earlier heal, which may not have lived to take its answers away.

        To be called before anything is taken in: of a run that is over, nothing is found any more.
        """
        if (reach := self._scope()) != self._reach:
            self._reach = reach
            self._look()
            for run_id in {one.run_id for one in self._in_scope(self._asked)}:
                sweep(self._book.run(run_id).cwd)

    def _look(self) -> None:
        self._asked = self._parts.store.asking(self._parts.clock() - _LONGEST)
        asked = (*self._asked, *self._namesakes.values())
        self._known |= {ask: one for one in asked if is_question(ask := one.facts["asks"])}
        for one in self.open():
            # whoever listens here may let engines wait, and this project none
            if not self._parts.settings_for(self._book.run(one.run_id).cwd).in_flight.wait_seconds:
                self._say(one, {"answer": "none"})

    def heard(self, event: Event) -> None:
        """A question was taken in. One of a try that had ended before is of another task with the same key."""
        run, task, ask = event.run, event.task, event.facts["asks"]
        found = self._parts.store.run(run.id) if run else None
        if task is None or found is None or not is_question(ask):
            return
        self._find_namesake(event, task, found)
        self._look()

    def _find_namesake(self, event: Event, task: TaskRef, found: Run) -> None:
        ask = event.facts["asks"]
        tries = self._parts.store.attempts(found.lineage, task.key)
        same = [one for one in tries if (one.run_id, one.number) == (found.id, task.attempt)]
        known = [one for one in same if one.native_id in (None, task.native_id) and one.ok is not None]
        if known and not any(one.facts.get("asks") == ask for one in same):
            self._namesakes[ask] = replace(known[-1], name=task.name, workdir=task.workdir, facts=dict(event.facts))

    def open(self) -> tuple[Attempt, ...]:
        """The failed tries that an engine in scope holds back at this moment, oldest first."""
        now = self._parts.clock()
        if not self._asked and not self._namesakes:
            return ()
        self._asked = tuple(one for one in self._asked if self._is_open(one, now))
        self._namesakes = {ask: one for ask, one in self._namesakes.items() if self._is_open(one, now)}
        return self._in_scope((*self._asked, *self._namesakes.values()))

    def of(self, incident: Incident) -> tuple[Attempt, ...]:
        """Those of them that failed as this incident says, and for whom something may still be found."""
        asked = [one for one in self.open() if one.facts["asks"] not in self._hopeless]
        where = self._parts.store.explained([one.id for one in asked]) if asked else {}
        return tuple(
            one for one in asked if where.get(one.id) == incident.id and not self._was_answered(one, incident.id)
        )

    def _was_answered(self, attempt: Attempt, incident: str) -> bool:
        """True where this heal or an earlier one told it to be tried again."""
        bodies = [entry.body for entry in self._parts.store.journal(incident)]
        return any(attempt.facts["asks"] in body.answered for body in bodies if isinstance(body, Applied))

    def late(self) -> list[Incident]:
        """The incidents of open questions that have come to a good end meanwhile: of tasks with a key of another."""
        if not self._namesakes:
            return []
        where = self._parts.store.explained([one.id for one in self.open()])
        found = [self._parts.store.incident(one) for one in sorted(set(where.values()))]
        ends = [(one, entry.body) for one in found if (entry := self._book.last(one))]
        return [one for one, body in ends if isinstance(body, Observed) and body.outcome is Outcome.HEALED]

    def hopeless(self, attempts: Sequence[Attempt]) -> None:
        """Nothing is to be had for these: those of them that are held back are let go."""
        self._hopeless |= {str(one.facts["asks"]) for one in attempts if "asks" in one.facts}

    def retry(self, orders: Sequence[Order]) -> dict[str, str] | None:
        """Have each task of these orders that is held back tried again with its fix; its question, and its key.

        None where some are held back and none of them can be told now.
        """
        open_now = self.open()
        where = self._parts.store.explained([one.id for one in open_now]) if open_now else {}
        held: dict[int, list[Attempt]] = {}
        for one in open_now:
            if one.id in where and not self._was_answered(one, where[one.id]):
                held.setdefault(one.id, []).append(one)
        asking = [(order, one) for order in orders for attempt in order.attempts for one in held.get(attempt.id, ())]
        answered: dict[str, str] = {}
        for order, one in asking:
            resources = {
                change.name: math.ceil(change.new)
                for change in order.fix.changes
                if change.name in _TOLD and isinstance(change.new, int | float)
            }
            if self._say(one, {"answer": "retry", "resources": resources}):
                answered[str(one.facts["asks"])] = one.key
        return None if asking and not answered else answered

    def settle(self) -> None:
        """Whoever heal has nothing for goes on as it would have without heal, now; no answer outlives its run."""
        mine = {one.run_id for one in self._in_scope(tuple(self._known.values()))}
        over = {run_id for run_id in mine if self._parts.ended(run_id)}
        for ask, one in list(self._known.items()):
            if one.run_id in over:
                withdraw(self._book.run(one.run_id).cwd, ask)
                del self._known[ask]
        asked = self.open()
        where = self._parts.store.explained([one.id for one in asked]) if asked else {}
        for attempt in asked:
            # what is not explained yet may still get an answer
            known = attempt.id in where or attempt.ok
            incident = where.get(attempt.id)
            if known and not self._is_coming(incident, attempt):
                if incident is not None and self._was_answered(attempt, incident):
                    self._given.add(str(attempt.facts["asks"]))
                else:
                    self._say(attempt, {"answer": "none"})

    def _in_scope(self, attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
        scope = self._scope()
        return tuple(one for one in attempts if scope.takes(one.lineage))

    def _say(self, attempt: Attempt, answer: dict[str, object]) -> bool:
        ask = str(attempt.facts["asks"])
        try:
            give(self._book.run(attempt.run_id).cwd, ask, answer)
        except OSError:
            # tried again at each turn
            self._stuck.setdefault(ask, self._parts.clock())
            return False
        self._given.add(ask)
        self._stuck.pop(ask, None)
        return True

    def _is_open(self, attempt: Attempt, now: datetime) -> bool:
        ask = attempt.facts["asks"]
        waits = (
            is_question(ask)
            and ask not in self._given
            and now < _until(attempt)
            and now - self._stuck.get(ask, now) < _GONE_ON
            and not self._parts.ended(attempt.run_id)
        )
        if not waits and ask in self._stuck:
            del self._stuck[ask]
            self._given.add(ask)
        return waits

    def _is_coming(self, incident: str | None, attempt: Attempt) -> bool:
        """True while heal may still find something to try for it."""
        if incident is None or attempt.facts["asks"] in self._hopeless:
            return False
        last = self._parts.store.last(incident)
        match last.body if last else None:
            case None | Diagnosed() | Proposed() | Observed(outcome=Outcome.SAME_FAILURE):
                return True
            case Decided(verdict=Verdict.AUTO) | Approved() | Proven() | Applying() | Widening() | Delayed() if last:
                return self._is_in_time(last, attempt)
            case Applied(jobs=jobs):
                # it is given a share of the remedy, or what came of the remedy is about to be told
                return not jobs
        return False

    def _is_in_time(self, last: Entry, attempt: Attempt) -> bool:
        journal = self._parts.store.journal(last.incident)
        fix = next(one.body.fix for one in reversed(journal) if isinstance(one.body, Proposed))
        begun = isinstance(last.body, Applying | Widening | Delayed)
        due = last.at + timedelta(seconds=0 if begun else delay_s(fix))
        return can_be_told(fix) and due < _until(attempt)


def _until(attempt: Attempt) -> datetime:
    """When its engine stops waiting; long ago where it does not say."""
    with suppress(TypeError, ValueError):
        found = datetime.fromisoformat(str(attempt.facts.get("asks_until")))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return datetime.min.replace(tzinfo=UTC)
