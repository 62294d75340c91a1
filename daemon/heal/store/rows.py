"""Rows to records and back: times, empty texts and JSON columns in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from sys import intern
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, func, select, true

from heal.records import Attempt, Incident, Run
from heal.store.schema import attempt_ends, attempts, incidents, members, run_ends, runs

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST = 2**63
# databases limit how many values one statement may name
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Scope:
    """Which lineages are asked about: all of them, ``only`` some, or all ``without`` some."""

    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()

    def takes(self, lineage: str) -> bool:
        """Tell whether a lineage is in scope."""
        return (self.only is None or lineage in self.only) and lineage not in self.without

    def covers(self, table: Table) -> ColumnElement[bool]:
        """Give the condition that a row of ``table`` is in scope, to pick from the few rows of a work list."""
        wanted: ColumnElement[bool] = true()
        if self.only is not None:
            wanted = wanted & unindexed(table.c.lineage).in_(sorted(self.only))
        if self.without:
            wanted = wanted & unindexed(table.c.lineage).not_in(sorted(self.without))
        return wanted


EVERYTHING = Scope()


def unindexed(column: ColumnElement[str]) -> ColumnElement[str]:
    """Keep a database from starting at this column's index, where another one leads to fewer rows."""
    return column.concat("")


def to_micros(time: datetime) -> int:
    """Count a time in whole microseconds; a time without a zone is taken as UTC."""
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def to_time(micros: int) -> datetime:
    """Undo ``to_micros``."""
    return _EPOCH + timedelta(microseconds=micros)


def whole(value: object) -> int | None:
    """Take a number from an event's facts, or None where it is no whole number that a database can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # not-a-number is not less than anything
    return int(value) if abs(value) < _LARGEST and value == int(value) else None


def select_runs() -> Select[Any]:
    """Ask for runs with their ends."""
    return select(runs, run_ends.c.ended, run_ends.c.exit_code).outerjoin_from(
        runs, run_ends, run_ends.c.run_id == runs.c.id
    )


def to_run(row: Row[Any]) -> Run:
    """Make a run of a row of ``select_runs``."""
    return Run(
        id=row.id,
        lineage=row.lineage,
        engine=row.engine,
        cwd=row.cwd,
        argv=tuple(row.argv),
        started=to_time(row.started),
        parent=row.parent,
        pid=row.pid,
        host=row.host,
        env_file=row.env_file,
        ended=None if row.ended is None else to_time(row.ended),
        exit_code=row.exit_code,
    )


# what an attempt is made of, in the order in which ``to_attempt`` takes it
_ATTEMPT = (
    *(attempts.c[name] for name in ("id", "run_id", "lineage", "engine", "key", "name", "process", "number")),
    *(attempts.c[name] for name in ("native_id", "workdir", "log_paths", "asked", "submitted")),
    *(attempt_ends.c[name] for name in ("ok", "ended", "facts")),
)


def select_attempts() -> Select[Any]:
    """Ask for attempts with their ends."""
    return select(*_ATTEMPT).outerjoin_from(attempts, attempt_ends, attempt_ends.c.attempt_id == attempts.c.id)


def to_attempt(row: Row[Any]) -> Attempt:
    """Make an attempt of a row of ``select_attempts``; what many of them say alike is one string.

    By the places of the columns, not by their names: of fifty thousand watched jobs that is half a second a look.
    """
    number, run_id, lineage, engine, key, name, process, tried, *rest = row[: len(_ATTEMPT)]
    native_id, workdir, log_paths, asked, submitted, ok, ended, facts = rest
    return Attempt(
        id=number,
        run_id=intern(run_id),
        lineage=intern(lineage),
        engine=intern(engine),
        key=intern(key),
        name=intern(name),
        process=intern(process),
        number=tried,
        native_id=intern(native_id) or None,
        workdir=workdir and intern(workdir),
        log_paths=tuple(log_paths),
        asked=asked,
        submitted=None if submitted is None else to_time(submitted),
        ended=None if ended is None else to_time(ended),
        ok=ok,
        facts=facts or {},
    )


def select_incidents() -> Select[Any]:
    """Ask for incidents with the number of different tasks in each."""
    tasks = (
        select(func.count(members.c.task_key.distinct()))
        .where(members.c.incident_id == incidents.c.id)
        .scalar_subquery()
    )
    return select(incidents, tasks.label("tasks"))


def to_incident(row: Row[Any]) -> Incident:
    """Make an incident of a row of ``select_incidents``."""
    return Incident(
        id=row.id,
        lineage=row.lineage,
        run_id=row.run_id,
        engine=row.engine,
        process=row.process,
        fingerprint=row.fingerprint,
        opened=to_time(row.opened),
        tasks=row.tasks,
    )
