"""Questions about incidents, their journals and what was tried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Text, func, select, type_coerce

from heal.errors import NoSuchIncident
from heal.journal import Applying, Body, Entry, Observed, Proven, Widening
from heal.records import Fix, Incident, Outcome
from heal.store.codec import unpack
from heal.store.rows import AT_ONCE, Scope, select_incidents, to_incident, to_micros, to_time, unindexed
from heal.store.schema import incidents, journal, remedy_tasks, runs, unsettled

_NAMED_AT_MOST = 6
# what is older than so many incidents of all folders is not looked for in one of them
_LOOKED_THROUGH = 20_000
_NEWEST = (incidents.c.opened.desc(), incidents.c.id.desc())


def incident(connection: Connection, prefix: str) -> Incident:
    """Find an incident by its id or a beginning of it that no other shares."""
    given = prefix.strip().lower()
    if not given:
        raise NoSuchIncident("no incident is named: an empty id would mean any; `heal status` lists them")
    exact = _incidents(connection, incidents.c.id == given)
    # hex digits end before g, so this is a range of the primary key
    found = exact or _incidents(connection, (incidents.c.id >= given) & (incidents.c.id < given + "g"))
    match found:
        case [only]:
            return only
        case []:
            raise NoSuchIncident(f"no incident has an id that begins with {prefix!r}; `heal status` lists them")
        case _:
            names = ", ".join(f"{one.id} ({one.process})" for one in found[:_NAMED_AT_MOST])
            more = ", …" if len(found) > _NAMED_AT_MOST else ""
            raise NoSuchIncident(f"several incidents have an id that begins with {prefix!r}: {names}{more}")


def _incidents(connection: Connection, wanted: ColumnElement[bool]) -> tuple[Incident, ...]:
    found = connection.execute(select_incidents().where(wanted).order_by(incidents.c.id).limit(_NAMED_AT_MOST + 1))
    return tuple(map(to_incident, found))


def unsettled_incidents(connection: Connection, scope: Scope) -> tuple[Incident, ...]:
    """Find incidents that are not closed, oldest first."""
    listed = incidents.c.id.in_(select(unsettled.c.incident_id))
    return _by_age(connection, select_incidents().where(listed, scope.covers(incidents)))


def incidents_of(connection: Connection, lineage: str) -> tuple[Incident, ...]:
    """Find all incidents of a lineage, oldest first."""
    return _by_age(connection, select_incidents().where(incidents.c.lineage == lineage))


def _by_age(connection: Connection, question: Select[Any]) -> tuple[Incident, ...]:
    # sorted here: a database that is asked to may walk through all incidents by their age to find the few
    return tuple(sorted(map(to_incident, connection.execute(question)), key=lambda one: (one.opened, one.id)))


def newest(connection: Connection, limit: int, offset: int) -> tuple[tuple[Incident, tuple[Body, ...]], ...]:
    """Give a page of incidents, newest first, with their journals: two statements, however long the page.

    Evidence, findings and ledger of diagnoses are left out: most of what is stored, and no list of incidents has them.
    """
    return _with_journals(connection, select_incidents().order_by(*_NEWEST).limit(limit).offset(offset))


def newest_in(
    connection: Connection, wanted: Callable[[str], bool], limit: int
) -> tuple[tuple[Incident, tuple[Body, ...]], ...]:
    """Give the newest incidents of runs in the folders that are wanted, as ``newest`` does."""
    # a folder may be asked about on disk, and many incidents are of one
    known = cache(wanted)
    listed = select(incidents.c.id, runs.c.cwd).join(runs, runs.c.id == incidents.c.run_id)
    rows = connection.execution_options(yield_per=AT_ONCE).execute(listed.order_by(*_NEWEST).limit(_LOOKED_THROUGH))
    ids = list(islice((row.id for row in rows if known(row.cwd)), limit))
    return _with_journals(connection, select_incidents().where(incidents.c.id.in_(ids)).order_by(*_NEWEST))


def _with_journals(connection: Connection, page: Select[Any]) -> tuple[tuple[Incident, tuple[Body, ...]], ...]:
    found = tuple(map(to_incident, connection.execute(page)))
    bodies = defaultdict(list)
    for row in connection.execute(_journals([one.id for one in found])):
        bodies[row.incident_id].append(unpack(row.kind, _without_evidence(row.body), closes=row.closes))
    return tuple((one, tuple(bodies[one.id])) for one in found)


def entries(connection: Connection, incident_id: str) -> tuple[Entry, ...]:
    """Give the journal of an incident, from its first entry."""
    return tuple(map(_entry, connection.execute(_journals([incident_id]))))


def last(connection: Connection, incident_id: str) -> Entry | None:
    """Give the newest entry about an incident."""
    question = select(journal).where(journal.c.incident_id == incident_id).order_by(journal.c.seq.desc()).limit(1)
    return next(map(_entry, connection.execute(question)), None)


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.incident_id, row.seq, to_time(row.at), unpack(row.kind, row.body, closes=row.closes))


def _journals(incident_ids: Sequence[str]) -> Select[Any]:
    return select(journal).where(journal.c.incident_id.in_(incident_ids)).order_by(journal.c.incident_id, journal.c.seq)


def _without_evidence(body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    found = body.get("diagnosis")
    short = {"diagnosis": {**found, "ledger": ()}} if isinstance(found, dict) else {}
    return {name: value for name, value in body.items() if name not in ("evidence", "findings")} | short


def by_token(connection: Connection, token: str) -> tuple[Incident, ...]:
    """Find the incidents that a remedy is for, oldest first."""
    marked = select(journal.c.incident_id).where(journal.c.token == token)
    return _by_age(connection, select_incidents().where(incidents.c.id.in_(marked)))


def remedies(connection: Connection, lineage: str | None, since: datetime | None) -> int:
    """Count the remedies begun, of all or of one lineage, ever or since a time; what came home before is no other."""
    # the last field of what is stored, which no text in it can look like: its quotes would have backslashes
    new = type_coerce(journal.c.body, Text).not_like('%"proven":true}')
    question = select(func.count()).select_from(journal).where(new)
    if lineage is None:
        question = question.where(journal.c.kind == "applying")
    else:
        of_lineage = select(incidents.c.id).where(incidents.c.lineage == lineage)
        question = question.where(unindexed(journal.c.kind) == "applying", journal.c.incident_id.in_(of_lineage))
    if since is not None:
        question = question.where(journal.c.at >= to_micros(since))
    return connection.execute(question).scalar_one()


def remedies_for(connection: Connection, lineage: str, task_keys: Sequence[str]) -> int:
    """Count the remedies begun for the one of these tasks that has most."""
    most = 0
    for start in range(0, len(task_keys), AT_ONCE):
        same = [remedy_tasks.c.lineage == lineage, remedy_tasks.c.task_key.in_(task_keys[start : start + AT_ONCE])]
        counts = select(func.count().label("count")).where(*same).group_by(remedy_tasks.c.task_key).subquery()
        most = max(most, connection.execute(select(func.max(counts.c.count))).scalar() or 0)
    return most


def tried(connection: Connection, lineage: str, fingerprint: str) -> tuple[tuple[Fix, Outcome | None], ...]:
    """Give the fixes begun on a failure, in order, and what came of each; None while that is not known."""
    same = [incidents.c.lineage == lineage, incidents.c.fingerprint == fingerprint]
    of = connection.execute(select(incidents.c.id).where(*same).order_by(incidents.c.opened, incidents.c.id)).scalars()
    found: list[tuple[Fix, Outcome | None]] = []
    for one in of.all():
        told = [entry.body for entry in entries(connection, one)]
        came = {body.token: body.outcome for body in told if isinstance(body, Observed)}
        came |= {body.token: Outcome.HEALED for body in told if isinstance(body, Proven)}
        for body in told:
            if isinstance(body, Applying):
                found.append((body.fix, came.get(body.token)))
            # of a remedy that did not help it is not known which of its tasks it did not help
            elif isinstance(body, Widening) and body.fix and came.get(body.token) is Outcome.HEALED:
                found.append((body.fix, Outcome.HEALED))
    return tuple(found)
