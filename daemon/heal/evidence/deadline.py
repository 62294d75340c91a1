"""How long a text is looked at: what is not reached by then is said to be left out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """When to stop looking, and a little later to stop counting what is not looked at any more."""

    at: float = float("inf")
    more: float = 0
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float]) -> Deadline:
        """The deadline that is so far from now."""
        return cls(clock() + seconds, seconds / 4, clock)

    def passed(self) -> bool:
        """Whether it is time to stop looking."""
        return self.at < float("inf") and self.clock() > self.at

    def long_passed(self) -> bool:
        """Whether it is time to stop altogether."""
        return self.clock() > self.at + self.more
