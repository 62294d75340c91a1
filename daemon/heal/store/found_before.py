"""Whether a job that somebody announces is followed already."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, select

from heal.records import Event
from heal.store.rows import to_micros
from heal.store.schema import runs


def found_before(connection: Connection, event: Event) -> bool:
    """Tell whether a job is announced that heal had found by itself already, and follows: once is enough.

    Whoever submits a job tells of it a moment later, in which heal may come upon it in the scheduler's books.
    """
    run, job = event.run, event.task.native_id if event.task else None
    if event.kind != "task_submitted" or event.source != "runner" or run is None or run.engine != "sbatch" or not job:
        return False
    # ids are used again after tens of millions of jobs
    lately = runs.c.started >= to_micros(event.time - timedelta(days=1))
    own = runs.c.id.between(f"slurm:{job}:", f"slurm:{job}:~")
    return connection.execute(select(runs.c.id).where(own, lately).limit(1)).first() is not None
