"""What models are asked about, of what the store has: the same for the loop that asks and for who shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from heal.jobs import JobFacts
from heal.journal import Applying, Body, Consulted, Diagnosed, Observed
from heal.patch import Draft
from heal.records import Attempt, FixKind, Incident, Outcome, Run
from heal.steps.consult import Matter
from heal.store import Store


def gathered(
    store: Store,
    incident: Incident,
    run: Run,
    attempts: Sequence[Attempt],
    found: Diagnosed,
    *,
    jobs: Mapping[str, JobFacts],
) -> Matter:
    """The matter of an incident by its newest diagnosis; ``attempts`` are still ill, and the newest is of ``run``."""
    bodies = [entry.body for entry in store.journal(incident.id)]
    return Matter(
        incident=incident,
        run=run,
        attempts=tuple(attempts),
        diagnosis=found.diagnosis,
        evidence=found.evidence,
        findings=found.findings,
        jobs=jobs,
        before=in_vain(bodies),
        beside=store.beside(incident.lineage),
        well_before=store.last_well(run, attempts[-1]),
    )


def answers(bodies: Sequence[Body]) -> tuple[Consulted, ...]:
    """What models answered so far, in order."""
    return tuple(body for body in bodies if isinstance(body, Consulted))


def in_vain(bodies: Sequence[Body]) -> tuple[Draft, ...]:
    """The patches that did not help, in order: put into the user's files, and the task failed the same way.

    Of one that waits for a person, was not wanted, or healed, a model is not to be told that it failed.
    """
    draft: Draft | None = None
    landed: dict[str, Draft] = {}
    failed: dict[str, Draft] = {}
    for body in bodies:
        match body:
            case Consulted(draft=Draft() as newer):
                draft = newer
            case Applying(token=token, fix=fix) if draft is not None and fix.kind is FixKind.PATCH:
                landed[token] = draft
            case Observed(token=token, outcome=Outcome.SAME_FAILURE) if token in landed:
                failed[landed[token].patch_id] = landed[token]
    return tuple(failed.values())
