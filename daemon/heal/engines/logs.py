"""Several who read logs, as one: each announced log is read by whoever knows its kind."""

from __future__ import annotations

from collections.abc import Sequence

from heal.records import Event
from heal.seams import LogReading


class AllLogs:
    """The log seam over others."""

    def __init__(self, *readers: LogReading) -> None:
        self._readers = readers

    def takes(self, said: Event) -> bool:
        """Tell whether one of them reads what an event announces."""
        return any(reader.takes(said) for reader in self._readers)

    def news(self) -> Sequence[Event]:
        """Give what all the logs say that was not taken yet."""
        return [event for reader in self._readers for event in reader.news()]

    def taken(self, ids: Sequence[str]) -> None:
        """These events are stored."""
        for reader in self._readers:
            reader.taken(ids)

    def trouble(self, said: Event) -> str:
        """Tell what one of them stumbled over; empty where nothing is wrong."""
        return next((text for reader in self._readers if (text := reader.trouble(said))), "")

    def done(self, said: Event) -> bool:
        """Tell whether all that a log has to say is taken."""
        # whoever does not read it has nothing left to say of it
        return all(reader.done(said) for reader in self._readers)
