"""Many events in a few statements: what ``projecting.take`` makes of each, where each is plain.

An event of a task is plain where nothing else in the batch speaks of the same task, and what is stored of its try is
either nothing or just this try without an end; the start of a run where it is the first that is heard of it, and it
continues none. All others are left for ``take``, one by one: the tries of a task keep their order, for the last is what
its incident is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, Table, bindparam, delete, insert, select, update

from heal.records import Event, RunRef, TaskRef
from heal.store.codec import plain
from heal.store.found_before import found_before
from heal.store.projecting import event_row, is_aborted, is_watched, made_good, run_of_task, start_of, take, told
from heal.store.rows import AT_ONCE, to_micros, unindexed
from heal.store.schema import (
    attempt_ends,
    attempts,
    events,
    journal,
    run_ends,
    running,
    runs,
    unexplained,
    watched,
)

_KINDS = ("task_submitted", "task_finished", "task_failed")
Try = tuple[str, str, int]
# from so many runs on, each with one task in a batch, they are asked about together
_MANY_RUNS = 20


@dataclass(frozen=True, slots=True)
class _Plain:
    """One plain event: what it says of an attempt, and the number of the attempt where there is one.

    ``news`` is what that attempt does not have yet.
    """

    event: Event
    run: RunRef
    task: TaskRef
    engine: str
    values: dict[str, Any]
    number: int | None
    news: Mapping[str, Any]

    @property
    def which(self) -> Try:
        return self.run.id, self.task.key, self.task.attempt


def take_many(connection: Connection, taken: Sequence[Event]) -> None:
    """Store events, none of which is stored yet: the same as ``take`` of each in this order."""
    for kind, stretch in groupby(taken, _kind):
        # what speaks of a run or a project may change what the events after it mean
        for event in _TAKES[kind](connection, list(stretch)) if kind in _TAKES else stretch:
            take(connection, event)


def _kind(event: Event) -> str:
    if _is_of_task(event):
        return "task"
    return "start" if event.kind == "run_started" and event.run and not event.facts.get("parent") else ""


def _is_of_task(event: Event) -> bool:
    return event.kind in _KINDS and _which(event) is not None and not is_aborted(event)


def _take_plain(connection: Connection, taken: Sequence[Event]) -> list[Event]:
    """Store the plain ones of these events of tasks; give back the others, in their order."""
    counts = Counter(_task(event) for event in taken)
    others: list[Event] = []
    for start in range(0, len(taken), AT_ONCE):
        part = taken[start : start + AT_ONCE]
        about = _runs(connection, part)
        single = [event for event in part if counts[_task(event)] == 1]
        found = {one.event.id: one for one in _plain_ones(connection, single, about)}
        if found:
            _store(connection, list(found.values()))
        others += [event for event in part if event.id not in found]
    return others


def _take_starts(connection: Connection, taken: Sequence[Event]) -> list[Event]:
    """Store the plain ones of these starts of runs; give back the others, in their order."""
    others: list[Event] = []
    for start in range(0, len(taken), AT_ONCE):
        part = taken[start : start + AT_ONCE]
        counts = Counter(event.run.id for event in part if event.run)
        known = _heard_of(connection, sorted(counts))
        plain_ones = [(one, run) for one in part if (run := one.run) and counts[run.id] == 1 and run.id not in known]
        if plain_ones:
            connection.execute(insert(events), [event_row(event) for event, _run in plain_ones])
            rows = [{**start_of(event, run), "id": run.id, "lineage": run.id} for event, run in plain_ones]
            connection.execute(insert(runs), rows)
            connection.execute(insert(running), [{"run_id": run.id} for _event, run in plain_ones])
        new = {event.id for event, _run in plain_ones}
        others += [event for event in part if event.id not in new]
    return others


def _heard_of(connection: Connection, run_ids: Sequence[str]) -> frozenset[str]:
    """Which of these runs are known, or have ended, or are what a remedy started."""
    columns = (runs.c.id, run_ends.c.run_id, journal.c.token)
    return frozenset(
        found for one in columns for found in connection.execute(select(one).where(one.in_(run_ids))).scalars()
    )


def _runs(connection: Connection, part: Sequence[Event]) -> dict[tuple[str, str], tuple[str, str]]:
    """Lineage and engine by a run and the engine it is said to be of: who speaks of a run first says what it is."""
    said = {event.run.id for event in part if event.run}
    known = connection.execute(select(runs.c.id, runs.c.lineage, runs.c.engine).where(runs.c.id.in_(said)))
    named = {row.id: (row.lineage, row.engine) for row in known}
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for event in part:
        if event.run and (event.run.id, event.run.engine) not in found:
            if event.run.id not in named:
                named[event.run.id] = run_of_task(connection, event, event.run)
            lineage, engine = named[event.run.id]
            found[event.run.id, event.run.engine] = lineage, engine or event.run.engine
    return found


def _which(event: Event) -> Try | None:
    return (event.run.id, event.task.key, event.task.attempt) if event.run and event.task else None


def _task(event: Event) -> tuple[str, str] | None:
    return (event.run.id, event.task.key) if event.run and event.task else None


def _plain_ones(
    connection: Connection, single: Sequence[Event], about: Mapping[tuple[str, str], tuple[str, str]]
) -> Iterator[_Plain]:
    known, before = _known(connection, single), found_before(connection, single)
    for event in single:
        if event.run is None or event.task is None or event.id in before:
            continue
        lineage, engine = about[event.run.id, event.run.engine]
        own = {"run_id": event.run.id, "lineage": lineage, "engine": engine, "key": event.task.key}
        said = told(event, event.task)
        values = {**own, "number": event.task.attempt, **said}
        rows = known.get((event.run.id, event.task.key, event.task.attempt), [])
        if not rows:
            yield _Plain(event, event.run, event.task, engine, values, None, {})
        elif len(rows) == 1 and _is_just_this(rows[0], values, event):
            [row] = rows
            news = {name: value for name, value in said.items() if value and not getattr(row, name)}
            yield _Plain(event, event.run, event.task, engine, values, row.id, news)


def _is_just_this(row: Row[Any], values: dict[str, Any], event: Event) -> bool:
    """The try as it was submitted, of which the event is the end."""
    return event.kind != "task_submitted" and row.attempt_id is None and row.native_id == values["native_id"]


def _known(connection: Connection, single: Sequence[Event]) -> dict[Try, list[Row[Any]]]:
    found: dict[Try, list[Row[Any]]] = {}
    question = select(attempts, attempt_ends.c.attempt_id).outerjoin_from(
        attempts, attempt_ends, attempt_ends.c.attempt_id == attempts.c.id
    )
    for these in _of_tasks((event.run.id, event.task.key) for event in single if event.run and event.task):
        for row in connection.execute(question.where(these)):
            found.setdefault((row.run_id, row.key, row.number), []).append(row)
    return found


def _of_tasks(tasks: Iterable[tuple[str, str]]) -> Iterator[ColumnElement[bool]]:
    """Conditions that the attempts of these tasks meet, each a run and a key; others may meet one, too.

    One for each run, but where there are many runs with a task each: then one for all of those.
    """
    keys: dict[str, list[str]] = {}
    for run_id, key in tasks:
        keys.setdefault(run_id, []).append(key)
    single = {run_id: named[0] for run_id, named in keys.items() if len(named) == 1}
    if len(single) > _MANY_RUNS:
        # no database starts at pairs of values: at the runs, then, whose attempts are few
        yield attempts.c.run_id.in_(single) & unindexed(attempts.c.key).in_({*single.values()})
        keys = {run_id: named for run_id, named in keys.items() if run_id not in single}
    for run_id, named in keys.items():
        yield (attempts.c.run_id == run_id) & attempts.c.key.in_(named)


def _store(connection: Connection, ones: Sequence[_Plain]) -> None:
    connection.execute(insert(events), [event_row(one.event) for one in ones])
    stored = select(events.c.id, events.c.seq).where(events.c.id.in_([one.event.id for one in ones]))
    seqs = {row.id: row.seq for row in connection.execute(stored)}
    fresh = [{**one.values, "event": seqs[one.event.id]} for one in ones if one.number is None]
    if fresh:
        connection.execute(insert(attempts), fresh)
    _add_news(connection, ones)
    numbers = {one.which: one.number for one in ones if one.number is not None}
    numbers |= _numbers(connection, fresh)
    ended = [one for one in ones if one.event.kind != "task_submitted"]
    if ended:
        connection.execute(insert(attempt_ends), [_end(one, numbers[one.which]) for one in ended])
        over = [one.number for one in ended if one.number is not None]
        connection.execute(delete(watched).where(watched.c.attempt_id.in_(over)))
    _list(connection, unexplained, (numbers[one.which] for one in ended if one.event.kind == "task_failed"))
    for run_id in {one.run.id for one in ended}:
        made_good(connection, run_id, sorted({one.task.key for one in ended if one.run.id == run_id}))
    begun = (one for one in ones if one.event.kind == "task_submitted")
    _list(connection, watched, (numbers[one.which] for one in begun if is_watched(one.engine, one.event, one.task)))


def _add_news(connection: Connection, ones: Sequence[_Plain]) -> None:
    """Fill in what is told of attempts for the first time."""
    by_names: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for one in ones:
        if one.news:
            row = {"_id": one.number, **{f"_{name}": value for name, value in one.news.items()}}
            by_names.setdefault(tuple(one.news), []).append(row)
    for names, rows in by_names.items():
        news: dict[str, BindParameter[Any]] = {name: bindparam(f"_{name}") for name in names}
        connection.execute(update(attempts).where(attempts.c.id == bindparam("_id")).values(news), rows)


def _numbers(connection: Connection, fresh: Sequence[Mapping[str, Any]]) -> dict[Try, int]:
    """The numbers of attempts that were just written."""
    question = select(attempts.c.id, attempts.c.run_id, attempts.c.key, attempts.c.number).order_by(attempts.c.id)
    found: dict[Try, int] = {}
    for these in _of_tasks((values["run_id"], values["key"]) for values in fresh):
        found |= {(row.run_id, row.key, row.number): row.id for row in connection.execute(question.where(these))}
    return found


def _end(one: _Plain, number: int) -> dict[str, Any]:
    ok = one.event.kind == "task_finished"
    return {"attempt_id": number, "ok": ok, "ended": to_micros(one.event.time), "facts": plain(one.event.facts)}


def _list(connection: Connection, work: Table, numbers: Iterable[int]) -> None:
    rows = [{"attempt_id": number} for number in numbers]
    if rows:
        connection.execute(insert(work), rows)


# what takes the plain ones of a stretch of events of one kind
_TAKES = {"task": _take_plain, "start": _take_starts}
