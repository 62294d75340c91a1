"""Patches on their way: models are asked where rules end, what they propose is kept, landed or withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from heal.errors import AlreadyThere, HealError
from heal.journal import (
    HEAL,
    Applying,
    Body,
    Consulted,
    Decided,
    Diagnosed,
    Dismissed,
    Observed,
    Proposed,
    State,
    state_of,
)
from heal.loop.casebook import Casebook
from heal.loop.matters import answers, gathered
from heal.loop.parts import Parts
from heal.patch import Draft
from heal.records import Diagnosis, Fix, FixKind, Incident, Outcome, Verdict
from heal.settings import Settings
from heal.steps.consult import Matter, decide_patch, fix_of, worth_asking
from heal.steps.decide import Ledger, decide
from heal.steps.propose import Situation, Stop

# models that did not answer are asked again after this, by a heal that is there anyway
_AGAIN_AFTER = timedelta(minutes=15)
# incidents, the newest first, among which one of an earlier run is looked for
_LOOKED_THROUGH = 50
_NOT_HERE = "what keeps patches is not installed here: pip install 'heal-hpc[models]'"


class Patching:
    """What the loop does about patches; without a consultant nothing."""

    def __init__(self, parts: Parts, book: Casebook) -> None:
        self._parts = parts
        self._book = book

    # --- asking --------------------------------------------------------------------------------

    def pending(self, incident: Incident) -> bool:
        """True while models think about this one."""
        consultant = self._parts.consultant
        return consultant is not None and consultant.pending(incident.id)

    def wants(self, incident: Incident, diagnosis: Diagnosis, situation: Situation, found: Fix | Stop) -> bool:
        """True where a model is to be asked instead of a person."""
        return self._parts.consultant is not None and worth_asking(
            found,
            diagnosis,
            situation.attempts,
            self._before(incident),
            self._settings(incident),
            changed=self._changed(incident),
        )

    def answered(
        self, incident: Incident, diagnosis: Diagnosis, situation: Situation, found: Fix | Stop, ledger: Ledger
    ) -> list[Body] | None:
        """What is written once models were asked; None while they think."""
        consultant, rules = self._parts.consultant, self._settings(incident)
        if consultant is None:
            return None
        answer = self._known(incident) or consultant.ask(self._matter(incident, diagnosis, situation), rules)
        if answer is None:
            return None
        if answer.heard is not None:
            # a better diagnosis: rules come first again
            return [answer.heard]
        fix = fix_of(answer, found, situation.attempts[-1].process)
        decided = decide(fix, diagnosis, situation.tried, ledger, rules)
        return [answer, Proposed(fix), decide_patch(decided, answer, rules)]

    def _known(self, incident: Incident) -> Consulted | None:
        """The patch that waits for the same failure in an earlier run of the same folder: it is asked about once."""
        if self._before(incident):
            return None
        folder = self._book.run(incident.run_id).cwd
        for other, bodies in self._parts.store.newest(_LOOKED_THROUGH):
            same = other.fingerprint == incident.fingerprint and other.id != incident.id
            if same and state_of(bodies) is State.WAITING and self._book.run(other.run_id).cwd == folder:
                found = next((body for body in reversed(bodies) if isinstance(body, Consulted)), None)
                if found is None or found.draft is None or not self._fits(found.draft):
                    return None
                return replace(found, why=f"as for incident {other.id}: {found.why}")
        return None

    def _fits(self, draft: Draft) -> bool:
        return self._parts.consultant is not None and self._parts.consultant.fits(draft)

    def _changed(self, incident: Incident) -> bool:
        """True where something was done about it since models were asked last."""
        bodies = [entry.body for entry in self._parts.store.journal(incident.id)]
        asked = max((at for at, body in enumerate(bodies) if isinstance(body, Consulted)), default=len(bodies))
        return any(isinstance(body, Applying) for body in bodies[asked:])

    def _matter(self, incident: Incident, diagnosis: Diagnosis, situation: Situation) -> Matter:
        run = self._book.run(situation.attempts[-1].run_id)
        found = self._book.diagnosed(incident) or Diagnosed(diagnosis)
        jobs = {job.job: job for job in situation.jobs}
        return gathered(self._parts.store, incident, run, situation.attempts, found, jobs=jobs)

    def _before(self, incident: Incident) -> tuple[Consulted, ...]:
        return answers([entry.body for entry in self._parts.store.journal(incident.id)])

    def _settings(self, incident: Incident) -> Settings:
        return self._parts.settings_for(self._book.run(incident.run_id).cwd)

    # --- later ---------------------------------------------------------------------------------

    def tend(self, waiting: Sequence[Incident]) -> None:
        """A patch that nobody answered in time is withdrawn; where no model answered, they are asked again."""
        if self._parts.consultant is None:
            return
        for incident in waiting:
            last, before = self._book.last(incident), self._before(incident)
            if last is None or not before or not isinstance(last.body, Decided) or last.body.verdict is not Verdict.ASK:
                continue
            waits, rules = self._parts.clock() - last.at, self._settings(incident)
            if before[-1].draft and waits > timedelta(days=rules.patches.expire_days):
                why = f"nobody answered for {rules.patches.expire_days:g} days"
                self.withdraw(incident, why)
                self._book.write(incident, Dismissed(HEAL, why))
            elif before[-1].later and waits > _AGAIN_AFTER and (again := self._book.diagnosed(incident)):
                self._book.write(incident, again)

    def withdraw(self, incident: Incident, why: str) -> None:
        """The newest patch of an incident is taken back, if it has one; ``why`` is kept with it."""
        draft = self.draft(incident)
        if draft is not None and self._parts.consultant is not None:
            self._parts.consultant.withdraw(draft, why)

    def draft(self, incident: Incident) -> Draft | None:
        """The newest patch of an incident."""
        return next((one.draft for one in reversed(self._before(incident)) if one.draft), None)

    # --- landing -------------------------------------------------------------------------------

    def land(self, incident: Incident, fix: Fix, token: str) -> Observed | None:
        """Put the patch of an incident into the user's files; None where it is in them, or it has none.

        Again with the same token it is done once. Observed(refused) says why it cannot be.
        """
        if fix.kind is not FixKind.PATCH:
            return None
        draft, consultant = self.draft(incident), self._parts.consultant
        if consultant is None or draft is None:
            return Observed(token, Outcome.REFUSED, _NOT_HERE)
        try:
            consultant.land(draft, f"{token}-{incident.id}")
        except AlreadyThere:
            # by the same patch of another incident, or by the user's own hand
            return None
        except HealError as error:
            return Observed(token, Outcome.REFUSED, f"the patch is not in your files: {error}")
        return None
