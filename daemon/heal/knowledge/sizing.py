"""What jobs asked for against what they used, and requests that would fit: one pass over any number of jobs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from heal.knowledge.fitting import Figure, fitted_cpus, fitted_memory, fitted_time
from heal.knowledge.job_names import Whose, alike
from heal.knowledge.spread import Spread
from heal.sections import Sizing

# more names than this are not told apart: somebody gives every job one of its own
MOST_GROUPS = 5_000
OTHERS = "(others)"
_ROOMY = 0.9
_MB_IN_GB, _SECONDS = 1024, 3600


class Ending(StrEnum):
    """How a job ended, as far as sizes go. LEFT: somebody ended it, which says nothing of what it needs."""

    WELL = "well"
    MEMORY = "memory"
    TIME = "time"
    FAILED = "failed"
    LEFT = "left"


class Usage(NamedTuple):
    """One job: what it asked for and what it used. Memory in MB of a node, times in seconds; None: not known.

    ``cpu_s`` is the processor time of all its cpus. ``input_mb`` is the size of its input files.
    """

    whose: Whose
    ending: Ending
    submitted: str
    elapsed_s: int
    cpus: int
    nodes: int
    asked_mb: float | None
    peak_mb: float | None
    limit_s: int | None
    cpu_s: float | None
    input_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """All jobs of one process of a pipeline, or those of them with inputs of one size. Hours are of cores and of GB.

    ``cpu_efficiency`` is processor time over the time its cpus were held, 0 to 1; ``wasted`` is what was held and not
    used. ``input_mb`` is the most that the inputs of these jobs hold.
    """

    whose: Whose
    jobs: int
    well: int
    failed: int
    out_of_memory: int
    timed_out: int
    memory_mb: Figure
    time_min: Figure
    cpus: Figure
    cpu_efficiency: float | None
    core_hours: float
    wasted_core_hours: float
    wasted_gb_hours: float
    input_mb: float | None = None
    by_input: tuple[Row, ...] = ()


def table(usages: Iterable[Usage], rules: Sizing) -> tuple[Row, ...]:
    """Sum up jobs by pipeline and process, what wastes most first. Memory is bounded whatever their number.

    Jobs by hand whose names are too rare alone are taken together with those that differ only in their numbers.
    """
    groups: dict[Whose, _Group] = {}
    full = False
    for usage in usages:
        group = groups.get(usage.whose)
        if group is None:
            if len(groups) >= MOST_GROUPS and not full:
                groups = _together(groups, rules.jobs)
                # where that makes little room it is not done again for every new name
                full = len(groups) > _ROOMY * MOST_GROUPS
            group = groups.setdefault(_home(usage.whose, groups), _Group())
        group.add(usage)
    rows = (group.row(one, rules) for one, group in _together(groups, rules.jobs).items())
    return tuple(sorted(rows, key=lambda row: (-row.wasted_core_hours - row.wasted_gb_hours, row.whose)))


def _home(one: Whose, groups: Mapping[Whose, _Group]) -> Whose:
    """Where a job with a new name is counted."""
    if len(groups) < MOST_GROUPS:
        return one
    folded = one._replace(process=alike(one.process))
    return folded if folded in groups else Whose("sbatch", "", OTHERS)


def _together(groups: Mapping[Whose, _Group], enough: int) -> dict[Whose, _Group]:
    kept = {one: group for one, group in groups.items() if one.engine != "sbatch" or group.all.jobs >= enough}
    rare: dict[Whose, list[Whose]] = {}
    for one in groups:
        if one not in kept:
            rare.setdefault(one._replace(process=alike(one.process)), []).append(one)
    for folded, ones in rare.items():
        name = folded if len(ones) > 1 else ones[0]
        merged = kept.setdefault(name, _Group())
        for one in ones:
            merged.take(groups[one])
    return kept


class _Tally:
    """Sums over jobs."""

    __slots__ = (
        "asked_cpus", "asked_mb", "core_s", "cores", "cpu_s", "ended", "jobs", "limit_s", "memory", "newest", "time",
        "unused_core_s", "unused_mb_s",
    )  # fmt: skip

    def __init__(self) -> None:
        self.jobs = 0
        self.ended: dict[Ending, int] = dict.fromkeys(Ending, 0)
        self.newest = ""
        self.asked_mb: float | None = None
        self.limit_s: int | None = None
        self.asked_cpus: int | None = None
        self.memory, self.time, self.cores = Spread(), Spread(), Spread()
        self.core_s = self.cpu_s = self.unused_core_s = self.unused_mb_s = 0.0

    def add(self, usage: Usage) -> None:
        self.jobs += 1
        self.ended[usage.ending] += 1
        if usage.submitted >= self.newest:
            # what is asked for now is what the newest job asked for
            self.newest, self.asked_mb, self.limit_s = usage.submitted, usage.asked_mb, usage.limit_s
            self.asked_cpus = usage.cpus
        self._add_needs(usage)
        held = usage.elapsed_s * usage.cpus
        if usage.cpu_s is not None:
            self.core_s += held
            self.cpu_s += usage.cpu_s
            self.unused_core_s += max(0.0, held - usage.cpu_s)
        if usage.asked_mb and usage.peak_mb:
            self.unused_mb_s += max(0.0, usage.asked_mb - usage.peak_mb) * usage.nodes * usage.elapsed_s

    def _add_needs(self, usage: Usage) -> None:
        match usage.ending:
            case Ending.WELL:
                self.memory.add(usage.peak_mb or 0)
                self.time.add(usage.elapsed_s)
                if usage.cpu_s is not None and usage.elapsed_s:
                    self.cores.add(usage.cpu_s / usage.elapsed_s)
            case Ending.MEMORY:
                # it would have used more, and run on
                self.memory.add_at_least(max(usage.peak_mb or 0, usage.asked_mb or 0))
                self.time.add_at_least(usage.elapsed_s)
            case Ending.TIME:
                self.memory.add_at_least(usage.peak_mb or 0)
                self.time.add_at_least(max(usage.elapsed_s, usage.limit_s or 0))

    def take(self, other: _Tally) -> None:
        self.jobs += other.jobs
        for ending, count in other.ended.items():
            self.ended[ending] += count
        if other.newest >= self.newest:
            self.newest, self.asked_mb, self.limit_s = other.newest, other.asked_mb, other.limit_s
            self.asked_cpus = other.asked_cpus
        self.memory.take(other.memory)
        self.time.take(other.time)
        self.cores.take(other.cores)
        self.core_s += other.core_s
        self.cpu_s += other.cpu_s
        self.unused_core_s += other.unused_core_s
        self.unused_mb_s += other.unused_mb_s

    def row(self, whose: Whose, rules: Sizing) -> Row:
        ended = self.ended
        return Row(
            whose,
            jobs=self.jobs,
            well=ended[Ending.WELL],
            failed=ended[Ending.FAILED] + ended[Ending.MEMORY] + ended[Ending.TIME],
            out_of_memory=ended[Ending.MEMORY],
            timed_out=ended[Ending.TIME],
            memory_mb=fitted_memory(self.asked_mb, self.memory, rules, ended[Ending.MEMORY]),
            time_min=fitted_time(self.limit_s, self.time, rules, ended[Ending.TIME]),
            cpus=fitted_cpus(self.asked_cpus, self.cores, rules),
            cpu_efficiency=self.cpu_s / self.core_s if self.core_s else None,
            core_hours=self.core_s / _SECONDS,
            wasted_core_hours=self.unused_core_s / _SECONDS,
            wasted_gb_hours=self.unused_mb_s / _MB_IN_GB / _SECONDS,
        )


class _Group:
    """The jobs of one process, and those of each size of input."""

    __slots__ = ("all", "by_input")

    def __init__(self) -> None:
        self.all = _Tally()
        self.by_input: dict[float, _Tally] = {}

    def add(self, usage: Usage) -> None:
        self.all.add(usage)
        if usage.input_mb is not None:
            self.by_input.setdefault(size_class(usage.input_mb), _Tally()).add(usage)

    def take(self, other: _Group) -> None:
        self.all.take(other.all)
        for size, tally in other.by_input.items():
            self.by_input.setdefault(size, _Tally()).take(tally)

    def row(self, whose: Whose, rules: Sizing) -> Row:
        sizes = sorted(self.by_input) if len(self.by_input) > 1 else []
        parts = tuple(replace(self.by_input[size].row(whose, rules), input_mb=size) for size in sizes)
        return replace(self.all.row(whose, rules), by_input=parts)


def size_class(mb: float) -> float:
    """The upper edge of the class that an input of so many MB is in: 1, 4, 16, 64 … MB."""
    edge = 1.0
    while edge < mb:
        edge *= 4
    return edge
