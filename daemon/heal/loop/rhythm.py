"""When a scheduler is asked next: soon after something new, seldom while nothing changes, and hardly when it suffers.

Every question is a request to a controller that many people share (man squeue, PERFORMANCE): the interval grows while
the answers stay the same, with the time an answer took, and after each silence, by chance a little more or less, so
that the heals of a whole site do not ask in step.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from heal.errors import AskedEnough, SchedulerUnreachable

# a job that dies within its first minute is the common case after a change
_YOUNGEST_S = 10.0
_IDLE_MOST_S = 180.0
_SILENT_MOST_S = 600.0
_SLOWER = 1.25
# when the ceiling's minute has room again is soon
_CROWDED_S = 15.0
# an answer that took a second is worth this much rest
_REST = 20.0


class Rhythm:
    """The time of the next question. ``usual_s``: the interval while jobs are watched and answers come."""

    def __init__(self, usual_s: float, chance: random.Random | None = None) -> None:
        self.usual_s = usual_s
        self._chance = chance or random.Random()  # noqa: S311 - spreads questions in time, protects nothing
        self._due: datetime | None = None
        self._unchanged = 0
        self._silences = 0

    def due(self, now: datetime) -> bool:
        """True when it may be asked."""
        return self._due is None or now >= self._due

    def answered(self, now: datetime, *, took_s: float, youngest_s: float, changed: bool) -> None:
        """An answer came. ``youngest_s``: the age of the youngest job that is asked about."""
        self._silences = 0
        self._unchanged = 0 if changed else self._unchanged + 1
        wait = min(self.usual_s, max(_YOUNGEST_S, youngest_s / 4))
        if wait >= self.usual_s:
            wait = max(wait, min(_IDLE_MOST_S, self.usual_s * _SLOWER**self._unchanged))
        self._rest(now, max(wait, _REST * took_s))

    def missed(self, now: datetime, error: SchedulerUnreachable) -> None:
        """No answer came: the scheduler is silent, or heal's own ceiling did not let it be asked, which soon passes."""
        if isinstance(error, AskedEnough):
            self._rest(now, _CROWDED_S * self._chance.uniform(0.75, 1.25))
        else:
            self.silent(now)

    def silent(self, now: datetime) -> None:
        """No answer came, or a refusal."""
        self._silences += 1
        wait = min(_SILENT_MOST_S, self.usual_s * 2.0 ** min(self._silences - 1, 10))
        self._rest(now, wait * self._chance.uniform(0.75, 1.25))

    def hurry(self) -> None:
        """Something was said that makes an answer worth having now, unless the scheduler is silent."""
        if not self._silences:
            self._due = None

    @property
    def is_silent(self) -> bool:
        """True when the last question had no answer."""
        return self._silences > 0

    def _rest(self, now: datetime, seconds: float) -> None:
        self._due = now + timedelta(seconds=seconds)
