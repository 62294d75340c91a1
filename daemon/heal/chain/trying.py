"""Candidates are guarded, drafted and tried; what is refused is never drafted, and what is not kept is dropped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from heal.chain.asking import Stopped
from heal.chain.assignment import Assignment
from heal.chain.coding import at_once
from heal.chain.parts import Parts
from heal.chain.plan import Role
from heal.chain.ranking import Candidate
from heal.chain.transcript import Transcript
from heal.errors import HealError
from heal.patch import Draft, Objection, Trial
from heal.records import Verdict


@dataclass(slots=True)
class Tester:
    """Tries candidates for one run; knows every draft that is still there."""

    name: str
    role: Role
    about: Assignment
    parts: Parts
    transcript: Transcript
    stop: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic
    _drafts: list[Draft] = field(default_factory=list)

    def tried(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates with what speaks against them, and how they were tried. Raises Stopped."""
        with self.transcript.waiting("checks"):
            guarded = [self._drafted(self._guarded(one)) for one in candidates]
        ready = [one for one in guarded if one.draft is not None]
        if self.stop():
            raise Stopped("it was stopped")
        until = self.clock() + self.role.timeout_seconds
        with self.transcript.waiting("checks"):
            trials = at_once(lambda one: self._trials(one, until), ready, self.role.parallel)
        if self.stop():
            raise Stopped("it was stopped")
        done = {one.number: replace(one, trials=tried) for one, tried in zip(ready, trials, strict=True)}
        made = [done.get(one.number, one) for one in guarded]
        for one in made:
            self.transcript.add(self.name, f"candidate {one.number}: {verdict(one)}")
        return made

    def keep(self, draft: Draft | None) -> None:
        """Drop every draft but this one."""
        for one in [one for one in self._drafts if one != draft]:
            self._drop(one)

    def reworded(self, candidate: Candidate, subject: str, why: str) -> Candidate:
        """The candidate under another message; as it was where that cannot be had."""
        if candidate.draft is None:
            return candidate
        try:
            with self.transcript.waiting("checks"):
                draft = self.parts.drafts.reword(candidate.draft, subject, why)
        except HealError as error:
            self.transcript.add(self.name, f"the message stays: {error}")
            return candidate
        self._drafts = [draft if one == candidate.draft else one for one in self._drafts]
        return replace(candidate, draft=draft, patch=replace(candidate.patch, subject=subject, why=why))

    def _guarded(self, candidate: Candidate) -> Candidate:
        return replace(candidate, objections=self.parts.guards.inspect(self.about, candidate.patch))

    def _drafted(self, candidate: Candidate) -> Candidate:
        if candidate.refused:
            return candidate
        try:
            draft = self.parts.drafts.draft(self.about, candidate.patch, candidate.number, candidate.models)
        except HealError as error:
            path = candidate.patch.edits[0].path
            refused = Objection("draft", Verdict.REFUSE, path, 0, str(error))
            return replace(candidate, objections=(*candidate.objections, refused))
        self._drafts.append(draft)
        return replace(candidate, draft=draft)

    def _trials(self, candidate: Candidate, until: float) -> tuple[Trial, ...]:
        if candidate.draft is None:
            return ()
        late: list[Trial] = []

        def stop() -> bool:
            if self.clock() > until and not late:
                late.append(Trial("checks", None, f"the trials of a round have {self.role.timeout_seconds:.0f} s"))
            return bool(late) or self.stop()

        try:
            return (*self.parts.proves.tries(self.about, candidate.draft, stop), *late)
        except HealError as error:
            return (Trial("checks", None, str(error)), *late)

    def _drop(self, draft: Draft) -> None:
        self._drafts.remove(draft)
        try:
            with self.transcript.waiting("checks"):
                self.parts.drafts.drop(draft)
        except HealError as error:
            self.transcript.add(self.name, f"{draft.branch} could not be taken away: {error}")


def verdict(candidate: Candidate) -> str:
    """What came of a candidate, in a line."""
    if faults := candidate.faults():
        return f"refused: {'; '.join(faults)}"
    return ", ".join(trial_words(candidate.trials)) or "nothing tried it"


def trial_words(trials: Iterable[Trial]) -> list[str]:
    """Each trial in words."""
    words = {True: "passed", False: "failed", None: "could not be tried"}
    return [
        f"{one.name} {words[one.passed]}{f' ({one.said})' if one.said and not one.passed else ''}" for one in trials
    ]
