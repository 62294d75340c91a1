"""Earlier incidents that are like one, with what was tried on them and what came of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from heal.journal import Applying, Body, Diagnosed, Dismissed, Observed, Proven
from heal.records import Diagnosis, Fix, Incident, Outcome

_MOST, _MOST_TRIED = 5, 4
_LIKE = {3: "the same failure", 2: "the same process and cause", 1: "the same cause"}


@dataclass(frozen=True, slots=True)
class Past:
    """One earlier incident: how it is ``like``, its cause, and each fix that was tried with what came of it."""

    incident: str
    like: str
    process: str
    cause: str
    tried: tuple[str, ...] = ()

    def line(self) -> str:
        """How it reads."""
        came = "; ".join(self.tried) or "nothing was tried"
        return f"{self.incident} {self.process} ({self.like}): {self.cause} | {came}"


def similar(
    incident: Incident, diagnosis: Diagnosis, known: Iterable[tuple[Incident, Sequence[Body]]]
) -> tuple[Past, ...]:
    """The earlier ones most like it, those that something was tried on first. ``known``: newest first."""
    found: list[tuple[int, bool, Past]] = []
    for other, bodies in known:
        if other.id == incident.id:
            continue
        theirs = next((body.diagnosis for body in reversed(bodies) if isinstance(body, Diagnosed)), None)
        likeness = _likeness(incident, diagnosis, other, theirs)
        if likeness and theirs:
            tried = _tried(bodies)
            past = Past(other.id, _LIKE[likeness], other.process, theirs.cause, tried)
            found.append((-likeness, not tried, past))
    # of equals the order is kept: the newest first
    return tuple(past for *_, past in sorted(found, key=lambda each: each[:2]))[:_MOST]


def _likeness(incident: Incident, diagnosis: Diagnosis, other: Incident, theirs: Diagnosis | None) -> int:
    if incident.fingerprint == other.fingerprint:
        return 3
    if theirs is None or theirs.label != diagnosis.label or other.engine != incident.engine:
        return 0
    return 2 if other.process == incident.process else 1


def _tried(bodies: Sequence[Body]) -> tuple[str, ...]:
    came = {body.token: body.outcome for body in bodies if isinstance(body, Observed)}
    came |= {body.token: Outcome.HEALED for body in bodies if isinstance(body, Proven)}
    done = [f"{_fix(body.fix)}: {_came(came.get(body.token))}" for body in bodies if isinstance(body, Applying)]
    no = [f"a person said no: {body.why}" for body in bodies if isinstance(body, Dismissed)]
    return tuple([*done, *no][:_MOST_TRIED])


def _fix(fix: Fix) -> str:
    changes = ", ".join(f"{each.name} {each.old} -> {each.new}" for each in fix.changes)
    return f"{fix.kind.value} {changes}".strip()


def _came(outcome: Outcome | None) -> str:
    return outcome.value.replace("_", " ") if outcome else "not known yet"
