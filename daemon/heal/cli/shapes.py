"""The JSON that other programs read (docs/cli.md); shapes are contracts: fields are added, never renamed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from heal.cases import Evidence, Finding
from heal.journal import (
    Applying,
    Approved,
    Body,
    Decided,
    Dependent,
    Diagnosed,
    Entry,
    Observed,
    Proposed,
    Proven,
    state_of,
)
from heal.records import Attempt, Diagnosis, Fix, Incident, Outcome

if TYPE_CHECKING:
    from heal.schedulers.sides import Silence
    from heal.store import Repointed, Warned


def fix(one: Fix | None) -> dict[str, Any] | None:
    """``{"kind", "process", "changes": [{"name", "old", "new"}], "why"}``."""
    if one is None:
        return None
    return {
        "kind": one.kind.value,
        "process": one.process,
        "changes": [{"name": each.name, "old": each.old, "new": each.new} for each in one.changes],
        "why": one.why,
    }


def diagnosis_of(bodies: Sequence[Body]) -> Diagnosis | None:
    """The newest diagnosis."""
    return next((body.diagnosis for body in reversed(bodies) if isinstance(body, Diagnosed)), None)


def findings_of(bodies: Sequence[Body]) -> tuple[Finding, ...]:
    """What was looked up for the newest diagnosis."""
    return next((body.findings for body in reversed(bodies) if isinstance(body, Diagnosed)), ())


def looked_up(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """``[{"sight", "subject", "text"}]``."""
    return [{"sight": one.sight.value, "subject": one.subject, "text": one.text} for one in findings]


def fix_of(bodies: Sequence[Body]) -> Fix | None:
    """The newest fix proposed."""
    return next((body.fix for body in reversed(bodies) if isinstance(body, Proposed)), None)


def dependents_of(bodies: Sequence[Body]) -> tuple[Dependent, ...]:
    """The jobs that waited for the failed ones when the newest fix was proposed."""
    return next((body.dependents for body in reversed(bodies) if isinstance(body, Proposed)), ())


def dependent_jobs(bodies: Sequence[Body]) -> int:
    """How many jobs hang on an incident that is not closed, an array as one; what hung on a closed one has its end."""
    return 0 if state_of(bodies).closed else len(dependents_of(bodies))


def remedies(bodies: Sequence[Body]) -> list[dict[str, Any]]:
    """``[{"fix", "verdict", "outcome"}]``, oldest first; ``outcome`` is null while it is not known."""
    found: list[dict[str, Any]] = []
    verdict: str | None = None
    for body in bodies:
        match body:
            case Decided(verdict=said):
                verdict = said.value
            case Approved():
                verdict = "approved"
            case Applying(fix=one):
                found.append({"fix": fix(one), "verdict": verdict, "outcome": None})
            case Observed(outcome=outcome) if found:
                found[-1]["outcome"] = outcome.value
            case Proven() if found:
                found[-1]["outcome"] = Outcome.HEALED.value
    return found


def incident(one: Incident, bodies: Sequence[Body]) -> dict[str, Any]:
    """A row of ``heal status --json``."""
    found = diagnosis_of(bodies)
    return {
        "id": one.id,
        "state": state_of(bodies).value,
        "label": found.label.value if found and found.label else None,
        "cause": found.cause if found else None,
        "run": one.lineage,
        "engine": one.engine,
        "process": one.process,
        "opened": one.opened.isoformat(),
        "tasks": one.tasks,
        "fix": fix(fix_of(bodies)),
        "remedies": remedies(bodies),
        "dependent_jobs": dependent_jobs(bodies),
    }


def warning(one: Warned) -> dict[str, Any]:
    """A task that ended with 0 and in which something did not go well."""
    return {"time": one.at.isoformat(), "run": one.lineage, "task": one.task, "job": one.job or None, "why": one.said}


def silence(one: Silence) -> dict[str, Any]:
    """A side of SLURM that does not answer (``silent``), or that is not there (``none``)."""
    return {
        "side": one.side,
        "state": "none" if one.lasting else "silent",
        "since": one.since.isoformat(),
        "asked": one.asked.isoformat(),
        "why": one.why,
    }


def story(
    one: Incident, entries: Sequence[Entry], attempts: Sequence[Attempt], followers: Sequence[Repointed] = ()
) -> dict[str, Any]:
    """All of ``heal show --json``: the row, the diagnosis with its citations, the tasks, the journal."""
    bodies = [entry.body for entry in entries]
    found = diagnosis_of(bodies)
    return {
        **incident(one, bodies),
        "diagnosis": _plain(asdict(found)) if found else None,
        "looked_up": looked_up(findings_of(bodies)),
        "evidence": [_evidence(each) for each in _evidence_of(bodies)],
        "failed": [
            {
                "name": each.name,
                "key": each.key,
                "job": each.native_id,
                "attempt": each.number,
                "logs": list(each.log_paths),
            }
            for each in attempts
        ],
        "dependents": [_plain(asdict(each)) for each in dependents_of(bodies)],
        "repointed": [
            {"at": each.at.isoformat(), "job": each.job, "old": each.old, "new": each.new} for each in followers
        ],
        "journal": [
            {
                "seq": entry.seq,
                "at": entry.at.isoformat(),
                "kind": type(entry.body).__name__.lower(),
                **_said(entry.body),
            }
            for entry in entries
        ],
    }


def ledger(found: Diagnosis, findings: Iterable[Finding] = ()) -> dict[str, Any]:
    """What ``heal explain --json`` prints."""
    return {
        "label": found.label.value if found.label else None,
        "confidence": found.confidence,
        "cause": found.cause,
        "ledger": [{**_plain(asdict(row)), "points": row.points} for row in found.ledger],
        "looked_up": looked_up(findings),
    }


def _said(body: Body) -> dict[str, Any]:
    if isinstance(body, Diagnosed):
        return {"label": body.diagnosis.label, "cause": body.diagnosis.cause}
    return dict(_plain(asdict(body)))


def _evidence_of(bodies: Sequence[Body]) -> tuple[Evidence, ...]:
    return next((body.evidence for body in reversed(bodies) if isinstance(body, Diagnosed)), ())


def _evidence(one: Evidence) -> dict[str, Any]:
    return {"source": one.source, "notes": list(one.notes), "hits": [_plain(asdict(hit)) for hit in one.hits]}


def _plain(value: Any) -> Any:
    """Tuples as lists and enums as their words, as JSON has it."""
    match value:
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case PurePath():
            return str(value)
        case _:
            return value
