"""Questions about runs, attempts, projects and events; each is answered from an index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from heal.records import Attempt, Run
from heal.store.rows import Scope, select_attempts, select_runs, to_attempt, to_run, to_time
from heal.store.schema import attempts, events, members, projects, running, runs, unexplained, watched

# databases limit how many values one statement may name
_AT_ONCE = 1000


def find_runs(connection: Connection, wanted: ColumnElement[bool]) -> tuple[Run, ...]:
    """Find runs by a condition, by their start."""
    return _runs(connection, select_runs().where(wanted))


def open_runs(connection: Connection) -> tuple[Run, ...]:
    """Find runs without an end, by their start."""
    return _runs(connection, select_runs().where(runs.c.id.in_(select(running.c.run_id))))


def folders(connection: Connection, run_ids: Sequence[str]) -> dict[str, str]:
    """Find the work folders of runs."""
    found: dict[str, str] = {}
    for start in range(0, len(run_ids), _AT_ONCE):
        wanted = runs.c.id.in_(run_ids[start : start + _AT_ONCE])
        found |= {row.id: row.cwd for row in connection.execute(select(runs.c.id, runs.c.cwd).where(wanted))}
    return found


def _runs(connection: Connection, question: Select[Any]) -> tuple[Run, ...]:
    # sorted here: a database that is asked to may walk through all runs by their start to find the few
    return tuple(sorted(map(to_run, connection.execute(question)), key=lambda run: (run.started, run.id)))


def find_attempts(connection: Connection, wanted: ColumnElement[bool]) -> tuple[Attempt, ...]:
    """Find attempts by a condition, oldest first."""
    return _attempts(connection, select_attempts().where(wanted).order_by(attempts.c.id))


def newest_attempts(connection: Connection, lineage: str, limit: int) -> tuple[Attempt, ...]:
    """Find the attempts of a lineage that were begun last, newest first."""
    of_lineage = select_attempts().where(attempts.c.lineage == lineage)
    return _attempts(connection, of_lineage.order_by(attempts.c.id.desc()).limit(limit))


def watched_attempts(connection: Connection, scope: Scope) -> tuple[Attempt, ...]:
    """Find jobs that no engine follows and that have not ended, oldest first."""
    listed = select_attempts().join(watched, watched.c.attempt_id == attempts.c.id)
    return _attempts(connection, listed.where(scope.covers(attempts)).order_by(watched.c.attempt_id))


def unexplained_attempts(connection: Connection, scope: Scope) -> tuple[Attempt, ...]:
    """Find failed attempts that belong to no incident yet, oldest first."""
    listed = select_attempts().join(unexplained, unexplained.c.attempt_id == attempts.c.id)
    return _attempts(connection, listed.where(scope.covers(attempts)).order_by(unexplained.c.attempt_id))


def members_of(connection: Connection, incident_id: str) -> tuple[Attempt, ...]:
    """Find the attempts of an incident, oldest first."""
    listed = select_attempts().join(members, members.c.attempt_id == attempts.c.id)
    return _attempts(connection, listed.where(members.c.incident_id == incident_id).order_by(attempts.c.id))


def _attempts(connection: Connection, question: Select[Any]) -> tuple[Attempt, ...]:
    return tuple(map(to_attempt, connection.execute(question)))


def count_tasks(connection: Connection, lineage: str) -> int:
    """Count the different tasks of a lineage; the engine itself is none, nor is an array beside its elements."""
    question = select(attempts.c.key, attempts.c.engine).where(attempts.c.lineage == lineage).distinct()
    found = {(row.key, row.engine) for row in connection.execute(question)}
    arrays = {key.rpartition("_")[0] for key, engine in found if engine == "sbatch"}
    return sum(1 for key, engine in found if key and not (engine == "sbatch" and key in arrays))


def knows_job(connection: Connection, native_id: str) -> bool:
    """Tell whether an attempt with this scheduler's id was ever seen."""
    return (
        connection.execute(select(attempts.c.id).where(attempts.c.native_id == native_id).limit(1)).first() is not None
    )


def explained(connection: Connection, attempt_ids: Sequence[int]) -> dict[int, str]:
    """Find the incident of each attempt that has one."""
    distinct = sorted(set(attempt_ids))
    return {
        row.attempt_id: row.incident_id
        for start in range(0, len(distinct), _AT_ONCE)
        for row in connection.execute(
            select(members.c.attempt_id, members.c.incident_id).where(
                members.c.attempt_id.in_(distinct[start : start + _AT_ONCE])
            )
        )
    }


def project_paths(connection: Connection) -> tuple[str, ...]:
    """List the folders whose jobs are to be healed."""
    return tuple(connection.execute(select(projects.c.path).order_by(projects.c.path)).scalars())


def interrupted(connection: Connection, lineage: str) -> bool:
    """Tell whether a person ended this run."""
    said = [events.c.source == "person", events.c.kind == "run_interrupted", events.c.run_id == lineage]
    return connection.execute(select(events.c.seq).where(*said).limit(1)).first() is not None


def last_event(connection: Connection, source: str, kind: str | None) -> datetime | None:
    """Tell when a source was last heard of."""
    question = select(func.max(events.c.time)).where(events.c.source == source)
    if kind is not None:
        question = question.where(events.c.kind == kind)
    found = connection.execute(question).scalar()
    return None if found is None else to_time(found)
