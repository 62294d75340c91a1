"""Engines that are started again as wholes: once all is over beside which that would be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from heal.journal import Applied, Body, Delayed
from heal.loop.casebook import Casebook
from heal.loop.parts import Parts
from heal.records import Attempt, Incident
from heal.seams import Engine, Order
from heal.steps.apply import apply
from heal.store import Scope

# what was started has said so by then, or never will
_BEGINS_WITHIN = timedelta(seconds=60)


class Launches:
    """Tells when a run may be started again, and has its engine do it."""

    def __init__(self, parts: Parts, book: Casebook) -> None:
        self._parts = parts
        self._book = book

    def due(self, incident: Incident) -> bool:
        """The run has ended, so have what launched it and any launch since, and all that they said is explained.

        Jobs that a killed engine left behind are over as well: the same task would run twice at once.
        """
        run, own = self._book.run(self._book.ill(incident)[-1].run_id), Scope(only=frozenset({incident.lineage}))
        launches = [run.id, *([run.parent] if run.parent else [])]
        return (
            all(self._parts.ended(launch) for launch in launches)
            and self._parts.living(incident.lineage) is None
            and not self._begins(incident.lineage)
            and not self._parts.spool_waiting()
            and not self._parts.store.unexplained(own)
            and not any(left.run_id == run.id for left in self._parts.store.watched(own))
        )

    def start(self, engine: Engine, incidents: Sequence[Incident], orders: Sequence[Order], token: str) -> Body | None:
        """Start it for these incidents, or say what goes on: an answer that came too late becomes a launch at the end.

        What was started under the token before is found, whatever goes on.
        """
        if (living := self._parts.living(incidents[0].lineage, but=token)) is not None:
            return Delayed(token, f"what it is a part of still goes on, as process {living.pid}")
        if self._begins(incidents[0].lineage, but=token):
            return Delayed(token, "what heal has just started for another incident is about to begin")
        # the newest launch carries everything that earlier remedies changed
        runs = [self._book.run(attempt.run_id) for order in orders for attempt in order.attempts]
        last = max(runs, key=lambda run: run.started)
        return apply(engine, last, orders, token, self._unchanged(incidents, orders))

    def _begins(self, lineage: str, but: str = "") -> bool:
        """True where heal has just started something of the lineage that has not said so yet. ``but``: its token."""
        store, since = self._parts.store, self._parts.clock() - _BEGINS_WITHIN
        last = [self._book.last(incident) for incident in store.incidents(lineage)]
        applied = [one.body for one in last if one and isinstance(one.body, Applied) and one.at > since]
        launched = {one.token for one in applied if not one.jobs and not one.answered} - {but}
        return any(store.run(token) is None for token in launched)

    def _unchanged(self, incidents: Sequence[Incident], orders: Sequence[Order]) -> list[Attempt]:
        """The failed tasks of the lineage that nothing is changed for: they would only fail again.

        What was changed for others holds on: their launch may have been killed before they came home.
        """
        ordered = {attempt.key for order in orders for attempt in order.attempts}
        chosen = {incident.id for incident in incidents}
        others = [one for one in self._parts.store.incidents(incidents[0].lineage) if one.id not in chosen]
        ill = [(other, attempt) for other in others for attempt in self._book.still_ill(other)]
        rest = [(other, attempt) for other, attempt in ill if attempt.key not in ordered]
        return [attempt for other, attempt in rest if not self._book.changed_since(other, attempt)]
