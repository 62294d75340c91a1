"""Jobs that heal itself watched and that SLURM calls completed, in the order in which their ends were stored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from heal.records import Attempt
from heal.store.rows import Scope, select_attempts, to_attempt, to_micros
from heal.store.schema import attempt_ends, attempts, events


def page(
    connection: Connection, since: datetime, after: int, most: int, scope: Scope
) -> tuple[tuple[int, Attempt], ...]:
    """Find the first of those whose end was seen since then and has a number above ``after``, each with its number."""
    seen = (events.c.source == "poll") & (events.c.kind == "task_finished") & (events.c.time >= to_micros(since))
    same = (attempts.c.run_id == events.c.run_id) & (attempts.c.key == events.c.task_key)
    well = (attempts.c.engine == "sbatch") & attempt_ends.c.ok.is_(True)
    question = (
        select_attempts()
        .add_columns(events.c.seq)
        .join(events, same)
        .where(seen, events.c.seq > after, well, scope.covers(attempts))
        .order_by(events.c.seq)
        .limit(most)
    )
    return tuple((row.seq, to_attempt(row)) for row in connection.execute(question))
