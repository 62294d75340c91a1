"""What could cost less, by what jobs used, how long they waited and how they ended. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from heal.advice.ledger_of_jobs import Ledger, Process, group, hours, limit_class
from heal.advice.suggestions import Suggestion, Sure, change, ranked, sure_of
from heal.jobs import Limits
from heal.knowledge.job_names import Whose
from heal.knowledge.sizing import Ending, Row
from heal.knowledge.spread import Spread
from heal.sections import Sizing
from heal.units import duration, minutes, size

# a job that runs shorter than this pays more for being a job than for its work
_TINY_S, _BATCH_S, _MANY = 120.0, 900.0, 50
# waiting that is worth a thought
_LONG_WAIT_S, _HALF = 600.0, 0.5
_LOST_SHARE, _FEW = 0.05, 3
# a node: so rarely would its failures be chance, if it were like the others
_CHANCE, _OFTEN = 0.001, 0.5
_MB_IN_GB = 1024


@dataclass(frozen=True, slots=True)
class Optimized:
    """What could be changed, what saves most first; and of which processes nothing can be said, with why."""

    suggestions: tuple[Suggestion, ...] = ()
    unknown: tuple[tuple[Whose, str], ...] = ()
    jobs: int = 0


# the most that a job may ask for in a partition; None: not known
LimitsOf = Callable[[str], Limits | None]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is looked at: sums, rows of sizes, the rules of sizing, limits of partitions, what heal's store adds."""

    ledger: Ledger
    rows: Sequence[Row]
    rules: Sizing
    limits: LimitsOf = lambda _partition: None
    more: tuple[Suggestion, ...] = field(default=())


def optimized(seen: Evidence) -> Optimized:
    """Every suggestion that there is evidence for."""
    found: list[Suggestion] = list(seen.more)
    unknown: list[tuple[Whose, str]] = []
    rows = {group(row.whose): row for row in seen.rows}
    for whose, process in seen.ledger.processes.items():
        if process.jobs < seen.rules.jobs:
            unknown.append((whose, f"{process.jobs} of the {seen.rules.jobs} jobs that a suggestion takes are known"))
            continue
        row = rows.get(whose)
        found += _sizes(whose, process, row, seen.rules) if row else []
        found += _time(whose, process, row, seen) if row else []
        found += _partition(whose, process, row, seen)
        found += _tiny(whose, process, seen.rules)
        found += _lost(whose, process, row)
    found += _nodes(seen.ledger)
    return Optimized(ranked(found), tuple(unknown), sum(each.jobs for each in seen.ledger.processes.values()))


def _sizes(whose: Whose, process: Process, row: Row, rules: Sizing) -> Iterator[Suggestion]:
    memory, cpus = row.memory_mb, row.cpus
    if memory.proposed and memory.asked and memory.proposed < memory.asked:
        gb = (memory.asked - memory.proposed) / _MB_IN_GB * hours(process.node_s)
        why = f"the most that a job ended well with is {size(memory.most or 0)}, the usual {size(memory.usual or 0)}"
        what = f"ask for {size(memory.proposed)} of memory in place of {size(memory.asked)}"
        asked = change(whose, {"memory": int(memory.proposed)})
        sure = sure_of(row.well, rules.jobs, at_least=memory.at_least)
        yield Suggestion("memory", whose, what, why, row.well, sure, {"gb_hours": gb}, asked)
    if cpus.proposed and cpus.asked and cpus.proposed < cpus.asked:
        core = (cpus.asked - cpus.proposed) * hours(process.run_s)
        busy = f", {row.cpu_efficiency:.0%} of what was held" if row.cpu_efficiency is not None else ""
        why = f"no job kept more than {cpus.most or 0:.1f} cpus busy on average{busy}"
        fewer = f"{cpus.proposed:.0f} cpu{'s' if cpus.proposed > 1 else ''}"
        what = f"ask for {fewer} in place of {cpus.asked:.0f}, or let the tool use them"
        asked = change(whose, {"cpus": int(cpus.proposed)})
        yield Suggestion("cpus", whose, what, why, row.well, sure_of(row.well, rules.jobs), {"core_hours": core}, asked)


def _time(whose: Whose, process: Process, row: Row, seen: Evidence) -> Iterator[Suggestion]:
    """A shorter limit lets a scheduler fit the job into gaps; how much sooner, others of the user's jobs may tell."""
    time = row.time_min
    if not (time.proposed and time.asked and time.proposed < time.asked * _HALF):
        return
    partition = process.newest_partition[1]
    own, other = (seen.ledger.waits.get((partition, limit_class(mins * 60))) for mins in (time.asked, time.proposed))
    saves, compared = {}, "SLURM fits shorter jobs into gaps; how much sooner they begin is not known"
    if own is not other and own and other and min(own.count, other.count) >= seen.rules.jobs:
        sooner = _median(own) - _median(other)
        if sooner <= 0:
            return
        saves = {"wait_hours": hours(sooner * process.waited)}
        compared = (
            f"{other.count} jobs of yours in {partition} with such a limit waited {duration(_median(other))}, "
            f"those with the longer one {duration(_median(own))} (medians)"
        )
    elif _median(process.wait) < _LONG_WAIT_S:
        return
    what = f"ask for {minutes(time.proposed)} in place of {minutes(time.asked)}"
    why = f"none ran longer than {minutes(round(time.most or 0, 1))}; {compared}"
    sure = sure_of(row.well, seen.rules.jobs, at_least=time.at_least) if saves else "medium"
    yield Suggestion("time", whose, what, why, row.well, sure, saves, change(whose, {"time": int(time.proposed)}))


def _partition(whose: Whose, process: Process, row: Row | None, seen: Evidence) -> Iterator[Suggestion]:
    """Another partition that the user's jobs wait less for, and that gives what these ask for."""
    own = process.newest_partition[1]
    mine = process.by_partition.get(own)
    if mine is None or mine.count < seen.rules.jobs or _median(mine) < _LONG_WAIT_S:
        return
    asked_min = (row.time_min.proposed or row.time_min.asked) if row else None
    waits = _by_partition(seen.ledger)
    fitting = [name for name in waits if name != own and _fits(seen.limits(name), process.most_mb, asked_min)]
    less = [
        name
        for name in fitting
        if waits[name].count >= seen.rules.jobs and _median(waits[name]) < _HALF * _median(mine)
    ]
    if not less:
        return
    best = min(less, key=lambda name: _median(waits[name]))
    sooner = _median(mine) - _median(waits[best])
    why = (
        f"{mine.count} jobs waited {duration(_median(mine))} for {own}, {waits[best].count} of yours "
        f"{duration(_median(waits[best]))} for {best} (medians); they run {duration(_median(process.run))}"
    )
    saves = {"wait_hours": hours(sooner * mine.count)}
    sure: Sure = "medium" if seen.limits(best) else "low"
    what = f"submit to partition {best} in place of {own}"
    jobs = mine.count + waits[best].count
    yield Suggestion("partition", whose, what, why, jobs, sure, saves, change(whose, {"partition": best}))


def _by_partition(ledger: Ledger) -> dict[str, Spread]:
    found: dict[str, Spread] = {}
    for process in ledger.processes.values():
        for name, spread in process.by_partition.items():
            found.setdefault(name, Spread()).take(spread)
    return found


def _fits(limits: Limits | None, mb: float | None, mins: float | None) -> bool:
    if limits is None:
        return True
    too_large = mb is not None and limits.memory_mb is not None and mb > limits.memory_mb
    return not too_large and not (mins is not None and limits.time_min is not None and mins > limits.time_min)


def _tiny(whose: Whose, process: Process, rules: Sizing) -> Iterator[Suggestion]:
    """Many jobs that are over before they are worth a place in a queue."""
    run = _median(process.run)
    if process.jobs < max(_MANY, rules.jobs) or run > _TINY_S or not process.waited:
        return
    each = max(2, min(math.ceil(_BATCH_S / max(run, 1.0)), process.jobs // 4))
    overhead = process.wait_s / ((process.wait_s + process.run_s) or 1.0)
    why = (
        f"{process.jobs:,} jobs ran {duration(run)} each (median); "
        f"{overhead:.0%} of their time, {hours(process.wait_s):,.1f} h, was waiting for a start"
    )
    if whose.engine == "nextflow":
        # an array is one submission; that its tasks wait less is not known
        what, saves = f"submit {each} of them at once, as an array (to run several in one task, collate them)", {}
    else:
        what, saves = f"run {each} of them in one job", {"wait_hours": hours(process.wait_s) * (1 - 1 / each)}
    yield Suggestion("batch", whose, what, why, process.jobs, "medium", saves, _batched(whose, each))


def _batched(whose: Whose, each: int) -> tuple[str, ...]:
    if whose.engine == "snakemake":
        return (f"--groups {whose.process}={whose.process} --group-components {whose.process}={each}",)
    if whose.engine == "nextflow":
        return change(whose, {"array": each})
    return (f"# a loop over {each} inputs in one script, its jobs one array: #SBATCH --array=…",)


def _lost(whose: Whose, process: Process, row: Row | None) -> Iterator[Suggestion]:
    """What tries cost that ended for want of memory or time: a larger first request would have kept it."""
    for ending, name, unit in ((Ending.MEMORY, "memory", size), (Ending.TIME, "time", minutes)):
        lost, count = process.lost_core_s.get(ending, 0.0), process.ended[ending]
        if count < _FEW or lost < _LOST_SHARE * process.core_s or row is None:
            continue
        figure = row.memory_mb if ending is Ending.MEMORY else row.time_min
        if figure.proposed is None or (figure.asked is not None and figure.proposed <= figure.asked):
            continue
        more = " or more" if figure.at_least else ""
        what = f"ask for {unit(figure.proposed)}{more} at the first try"
        why = f"{count} of {process.jobs} jobs were stopped for {name}: {lost / process.core_s:.0%} of all core-hours"
        asked = change(whose, {name: int(figure.proposed)})
        yield Suggestion("retries", whose, what, why, process.jobs, "medium", {"core_hours": hours(lost)}, asked)


def _nodes(ledger: Ledger) -> Iterator[Suggestion]:
    """A node on which jobs fail that do not fail elsewhere, more often than chance would have it."""
    for node, failed in ledger.failed_on.items():
        ended = failed + ledger.well_on[node]
        elsewhere = ledger.failed_on.total() - failed
        others = elsewhere + ledger.well_on.total() - ledger.well_on[node]
        if failed < _FEW or failed < _OFTEN * ended or others < ended:
            continue
        usual = (elsewhere + 1) / (others + 2)
        if _chance(failed, ended, usual) > _CHANCE:
            continue
        why = (
            f"{failed} of {ended} jobs failed there, {elsewhere} of {others} elsewhere, "
            "those for want of memory or time not counted"
        )
        for whose in sorted(ledger.failing[node]):
            what = f"leave {node} out, and tell your admins"
            yield Suggestion("node", whose, what, why, ended, "medium", {}, change(whose, {"exclude": node}))


def _chance(failed: int, ended: int, usual: float) -> float:
    """How likely at least so many of so many fail where each does with this probability."""
    return sum(math.comb(ended, n) * usual**n * (1 - usual) ** (ended - n) for n in range(failed, ended + 1))


def _median(spread: Spread) -> float:
    found = spread.within(0.5)
    return found.value if found else 0.0
