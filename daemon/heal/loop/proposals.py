"""From a diagnosis to what is to be done about it: what is known is gathered, a fix proposed, and policy asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts
from heal.journal import Body, Decided, Dismissed, GaveUp, Proposed
from heal.knowledge.learnt import came, only_asks
from heal.loop.casebook import Casebook
from heal.loop.dependents import Dependents
from heal.loop.parts import Parts
from heal.loop.patching import Patching
from heal.loop.peers import Peers
from heal.loop.questions import Questions
from heal.loop.site_rules import SiteRules
from heal.records import Attempt, Change, Diagnosis, Fix, FixKind, Incident, Label, Verdict
from heal.settings import Settings
from heal.steps.decide import Ledger, decide
from heal.steps.dependents import as_given_up
from heal.steps.propose import Situation, Stop, propose

# of so many failed tasks it is looked up how often their engine tried them again
_MOST_REPEATED = 20
# of so many incidents it is known whether a pattern that was learnt here was right
_LOOKED_BACK = 500
INTERRUPTED = "the run was interrupted, and nothing is started in it any more"


class Proposals:
    """Writes what is to be tried for an incident that was explained, or that nothing is."""

    def __init__(
        self,
        parts: Parts,
        book: Casebook,
        questions: Questions,
        rules: SiteRules,
        dependents: Dependents,
        *,
        patching: Patching,
    ) -> None:
        self._parts = parts
        self._patching = patching
        self._book = book
        self._questions = questions
        self._rules = rules
        self._dependents = dependents
        self._peers = Peers(parts, book, questions)

    def propose(self, incident: Incident, diagnosis: Diagnosis) -> bool:
        """Write what is to be done; False where that cannot be told yet."""
        if self._patching.pending(incident):
            return False
        failed = self._book.ill(incident)
        settings = self._parts.settings_for(self._book.run(failed[-1].run_id).cwd)
        found: Fix | Stop | None
        written: list[Body] | None
        if not self._book.still_ill(incident):
            written = [Dismissed(incident.engine, "it came home at a later attempt of its own")]
        elif all(attempt.facts.get("ignored") for attempt in failed):
            written = [Dismissed(incident.engine, "the pipeline says that this failure does not matter to it")]
        elif self._was_ended(incident, failed):
            written = [Dismissed("whoever ended the run", INTERRUPTED)]
        else:
            situation = self._situation(incident, diagnosis, failed)
            given_up = self._given_up(situation)
            if any(self._dependents.held(job) and self._dependents.instead(job) is None for job in given_up):
                return False
            try:
                found = self._after_its_dependency(situation, given_up) or (
                    None if diagnosis.label is Label.CANCELLED else propose(diagnosis, situation, settings)
                )
            except SchedulerUnreachable:
                return False
            written = self._decided(incident, diagnosis, situation, settings, found)
            if written is None:
                return False
            written = [self._agreed(body, given_up) for body in written]
        self._book.write(incident, *(self._with_dependents(body, failed) for body in written))
        return True

    def _with_dependents(self, body: Body, failed: Sequence[Attempt]) -> Body:
        """Whoever is asked, or reads along, sees what hangs on the failed jobs before anything is done."""
        return replace(body, dependents=self._dependents.of(failed)) if isinstance(body, Proposed) else body

    def sized(self, incident: Incident, attempts: tuple[Attempt, ...]) -> Fix | Stop | None:
        """What the cause of an incident asks for with these of its tasks alone; None where nothing is to be tried.

        Raises ``SchedulerUnreachable`` where it cannot be told now.
        """
        found = self._book.diagnosed(incident)
        if found is None:
            return None
        settings = self._parts.settings_for(self._book.run(attempts[-1].run_id).cwd)
        return propose(found.diagnosis, self._situation(incident, found.diagnosis, attempts), settings)

    def leave(self, incidents: Sequence[Incident]) -> None:
        """Let be what heal was about to start by itself in a run that a person, or a signal, has ended since."""
        for incident in incidents:
            last = self._book.last(incident)
            about_to = last is not None and isinstance(last.body, Decided) and last.body.verdict is Verdict.AUTO
            if about_to and self._was_ended(incident, self._book.ill(incident)):
                self._book.write(incident, Dismissed("whoever ended the run", INTERRUPTED))

    def _was_ended(self, incident: Incident, failed: tuple[Attempt, ...]) -> bool:
        """True where a person ended all of it, or the launch in which it failed last."""
        return self._parts.store.interrupted(incident.lineage) or self._parts.store.interrupted(failed[-1].run_id)

    def _given_up(self, situation: Situation) -> tuple[JobFacts, ...]:
        """Those of the jobs that SLURM cancelled for what they wait for, and which may yet run after it."""
        known = {job.job: job for job in situation.jobs}
        found = (as_given_up(one, known.get(one.job)) for one in situation.attempts)
        return tuple(job for job in found if job is not None)

    def _agreed(self, body: Body, given_up: Sequence[JobFacts]) -> Body:
        """A yes to the fix of what a job waits for, which named the job, is a yes to its running again behind that."""
        if not isinstance(body, Decided) or body.verdict is not Verdict.ASK:
            return body
        told = next((one for job in given_up if (one := self._dependents.agreed(job)) is not None), None)
        return (
            body if told is None else Decided(Verdict.AUTO, f"approved with the fix of incident {told}, which named it")
        )

    def _after_its_dependency(self, situation: Situation, given_up: Sequence[JobFacts]) -> Fix | None:
        for job in given_up:
            instead = self._dependents.instead(job)
            if instead is not None:
                change = Change("dependency", job.dependency, instead)
                return Fix(FixKind.RETRY, situation.attempts[-1].process, (change,), "what it waited for runs again")
        return None

    def _decided(
        self,
        incident: Incident,
        diagnosis: Diagnosis,
        situation: Situation,
        settings: Settings,
        found: Fix | Stop | None,
    ) -> list[Body] | None:
        if found is None:
            return [Dismissed("whoever cancelled it", diagnosis.cause)]
        ledger = self._ledger(incident, situation.attempts)
        if self._patching.wants(incident, diagnosis, situation, found):
            return self._patching.answered(incident, diagnosis, situation, found, ledger)
        if isinstance(found, Stop):
            return [GaveUp(found.why)]
        decided = decide(
            found, diagnosis, situation.tried, ledger, settings, only_asks=self._only_asks(diagnosis.pattern)
        )
        return [Proposed(found), decided]

    def _only_asks(self, named: str | None) -> str:
        """Why the pattern that named the cause may ask and not act; empty where it may, and where there is none."""
        pattern = self._parts.library.get(named) if named else None
        if pattern is None:
            return ""
        newest = self._parts.store.newest(_LOOKED_BACK) if pattern.learnt else ()
        record = [found for one, bodies in newest if (found := came(pattern.id, one.id, one.opened, bodies))]
        return only_asks(pattern, record, self._parts.clock())

    def _situation(self, incident: Incident, diagnosis: Diagnosis, failed: tuple[Attempt, ...]) -> Situation:
        jobs = self._questions.facts(failed)
        pattern = self._parts.library.get(diagnosis.pattern) if diagnosis.pattern else None
        engine = self._parts.engines.get(incident.engine)
        return Situation(
            attempts=failed,
            jobs=tuple(jobs.values()),
            tried=self._parts.store.tried(incident.lineage, incident.fingerprint),
            limits=lambda partition: self._rules.limits(failed, jobs, partition),
            spec=pattern.fitted(diagnosis.root.text) if pattern and diagnosis.root else None,
            supports=lambda fix: engine is not None and all(engine.supports(fix, attempt) for attempt in failed),
            others=lambda: self._peers.others(failed, jobs),
            in_vain=lambda: self._rules.of_waiting(failed[-1]),
            repeats=lambda: max(self._repeats(one) for one in failed[-_MOST_REPEATED:]),
        )

    def _repeats(self, failed: Attempt) -> int:
        """How often its engine tried this task again as it was, and it ended in the same way; heal's tries are not."""
        tries = self._parts.store.attempts(failed.lineage, failed.key)
        own = [one for one in tries if one.facts.get("will_retry") and "asks" not in one.facts]
        same = (failed.asked, failed.facts.get("exit"))
        return sum(1 for one in own if (one.asked, one.facts.get("exit")) == same)

    def _ledger(self, incident: Incident, failed: Sequence[Attempt]) -> Ledger:
        store = self._parts.store
        return Ledger(
            task=store.remedies_for(incident.lineage, [attempt.key for attempt in failed]),
            run=store.remedies(lineage=incident.lineage),
            day=store.remedies(since=self._parts.clock() - timedelta(days=1)),
        )
