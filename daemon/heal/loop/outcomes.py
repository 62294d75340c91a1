"""What came of a remedy: the tries since are found, and its outcome named once it can be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from heal.errors import SchedulerUnreachable
from heal.journal import Applied, Applying, Body, Decided, Observed, Proven
from heal.loop.casebook import Casebook
from heal.loop.due import Due
from heal.loop.parts import Parts
from heal.records import Attempt, Incident, Outcome, Run, Verdict
from heal.steps import watch
from heal.steps.observe import observe
from heal.store import Scope

# a launch that nobody has heard of after this long did not get as far as speaking
_SILENT = timedelta(seconds=60)


class Outcomes:
    """Follows what heal submitted itself, and listens to what engines say of the rest."""

    def __init__(self, parts: Parts, book: Casebook, due: Due) -> None:
        self._parts = parts
        self._book = book
        self._due = due
        # of each remedy: what there was when it was last looked at in vain, and whether its jobs are followed
        self._looked: dict[str, tuple[int, int]] = {}
        self._followed: set[str] = set()
        # of the runs that are over and did not say so: since when
        self._over: dict[str, datetime] = {}

    def observe(self, incident: Incident, applied: Applied) -> bool:
        """Write the outcome if it can be told; True when it was."""
        self.follow(incident, applied)
        seen = (self._parts.store.events(), len(self._parts.store.unexplained(_of(incident))))
        if applied.jobs and self._looked.get(applied.token) == seen:
            # of jobs only events tell: nothing was said since the last look
            return False
        self._looked[applied.token] = seen
        applying, began = self._book.remedy(incident)
        later = self._later(incident, applying, began, applied)
        failed = [attempt.id for attempts in later.values() for attempt in attempts if attempt.ok is False]
        explained = self._parts.store.explained(failed)
        outcome: Body | None = observe(
            applying,
            later,
            explained,
            incident.id,
            over=self._nothing_coming(incident, later, applied, began),
            tries=Counter(attempt.key for attempt in self._asked(incident, applied)),
        )
        if isinstance(outcome, Observed) and outcome.outcome is Outcome.HEALED:
            rest = len({attempt.key for attempt in self._book.still_ill(incident)}.difference(applying.task_keys))
            outcome = Proven(applied.token, rest) if rest else outcome
        if isinstance(outcome, Observed) and outcome.outcome is Outcome.LOST and self._ended_well(incident, began):
            outcome = Observed(applied.token, Outcome.HEALED)
        if isinstance(outcome, Observed) and outcome.outcome is Outcome.LOST and applied.answered:
            outcome = Decided(Verdict.AUTO, "the run ended before it came home: what is unfinished is started again")
        if isinstance(outcome, Observed) and outcome.outcome is Outcome.LOST and applied.jobs:
            outcome = replace(outcome, detail=f"{outcome.detail}: {applied.detail}")
        more: Body | None = None
        if isinstance(outcome, Observed) and outcome.outcome is Outcome.OTHER_FAILURE and applied.jobs:
            try:
                more = self._due.goes_on(incident, set(explained.values()))
            except SchedulerUnreachable:
                del self._looked[applied.token]
                return False
        if outcome is None:
            return False
        self._book.write(incident, outcome, *([more] if more else []))
        return True

    def follow(self, incident: Incident, applied: Applied) -> None:
        """Follow the jobs heal submitted; said again by each heal that looks, since a crash may have come before."""
        if not applied.jobs or applied.token in self._followed:
            return
        failed = {attempt.key: attempt for attempt in self._book.members(incident)}
        now = self._parts.clock()
        self._parts.store.take_many(
            [watch.resubmitted(failed[key], job, applied.token, now) for key, job in applied.jobs.items()]
        )
        self._followed.add(applied.token)

    def _later(
        self, incident: Incident, applying: Applying, began: datetime, applied: Applied
    ) -> dict[str, list[Attempt]]:
        """What each task of the remedy has tried since, oldest first."""
        members = self._book.members(incident)
        first = min((attempt.id for attempt in members), default=0)
        asked = {attempt.key: attempt.number for attempt in self._asked(incident, applied)}
        later: dict[str, list[Attempt]] = {key: [] for key in applying.task_keys}
        for attempt in self._parts.store.later(incident.lineage, first):
            if attempt.key not in later:
                continue
            # a first try is that of another task with the same key
            again = attempt.number > asked[attempt.key] if attempt.key in asked else False
            if again or (attempt.key not in asked and self._is_of(attempt, began, applied)):
                later[attempt.key].append(attempt)
        return later

    def _asked(self, incident: Incident, applied: Applied) -> list[Attempt]:
        """The tries whose questions were answered with this remedy."""
        members = self._book.members(incident) if applied.answered else ()
        return [one for one in members if one.facts.get("asks") in applied.answered]

    def _is_of(self, attempt: Attempt, began: datetime, applied: Applied) -> bool:
        if applied.jobs:
            return attempt.native_id == applied.jobs.get(attempt.key)
        return self._book.run(attempt.run_id).started >= began

    def _nothing_coming(
        self, incident: Incident, later: Mapping[str, Sequence[Attempt]], applied: Applied, began: datetime
    ) -> bool:
        """No launch since the remedy is running, and no other remedy of the lineage will start one."""
        if applied.jobs:
            # of one that the scheduler refused nothing will come
            taken = [attempts for key, attempts in later.items() if key in applied.jobs]
            return all(attempts and attempts[-1].ok is not None for attempts in taken)
        if applied.answered:
            asked_in = {one.run_id for one in self._asked(incident, applied)}
            return not self._parts.spool_waiting() and all(map(self._parts.ended, asked_in))
        runs = [run for run in self._parts.store.runs(incident.lineage) if run.started >= began]
        if not runs:
            return self._parts.clock() - began > _SILENT
        if self._parts.spool_waiting() or not all(self._parts.ended(run.id) for run in runs):
            return False
        if not all(map(self._is_told, runs)) or self._parts.store.unexplained(_of(incident)):
            # what ended the launch may be healed, and then it goes on
            return False
        last = max(run.ended or run.started for run in runs)
        waited = self._parts.clock() - last > _SILENT
        return not any(
            self._book.state(other).moving
            and not self._shares(other, applied.token)
            and not (waited and self._is_started(other))
            for other in self._book.siblings(incident)
        )

    def _ended_well(self, incident: Incident, began: datetime) -> bool:
        """True where a Nextflow has come to its end since, with tasks of the process that went well.

        Where only its log tells of it, a task without a tag is known by its script, and that may name what it is given.
        """
        if incident.engine != "nextflow":
            return False
        runs = [run for run in self._parts.store.runs(incident.lineage) if run.started >= began]
        last = max(runs, key=lambda run: run.started, default=None)
        if last is None or all(run.exit_code != 0 for run in runs if run.id in (last.id, last.parent)):
            return False
        beside = self._parts.store.beside(incident.lineage)
        return any(one.ok and one.run_id == last.id and one.process == incident.process for one in beside)

    def _is_told(self, run: Run) -> bool:
        """True where it is known how a run that is over ended, or nobody will say so any more."""
        now = self._parts.clock()
        return run.ended is not None or now - self._over.setdefault(run.id, now) > _SILENT

    def _is_started(self, incident: Incident) -> bool:
        """True where a remedy had its launch: it waits for what came of it, and where that is over, as others do."""
        last = self._book.last(incident)
        return last is not None and isinstance(last.body, Applied) and not (last.body.jobs or last.body.answered)

    def _shares(self, incident: Incident, token: str) -> bool:
        last = self._book.last(incident)
        return last is not None and isinstance(last.body, Applied) and last.body.token == token


def _of(incident: Incident) -> Scope:
    return Scope(only=frozenset({incident.lineage}))
