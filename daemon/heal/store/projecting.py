"""What an event means for runs, attempts and projects; called in the transaction that stores the event.

Events come in any order and more than once. The first word on an end counts; a row made from half the story is
filled in when the other half comes, and what is known of it is never changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Row, Table, delete, insert, select, update

from heal.records import Event, RunRef, TaskRef
from heal.store.codec import plain
from heal.store.found_before import found_before
from heal.store.rows import AT_ONCE, to_micros, whole
from heal.store.schema import (
    attempt_ends,
    attempts,
    by_lineage,
    events,
    incidents,
    journal,
    projects,
    run_ends,
    running,
    runs,
    unexplained,
    watched,
)


def known_events(connection: Connection, ids: Sequence[str]) -> frozenset[str]:
    """Find which of these events are stored already."""
    return frozenset(
        found
        for start in range(0, len(ids), AT_ONCE)
        for found in connection.execute(
            select(events.c.id).where(events.c.id.in_(ids[start : start + AT_ONCE]))
        ).scalars()
    )


def take(connection: Connection, event: Event) -> bool:
    """Store an event and what follows from it; False, and nothing done, if it was stored before."""
    if _is_there(connection, events, id=event.id):
        return False
    seq = _number_of(connection, insert(events).values(**event_row(event)))
    match event:
        case Event(kind="run_started", run=RunRef() as run):
            _run_started(connection, event, run)
        case Event(kind="run_finished", run=RunRef() as run):
            _run_finished(connection, event, run)
            if event.facts.get("interrupted") is True:
                # kept with the run in the same words whoever ended it
                mark = Event(f"interrupted:{run.id}", "run_interrupted", event.time, "person", RunRef(run.id))
                take(connection, mark)
        case Event(
            kind="task_submitted" | "task_finished" | "task_failed", run=RunRef() as run, task=TaskRef() as task
        ):
            _task_seen(connection, event, run, task, seq)
        case Event(kind="project", facts={"path": str(path)}) if not _is_there(connection, projects, path=path):
            connection.execute(insert(projects).values(path=path))
    return True


def event_row(event: Event) -> dict[str, Any]:
    """Give what is stored of an event itself."""
    return {
        "id": event.id,
        "kind": event.kind,
        "time": to_micros(event.time),
        "source": event.source,
        "run_id": event.run.id if event.run else None,
        "task_key": event.task.key if event.task else None,
        "body": event.body,
    }


def _run_started(connection: Connection, event: Event, run: RunRef) -> None:
    known = connection.execute(select(runs).where(runs.c.id == run.id)).first()
    if known is not None and known.announced:
        return
    parent = _text(event.facts.get("parent")) or None
    values = {**start_of(event, run), "lineage": _lineage(connection, run.id, parent), "parent": parent}
    if known is None:
        _add_run(connection, run.id, values)
        return
    connection.execute(update(runs).where(runs.c.id == run.id).values(**values))
    connection.execute(
        update(attempts).where(attempts.c.run_id == run.id, attempts.c.engine == "").values(engine=run.engine)
    )
    if values["lineage"] != known.lineage:
        # what was taken for a lineage of its own continues another: all that was filed under it goes with it
        for table in by_lineage:
            connection.execute(update(table).where(table.c.lineage == known.lineage).values(lineage=values["lineage"]))


def start_of(event: Event, run: RunRef) -> dict[str, Any]:
    """Give what the start of a run says of it, but for what it continues."""
    return {
        **_as_named(run),
        "host": _text(event.facts.get("host")),
        "env_file": _text(event.facts.get("env_file")) or None,
        "started": to_micros(event.time),
        "announced": True,
    }


def _add_run(connection: Connection, run_id: str, values: Mapping[str, Any]) -> None:
    connection.execute(insert(runs).values(id=run_id, **values))
    if not _is_there(connection, run_ends, run_id=run_id):
        connection.execute(insert(running).values(run_id=run_id))


def _as_named(run: RunRef) -> dict[str, Any]:
    return {"engine": run.engine, "cwd": run.cwd, "argv": list(run.argv), "pid": whole(run.pid)}


def _lineage(connection: Connection, run_id: str, parent: str | None) -> str:
    """Find what a run continues: the incident whose remedy started it, or the lineage of what launched it."""
    of_remedy = _lineage_of_token(connection, run_id)
    if of_remedy is not None or parent is None:
        return of_remedy or run_id
    of_parent = connection.execute(select(runs.c.lineage).where(runs.c.id == parent)).scalar()
    return of_parent or _lineage_of_token(connection, parent) or run_id


def _lineage_of_token(connection: Connection, token: str) -> str | None:
    found = connection.execute(
        select(incidents.c.lineage)
        .join_from(journal, incidents, incidents.c.id == journal.c.incident_id)
        .where(journal.c.token == token)
        .limit(1)
    ).scalar()
    return None if found is None else str(found)


def _run_finished(connection: Connection, event: Event, run: RunRef) -> None:
    # stored for a run not heard of as well: nobody sees it until the run's start comes late
    if _is_there(connection, run_ends, run_id=run.id):
        return
    ok = event.facts.get("ok")
    connection.execute(
        insert(run_ends).values(
            run_id=run.id,
            ended=to_micros(event.time),
            ok=ok if isinstance(ok, bool) else None,
            exit_code=whole(event.facts.get("exit")),
        )
    )
    connection.execute(delete(running).where(running.c.run_id == run.id))
    if event.facts.get("killed") is True:
        # of the jobs that it left the engine will not tell any more
        open_ones = attempts.c.id.not_in(select(attempt_ends.c.attempt_id))
        left = select(attempts.c.id).where(attempts.c.run_id == run.id, attempts.c.native_id != "", open_ones)
        for number in connection.execute(left).scalars().all():
            _list(connection, watched, number)


def _task_seen(connection: Connection, event: Event, run: RunRef, task: TaskRef, seq: int) -> None:
    if found_before(connection, [event]):
        return
    ended = event.kind != "task_submitted"
    lineage, engine = run_of_task(connection, event, run)
    known = _attempt(connection, run.id, task, ended=ended)
    said = told(event, task)
    if known is None:
        number = _number_of(
            connection,
            insert(attempts).values(
                run_id=run.id, lineage=lineage, engine=engine, key=task.key, number=task.attempt, event=seq, **said
            ),
        )
    else:
        number = known.id
        news = {name: value for name, value in said.items() if value and not getattr(known, name)}
        if news:
            connection.execute(update(attempts).where(attempts.c.id == number).values(**news))
    if is_aborted(event):
        # stopped by whoever ended the run: it neither failed nor came home
        connection.execute(delete(watched).where(watched.c.attempt_id == number))
    elif ended:
        _end(connection, number, event)
    elif is_watched(engine, event, task) and not _is_there(connection, attempt_ends, attempt_id=number):
        _list(connection, watched, number)


def is_watched(engine: str, event: Event, task: TaskRef) -> bool:
    """Tell whether SLURM is asked about a job while it runs: no engine follows it, or one that may hear of it late."""
    late = engine == "nextflow" and event.facts.get("executor") == "slurm"
    return bool(task.native_id) and (engine == "sbatch" or late)


def is_aborted(event: Event) -> bool:
    """Tell whether a task was only stopped because its run came to an end."""
    return event.kind == "task_failed" and event.facts.get("aborted") is True


def run_of_task(connection: Connection, event: Event, run: RunRef) -> tuple[str, str]:
    """Give lineage and engine of the run, making room for one that has not been announced yet."""
    known = connection.execute(select(runs.c.lineage, runs.c.engine).where(runs.c.id == run.id)).first()
    if known is not None:
        return known.lineage, known.engine or run.engine
    lineage = _lineage(connection, run.id, None)
    values = {"lineage": lineage, "host": "", "started": to_micros(event.time), "announced": False}
    _add_run(connection, run.id, {**_as_named(run), **values})
    return lineage, run.engine


def told(event: Event, task: TaskRef) -> dict[str, Any]:
    """Collect what an event says of an attempt whichever way it ends."""
    asked = event.facts.get("asked")
    numbers = asked.items() if isinstance(asked, Mapping) else ()
    return {
        "name": task.name,
        "process": _text(event.facts.get("process")) or task.name,
        "native_id": task.native_id or "",
        "workdir": task.workdir,
        "log_paths": list(task.log_paths),
        "asked": {str(name): value for name, value in numbers if _is_number(value)},
        "submitted": to_micros(event.time) if event.kind == "task_submitted" else None,
    }


def _attempt(connection: Connection, run_id: str, task: TaskRef, *, ended: bool) -> Row[Any] | None:
    """Find the attempt that an event speaks of, by its scheduler's id too where both sides know it."""
    same = [attempts.c.run_id == run_id, attempts.c.key == task.key, attempts.c.number == task.attempt]
    if task.native_id:
        same.append(attempts.c.native_id.in_([task.native_id, ""]))
    found = connection.execute(
        select(attempts, attempt_ends.c.attempt_id)
        .outerjoin_from(attempts, attempt_ends, attempt_ends.c.attempt_id == attempts.c.id)
        .where(*same)
        .order_by(attempts.c.id)
    ).all()
    for row in found:
        if row.native_id == (task.native_id or ""):
            return row
    if task.native_id:
        # a row without the scheduler's id is this attempt if its own half of the story is still to come
        found = [row for row in found if row.attempt_id is None or (not ended and row.submitted is None)]
    return found[0] if len(found) == 1 else None


def _end(connection: Connection, number: int, event: Event) -> None:
    if _is_there(connection, attempt_ends, attempt_id=number):
        return
    ok = event.kind == "task_finished"
    connection.execute(
        insert(attempt_ends).values(attempt_id=number, ok=ok, ended=to_micros(event.time), facts=plain(event.facts))
    )
    connection.execute(delete(watched).where(watched.c.attempt_id == number))
    if not ok:
        _list(connection, unexplained, number)
    if event.run and event.task:
        made_good(connection, event.run.id, [event.task.key])


def made_good(connection: Connection, run_id: str, keys: Sequence[str]) -> None:
    """Let tries of these tasks whose later ones came home be no failures of their own: the engine made them good.

    Those of ``sbatch`` are its user's, or heal's, doing.
    """
    later = attempts.alias()
    home = select(later.c.id).join(attempt_ends, attempt_ends.c.attempt_id == later.c.id)
    same = (later.c.run_id == attempts.c.run_id, later.c.key == attempts.c.key)
    after = home.where(*same, later.c.number > attempts.c.number, attempt_ends.c.ok.is_(True)).exists()
    of_these = (attempts.c.run_id == run_id, attempts.c.key.in_(keys), attempts.c.engine != "sbatch")
    good = select(attempts.c.id).where(*of_these, after)
    connection.execute(delete(unexplained).where(unexplained.c.attempt_id.in_(good)))


def _list(connection: Connection, work: Table, number: int) -> None:
    if not _is_there(connection, work, attempt_id=number):
        connection.execute(insert(work).values(attempt_id=number))


def _number_of(connection: Connection, row: Insert) -> int:
    """Add a row and give the number that the database gave it."""
    key = connection.execute(row).inserted_primary_key
    if key is None:
        raise TypeError(f"{row.table} does not number its rows")
    return int(key[0])


def _is_there(connection: Connection, table: Table, **key: object) -> bool:
    same = [table.c[name] == value for name, value in key.items()]
    return connection.execute(select(1).select_from(table).where(*same)).first() is not None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
