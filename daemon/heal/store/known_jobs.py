"""Questions about a scheduler's ids: which of them were seen, when, and which have ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from heal.jobs import base_of
from heal.records import Attempt
from heal.store.rows import AT_ONCE, to_time
from heal.store.schema import attempt_ends, attempts


def ended_jobs(connection: Connection, native_ids: Sequence[str]) -> frozenset[str]:
    """Find which of these scheduler's ids an attempt has that has ended."""
    listed = select(attempts.c.native_id).join(attempt_ends, attempt_ends.c.attempt_id == attempts.c.id)
    return frozenset(
        job
        for start in range(0, len(native_ids), AT_ONCE)
        for job in connection.execute(
            listed.where(attempts.c.native_id.in_(native_ids[start : start + AT_ONCE]))
        ).scalars()
    )


def ended_elements(connection: Connection, arrays: Sequence[Attempt]) -> dict[int, frozenset[str]]:
    """Find the elements that have ended, of those of these attempts that are arrays, by the attempt's number.

    An array's id may have been another one's before: what was told of that one came before this one.
    """
    number = {(one.run_id, one.job): one.id for one in arrays}
    runs = sorted({one.run_id for one in arrays})
    listed = select(attempts.c.id, attempts.c.run_id, attempts.c.native_id).join(
        attempt_ends, attempt_ends.c.attempt_id == attempts.c.id
    )
    of_arrays = listed.where(attempts.c.native_id.contains("_", autoescape=True))
    found: dict[int, set[str]] = {}
    for start in range(0, len(runs), AT_ONCE):
        for row in connection.execute(of_arrays.where(attempts.c.run_id.in_(runs[start : start + AT_ONCE]))):
            array = number.get((row.run_id, base_of(row.native_id)))
            if array is not None and row.id > array:
                found.setdefault(array, set()).add(row.native_id)
    return {array: frozenset(jobs) for array, jobs in found.items()}


def last_submitted(connection: Connection, native_ids: Sequence[str]) -> dict[str, datetime | None]:
    """Find which of these scheduler's ids an attempt has, and when heal heard of its last submission."""
    found: dict[str, datetime | None] = {}
    listed = select(attempts.c.native_id, func.max(attempts.c.submitted).label("last")).group_by(attempts.c.native_id)
    for start in range(0, len(native_ids), AT_ONCE):
        for row in connection.execute(listed.where(attempts.c.native_id.in_(native_ids[start : start + AT_ONCE]))):
            found[row.native_id] = None if row.last is None else to_time(row.last)
    return found
