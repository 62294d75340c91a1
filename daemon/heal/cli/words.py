"""What a person reads: plain words, numbers with units, the cause first and the proof under it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from heal.cases import Citation
from heal.journal import (
    Applied,
    Applying,
    Approved,
    Body,
    Decided,
    Diagnosed,
    Dismissed,
    GaveUp,
    Observed,
    Proposed,
    State,
)
from heal.records import Attempt, Change, Diagnosis, Fix, FixKind, Label, Outcome, Verdict
from heal.units import duration, minutes, size

_SURE, _LIKELY = 0.9, 0.6
_WIDTH = 160


def ago(then: datetime, now: datetime) -> str:
    """6m ago, 3d ago."""
    seconds = max(0, int((now - then).total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit} ago"
    return f"{seconds}s ago"


def change(one: Change) -> str:
    """Memory 400 MB → 800 MB."""
    match one.name:
        case "memory_mb":
            return f"memory {_amount(one.old, size)} → {_amount(one.new, size)}"
        case "time_min":
            return f"time {_amount(one.old, minutes)} → {_amount(one.new, minutes)}"
        case "delay_s":
            return f"again after {duration(float(one.new or 0))}" if one.new else "again"
        case "node":
            return f"without node {one.new}"
        case "folder":
            return f"folder {one.new} is made"
        case _:
            return f"{one.name} {one.old} → {one.new}"


def fix(one: Fix) -> str:
    """What a fix does, in one phrase."""
    if one.kind is FixKind.ADVICE:
        return f"advice: {one.why}"
    if one.kind is FixKind.UNLOCK:
        return "the lock is removed, once it is proven that nobody works there"
    return ", ".join(change(each) for each in one.changes) or one.kind.value


def label(diagnosis: Diagnosis) -> str:
    """Out of memory, sure (0.98)."""
    if diagnosis.label in (None, Label.UNKNOWN):
        return "cause unknown"
    how = "sure" if diagnosis.confidence >= _SURE else "likely" if diagnosis.confidence >= _LIKELY else "perhaps"
    return f"{diagnosis.label.replace('_', ' ')}, {how} ({diagnosis.confidence:.2f})"


def citation(one: Citation) -> str:
    """The line and where it stands."""
    text = one.text if len(one.text) <= _WIDTH else one.text[: _WIDTH - 1] + "…"
    return f"{text}      {one.source}:{one.line}" if one.line else f"{text}      ({one.source})"


def failure(attempt: Attempt, tasks: int) -> str:
    """Align (sample=S7) failed after 4m12s · SLURM 81723."""
    took = (attempt.ended - attempt.submitted).total_seconds() if attempt.ended and attempt.submitted else None
    parts = [f"{attempt.name} failed" + (f" after {duration(took)}" if took and took >= 1 else "")]
    if attempt.native_id:
        parts.append(f"SLURM {attempt.native_id}")
    if tasks > 1:
        parts.append(f"{tasks} tasks")
    return " · ".join(parts)


def entry(body: Body, incident_id: str, attempts: Sequence[Attempt]) -> list[str]:  # noqa: PLR0911 - one line a kind
    """The lines that tell of one entry of an incident's journal; none where there is nothing new to say."""
    match body:
        case Diagnosed(diagnosis=found):
            cited = [f"  {citation(one)}" for one in _cited(found)]
            cause = [f"  {found.cause}"] if found.cause else []
            tasks = len({attempt.key for attempt in attempts})
            return [f"{failure(attempts[-1], tasks)} · {label(found)}", *cited, *cause]
        case Proposed(fix=one):
            because = [f"  {one.why}"] if one.why and one.kind is not FixKind.ADVICE else []
            return [*because, f"  → {one.process or 'the run'}: {fix(one)}"]
        case Decided(verdict=verdict, why=why):
            return _decided(verdict, why, incident_id)
        case Approved(by=by):
            return [f"incident {incident_id}: {by} said yes"]
        case Applying(fix=one):
            return [f"incident {incident_id} · {one.process or 'the run'}: {fix(one)}"]
        case Applied(jobs=jobs):
            return (
                [f"  → submitted again as {', '.join(jobs.values())}"]
                if jobs
                else ["  → started again; what is finished stays"]
            )
        case Observed(outcome=outcome, detail=detail):
            return [_observed(outcome, detail, incident_id, attempts)]
        case GaveUp(why=why):
            return [f"incident {incident_id}: heal stops here: {why}"]
        case Dismissed(by=by, why=why):
            return [f"incident {incident_id} dismissed ({by}): {why}"]


def _cited(found: Diagnosis) -> list[Citation]:
    """The proof first; a line that an engine repeats in its own log is not shown again."""
    cited = [*([found.root] if found.root else []), *found.citations]
    return list({one.text: one for one in reversed(cited)}.values())[::-1][:3]


def _decided(verdict: Verdict, why: str, incident_id: str) -> list[str]:
    match verdict:
        case Verdict.AUTO:
            return []
        case Verdict.ASK:
            return [f"  → waiting for you ({why}) · heal show {incident_id} · heal accept {incident_id}"]
        case Verdict.REFUSE:
            return [f"  → heal stops here: {why}"]


def _observed(outcome: Outcome, detail: str, incident_id: str, attempts: Sequence[Attempt]) -> str:
    match outcome:
        case Outcome.HEALED:
            return f"{attempts[-1].name} came home · incident {incident_id} healed"
        case Outcome.SAME_FAILURE:
            return f"incident {incident_id}: {detail}"
        case _:
            return f"incident {incident_id} not healed: {detail or outcome.replace('_', ' ')}"


def state(where: State, bodies: Sequence[Body], incident_id: str) -> str:
    """The last column of `heal status`: where it stands and what heal did or wants."""
    last = next((body.fix for body in reversed(bodies) if isinstance(body, Applying | Proposed)), None)
    match where:
        case State.WAITING if last is not None and last.kind is FixKind.ADVICE:
            return f"needs you · heal show {incident_id}"
        case State.WAITING:
            return f"waiting for you · heal accept {incident_id}"
        case State.HEALED if last is not None:
            return f"healed · {fix(last)}"
        case _:
            return where.replace("_", " ")


def _amount(value: float | str | None, shown: object) -> str:
    return "?" if value is None else shown(float(value)) if callable(shown) else str(value)
