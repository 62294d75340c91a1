"""How a figure is spread over many jobs, kept in a bounded place, and what a share of them stays within."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

# a value is kept as the upper edge of a step of 1 %: a few hundred steps hold all sizes and times there are
_STEP = math.log(1.01)
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Within:
    """What a share of the jobs stays within. ``at_least``: it is only known to be no less."""

    value: float
    at_least: bool = False


@dataclass(slots=True)
class Spread:
    """Values above 0, each known or only known to be at least so much. Read with an error of at most 1 %, upwards.

    ``most`` is the largest value known (exactly), ``bound`` the largest of those that are only known to be at least.
    """

    known: Counter[int] = field(default_factory=Counter)
    least: Counter[int] = field(default_factory=Counter)
    most: float | None = None
    bound: float | None = None

    def add(self, value: float) -> None:
        """Take a value in; what is not above 0 was not measured."""
        if value > 0:
            self.known[_step(value)] += 1
            self.most = max(value, self.most or 0.0)

    def add_at_least(self, value: float) -> None:
        """Take in that a value was cut off here: it is at least so much."""
        if value > 0:
            self.least[_step(value)] += 1
            self.bound = max(value, self.bound or 0.0)

    def take(self, other: Spread) -> None:
        """Take in all of another one."""
        self.known.update(other.known)
        self.least.update(other.least)
        for name in ("most", "bound"):
            theirs, ours = getattr(other, name), getattr(self, name)
            setattr(self, name, theirs if ours is None else max(ours, theirs or 0.0))

    @property
    def count(self) -> int:
        """How many values are known."""
        return sum(self.known.values())

    def within(self, share: float) -> Within | None:
        """What this share (0 to 1) of the jobs stays within; None where no value is known.

        The estimate of Kaplan and Meier (1958), the usual one for values of which some were cut off: a job that was
        stopped counts among those that may need more up to where it was stopped, and nowhere after.
        """
        if not self.known:
            return None
        left, beyond = sum(self.known.values()) + sum(self.least.values()), 1.0
        steps = sorted(self.known.keys() | self.least.keys())
        for step in steps:
            beyond *= 1 - self.known[step] / left
            if beyond <= 1 - share + _ROUNDING:
                return Within(min(math.exp(step * _STEP), max(self.most or 0.0, self.bound or 0.0)))
            left -= self.known[step] + self.least[step]
        return Within(max(self.bound or 0.0, self.most or 0.0), at_least=True)


def _step(value: float) -> int:
    return math.ceil(math.log(value) / _STEP - _ROUNDING)
