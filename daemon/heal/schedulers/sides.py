"""Which of SLURM's sides does not answer, since when and why: kept in a file, for whoever wants to know without asking.

Loads nothing that ``heal status`` may not load.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from heal import whole_file
from heal.errors import AskedEnough, SchedulerUnreachable
from heal.schedulers.command import NotInstalled, NotWaitedFor

CONTROLLER, ACCOUNTING = "controller", "accounting"
# what says that there is no accounting here at all, as against accounting that is down for now
_NO_ACCOUNTING = ("accounting storage is disabled", "accounting_storage/none")


@dataclass(frozen=True, slots=True)
class Silence:
    """A side that does not answer: since when, when it was last asked, and its words. ``lasting``: it is not here."""

    side: str
    since: datetime
    asked: datetime
    why: str
    lasting: bool = False


class Sides:
    """Hears what came of each question; what cannot be written is not kept. ``path`` None: nothing is.

    Several heals of a user share the file: whoever is answered says so for all of them.
    """

    def __init__(self, path: Path | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._clock = clock

    def silent(self) -> tuple[Silence, ...]:
        """The sides that did not answer when they were last asked."""
        return tuple(self._read().values())

    @contextmanager
    def heard(self, side: str) -> Iterator[None]:
        """Keep whether a side answers what is asked in the block."""
        try:
            yield
        except (AskedEnough, NotWaitedFor):
            # heal's own doing
            raise
        except SchedulerUnreachable as error:
            self._refused(side, error)
            raise
        self.answered(side)

    def answered(self, side: str) -> None:
        """It answers, whatever was kept of it."""
        known = self._read()
        if known.pop(side, None):
            self._write(known)

    def _refused(self, side: str, error: SchedulerUnreachable) -> None:
        known, now = self._read(), self._clock()
        lasting = side == ACCOUNTING and is_lasting(error)
        before = known.get(side) or Silence(side, now, now, "")
        self._write({**known, side: replace(before, asked=now, why=str(error), lasting=lasting)})

    def _read(self) -> dict[str, Silence]:
        with suppress(OSError, ValueError, TypeError, AttributeError, KeyError):
            if self._path is not None:
                found = json.loads(self._path.read_text(encoding="utf-8"))
                return {side: _silence(side, one) for side, one in found.items()}
        return {}

    def _write(self, known: Mapping[str, Silence]) -> None:
        if self._path is None:
            return
        found = {
            one.side: {
                "since": one.since.isoformat(),
                "asked": one.asked.isoformat(),
                "why": one.why,
                "lasting": one.lasting,
            }
            for one in known.values()
        }
        with suppress(OSError):
            whole_file.put(self._path, json.dumps(found))


def is_lasting(error: SchedulerUnreachable) -> bool:
    """True where accounting says that it is not here at all, or its program is not."""
    return isinstance(error, NotInstalled) or any(words in str(error).lower() for words in _NO_ACCOUNTING)


def _silence(side: str, found: Mapping[str, Any]) -> Silence:
    since, asked = datetime.fromisoformat(found["since"]), datetime.fromisoformat(found["asked"])
    return Silence(side, since, asked, str(found["why"]), bool(found["lasting"]))
