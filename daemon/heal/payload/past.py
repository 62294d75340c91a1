"""Earlier incidents that are like one, with what was tried on them and what came of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from heal.journal import HEAL, Applying, Body, Decided, Diagnosed, Dismissed, Observed, Proven
from heal.records import Change, Diagnosis, Fix, FixKind, Incident, Outcome, Verdict

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
    ends = [_end(body, before) for before, body in pairwise([None, *bodies]) if isinstance(body, Dismissed)]
    # the last ones: where one of them healed it, it ended with that
    return tuple([*done, *ends][-_MOST_TRIED:])


def _end(end: Dismissed, before: Body | None) -> str:
    """A no is a person's where one was asked; all else that ends an incident is told by its reason."""
    asked = isinstance(before, Decided) and before.verdict is Verdict.ASK
    return f"a person said no: {end.why}" if asked and end.by != HEAL else f"left alone: {end.why}"


def _fix(fix: Fix) -> str:
    if fix.kind is FixKind.PATCH:
        files = next((each.new for each in fix.changes if each.name == "files"), "")
        return f"patch of {files} ({fix.why})"
    return f"{fix.kind.value} {', '.join(map(_change, fix.changes))}".strip()


def _change(change: Change) -> str:
    old, new = (
        int(each) if isinstance(each, float) and each.is_integer() else each for each in (change.old, change.new)
    )
    return f"{change.name} {new}" if old is None else f"{change.name} {old} -> {new}"


def _came(outcome: Outcome | None) -> str:
    return outcome.value.replace("_", " ") if outcome else "not known yet"
