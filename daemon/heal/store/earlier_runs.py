"""What was seen in earlier runs of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from heal.records import Attempt, Run
from heal.store.rows import select_attempts, to_attempt, to_micros, to_time
from heal.store.schema import attempt_ends, attempts, runs

_MOST_RUNS = 50


def well_before(connection: Connection, run: Run, process: str, *, since: datetime, limit: int) -> tuple[Attempt, ...]:
    """Find what a scheduler ran of a process in earlier runs of a folder, and what ended well, newest first."""
    wanted = select_attempts().where(
        attempts.c.run_id.in_(_runs(connection, run)),
        attempts.c.process == process,
        attempts.c.native_id != "",
        attempt_ends.c.ok.is_(True),
        attempt_ends.c.ended >= to_micros(since),
    )
    return tuple(map(to_attempt, connection.execute(wanted.order_by(attempts.c.id.desc()).limit(limit))))


def last_well(connection: Connection, run: Run, attempt: Attempt) -> datetime | None:
    """Tell when the task of an attempt ended well last before it in another run of a folder.

    By its name: the key of a job that was submitted by hand is the job's own.
    """
    ended = attempt_ends.join(attempts, attempts.c.id == attempt_ends.c.attempt_id)
    wanted = [
        attempts.c.run_id.in_(_runs(connection, run)),
        attempts.c.process == attempt.process,
        attempts.c.name == attempt.name,
        attempt_ends.c.ok.is_(True),
    ]
    if attempt.ended is not None:
        wanted.append(attempt_ends.c.ended <= to_micros(attempt.ended))
    found = connection.execute(select(func.max(attempt_ends.c.ended)).select_from(ended).where(*wanted)).scalar()
    return None if found is None else to_time(found)


def _runs(connection: Connection, run: Run) -> Sequence[str]:
    """Find the newest runs of a folder that are of another lineage."""
    same = (runs.c.cwd == run.cwd, runs.c.engine == run.engine, runs.c.lineage != run.lineage)
    earlier = select(runs.c.id).where(*same).order_by(runs.c.started.desc()).limit(_MOST_RUNS)
    return connection.execute(earlier).scalars().all()
