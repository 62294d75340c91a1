"""A request that fits what was seen: a quantile and a margin, never below what ended well. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from heal.knowledge.spread import Spread
from heal.sections import Sizing

# a request that differs by less than this is left as it is
_FITS = 0.1
# a job's processor time holds a little of what its engine does beside the tool
_OVERHEAD = 0.95


@dataclass(frozen=True, slots=True)
class _Unit:
    """How a figure is asked for: how many of its unit one of a spread's is, and the steps it is rounded up to."""

    each: float
    fine: float
    coarse: float
    edge: float

    def rounded(self, value: float) -> float:
        step = self.fine if value < self.edge else self.coarse
        return float(math.ceil(value / step) * step)


_MB = _Unit(1.0, fine=10, coarse=100, edge=1000)
_MINUTES = _Unit(1 / 60, fine=1, coarse=5, edge=60)


@dataclass(frozen=True, slots=True)
class Figure:
    """One resource: what is asked for (by the newest job), what jobs that ended well used, and what would fit.

    ``usual`` is the median and ``most`` the most of those that ended well. ``proposed`` is None where ``why`` says why
    nothing is proposed. ``at_least``: jobs were stopped there, and how much more they need is not known.
    """

    asked: float | None = None
    usual: float | None = None
    most: float | None = None
    proposed: float | None = None
    at_least: bool = False
    why: str = ""


def fitted_memory(asked_mb: float | None, used: Spread, rules: Sizing, stopped: int) -> Figure:
    """Memory in MB; ``stopped`` jobs ran out of it."""
    return _fitted(asked_mb, used, rules, stopped, _MB)


def fitted_time(limit_s: float | None, used: Spread, rules: Sizing, stopped: int) -> Figure:
    """Time in minutes, of a spread in seconds; ``stopped`` jobs ran out of it."""
    return _fitted(limit_s / 60 if limit_s else None, used, rules, stopped, _MINUTES)


def fitted_cpus(asked: float | None, used: Spread, rules: Sizing) -> Figure:
    """Cpus, never more than were given: how many would have been used is not seen.

    Whole cpus that no job kept busy even on average, so no margin: a mean hides phases in which more were busy.
    """
    found = _seen(asked, used, 1.0)
    if found.most is None or asked is None or used.count < rules.jobs:
        return replace(found, why=_too_few(used, rules))
    needed = float(max(1, math.ceil(found.most * _OVERHEAD)))
    return replace(found, proposed=needed) if needed < asked else replace(found, why="fits")


def _fitted(asked: float | None, used: Spread, rules: Sizing, stopped: int, unit: _Unit) -> Figure:
    found = _seen(asked, used, unit.each)
    within = used.within(rules.quantile)
    if within is None or found.most is None or used.count < rules.jobs:
        return replace(found, why=_too_few(used, rules))
    wanted = unit.rounded(max(within.value * unit.each * (1 + rules.margin), found.most))
    if asked is not None and abs(wanted - asked) <= _FITS * asked:
        return replace(found, why="fits")
    if asked is not None and wanted > asked and not stopped:
        return replace(found, why="fits: none was stopped by it")
    return replace(found, proposed=wanted, at_least=within.at_least)


def _seen(asked: float | None, used: Spread, each: float) -> Figure:
    usual = used.within(0.5)
    if usual is None or used.most is None:
        return Figure(asked=asked)
    # a spread is read upwards, by what was stopped too; nothing of what ended well is above the most of it
    return Figure(asked=asked, usual=min(usual.value, used.most) * each, most=used.most * each)


def _too_few(used: Spread, rules: Sizing) -> str:
    return f"{used.count} of the {rules.jobs} jobs that a proposal takes are known"
