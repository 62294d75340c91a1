"""From an approved fix to its outcome: write ahead, act once, watch what the tasks say."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from heal.errors import SchedulerUnreachable
from heal.journal import (
    Applied,
    Applying,
    Approved,
    Body,
    Decided,
    Delayed,
    Observed,
    Proposed,
    Proven,
    Share,
    State,
)
from heal.loop.answers import Answers, can_be_told, delay_s
from heal.loop.casebook import Casebook
from heal.loop.due import Due
from heal.loop.in_flight import InFlight
from heal.loop.launches import Launches
from heal.loop.outcomes import Outcomes
from heal.loop.parts import Parts
from heal.loop.patching import Patching
from heal.loop.questions import Questions
from heal.loop.rhythm import Rhythm
from heal.records import Attempt, Fix, Incident, Outcome, Verdict
from heal.seams import Engine, Order
from heal.settings import Settings
from heal.steps.apply import apply
from heal.steps.shares import shares
from heal.store import Scope

# what tells that a submission was tried is kept for a month; long before that nobody waits for its result any more
_TOO_OLD = timedelta(days=14)
_NOT_TOLD = "for two weeks it could not be told whether this was carried out; nothing more is done about it"
# a job that came of a remedy whose result is not known is found in accounting within this time, by its mark later on
_UNSURE = timedelta(hours=1)
# a remedy whose result cannot be told now (the scheduler does not answer) is looked up again this often
_TRY_EVERY_S = 10.0


class Remedies:
    """Applies what is approved and due, and finishes what a crash left half done."""

    def __init__(
        self,
        parts: Parts,
        book: Casebook,
        questions: Questions,
        answers: Answers,
        *,
        patching: Patching,
        in_flight: InFlight,
    ) -> None:
        self._parts = parts
        self._patching = patching
        self._book = book
        self._questions = questions
        self._answers = answers
        self._in_flight = in_flight
        self._due = Due(parts, book, questions)
        self._launches = Launches(parts, book)
        self.outcomes = Outcomes(parts, book, self._due)
        self._tries: dict[str, Rhythm] = {}

    # --- applying ------------------------------------------------------------------------------

    def apply_ready(self, incidents: Sequence[Incident]) -> None:
        """Jobs are submitted again at once; an engine is started again once its run is over, for all fixes together.

        An engine that asks is answered at once, and its run goes on.
        """
        groups: dict[str, list[tuple[Incident, Fix]]] = {}
        for late in self._answers.late():
            self._widen(late)
        for incident in incidents:
            self._widen(incident)
            # an engine that is not here (a host without SLURM's commands) can be asked by a heal on another host
            if incident.engine not in self._parts.engines or not (fix := self._approved(incident)):
                continue
            if can_be_told(fix) and (asking := self._answers.of(incident)):
                self._begin_for(incident, fix, asking)
            else:
                groups.setdefault(self._group(incident), []).append((incident, fix))
        self._launch(groups)

    def _launch(self, groups: Mapping[str, Sequence[tuple[Incident, Fix]]]) -> None:
        for approved in groups.values():
            first = approved[0][0]
            waits = self._parts.engines[first.engine].waits_for_end
            # what the scheduler does not tell now is asked at the next turn
            with suppress(SchedulerUnreachable):
                if not waits and self._due.gathered(first) and self._is_due(first):
                    self._begin(approved)
                elif waits and self._launches.due(first) and (ill := [one for one in approved if self._is_ill(one[0])]):
                    self._begin(ill)

    def _is_ill(self, incident: Incident) -> bool:
        """True where something of it is left to be started again; else it comes to its end."""
        if not self._book.still_ill(incident) and (end := self._due.instead(incident)) is not None:
            self._book.write(incident, end)
            return False
        return True

    def _is_due(self, incident: Incident) -> bool:
        """True where something of it is to be submitted; an incident of which nothing is left comes to its end.

        Raises ``SchedulerUnreachable`` where that cannot be told now.
        """
        if self._due.of(incident):
            return True
        if (end := self._due.instead(incident)) is not None:
            self._book.write(incident, end)
        return False

    def resume(self, incident: Incident) -> None:
        """A remedy without a result: with the same token, the engine does only what was not done before."""
        applying, began = self._book.remedy(incident)
        token, now = applying.token, self._parts.clock()
        if now - began > _TOO_OLD:
            last = self._book.last(incident)
            why = f"for two weeks: {last.body.why}" if last and isinstance(last.body, Delayed) else _NOT_TOLD
            self._book.write(incident, Observed(token, Outcome.LOST, why))
            return
        tries = self._tries.setdefault(token, Rhythm(_TRY_EVERY_S))
        # whom an answer could not be written to waits no longer than a moment
        due = tries.due(now) or self._answers.of(incident)
        if not due or incident.engine not in self._parts.engines:
            return
        # ever more seldom: what a site does not take now it may not take for hours
        tries.silent(now)
        begun = [other for other in self._parts.store.by_token(token) if self._is_applying(other)]
        self._carry_out(begun, token)

    def unsure(self, incidents: Sequence[Incident]) -> bool:
        """True while it is not known of a new remedy which jobs came of it: one of them would pass for a stranger."""
        last = [self._book.last(incident) for incident in incidents]
        since = self._parts.clock() - _UNSURE
        return any(entry.at > since for entry in last if entry and isinstance(entry.body, Applying | Delayed))

    def _group(self, incident: Incident) -> str:
        """Incidents with one group share one launch."""
        waits = self._parts.engines[incident.engine].waits_for_end
        return self._book.ill(incident)[-1].run_id if waits else incident.id

    def _approved(self, incident: Incident) -> Fix | None:
        """The fix that policy or a person said yes to, once its delay has passed."""
        last = self._book.last(incident)
        match last.body if last else None:
            case Decided(verdict=Verdict.AUTO) | Approved() | Proven() if last:
                journal = self._parts.store.journal(incident.id)
                fix = next(entry.body.fix for entry in reversed(journal) if isinstance(entry.body, Proposed))
                return fix if (self._parts.clock() - last.at).total_seconds() >= delay_s(fix) else None
        return None

    def _settings(self, incident: Incident) -> Settings:
        return self._parts.settings_for(self._book.run(incident.run_id).cwd)

    def _begin(self, approved: Sequence[tuple[Incident, Fix]]) -> None:
        """Write ahead, then act: whoever finds these entries after a crash looks the token up."""
        token = uuid.uuid4().hex[:12]
        self._book.write_all([(incident, self._applying(incident, fix, token)) for incident, fix in approved])
        self._carry_out([incident for incident, _fix in approved], token)

    def _begin_for(self, incident: Incident, fix: Fix, asking: Sequence[Attempt]) -> None:
        """The same for those tasks that their engine holds back."""
        if (begun := self._in_flight.begun(incident, fix, asking)) is not None:
            self._book.write(incident, begun)
            self._carry_out([incident], begun.token)

    def _widen(self, incident: Incident) -> None:
        """What is under way for some tasks of a run that goes on is given to those as well that failed so since."""
        if wider := self._in_flight.wider(incident):
            self._book.write(incident, *wider)
            self._carry_out([incident], wider[0].token)

    def _applying(self, incident: Incident, fix: Fix, token: str) -> Applying:
        """What the remedy is for: all that are ill, or of many jobs first the one that needs most."""
        waits = self._parts.engines[incident.engine].waits_for_end
        ill, settings = self._book.ill(incident) if waits else self._due.of(incident), self._settings(incident)
        keys = tuple(attempt.key for attempt in ill)
        fix = self._in_flight.fitted(incident, fix, ill, for_all=waits)
        proven = self._in_flight.proven(incident, fix)
        if waits:
            return Applying(token, fix, keys, proven=proven)
        jobs = self._questions.remembered(ill)
        many = settings.arrays.canary_from and len(ill) >= settings.arrays.canary_from
        if many and not self._is_proven(incident):
            canary = max(ill, key=lambda one: job.peak_mb or 0 if (job := jobs.get(one.job)) else 0)
            return Applying(token, fix, (canary.key,), proven=proven)
        return Applying(token, fix, keys, shares(fix, ill, jobs, settings.memory.headroom), proven)

    def _is_proven(self, incident: Incident) -> bool:
        last = self._book.last(incident)
        return last is not None and isinstance(last.body, Proven)

    def _is_applying(self, incident: Incident) -> bool:
        return self._book.state(incident) is State.APPLYING

    def _carry_out(self, incidents: Sequence[Incident], token: str) -> None:
        incidents = self._landed(incidents, token)
        if not incidents:
            return
        orders = [order for incident in incidents for order in self._orders(incident)]
        engine = self._parts.engines[incidents[0].engine]
        result: Body | None
        answered = self._answers.retry(orders)
        if answered is None:
            return
        if answered:
            before = self._book.answered(incidents[0], token)
            result = Applied(token, "told to try it again while the run goes on", answered=before | answered)
        elif engine.waits_for_end:
            result = self._launches.start(engine, incidents, orders, token)
        else:
            result = self._resubmit(engine, orders, token)
        if result is not None:
            self._book.write_new(incidents, result)
        if isinstance(result, Applied):
            for incident in incidents:
                self.outcomes.follow(incident, result)

    def _landed(self, incidents: Sequence[Incident], token: str) -> list[Incident]:
        """Those whose patch, if they have one, is in the user's files now."""
        refused = {
            one.id: said
            for one in incidents
            if (said := self._patching.land(one, self._book.remedy(one)[0].fix, token)) is not None
        }
        if refused:
            # what stands in the way is the user's to clear, and their yes is asked for again then
            asked = [(one, Decided(Verdict.ASK, refused[one.id].detail)) for one in incidents if one.id in refused]
            told: list[tuple[Incident, Body]] = [(one, refused[one.id]) for one in incidents if one.id in refused]
            self._book.write_all([*told, *asked])
        return [one for one in incidents if one.id not in refused]

    def _orders(self, incident: Incident) -> list[Order]:
        applying, _at = self._book.remedy(incident)
        # of tasks with one key, each that is held back
        tries = (*self._answers.of(incident), *self._book.ill(incident))
        failed = sorted({attempt.id: attempt for attempt in tries}.values(), key=lambda one: one.id)
        orders = []
        for part, share in enumerate(applying.shares or (Share(applying.fix, applying.task_keys),), start=1):
            keys = frozenset(share.task_keys)
            attempts = tuple(one for one in failed if one.key in keys)
            known = self._questions.remembered(attempts)
            orders.append(Order(share.fix, attempts, known, part if applying.shares else 0))
        return orders

    def _resubmit(self, engine: Engine, orders: Sequence[Order], token: str) -> Body | None:
        """Run by run; the engine marks each job of its own, so nothing hangs on which others are still to be done."""
        jobs: dict[str, str] = {}
        said: list[str] = []
        runs = sorted({attempt.run_id for order in orders for attempt in order.attempts})
        for run_id in runs:
            own = [
                replace(order, attempts=tuple(one for one in order.attempts if one.run_id == run_id))
                for order in orders
            ]
            result = apply(engine, self._book.run(run_id), [order for order in own if order.attempts], token)
            if result is None or isinstance(result, Delayed):
                return result
            # one that is refused does not undo the others: they are followed, and it is told with what came of them
            said.append(result.detail)
            jobs |= result.jobs if isinstance(result, Applied) else {}
        detail = "; ".join(said)
        return Applied(token, detail, jobs=jobs) if jobs else Observed(token, Outcome.REFUSED, detail)


def _of(incident: Incident) -> Scope:
    return Scope(only=frozenset({incident.lineage}))
