"""What was seen in earlier runs of a folder."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from heal.records import Attempt, Run
from heal.store.rows import select_attempts, to_attempt, to_micros
from heal.store.schema import attempt_ends, attempts, runs

_MOST_RUNS = 50


def well_before(connection: Connection, run: Run, process: str, *, since: datetime, limit: int) -> tuple[Attempt, ...]:
    """Find what a scheduler ran of a process in earlier runs of a folder, and what ended well, newest first."""
    same = (runs.c.cwd == run.cwd, runs.c.engine == run.engine, runs.c.lineage != run.lineage)
    earlier = select(runs.c.id).where(*same).order_by(runs.c.started.desc()).limit(_MOST_RUNS)
    wanted = select_attempts().where(
        attempts.c.run_id.in_(connection.execute(earlier).scalars().all()),
        attempts.c.process == process,
        attempts.c.native_id != "",
        attempt_ends.c.ok.is_(True),
        attempt_ends.c.ended >= to_micros(since),
    )
    return tuple(map(to_attempt, connection.execute(wanted.order_by(attempts.c.id.desc()).limit(limit))))
