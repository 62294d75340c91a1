"""What heal changed about a job before: it holds for the next try too, whatever that changes."""

from __future__ import annotations

from collections.abc import Iterator

from heal.journal import Applied, Applying, Share
from heal.records import Attempt, Change
from heal.store import Store

# a delay and a dependency were for that one submission
_LASTING = frozenset({"memory_mb", "time_min", "cpus", "partition", "node"})


def changes_before(store: Store, attempt: Attempt) -> tuple[Change, ...]:
    """The changes that made this try of a task what it is, oldest first; none for one that heal did not submit.

    Of each thing only the last, of nodes all.
    """
    if attempt.number <= 1:
        return ()
    found: dict[tuple[str, object], Change] = {}
    for change in _all(store, attempt):
        found[change.name, change.new if change.name == "node" else None] = change
    return tuple(found.values())


def _all(store: Store, attempt: Attempt) -> Iterator[Change]:
    tries = [one.native_id for one in store.attempts(attempt.lineage, attempt.key) if one.id <= attempt.id]
    journals = [store.journal(incident.id) for incident in store.incidents(attempt.lineage)]
    bodies = [entry.body for entry in sorted((one for of in journals for one in of), key=lambda one: one.at)]
    begun = {body.token: body for body in bodies if isinstance(body, Applying)}
    for body in bodies:
        if isinstance(body, Applied) and body.jobs.get(attempt.key) in tries and body.token in begun:
            remedy = begun[body.token]
            shares = remedy.shares or (Share(remedy.fix, remedy.task_keys),)
            fix = next((share.fix for share in shares if attempt.key in share.task_keys), remedy.fix)
            yield from (change for change in fix.changes if change.name in _LASTING)
