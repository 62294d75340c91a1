"""One turn: take in what arrived, explain what failed, move each incident as far as it goes now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from heal.cases import Case
from heal.errors import BadEvent, HealError, NoSuchIncident
from heal.home.spool import Spool
from heal.jobs import JobFacts
from heal.journal import Applied, Applying, Approved, Diagnosed, Dismissed, GaveUp, Observed, Proposed, State
from heal.loop.casebook import Casebook
from heal.loop.inquiry import Inquiry, worth_asking
from heal.loop.parts import Parts, running
from heal.loop.questions import Questions
from heal.loop.remedies import Remedies
from heal.records import Attempt, Diagnosis, Event, Incident, Label, Outcome, Run, RunRef
from heal.steps.decide import Ledger, decide
from heal.steps.diagnose import fingerprint
from heal.steps.gather import settled
from heal.steps.intake import parse
from heal.steps.propose import Situation, Stop, propose
from heal.store import Scope

# something is in motion; jobs are watched, which has a rhythm of its own; an event or a timetable will tell
_SOON_S, _WATCHED_S, _QUIET_S = 1.0, 3.0, 600.0
# of a run with more tasks, those that were begun last
_MOST_TASKS = 500
_INTERRUPTED = "the run was interrupted, and nothing is started in it any more"


class Loop:
    """Takes events in, and moves every incident of its scope, which may change from turn to turn.

    A turn may be repeated or cut short at any point: what it did is in the store, what it did not do the next one does.
    """

    def __init__(self, parts: Parts, scope: Callable[[], Scope]) -> None:
        self.parts = parts
        self.scope = scope
        self._book = Casebook(parts.store, parts.clock, parts.tell)
        self._inquiry = Inquiry(parts)
        self._questions = Questions(parts, scope)
        self._remedies = Remedies(parts, self._book)

    def turn(self) -> None:
        """One pass over everything in scope."""
        self.take_in()
        self._questions.poll()
        self._explain()
        for incident in self.parts.store.unsettled(self.scope()):
            self._advance_safely(incident)
        self._remedies.apply_ready(self.parts.store.unsettled(self.scope()))
        # last: a job that heal submitted just before it died is followed as what it is by now, not found as a stranger
        self._questions.discover()

    def take_in(self) -> None:
        """Store what was said, without acting on it."""
        for spool in self.parts.spools():
            self._take_in(spool)

    def busy(self) -> bool:
        """True while something is still to be done or watched without a person."""
        return bool(self.running()) or self.rest() < _QUIET_S

    def rest(self) -> float:
        """Seconds until the next turn may bring something that no event announces: the end of a process, a job's."""
        store = self.parts.store
        unsettled = store.unsettled(self.scope())
        if self.parts.spool_waiting() or store.unexplained(self.scope()) or any(map(self._moves, unsettled)):
            return _SOON_S
        return _WATCHED_S if store.watched(self.scope()) else _QUIET_S

    def _moves(self, incident: Incident) -> bool:
        return self._book.state(incident).moving

    def running(self) -> list[Run]:
        """The runs in scope whose process still lives, or may on another host."""
        parts = self.parts
        return running(parts.store.open_runs(), self.scope(), parts.alive, parts.clock())

    def waiting(self) -> list[Incident]:
        """The incidents in scope that wait for a person."""
        return [one for one in self.parts.store.unsettled(self.scope()) if self._book.state(one) is State.WAITING]

    def answer(self, incident: Incident, *, accept: bool, by: str, why: str = "") -> bool:
        """A person's yes or no to a waiting incident; False when it is not waiting (any more)."""
        if self._book.state(incident) is not State.WAITING:
            return False
        self._book.write(incident, Approved(by) if accept else Dismissed(by, why or "no reason given"))
        return True

    def interrupt(self, lineage: str, by: str) -> int:
        """A person ended the run: nothing is started in it any more; how many incidents that leaves as they are.

        It is kept with the run, so that whoever finds a failure of it later leaves that alone too.
        """
        now = self.parts.clock()
        self.parts.store.take(Event(f"interrupted:{lineage}", "run_interrupted", now, "person", RunRef(lineage)))
        moving = [one for one in self.parts.store.unsettled(self.scope()) if self._moves(one)]
        self._book.write_all([(incident, Dismissed(by, _INTERRUPTED)) for incident in moving])
        return len(moving)

    # --- events --------------------------------------------------------------------------------

    def _take_in(self, spool: Spool) -> None:
        for path, text in spool.read():
            try:
                event = parse(path.stem, text)
                if event.kind == "approval":
                    self._heard_answer(event)
                # after the answer: cut short here, the event is taken in again and finds its answer given
                self.parts.store.take(event)
            except BadEvent as error:
                spool.bad(path, str(error))
            except (OSError, SQLAlchemyError, HealError):
                raise  # the store or the disk: the event waits
            except Exception as error:  # noqa: BLE001 - a guest's line must not stop all that come after it
                spool.bad(path, f"heal failed to take it in ({type(error).__name__}: {error})")
            else:
                spool.done(path)

    def _heard_answer(self, event: Event) -> None:
        facts = event.facts
        try:
            incident = self.parts.store.incident(str(facts.get("incident") or "?"))
        except NoSuchIncident:
            return
        by, why = str(facts.get("by") or "a person"), str(facts.get("why") or "")
        self.answer(incident, accept=facts.get("answer") == "accept", by=by, why=why)

    # --- failures ------------------------------------------------------------------------------

    def _explain(self) -> None:
        """Give each failed attempt its incident: an open one with the same fingerprint, or a new one."""
        failures = [
            attempt for attempt in self.parts.store.unexplained(self.scope()) if not self._retried_by_engine(attempt)
        ]
        if not failures or not self._questions.may_ask():
            return
        jobs, now = self._questions.facts(failures), self.parts.clock()
        for attempt in failures:
            job = jobs.get(attempt.job)
            if settled(attempt, job) or self._waited(attempt, now):
                self._explain_one(attempt, job)

    def _retried_by_engine(self, attempt: Attempt) -> bool:
        """The engine said it tries this one again by itself: not heal's turn before the run is over."""
        return bool(attempt.facts.get("will_retry")) and not self.parts.ended(attempt.run_id)

    def _waited(self, attempt: Attempt, now: datetime) -> bool:
        """Accounting had its time; what is known by now has to do."""
        if self.parts.slurm is None or attempt.ended is None:
            return True
        wait = self.parts.settings_for(self._book.run(attempt.run_id).cwd).slurm.accounting_wait_s
        return now - attempt.ended > timedelta(seconds=wait)

    def _explain_one(self, attempt: Attempt, job: JobFacts | None) -> None:
        run = self._book.run(attempt.run_id)
        read = self._inquiry.read(run, attempt, job)
        incident, opened = self.parts.store.join(attempt, fingerprint(*read), self.parts.clock())
        if opened:
            # one look for the incident, however many tasks of it fail
            self._write_diagnosis(incident, run, attempt, read)

    def _write_diagnosis(self, incident: Incident, run: Run, attempt: Attempt, read: tuple[Case, Diagnosis]) -> None:
        beside = self.parts.store.beside(attempt.lineage, _MOST_TASKS)
        jobs = self._questions.facts(worth_asking(attempt, beside))
        case, diagnosis = self._inquiry.looked(run, attempt, read, beside, jobs)
        self._book.write(incident, Diagnosed(diagnosis, case.evidence))

    # --- incidents -----------------------------------------------------------------------------

    def _advance_safely(self, incident: Incident) -> None:
        """One incident that heal stumbles over must not hold up the others."""
        try:
            self._advance(incident)
        except (OSError, SQLAlchemyError, HealError):
            raise  # the store or the disk: nothing could be written about it now, and all incidents are concerned
        except Exception as error:  # noqa: BLE001 - the loop's top: a bug of heal's own is told on the incident
            self._book.write(incident, GaveUp(f"heal itself failed here ({type(error).__name__}: {error})"))

    def _advance(self, incident: Incident) -> None:
        """As far as it goes now; an entry is written at each step, so the walk ends where it has to wait."""
        while True:
            entry = self._book.last(incident)
            match entry.body if entry else None:
                case None | Observed(outcome=Outcome.SAME_FAILURE):
                    self._diagnose(incident)
                case Diagnosed(diagnosis=diagnosis):
                    self._propose(incident, diagnosis)
                case Applying():
                    self._remedies.resume(incident)
                    return
                case Applied() as applied:
                    if not self._remedies.observe(incident, applied):
                        return
                case _:
                    return

    def _diagnose(self, incident: Incident) -> None:
        attempt = self._book.ill(incident)[-1]
        run = self._book.run(attempt.run_id)
        read = self._inquiry.read(run, attempt, self._questions.facts([attempt]).get(attempt.job))
        self._write_diagnosis(incident, run, attempt, read)

    def _propose(self, incident: Incident, diagnosis: Diagnosis) -> None:
        failed = self._book.ill(incident)
        if all(self._book.came_home(attempt) for attempt in failed):
            self._book.write(incident, Dismissed(incident.engine, "it came home at a later attempt of its own"))
            return
        if self.parts.store.interrupted(incident.lineage):
            self._book.write(incident, Dismissed("whoever ended the run", _INTERRUPTED))
            return
        if diagnosis.label is Label.CANCELLED:
            self._book.write(incident, Dismissed("whoever cancelled it", diagnosis.cause))
            return
        situation = self._situation(incident, diagnosis, failed)
        settings = self.parts.settings_for(self._book.run(failed[-1].run_id).cwd)
        found = propose(diagnosis, situation, settings)
        if isinstance(found, Stop):
            self._book.write(incident, GaveUp(found.why))
            return
        pattern = self.parts.library.get(diagnosis.pattern) if diagnosis.pattern else None
        trusted = pattern is None or pattern.status == "trusted"
        ledger = self._ledger(incident, failed)
        decided = decide(found, diagnosis, situation.tried, ledger, settings, trusted=trusted)
        self._book.write(incident, Proposed(found), decided)

    def _situation(self, incident: Incident, diagnosis: Diagnosis, failed: tuple[Attempt, ...]) -> Situation:
        jobs = self._questions.facts(failed)
        pattern = self.parts.library.get(diagnosis.pattern) if diagnosis.pattern else None
        engine = self.parts.engines.get(incident.engine)
        return Situation(
            attempts=failed,
            jobs=tuple(jobs.values()),
            tried=self.parts.store.tried(incident.lineage, incident.fingerprint),
            limits=self._questions.limits(failed, jobs),
            spec=pattern.fitted(diagnosis.root.text) if pattern and diagnosis.root else None,
            supports=lambda fix: engine is not None and all(engine.supports(fix, attempt) for attempt in failed),
        )

    def _ledger(self, incident: Incident, failed: Sequence[Attempt]) -> Ledger:
        store = self.parts.store
        return Ledger(
            task=max(store.remedies_for(incident.lineage, attempt.key) for attempt in failed),
            run=store.remedies(lineage=incident.lineage),
            day=store.remedies(since=self.parts.clock() - timedelta(days=1)),
        )
