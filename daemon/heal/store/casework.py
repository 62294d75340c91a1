"""Writing about incidents: which failure belongs to which, and what is done about it; called in a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, delete, func, insert, select

from heal.errors import NoSuchIncident
from heal.journal import Applying, Body, Entry, closes
from heal.records import Attempt, Incident
from heal.store.codec import kind_of, pack, token_of
from heal.store.errors import Conflict
from heal.store.rows import AT_ONCE, select_incidents, to_incident, to_micros, to_time
from heal.store.schema import incidents, journal, members, remedy_tasks, unexplained, unsettled

_SHORTEST = 4


def join(connection: Connection, attempt: Attempt, fingerprint: str, at: datetime) -> tuple[Incident, bool]:
    """File a failed attempt under the open incident of its fingerprint; the flag tells whether it is a new one."""
    chosen = connection.execute(
        select(members.c.incident_id).where(members.c.attempt_id == attempt.id)
    ).scalar() or _open_one(connection, attempt.lineage, fingerprint)
    new = chosen is None
    if chosen is None:
        chosen = _open(connection, attempt, fingerprint, at)
    if new or not _is_member(connection, attempt):
        connection.execute(insert(members).values(attempt_id=attempt.id, incident_id=chosen, task_key=attempt.key))
        connection.execute(delete(unexplained).where(unexplained.c.attempt_id == attempt.id))
    return to_incident(connection.execute(select_incidents().where(incidents.c.id == chosen)).one()), new


def file(connection: Connection, alike: Sequence[Attempt], incident_id: str) -> None:
    """File failed attempts under an incident; who was filed before stays there."""
    for start in range(0, len(alike), AT_ONCE):
        part = {attempt.id: attempt for attempt in alike[start : start + AT_ONCE]}
        filed = select(members.c.attempt_id).where(members.c.attempt_id.in_(part))
        for known in connection.execute(filed).scalars().all():
            del part[known]
        if part:
            rows = [
                {"attempt_id": number, "incident_id": incident_id, "task_key": attempt.key}
                for number, attempt in part.items()
            ]
            connection.execute(insert(members), rows)
            connection.execute(delete(unexplained).where(unexplained.c.attempt_id.in_(part)))


def _is_member(connection: Connection, attempt: Attempt) -> bool:
    return connection.execute(select(1).where(members.c.attempt_id == attempt.id)).first() is not None


def _open_one(connection: Connection, lineage: str, fingerprint: str) -> str | None:
    found = connection.execute(
        select(incidents.c.id)
        .join_from(incidents, unsettled, unsettled.c.incident_id == incidents.c.id)
        .where(incidents.c.lineage == lineage, incidents.c.fingerprint == fingerprint)
        .order_by(incidents.c.opened, incidents.c.id)
        .limit(1)
    ).scalar()
    return None if found is None else str(found)


def _open(connection: Connection, attempt: Attempt, fingerprint: str, at: datetime) -> str:
    same = [incidents.c.lineage == attempt.lineage, incidents.c.fingerprint == fingerprint]
    earlier = connection.execute(select(func.count()).select_from(incidents).where(*same)).scalar_one()
    chosen = _free_id(connection, f"{attempt.lineage}|{fingerprint}|{earlier}")
    connection.execute(
        insert(incidents).values(
            id=chosen,
            lineage=attempt.lineage,
            run_id=attempt.run_id,
            engine=attempt.engine,
            process=attempt.process,
            fingerprint=fingerprint,
            opened=to_micros(at),
        )
    )
    connection.execute(insert(unsettled).values(incident_id=chosen))
    return chosen


def _free_id(connection: Connection, seed: str) -> str:
    """Give the shortest id that nobody has: short enough to type, the same for the same history."""
    digest = sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()
    prefixes = [digest[:length] for length in range(_SHORTEST, len(digest) + 1)]
    taken = set(connection.execute(select(incidents.c.id).where(incidents.c.id.in_(prefixes))).scalars())
    return next(prefix for prefix in prefixes if prefix not in taken)


def append(connection: Connection, incident_id: str, seq: int, body: Body, at: datetime) -> Entry:
    """Write entry number ``seq``, which must be the next one, or raise ``Conflict``."""
    lineage = connection.execute(select(incidents.c.lineage).where(incidents.c.id == incident_id)).scalar()
    if lineage is None:
        raise NoSuchIncident(f"there is no incident {incident_id!r} to write about")
    last = connection.execute(
        select(journal.c.seq, journal.c.closes)
        .where(journal.c.incident_id == incident_id)
        .order_by(journal.c.seq.desc())
        .limit(1)
    ).first()
    following = 1 if last is None else last.seq + 1
    if seq != following:
        raise Conflict(
            f"entry {seq} of incident {incident_id} cannot be written: the next one is {following}."
            " Somebody else wrote meanwhile; read the journal again and decide anew."
        )
    connection.execute(
        insert(journal).values(
            incident_id=incident_id,
            seq=seq,
            kind=kind_of(body),
            at=to_micros(at),
            closes=closes(body),
            token=token_of(body),
            body=pack(body),
        )
    )
    if isinstance(body, Applying) and body.task_keys:
        touched = {"lineage": lineage, "incident_id": incident_id, "seq": seq}
        connection.execute(insert(remedy_tasks), [{**touched, "task_key": key} for key in sorted(set(body.task_keys))])
    _settle(connection, incident_id, before=last is not None and last.closes, after=closes(body))
    return Entry(incident=incident_id, seq=seq, at=to_time(to_micros(at)), body=body)


def _settle(connection: Connection, incident_id: str, *, before: bool, after: bool) -> None:
    """Keep the list of open incidents: an entry after the closing one opens it again."""
    if after and not before:
        connection.execute(delete(unsettled).where(unsettled.c.incident_id == incident_id))
    if before and not after:
        connection.execute(insert(unsettled).values(incident_id=incident_id))
