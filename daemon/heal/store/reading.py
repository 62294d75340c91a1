"""Questions about runs, attempts, projects and events; each is answered from an index."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, func, select

from heal.records import WAITS, Attempt, Run
from heal.store.rows import AT_ONCE, Scope, select_attempts, select_runs, to_attempt, to_micros, to_run, to_time
from heal.store.schema import (
    attempt_ends,
    attempts,
    events,
    incidents,
    members,
    projects,
    running,
    runs,
    unexplained,
    watched,
)

_JOBS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Repointed:
    """A job that waited for one that failed, and what it was told to wait for instead, in the scheduler's words."""

    at: datetime
    job: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Warned:
    """A task that ended well by its own word, and what was seen that did not; ``job`` is empty where there is none."""

    at: datetime
    lineage: str
    task: str
    job: str
    said: str


def find_runs(connection: Connection, wanted: ColumnElement[bool]) -> tuple[Run, ...]:
    """Find runs by a condition, by their start."""
    return _runs(connection, select_runs().where(wanted))


def open_runs(connection: Connection) -> tuple[Run, ...]:
    """Find runs without an end of which a process may be looked for, by their start.

    Jobs that heal found have none, and there may be tens of thousands of them.
    """
    of_processes = runs.c.id.in_(select(running.c.run_id)) & runs.c.pid.is_not(None)
    return _runs(connection, select_runs().where(of_processes))


def folders(connection: Connection, run_ids: Sequence[str]) -> dict[str, str]:
    """Find the work folders of runs."""
    found: dict[str, str] = {}
    for start in range(0, len(run_ids), AT_ONCE):
        wanted = runs.c.id.in_(run_ids[start : start + AT_ONCE])
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


def most_asked(connection: Connection, lineage: str, process: str) -> dict[str, float]:
    """Find the most that a task of a process asked for in a lineage, by resource."""
    most: dict[str, float] = {}
    wanted = select(attempts.c.asked).where(attempts.c.lineage == lineage, attempts.c.process == process)
    for asked in connection.execution_options(yield_per=AT_ONCE).execute(wanted).scalars():
        most |= {name: max(value, most.get(name, value)) for name, value in asked.items()}
    return most


def watched_attempts(connection: Connection, scope: Scope) -> tuple[Attempt, ...]:
    """Find jobs that no engine follows and that have not ended, oldest first."""
    listed = select_attempts().join(watched, watched.c.attempt_id == attempts.c.id)
    return _attempts(connection, listed.where(scope.covers(attempts)).order_by(watched.c.attempt_id))


def jobs_since(connection: Connection, since: datetime) -> Iterator[Attempt]:
    """Find attempts with a scheduler's id that ended since then; never more than a page of them is held."""
    wanted = (attempts.c.native_id != "") & (attempt_ends.c.ended >= to_micros(since))
    pages = connection.execution_options(yield_per=AT_ONCE)
    yield from map(to_attempt, pages.execute(select_attempts().where(wanted)))


def watched_jobs(connection: Connection, native_ids: Sequence[str], scope: Scope) -> tuple[Attempt, ...]:
    """Find the watched jobs that have one of these scheduler's ids, oldest first."""
    listed = select_attempts().join(watched, watched.c.attempt_id == attempts.c.id).where(scope.covers(attempts))
    found: list[Attempt] = []
    for start in range(0, len(native_ids), AT_ONCE):
        found += _attempts(connection, listed.where(attempts.c.native_id.in_(native_ids[start : start + AT_ONCE])))
    return tuple(sorted(found, key=lambda attempt: attempt.id))


def watches(connection: Connection, scope: Scope) -> bool:
    """Tell whether there is a job that no engine follows and that has not ended."""
    listed = select(attempts.c.id).join(watched, watched.c.attempt_id == attempts.c.id)
    return connection.execute(listed.where(scope.covers(attempts)).limit(1)).first() is not None


def unexplained_attempts(connection: Connection, scope: Scope) -> tuple[Attempt, ...]:
    """Find failed attempts that belong to no incident yet, oldest first."""
    listed = select_attempts().join(unexplained, unexplained.c.attempt_id == attempts.c.id)
    return _attempts(connection, listed.where(scope.covers(attempts)).order_by(unexplained.c.attempt_id))


def asking(connection: Connection, since: datetime) -> tuple[Attempt, ...]:
    """Find failed attempts of runs that go on whose engine asked what to do since then, oldest first."""
    listed = select_attempts().where(attempts.c.run_id.in_(select(running.c.run_id)))
    failed = listed.where(attempt_ends.c.ok.is_(False), attempt_ends.c.ended >= to_micros(since))
    found = _attempts(connection, failed.order_by(attempts.c.id))
    return tuple(attempt for attempt in found if "asks" in attempt.facts)


def members_of(connection: Connection, incident_id: str) -> tuple[Attempt, ...]:
    """Find the attempts of an incident, oldest first."""
    listed = select_attempts().join(members, members.c.attempt_id == attempts.c.id)
    return _attempts(connection, listed.where(members.c.incident_id == incident_id).order_by(attempts.c.id))


def jobs_of(connection: Connection, incident_id: str) -> frozenset[str]:
    """Find the scheduler's ids of the attempts of an incident, without those of the local machine."""
    listed = select(attempts.c.native_id).join(members, members.c.attempt_id == attempts.c.id)
    named = listed.where(members.c.incident_id == incident_id, attempts.c.native_id != "")
    return frozenset(connection.execute(named).scalars())


def count_members(connection: Connection, incident_id: str) -> int:
    """Count the attempts of an incident."""
    question = select(func.count()).select_from(members).where(members.c.incident_id == incident_id)
    return connection.execute(question).scalar_one()


def home_of(connection: Connection, incident_id: str) -> frozenset[int]:
    """Find the attempts of an incident after which their task ended well."""
    question, again = _with_later_tries(incident_id)
    ended = question.join(attempt_ends, attempt_ends.c.attempt_id == again.c.id).where(attempt_ends.c.ok)
    return frozenset(connection.execute(ended).scalars())


def tried_again_of(connection: Connection, incident_id: str) -> frozenset[int]:
    """Find the attempts of an incident after which their task was tried again."""
    question, _again = _with_later_tries(incident_id)
    return frozenset(connection.execute(question).scalars())


def _with_later_tries(incident_id: str) -> tuple[Select[Any], FromClause]:
    """Ask for the attempts of an incident, each with the later tries of its task, which are the second part."""
    again = attempts.alias()
    same = (again.c.lineage == incidents.c.lineage) & (again.c.key == members.c.task_key)
    question = (
        select(members.c.attempt_id)
        .join_from(members, incidents, incidents.c.id == members.c.incident_id)
        .join(again, same & (again.c.id > members.c.attempt_id))
        .where(members.c.incident_id == incident_id)
    )
    return question, again


def of_job(connection: Connection, job: str) -> tuple[Attempt, ...]:
    """Find the attempts that a job is, or that are elements of it, oldest first."""
    # "`" is the character after "_": a range of the index
    own = (attempts.c.native_id == job) | ((attempts.c.native_id > f"{job}_") & (attempts.c.native_id < f"{job}`"))
    return find_attempts(connection, own)


def repointed(connection: Connection, bases: Collection[str]) -> tuple[Repointed, ...]:
    """Find what was written ahead of each change of what a job waits for."""
    said = [events.c.source == "heal", events.c.kind == "repointed"]
    question = select(events.c.time, events.c.body).where(*said).order_by(events.c.time, events.c.seq)
    found = ((to_time(row.time), json.loads(row.body)["facts"]) for row in connection.execute(question))
    changes = (Repointed(at, facts["job"], facts["old"], facts["new"]) for at, facts in found)
    return tuple(one for one in changes if not set(bases).isdisjoint(_JOBS.findall(one.old)))


def warnings(
    connection: Connection, limit: int, since: datetime | None, lineage: str | None
) -> tuple[int, tuple[Warned, ...]]:
    """Count what was said beside ends that were called good, and find the newest of it."""
    said = (events.c.source == "heal") & (events.c.kind == "warning")
    if since is not None:
        said &= events.c.time >= to_micros(since)
    if lineage is not None:
        said &= runs.c.lineage == lineage
    told = events.join(runs, runs.c.id == events.c.run_id)
    count = connection.execute(select(func.count()).select_from(told).where(said)).scalar_one()
    newest = select(events.c.time, events.c.body, runs.c.lineage).select_from(told).where(said)
    found = [
        Warned(to_time(row.time), row.lineage, facts["task"], facts["job"], facts["said"])
        for row in connection.execute(newest.order_by(events.c.time.desc(), events.c.seq.desc()).limit(limit))
        for facts in [json.loads(row.body)["facts"]]
    ]
    return count, tuple(found)


def last_number(connection: Connection) -> int:
    """Tell the number of the newest event."""
    return connection.execute(select(func.max(events.c.seq))).scalar() or 0


def _attempts(connection: Connection, question: Select[Any]) -> tuple[Attempt, ...]:
    return tuple(map(to_attempt, connection.execute(question)))


def count_tasks(connection: Connection, lineage: str) -> int:
    """Count the different tasks of a lineage; neither the engine is one, nor its wait, nor an array of elements."""
    question = select(attempts.c.key, attempts.c.engine).where(attempts.c.lineage == lineage).distinct()
    found = {(row.key, row.engine) for row in connection.execute(question)}
    arrays = {key.rpartition("_")[0] for key, engine in found if engine == "sbatch"}
    tasks = {(key, engine) for key, engine in found if key and not key.startswith(WAITS)}
    return sum(1 for key, engine in tasks if not (engine == "sbatch" and key in arrays))


def explained(connection: Connection, attempt_ids: Sequence[int]) -> dict[int, str]:
    """Find the incident of each attempt that has one."""
    distinct = sorted(set(attempt_ids))
    return {
        row.attempt_id: row.incident_id
        for start in range(0, len(distinct), AT_ONCE)
        for row in connection.execute(
            select(members.c.attempt_id, members.c.incident_id).where(
                members.c.attempt_id.in_(distinct[start : start + AT_ONCE])
            )
        )
    }


def project_paths(connection: Connection) -> tuple[str, ...]:
    """List the folders whose jobs are to be healed."""
    return tuple(connection.execute(select(projects.c.path).order_by(projects.c.path)).scalars())


def registered(connection: Connection) -> dict[str, datetime]:
    """Tell when a person first said of each folder that its jobs are to be healed."""
    said = (events.c.source == "person", events.c.kind == "project")
    found: dict[str, datetime] = {}
    for row in connection.execute(select(events.c.time, events.c.body).where(*said).order_by(events.c.time)):
        match json.loads(row.body):
            case {"facts": {"path": str(path)}}:
                found.setdefault(path, to_time(row.time))
    return found


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
