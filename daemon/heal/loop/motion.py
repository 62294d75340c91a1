"""What moves without a person. What hangs on an incident that waits for one waits with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from heal.jobs import base_of
from heal.journal import Diagnosed, Entry, Proposed, State, standing
from heal.records import Incident
from heal.store import Scope, Store


def moving(store: Store, scope: Scope) -> list[Incident]:
    """The incidents in motion; not those of jobs that were named with a fix that a person is asked about."""
    found = [(one, last) for one in store.unsettled(scope) if standing(last := store.last(one.id)).moving]
    if not any(_may_hang(last) for _one, last in found) or not (jobs := _hanging(store)):
        return [one for one, _last in found]
    return [one for one, last in found if not (_may_hang(last) and _bases(store.jobs_of(one.id)) <= jobs)]


def watches(store: Store, scope: Scope) -> bool:
    """True while a watched job may end that does not hang on an answer."""
    if not store.watches(scope):
        return False
    jobs = _hanging(store)
    return not jobs or not _bases(one.job for one in store.watched(scope)) <= jobs


def _may_hang(last: Entry | None) -> bool:
    """A job that was cancelled for what it waits for is explained, and nothing is proposed before that runs again."""
    return last is not None and isinstance(last.body, Diagnosed)


def _hanging(store: Store) -> frozenset[str]:
    """The jobs that wait for one whose fix a person is asked about: none of them runs before the answer."""
    asked = [one for one in store.unsettled(Scope()) if one.engine == "sbatch" and _waits(store, one)]
    return frozenset(job for one in asked for job in _named(store.journal(one.id)))


def _waits(store: Store, incident: Incident) -> bool:
    return standing(store.last(incident.id)) is State.WAITING


def _named(journal: Sequence[Entry]) -> tuple[str, ...]:
    bodies = (entry.body for entry in reversed(journal))
    return tuple(one.job for one in next((b.dependents for b in bodies if isinstance(b, Proposed)), ()))


def _bases(jobs: Iterable[str]) -> frozenset[str]:
    return frozenset(base_of(job) for job in jobs)
