"""The store, as the loop speaks to it: where an incident stands, who is still ill, and what is written next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from heal.journal import Applying, Body, Entry, State, standing
from heal.records import Attempt, Incident, Run
from heal.store import Scope, Store


class Casebook:
    """Reads incidents and writes their journals; ``tell`` hears of each entry after its transaction."""

    def __init__(self, store: Store, clock: Callable[[], datetime], tell: Callable[[Incident, Body], None]) -> None:
        self.store = store
        self._clock = clock
        self._tell = tell

    def last(self, incident: Incident) -> Entry | None:
        """The newest entry, None for an incident that was only just opened."""
        return self.store.last(incident.id)

    def state(self, incident: Incident) -> State:
        """Where the incident stands."""
        return standing(self.last(incident))

    def remedy(self, incident: Incident) -> tuple[Applying, datetime]:
        """The newest remedy and when it was begun."""
        journal = self.store.journal(incident.id)
        return next((entry.body, entry.at) for entry in reversed(journal) if isinstance(entry.body, Applying))

    def ill(self, incident: Incident) -> tuple[Attempt, ...]:
        """Of each task that has not come home since: its last failed attempt, oldest first. All, if none is left."""
        last = {attempt.key: attempt for attempt in self.store.members(incident.id)}
        still = [attempt for attempt in last.values() if not self.came_home(attempt)]
        return tuple(sorted(still or last.values(), key=lambda attempt: attempt.id))

    def came_home(self, failed: Attempt) -> bool:
        """True when a later try of the same task ended well."""
        return any(other.ok and other.id > failed.id for other in self.store.attempts(failed.lineage, failed.key))

    def run(self, run_id: str) -> Run:
        """A run that is known to be there."""
        found = self.store.run(run_id)
        if found is None:
            raise LookupError(f"no run {run_id} in the store although an attempt belongs to it")
        return found

    def siblings(self, incident: Incident) -> list[Incident]:
        """The other incidents of the same lineage that are not closed."""
        scope = Scope(only=frozenset({incident.lineage}))
        return [other for other in self.store.unsettled(scope) if other.id != incident.id]

    def write(self, incident: Incident, *bodies: Body) -> None:
        """Add entries to one incident, in one transaction."""
        self.write_all([(incident, body) for body in bodies])

    def write_all(self, entries: Sequence[tuple[Incident, Body]]) -> None:
        """Add entries to several incidents, in one transaction; people hear of it once it is true."""
        following: dict[str, int] = {}
        rows = []
        for incident, body in entries:
            seq = following.get(incident.id) or len(self.store.journal(incident.id)) + 1
            following[incident.id] = seq + 1
            rows.append((incident.id, seq, body))
        self.store.append_many(rows, self._clock())
        for incident, body in entries:
            self._tell(incident, body)
