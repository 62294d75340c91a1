"""The store, as the loop speaks to it: where an incident stands, who is still ill, and what is written next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from heal.journal import (
    Applied,
    Applying,
    Body,
    Dependent,
    Diagnosed,
    Entry,
    Proposed,
    Reverted,
    Share,
    State,
    Widening,
    standing,
)
from heal.records import Attempt, Incident, Run
from heal.store import Scope, Store

# members of so many incidents are kept in mind
_REMEMBERED = 20


class Casebook:
    """Reads incidents and writes their journals; ``tell`` hears of each entry after its transaction."""

    def __init__(self, store: Store, clock: Callable[[], datetime], tell: Callable[[Incident, Body], None]) -> None:
        self.store = store
        self._clock = clock
        self._tell = tell
        self._members: dict[str, tuple[Attempt, ...]] = {}

    def last(self, incident: Incident) -> Entry | None:
        """The newest entry, None for an incident that was only just opened."""
        return self.store.last(incident.id)

    def state(self, incident: Incident) -> State:
        """Where the incident stands."""
        return standing(self.last(incident))

    def remedy(self, incident: Incident) -> tuple[Applying, datetime]:
        """The newest remedy, with all tasks that it was given to, and when it was begun."""
        journal = self.store.journal(incident.id)
        begun = next(at for at in reversed(range(len(journal))) if isinstance(journal[at].body, Applying))
        applying, more = journal[begun].body, [entry.body for entry in journal[begun:]]
        assert isinstance(applying, Applying)  # noqa: S101 - for the reader of types
        return _widened(applying, [body for body in more if isinstance(body, Widening)]), journal[begun].at

    def diagnosed(self, incident: Incident) -> Diagnosed | None:
        """The newest diagnosis."""
        bodies = [entry.body for entry in self.store.journal(incident.id)]
        return next((body for body in reversed(bodies) if isinstance(body, Diagnosed)), None)

    def dependents(self, incident: Incident) -> tuple[Dependent, ...]:
        """What was named with the newest proposal as waiting for it."""
        bodies = [entry.body for entry in self.store.journal(incident.id)]
        return next((body.dependents for body in reversed(bodies) if isinstance(body, Proposed)), ())

    def answered(self, incident: Incident, token: str) -> dict[str, str]:
        """The questions that were answered in the name of this remedy so far, each with its task."""
        bodies = [entry.body for entry in self.store.journal(incident.id)]
        given = [body.answered for body in bodies if isinstance(body, Applied) and body.token == token]
        return {ask: key for answered in given for ask, key in answered.items()}

    def tried_again(self, incident: Incident, answered: Mapping[str, str], attempt: Attempt) -> bool:
        """True for a try that came of one of these answers; another task that has the same key makes its first."""
        asked = [one for one in self.members(incident) if one.facts.get("asks") in answered]
        return any(one.key == attempt.key and one.number < attempt.number for one in asked)

    def changed_since(self, incident: Incident, attempt: Attempt) -> bool:
        """True where a remedy for its task was applied after it failed, and nobody took that back."""
        journal = self.store.journal(incident.id)
        done = next((one for one in reversed(journal) if isinstance(one.body, Applied | Reverted)), None)
        if done is None or isinstance(done.body, Reverted) or attempt.ended is None or done.at < attempt.ended:
            return False
        return attempt.key in self.remedy(incident)[0].task_keys

    def members(self, incident: Incident) -> tuple[Attempt, ...]:
        """The failed attempts of an incident, oldest first; read again only when more have joined."""
        count = self.store.count_members(incident.id)
        known = self._members.get(incident.id)
        if known is None or len(known) != count:
            if len(self._members) > _REMEMBERED:
                self._members.clear()
            known = self._members[incident.id] = self.store.members(incident.id)
        return known

    def ill(self, incident: Incident) -> tuple[Attempt, ...]:
        """Of each task that has not come home since: its last failed attempt, oldest first. All, if none is left."""
        return ill(self.members(incident), self.store.home(incident.id))

    def still_ill(self, incident: Incident) -> tuple[Attempt, ...]:
        """The same, none if all have come home."""
        home = self.store.home(incident.id)
        return tuple(attempt for attempt in self.ill(incident) if attempt.id not in home)

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

    def write_new(self, incidents: Sequence[Incident], body: Body) -> None:
        """Add an entry to each of these incidents that does not end with it already."""
        self.write_all([(one, body) for one in incidents if (last := self.last(one)) is None or last.body != body])

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


def ill(members: Sequence[Attempt], home: Collection[int]) -> tuple[Attempt, ...]:
    """Of the tasks of these failed attempts that have not come home: the last attempt of each. All, if none is left."""
    last = {attempt.key: attempt for attempt in members}
    still = [attempt for attempt in last.values() if attempt.id not in home]
    return tuple(sorted(still or last.values(), key=lambda attempt: attempt.id))


def _widened(applying: Applying, wider: Sequence[Widening]) -> Applying:
    """The remedy with all it was widened to."""
    if not wider:
        return applying
    begun = applying.shares or (Share(applying.fix, applying.task_keys),)
    given = {key: share.fix for share in begun for key in share.task_keys}
    for more in wider:
        given |= dict.fromkeys(more.task_keys, more.fix or applying.fix)
    fixes = tuple(dict.fromkeys(given.values()))
    shares = [Share(fix, tuple(key for key, own in given.items() if own == fix)) for fix in fixes]
    return replace(applying, task_keys=tuple(given), shares=tuple(shares) if fixes != (applying.fix,) else ())
