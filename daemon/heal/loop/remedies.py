"""From an approved fix to its outcome: write ahead, act once, watch what the tasks say."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from heal.journal import Applied, Applying, Approved, Body, Decided, Observed, Proposed
from heal.loop.casebook import Casebook
from heal.loop.parts import Parts
from heal.records import Attempt, Fix, Incident, Verdict
from heal.seams import Engine, Order
from heal.steps import watch
from heal.steps.apply import apply
from heal.steps.observe import observe
from heal.store import Scope

# a launch that nobody has heard of after this long did not get as far as speaking
_SILENT = timedelta(seconds=60)
# a remedy whose result cannot be told now (the scheduler does not answer) is looked up again this often
_TRY_EVERY = timedelta(seconds=10)


class Remedies:
    """Applies what is approved and due, finishes what a crash left half done, and names outcomes."""

    def __init__(self, parts: Parts, book: Casebook) -> None:
        self._parts = parts
        self._book = book
        self._next_try: dict[str, datetime] = {}

    # --- applying ------------------------------------------------------------------------------

    def apply_ready(self, incidents: Sequence[Incident]) -> None:
        """Jobs are submitted again at once; an engine is started again once its run is over, for all fixes together."""
        groups: dict[str, list[tuple[Incident, Fix]]] = {}
        for incident in incidents:
            # an engine that is not here (a host without SLURM's commands) can be asked by a heal on another host
            if incident.engine in self._parts.engines and (fix := self._approved(incident)):
                groups.setdefault(self._group(incident), []).append((incident, fix))
        for approved in groups.values():
            first = approved[0][0]
            if not self._parts.engines[first.engine].waits_for_end or self._over(first):
                self._begin(approved)

    def resume(self, incident: Incident) -> None:
        """A remedy without a result: with the same token, the engine does only what was not done before."""
        token, now = self._book.remedy(incident)[0].token, self._parts.clock()
        if now < self._next_try.get(token, now) or incident.engine not in self._parts.engines:
            return
        self._next_try[token] = now + _TRY_EVERY
        begun = [other for other in self._parts.store.by_token(token) if self._is_applying(other)]
        self._carry_out(begun, token)

    def _group(self, incident: Incident) -> str:
        """Incidents with one group share one launch."""
        waits = self._parts.engines[incident.engine].waits_for_end
        return self._book.ill(incident)[-1].run_id if waits else incident.id

    def _approved(self, incident: Incident) -> Fix | None:
        """The fix that policy or a person said yes to, once its delay has passed."""
        last = self._book.last(incident)
        match last.body if last else None:
            case Decided(verdict=Verdict.AUTO) | Approved() if last:
                journal = self._parts.store.journal(incident.id)
                fix = next(entry.body.fix for entry in reversed(journal) if isinstance(entry.body, Proposed))
                delay = sum(float(change.new or 0) for change in fix.changes if change.name == "delay_s")
                return fix if (self._parts.clock() - last.at).total_seconds() >= delay else None
        return None

    def _over(self, incident: Incident) -> bool:
        """The run has ended, so has what launched it, all it said is taken in and every failure has its incident."""
        run = self._book.run(self._book.ill(incident)[-1].run_id)
        launches = [run.id, *([run.parent] if run.parent else [])]
        return (
            all(self._parts.ended(launch) for launch in launches)
            and not self._parts.spool_waiting()
            and not self._parts.store.unexplained(Scope(only=frozenset({incident.lineage})))
        )

    def _begin(self, approved: Sequence[tuple[Incident, Fix]]) -> None:
        """Write ahead, then act: whoever finds these entries after a crash looks the token up."""
        token = uuid.uuid4().hex[:12]
        self._book.write_all([(incident, Applying(token, fix, self._keys(incident))) for incident, fix in approved])
        self._carry_out([incident for incident, _fix in approved], token)

    def _keys(self, incident: Incident) -> tuple[str, ...]:
        return tuple(dict.fromkeys(attempt.key for attempt in self._book.ill(incident)))

    def _is_applying(self, incident: Incident) -> bool:
        last = self._book.last(incident)
        return last is not None and isinstance(last.body, Applying)

    def _carry_out(self, incidents: Sequence[Incident], token: str) -> None:
        orders = [self._order(incident) for incident in incidents]
        engine = self._parts.engines[incidents[0].engine]
        if engine.waits_for_end:
            # the newest launch carries everything that earlier remedies changed
            runs = [self._book.run(attempt.run_id) for order in orders for attempt in order.attempts]
            last = max(runs, key=lambda run: run.started)
            result: Body | None = apply(engine, last, orders, token, self._unchanged(incidents, orders))
        else:
            result = self._resubmit(engine, orders, token)
        if result is not None:
            self._book.write_all([(incident, result) for incident in incidents])
        if isinstance(result, Applied):
            for incident in incidents:
                self._watch_resubmitted(incident, result)

    def _order(self, incident: Incident) -> Order:
        applying, _at = self._book.remedy(incident)
        failed = {attempt.key: attempt for attempt in self._book.ill(incident)}
        return Order(applying.fix, tuple(failed[key] for key in applying.task_keys if key in failed))

    def _unchanged(self, incidents: Sequence[Incident], orders: Sequence[Order]) -> list[Attempt]:
        """The failed tasks of the lineage that nothing is changed for: they would only fail again."""
        ordered = {attempt.key for order in orders for attempt in order.attempts}
        chosen = {incident.id for incident in incidents}
        others = [one for one in self._parts.store.incidents(incidents[0].lineage) if one.id not in chosen]
        ill = [attempt for other in others for attempt in self._book.ill(other)]
        return [attempt for attempt in ill if attempt.key not in ordered and not self._book.came_home(attempt)]

    def _resubmit(self, engine: Engine, orders: Sequence[Order], token: str) -> Body | None:
        """Each run's jobs under a token of their own, numbered in an order that a second try repeats."""
        jobs: dict[str, str] = {}
        runs = sorted({attempt.run_id for order in orders for attempt in order.attempts})
        for number, run_id in enumerate(runs, 1):
            own = [Order(order.fix, tuple(a for a in order.attempts if a.run_id == run_id)) for order in orders]
            part = f"{token}.{number}" if len(runs) > 1 else token
            result = apply(engine, self._book.run(run_id), [order for order in own if order.attempts], part)
            if isinstance(result, Observed):
                return Observed(token, result.outcome, result.detail)
            if result is None:
                return None
            jobs |= result.jobs
        return Applied(token, jobs=jobs)

    # --- watching ------------------------------------------------------------------------------

    def observe(self, incident: Incident, applied: Applied) -> bool:
        """Write the outcome if it can be told; True when it was."""
        self._watch_resubmitted(incident, applied)
        applying, began = self._book.remedy(incident)
        later = {key: self._later(incident, key, began, applied) for key in applying.task_keys}
        failed = [attempt.id for attempts in later.values() for attempt in attempts if attempt.ok is False]
        outcome = observe(
            applying,
            later,
            self._parts.store.explained(failed),
            incident.id,
            over=self._nothing_coming(incident, applied, began),
        )
        if outcome is not None:
            self._book.write(incident, outcome)
        return outcome is not None

    def _watch_resubmitted(self, incident: Incident, applied: Applied) -> None:
        """Follow the jobs heal submitted; said again at each look, since a crash may have come before the first."""
        if not applied.jobs:
            return
        failed = {attempt.key: attempt for attempt in self._parts.store.members(incident.id)}
        for key, job in applied.jobs.items():
            self._parts.store.take(watch.resubmitted(failed[key], job, applied.token, self._parts.clock()))

    def _later(self, incident: Incident, key: str, began: datetime, applied: Applied) -> list[Attempt]:
        attempts = self._parts.store.attempts(incident.lineage, key)
        if applied.jobs:
            return [attempt for attempt in attempts if attempt.native_id == applied.jobs.get(key)]
        return [attempt for attempt in attempts if self._book.run(attempt.run_id).started >= began]

    def _nothing_coming(self, incident: Incident, applied: Applied, began: datetime) -> bool:
        """No launch since the remedy is running, and no other remedy of the lineage will start one."""
        if applied.jobs:
            return all(self._job_over(incident, key, job) for key, job in applied.jobs.items())
        runs = [run for run in self._parts.store.runs(incident.lineage) if run.started >= began]
        if not runs:
            return self._parts.clock() - began > _SILENT
        if self._parts.spool_waiting() or not all(self._parts.ended(run.id) for run in runs):
            return False
        return not any(
            self._book.state(other).moving and not self._shares(other, applied.token)
            for other in self._book.siblings(incident)
        )

    def _job_over(self, incident: Incident, key: str, job: str) -> bool:
        attempts = self._parts.store.attempts(incident.lineage, key)
        return any(attempt.native_id == job and attempt.ok is not None for attempt in attempts)

    def _shares(self, incident: Incident, token: str) -> bool:
        last = self._book.last(incident)
        return last is not None and isinstance(last.body, Applied) and last.body.token == token
