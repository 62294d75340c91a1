"""Whether jobs that somebody announces are followed already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, select

from heal.records import Event
from heal.store.rows import to_micros
from heal.store.schema import runs

# ids are used again after tens of millions of jobs
_LATELY = timedelta(days=1)


def found_before(connection: Connection, taken: Sequence[Event]) -> frozenset[str]:
    """Find which of these events announce jobs that heal had found by itself already, and follows: once is enough.

    Whoever submits a job tells of it a moment later, in which heal may come upon it in the scheduler's books.
    """
    said = {event.id: (job, event.time) for event in taken if (job := _announced(event))}
    if not said:
        return frozenset()
    jobs = {job for job, _time in said.values()}
    # what heal found is a run slurm:JOB:TIME of its own (steps/watch.py); one question, however many are announced
    prefix = f"slurm:{jobs.pop()}:" if len(jobs) == 1 else "slurm:"
    first = min(time for _job, time in said.values()) - _LATELY
    asked = select(runs.c.id, runs.c.started).where(
        runs.c.id.between(prefix, f"{prefix}~"), runs.c.started >= to_micros(first)
    )
    newest: dict[str, int] = {}
    for row in connection.execute(asked.order_by(runs.c.started)):
        newest[row.id.split(":")[1]] = row.started
    return frozenset(name for name, (job, time) in said.items() if newest.get(job, 0) >= to_micros(time - _LATELY))


def _announced(event: Event) -> str:
    """The job that somebody tells of who submitted it with ``sbatch``; empty for any other event."""
    run, job = event.run, event.task.native_id if event.task else None
    told = event.kind == "task_submitted" and event.source == "runner" and run is not None and run.engine == "sbatch"
    return job or "" if told else ""
