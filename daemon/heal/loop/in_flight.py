"""How much goes to whom: tasks of one failure may ask for different amounts, and none is given less than it asked."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from heal.errors import SchedulerUnreachable
from heal.journal import Applied, Applying, Approved, Observed, Proposed, Widening
from heal.loop.answers import Answers, can_be_told
from heal.loop.casebook import Casebook
from heal.records import Attempt, Change, Fix, FixKind, Incident, Outcome
from heal.steps.decide import came_home
from heal.steps.propose import Stop

# what the cause of an incident asks for with some of its tasks alone
Sizing = Callable[[Incident, tuple[Attempt, ...]], Fix | Stop | None]


class InFlight:
    """Sizes remedies for the tasks that they go to: while their run goes on, and for a launch of all of it."""

    def __init__(self, book: Casebook, answers: Answers, sized: Sizing) -> None:
        self._book = book
        self._answers = answers
        self._sized = sized

    def begun(self, incident: Incident, fix: Fix, asking: Sequence[Attempt]) -> Applying | None:
        """The remedy for tasks that their engine holds back; None where nothing can be had for them (now).

        Those that the fix is no change for are given more once it is under way.
        """
        helped = [one for one in asking if _gives_more(fix, one)]
        own = fix if helped else self._own(incident, asking)
        if own is None:
            return None
        return Applying(_token(), own, _keys(helped or asking), proven=self.proven(incident, own))

    def wider(self, incident: Incident) -> list[Widening]:
        """What is under way, or came home, for those that failed so since; more for those that asked for more."""
        last = self._book.last(incident)
        match last.body if last else None:
            case Applied(token=token, jobs=jobs) if not jobs:
                fresh = self._fresh(incident, token)
            case Observed(token=token, outcome=Outcome.HEALED):
                fresh = self._fresh(incident, token)
            case _:
                return []
        fix = self._book.remedy(incident)[0].fix if fresh else None
        if fix is None or not can_be_told(fix):
            self._answers.hopeless(fresh)
            return []
        helped = [one for one in fresh if _gives_more(fix, one)]
        others: dict[tuple[tuple[str, float], ...], list[Attempt]] = {}
        for one in fresh:
            if one not in helped:
                others.setdefault(tuple(sorted(one.asked.items())), []).append(one)
        more = [(self._own(incident, alike), alike) for alike in others.values()]
        same = [Widening(token, _keys(helped))] if helped else []
        return [*same, *(Widening(token, _keys(alike), own) for own, alike in more if own)]

    def proven(self, incident: Incident, fix: Fix) -> bool:
        """True where the change came home on the same failure of other tasks of the run."""
        return came_home(fix, self._book.store.tried(incident.lineage, incident.fingerprint))

    def fitted(self, incident: Incident, fix: Fix, ill: Sequence[Attempt], *, for_all: bool) -> Fix:
        """The fix, raised where it is no change for some of these.

        ``for_all``: it goes to every task of its process, what is no part of the incident included; then it is not less
        than any of them was seen to ask for.
        """
        if fix.kind is not FixKind.RESOURCES:
            return fix
        own = None if all(_gives_more(fix, one) for one in ill) else self._own(incident, ill)
        more = {change.name: _number(change.new) for change in own.changes} if own else {}
        if for_all:
            floors = self._book.store.most_asked(incident.lineage, fix.process)
            more = {name: max(more.get(name, 0), floors.get(name, 0)) for name in {*more, *floors}}
        return replace(fix, changes=tuple(_raised(change, more.get(change.name, 0), ill) for change in fix.changes))

    def _fresh(self, incident: Incident, token: str) -> list[Attempt]:
        """Those held back that the remedy was not given to yet; of a try that came of it the outcome will tell."""
        asking = self._answers.of(incident)
        if not asking:
            return []
        applying, began = self._book.remedy(incident)
        answered = self._book.answered(incident, token)
        return [
            one
            for one in asking
            if not self._book.tried_again(incident, answered, one)
            and not (one.key in applying.task_keys and self._book.run(one.run_id).started >= began)
        ]

    def _own(self, incident: Incident, attempts: Sequence[Attempt]) -> Fix | None:
        """What these need, as far as heal may give it without a yes; those held back that get nothing are let go."""
        try:
            found = None if self._by_a_person(incident) else self._sized(incident, tuple(attempts))
        except SchedulerUnreachable:
            return None
        if isinstance(found, Fix) and can_be_told(found) and all(_gives_more(found, one) for one in attempts):
            return found
        self._answers.hopeless(attempts)
        return None

    def _by_a_person(self, incident: Incident) -> bool:
        """True where a person said yes to the fix as it is, and to no more."""
        for entry in reversed(self._book.store.journal(incident.id)):
            if isinstance(entry.body, Approved | Proposed):
                return isinstance(entry.body, Approved)
        return False


def _token() -> str:
    return uuid.uuid4().hex[:12]


def _keys(attempts: Sequence[Attempt]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(attempt.key for attempt in attempts))


def _number(value: float | str | None) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _gives_more(fix: Fix, attempt: Attempt) -> bool:
    """True where the fix is more than this try had; a try again is always worth the same."""
    numbers = [change for change in fix.changes if isinstance(change.new, int | float) and change.name != "delay_s"]
    return all(float(change.new or 0) > attempt.asked.get(change.name, 0) for change in numbers)


def _raised(change: Change, least: float, ill: Sequence[Attempt]) -> Change:
    """The change, to at least so much for a task: the job of a group asks for several of them together."""
    if not isinstance(change.new, int | float):
        return change
    own = max((one.asked.get(change.name, 0) for one in ill), default=0)
    together = max(1.0, _number(change.old) / own) if own else 1.0
    return replace(change, new=max(change.new, least * together))
