"""Many failures at once that are one: of a crowd a few are read with care, the rest only as far as they say the same.

Ten thousand elements of an array that die of one cause are one incident. Who ended in the same state, with the same
code, and whose log says nothing that the log of one already explained does not say, numbers aside, failed the same way.
Whoever says anything else is read as carefully as the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from heal.evidence.tails import masked, said
from heal.jobs import JobFacts
from heal.records import Attempt, Diagnosis

# fewer are read one by one
_CROWD = 20
# so many different members of one crowd are remembered
_MOST = 50


@dataclass(frozen=True, slots=True)
class _Member:
    """One that was explained: its incident, the line that proves it, and all that its logs say; None: facts decided."""

    incident: str
    root: bytes | None
    lines: frozenset[bytes] | None


class Crowds:
    """Remembers who was explained, for as long as its crowd keeps failing."""

    def __init__(self) -> None:
        self._members: dict[Hashable, list[_Member]] = {}
        self._large: frozenset[Hashable] = frozenset()

    def gather(self, failures: Iterable[tuple[Attempt, JobFacts | None]]) -> None:
        """Look at all that failed now: which of them are many."""
        counts = Counter(_how(attempt, job) for attempt, job in failures)
        # a crowd goes on while its last few come in, turn by turn
        self._large = frozenset(how for how, count in counts.items() if count >= _CROWD or how in self._members)
        self._members = {how: known for how, known in self._members.items() if how in self._large}

    def incident_of(self, attempt: Attempt, job: JobFacts | None, logs: Sequence[str]) -> str | None:
        """The incident of one that failed the same way; None where it has to be read."""
        known = self._members.get(_how(attempt, job), ())
        lines: frozenset[bytes] | None = None
        for member in known:
            if member.lines is None:
                return member.incident
            lines = said(logs) if lines is None else lines
            if lines <= member.lines and (member.root is None or member.root in lines):
                return member.incident
        return None

    def explained(
        self, attempt: Attempt, job: JobFacts | None, logs: Sequence[str], diagnosis: Diagnosis, incident: str
    ) -> None:
        """Remember one that was read."""
        how = _how(attempt, job)
        if how not in self._large or len(self._members.get(how, ())) >= _MOST:
            return
        if diagnosis.by == "facts":
            member = _Member(incident, None, None)
        else:
            member = _Member(incident, masked(diagnosis.root.text) if diagnosis.root else None, said(logs))
        self._members.setdefault(how, []).append(member)


def _how(attempt: Attempt, job: JobFacts | None) -> Hashable:
    """How it ended, in what the scheduler and the engine say of it."""
    state = (job.state, job.exit_code, job.signal, job.reason) if job else attempt.facts.get("state")
    return attempt.lineage, attempt.engine, attempt.process, attempt.facts.get("exit"), state
