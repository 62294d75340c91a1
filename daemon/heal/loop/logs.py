"""What the logs of runs say in which no plugin speaks; the word that there is one waits as a file until it is read."""

from __future__ import annotations

from pathlib import Path

from heal.home.spool import Spool
from heal.loop.parts import Parts
from heal.loop.results import checked, take
from heal.records import Event


class Logs:
    """Reads the logs that were announced. A heal that comes later finds the announcement, and reads from the start."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._announced: dict[Path, tuple[Spool, Event]] = {}
        self._speaking: frozenset[str] = frozenset()

    def keeps(self, event: Event, spool: Spool, path: Path) -> bool:
        """Hear of a log; True where the event's file is to stay until all that the log says is taken."""
        if self._parts.logs is None or not self._parts.logs.takes(event):
            return False
        self._announced[path] = (spool, event)
        return True

    def followed(self) -> frozenset[str]:
        """The runs, by the names they were announced by, whose logs are not read to their end."""
        return frozenset(event.run.id for _spool, event in self._announced.values() if event.run)

    def unread(self) -> frozenset[str]:
        """The runs of which logs have told something, and not the end yet, which is the last thing they tell."""
        return self._speaking if self._announced else frozenset()

    def take_in(self) -> None:
        """Store what the logs say by now."""
        logs = self._parts.logs
        if logs is None or not self._announced:
            return
        said = logs.news()
        # what a check still looks at is given again
        told = checked(self._parts, said)
        take(self._parts, told)
        taken = {event.id for event in told}
        logs.taken([event.id for event in told])
        over = {event.run.id for event in told if event.run and event.kind == "run_finished"}
        over -= {event.run.id for event in said if event.run and event.id not in taken}
        self._speaking = (self._speaking | {event.run.id for event in said if event.run}) - over
        for path, (spool, event) in list(self._announced.items()):
            why = logs.trouble(event)
            if logs.done(event):
                del self._announced[path]
                self._speaking = frozenset() if why else self._speaking
                self._parts.store.take(event)
                spool.bad(path, f"heal failed to read the log ({why})") if why else spool.done(path)
