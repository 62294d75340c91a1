"""One turn: take in what arrived, explain what failed, move each incident as far as it goes now."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from heal.errors import BadEvent, HealError, NoSuchIncident
from heal.home.spool import Spool
from heal.journal import (
    Applied,
    Applying,
    Approved,
    Consulted,
    Decided,
    Delayed,
    Diagnosed,
    Dismissed,
    GaveUp,
    Observed,
    Proposed,
    Reverted,
    State,
    Widening,
)
from heal.loop.answers import Answers
from heal.loop.casebook import Casebook
from heal.loop.dependents import Dependents
from heal.loop.failures import Failures
from heal.loop.gone import Gone
from heal.loop.hearing import Hearing
from heal.loop.hidden_kills import HiddenKills
from heal.loop.in_flight import InFlight
from heal.loop.in_vain import InVain
from heal.loop.last_words import LastWords
from heal.loop.logs import Logs
from heal.loop.motion import moving, watches
from heal.loop.overlooked import Overlooked
from heal.loop.parts import Parts, running
from heal.loop.patching import Patching
from heal.loop.proposals import INTERRUPTED, Proposals
from heal.loop.questions import Questions
from heal.loop.remedies import Remedies
from heal.loop.results import checked, take
from heal.loop.second_look import SecondLook
from heal.loop.site_rules import SiteRules
from heal.loop.strangers import Strangers
from heal.records import Event, Incident, Outcome, Run, RunRef, Verdict
from heal.steps.consult import fix_of
from heal.steps.intake import parse
from heal.steps.propose import Stop
from heal.store import Scope
from heal.store.codec import unpack

# something is in motion; jobs are watched, which has a rhythm of its own; an engine follows its own; an event or a
# timetable will tell
_SOON_S, _WATCHED_S, _FOLLOWED_S, _QUIET_S = 1.0, 3.0, 15.0, 600.0


class Loop:
    """Takes events in, and moves every incident of its scope, which may change from turn to turn.

    A turn may be repeated or cut short at any point: what it did is in the store, what it did not do the next one does.
    """

    def __init__(self, parts: Parts, scope: Callable[[], Scope]) -> None:
        self.parts = parts
        self.scope = scope
        self._book = Casebook(parts.store, parts.clock, parts.tell)
        self._logs = Logs(parts)
        self._words = LastWords(parts, self._logs.unread)
        self._questions = Questions(parts, scope, self._words)
        self._rules = SiteRules(parts, scope, lambda: self._questions.silent)
        self._answers = Answers(parts, self._book, scope)
        self._patching = Patching(parts, self._book)
        self._dependents = Dependents(parts, self._book, self._questions)
        self._proposals = Proposals(
            parts, self._book, self._questions, self._rules, self._dependents, patching=self._patching
        )
        in_flight = InFlight(self._book, self._answers, self._proposals.sized)
        self._remedies = Remedies(
            parts, self._book, self._questions, self._answers, patching=self._patching, in_flight=in_flight
        )
        self._strangers = Strangers(parts, self._questions)
        self._hearing = Hearing(parts, scope, self._questions, self._strangers, words=self._words)
        self._gone = Gone(parts, scope, self._logs.followed)
        self._second_look = SecondLook(parts, self._questions, scope)
        self._hidden_kills = HiddenKills(parts, scope)
        self._overlooked = Overlooked(parts, self._book, self._questions, scope)
        self._in_vain = InVain(parts, self._book, self._questions, scope)
        self._failures = Failures(parts, self._book, self._questions, scope, words=self._words)

    def turn(self) -> None:
        """One pass over everything in scope."""
        self.take_in()
        self._hearing.listen()
        self._questions.poll(self._dependents.held)
        self._hearing.settle()
        self._gone.look()
        self._overlooked.look()
        self._in_vain.look()
        self._second_look.look()
        self._hidden_kills.look()
        self._failures.explain()
        for incident in self.parts.store.unsettled(self.scope()):
            self._advance_safely(incident)
        self._proposals.leave(self.parts.store.unsettled(self.scope()))
        self._remedies.apply_ready(self.parts.store.unsettled(self.scope()))
        self._answers.settle()
        self._dependents.tend()
        self._patching.tend(self.parts.store.unsettled(self.scope()))
        # last: a job that heal submitted just before it died is followed as what it is by now, not found as a stranger
        if not self._remedies.unsure(self.parts.store.unsettled(self.scope())):
            self._strangers.discover()
        self._rules.learn()

    def take_in(self) -> None:
        """Store what was said, without acting on it."""
        self._words.look()
        self.attend()
        self._answers.recall()
        for spool in self.parts.spools():
            self._take_in(spool)
        self._logs.take_in()

    def attend(self) -> None:
        """Show engines that somebody listens to their questions; without it for half a minute they ask none."""
        self._answers.attend()

    def busy(self) -> bool:
        """True while something is still to be done or watched without a person."""
        # running first: what ends between the two questions has news
        if self.running() or self._gone.has_news() or self._soon():
            return True
        return self._hearing.pending or watches(self.parts.store, self.scope())

    def rest(self) -> float:
        """Seconds until the next turn may bring something that no event announces: the end of a process, a job's."""
        if self._soon():
            return _SOON_S
        if self._hearing.pending or self.parts.store.watches(self.scope()):
            return _WATCHED_S
        often_s = self.parts.settings_for("").slurm.poll_seconds
        return min(_FOLLOWED_S, often_s) if self._in_vain.pending else _QUIET_S

    def _soon(self) -> bool:
        store, scope = self.parts.store, self.scope()
        due = self._gone.pending or self._second_look.pending or self._hidden_kills.pending
        return bool(due or self.parts.spool_waiting() or store.unexplained(scope) or moving(store, scope))

    def _moves(self, incident: Incident) -> bool:
        return self._book.state(incident).moving

    def running(self) -> list[Run]:
        """The runs in scope whose process still lives, or may on another host."""
        parts = self.parts
        return running(parts.store.open_runs(), self.scope(), parts.alive, parts.clock())

    def waiting(self) -> list[Incident]:
        """The incidents in scope that wait for a person, and of which a yes would be carried out now."""
        unsettled = self.parts.store.unsettled(self.scope())
        return [one for one in unsettled if self._book.state(one) is State.WAITING and self._is_free(one)]

    def _is_free(self, incident: Incident) -> bool:
        engine = self.parts.engines.get(incident.engine)
        if engine is None or not engine.waits_for_end:
            return True
        return self.parts.ended(self._book.ill(incident)[-1].run_id) and self.parts.living(incident.lineage) is None

    def answer(self, incident: Incident, *, accept: bool, by: str, why: str = "") -> bool:
        """A person's yes or no to a waiting incident; False when it is not waiting (any more)."""
        if self._book.state(incident) is not State.WAITING:
            return False
        why = why or "no reason given"
        self._book.write(incident, Approved(by) if accept else Dismissed(by, why))
        if not accept:
            self._patching.withdraw(incident, why)
        return True

    def amend(self, incident: Incident, answer: Consulted, *, by: str) -> bool:
        """A person edited a patch that waits, and says yes to what it is now; False when it is not waiting any more."""
        if self._book.state(incident) is not State.WAITING or answer.draft is None:
            return False
        process = self._book.ill(incident)[-1].process
        fix = fix_of(answer, Stop(answer.why), process)
        # the yes holds for those, too, that the person saw named
        proposed = Proposed(fix, self._book.dependents(incident))
        self._book.write(incident, answer, proposed, Decided(Verdict.ASK, answer.why), Approved(by))
        return True

    def consult(self, incident: Incident, *, by: str) -> bool:
        """A person lets models be asked that were not to be; False where the incident does not wait for any."""
        found = self._book.diagnosed(incident)
        if self._book.state(incident) is not State.WAITING or found is None or self._patching.draft(incident):
            return False
        self._book.write(incident, Consulted(f"{by} said yes to what they are sent", later=True), found)
        return True

    def taken_back(self, incident: Incident, *, by: str, detail: str) -> None:
        """A person had the patch of an incident taken back out of their files."""
        self._book.write(incident, Reverted(by, detail))

    def interrupt(self, lineage: str, by: str) -> int:
        """A person ended the run: nothing is started in it any more; how many incidents that leaves as they are.

        It is kept with the run, so that whoever finds a failure of it later leaves that alone too.
        """
        now = self.parts.clock()
        self.parts.store.take(Event(f"interrupted:{lineage}", "run_interrupted", now, "person", RunRef(lineage)))
        moving = [one for one in self.parts.store.unsettled(self.scope()) if self._moves(one)]
        self._book.write_all([(incident, Dismissed(by, INTERRUPTED)) for incident in moving])
        return len(moving)

    # --- events --------------------------------------------------------------------------------

    def _take_in(self, spool: Spool) -> None:
        for path, text in spool.read():
            try:
                event = parse(path.stem, text)
                if self._hearing.keeps(event, spool, path) or self._logs.keeps(event, spool, path):
                    continue
                if event.kind == "approval":
                    self._heard_answer(event)
                if not (judged := checked(self.parts, [event])):
                    continue
                # after the answer: cut short here, the event is taken in again and finds its answer given
                take(self.parts, judged)
                if "asks" in event.facts:
                    self._answers.heard(event)
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
        match facts.get("answer"):
            case "amend":
                amended = unpack("consulted", facts.get("consulted"), closes=False)
                if isinstance(amended, Consulted):
                    self.amend(incident, amended, by=by)
            case "consult":
                self.consult(incident, by=by)
            case "revert":
                self.taken_back(incident, by=by, detail=why)
            case said:
                self.answer(incident, accept=said == "accept", by=by, why=why)

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
                    self._failures.again(incident)
                case Diagnosed(diagnosis=diagnosis):
                    if not self._proposals.propose(incident, diagnosis):
                        return
                case Applying() | Widening() | Delayed():
                    self._remedies.resume(incident)
                    return
                case Applied() as applied:
                    if not self._remedies.outcomes.observe(incident, applied):
                        return
                case _:
                    return
