"""The incidents that tell of a job which its engine waits for in vain: open until it does so no longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from heal.journal import Approved, Decided, Dismissed
from heal.loop.casebook import Casebook
from heal.loop.parts import Parts
from heal.records import WAITS, Attempt, Incident
from heal.steps import followed
from heal.store import Scope


class Waits:
    """Those that wait for a person; of all that tell of such jobs, the ones whose first telling is ``mine``."""

    def __init__(
        self, parts: Parts, book: Casebook, scope: Callable[[], Scope], mine: Callable[[Attempt], bool]
    ) -> None:
        self._parts = parts
        self._book = book
        self._scope = scope
        self._takes = mine
        self._mine: dict[str, bool] = {}

    def told(self) -> dict[str, tuple[Incident, tuple[Attempt, ...]]]:
        """Give each with its tellings that still hold.

        One whose engine is gone ends here: nobody waits, and what becomes of its jobs is told as of anybody's.
        """
        told = {one.id: (one, self._book.still_ill(one)) for one in self._incidents()}
        for number, (incident, ill) in list(told.items()):
            if ill and all(map(self._parts.ended, {one.run_id for one in ill})):
                self._book.write(incident, Dismissed(incident.engine, "its run is over, and waits for it no longer"))
                del told[number]
        return told

    def settle(self, incident: Incident, ill: Sequence[Attempt], over: dict[int, str], by: str, now: datetime) -> None:
        """End the tellings that are ``over``, by their numbers, each with why; with the last of them the incident."""
        if not over and ill:
            return
        self._parts.store.take_many([followed.waits_no_longer(one, now) for one in ill if one.id in over])
        if len(over) == len(ill):
            why = next(reversed(over.values())) if over else "it waits no longer"
            self._book.write(incident, Dismissed(by, why))

    def _incidents(self) -> Iterator[Incident]:
        for incident in self._parts.store.unsettled(self._scope()):
            last = self._book.last(incident)
            if last is None or not isinstance(last.body, Decided | Approved):
                continue
            if incident.id not in self._mine:
                first = self._book.members(incident)[0]
                self._mine[incident.id] = first.key.startswith(WAITS) and self._takes(first)
            if self._mine[incident.id]:
                yield incident
