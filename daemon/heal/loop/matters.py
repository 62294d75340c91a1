"""What models are asked about, of what the store has: the same for the loop that asks and for who shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from heal.jobs import JobFacts
from heal.journal import Body, Consulted, Diagnosed
from heal.records import Attempt, Incident, Run
from heal.steps.consult import Matter
from heal.store import Store

# of a run with more tasks, those that were begun last
_MOST_BESIDE = 500


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
    return Matter(
        incident=incident,
        run=run,
        attempts=tuple(attempts),
        diagnosis=found.diagnosis,
        evidence=found.evidence,
        findings=found.findings,
        jobs=jobs,
        before=answers([entry.body for entry in store.journal(incident.id)]),
        beside=store.beside(incident.lineage, _MOST_BESIDE),
        well_before=store.last_well(run, attempts[-1]),
    )


def answers(bodies: Sequence[Body]) -> tuple[Consulted, ...]:
    """What models answered so far, in order."""
    return tuple(body for body in bodies if isinstance(body, Consulted))
