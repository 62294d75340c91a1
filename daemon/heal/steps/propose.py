"""A diagnosis, made into a change as data: how much memory, how much time, which node, or advice for a person."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import NamedTuple

from heal.jobs import JobFacts, Limits
from heal.knowledge.endings import NO_OUTPUT_FILE, reached
from heal.knowledge.patterns import FixSpec
from heal.knowledge.usual_fixes import USUAL
from heal.records import Attempt, Change, Diagnosis, Fix, FixKind, Label, Outcome
from heal.settings import Settings
from heal.units import minutes, rounded_mb, size

# A request within 1 % of a limit is the limit: sites round in their own ways.
_AT_LIMIT = 0.99
# A job killed for memory was seen at least this close to its limit, or the limit was not the reason.
_NEAR_PEAK = 0.9


@dataclass(frozen=True, slots=True)
class Stop:
    """heal has nothing more to try for this cause, and why."""

    why: str


class Others(NamedTuple):
    """What others of the same process that ended well were seen to hold, in MB.

    ``beside`` heal heard of itself, in this run and earlier ones (``of_its_size``: those alone whose inputs are about
    as large as the failed task's); of the ``earlier`` ones the scheduler's books tell.
    """

    beside: Sequence[float] = ()
    earlier: Sequence[float] = ()
    of_its_size: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when a fix is sought: the failed attempts, their jobs' facts, and what was tried.

    ``limits`` tells the most that a job may ask for, in its own partition (None) or another; it is asked only where a
    request is to grow, and may raise ``SchedulerUnreachable``: then nothing is proposed yet. ``others`` tells what
    others of the same process held; it is asked only where memory is sized. ``repeats`` tells how often the engine
    tried one of these tasks again as it was; it is asked only where that is what is next.
    ``in_vain`` tells of a job that can never start what it asks for, and the most that it may; None: not known.
    """

    attempts: tuple[Attempt, ...]
    jobs: tuple[JobFacts, ...]
    tried: tuple[tuple[Fix, Outcome | None], ...]
    limits: Callable[[str | None], Limits]
    spec: FixSpec | None
    supports: Callable[[Fix], bool]
    others: Callable[[], Others] = Others
    repeats: Callable[[], int] = int
    in_vain: Callable[[], tuple[JobFacts, Limits] | None] = lambda: None


# who could raise a limit, by the first word of who sets it
_WHO = {
    "partition": "another partition may allow more (slurm.partitions names those heal may use), or the site raises it",
    "QOS": "the site's SLURM administrators can raise it, or allow another QOS",
    "the": "the site's SLURM administrators can raise it",
    "account": "the site's SLURM administrators can raise it",
    "heal.toml": "raise it there if it is too low",
    "this": "it needs a larger machine, or less at once",
}
_ANYBODY = "a person has to decide"


def propose(diagnosis: Diagnosis, situation: Situation, settings: Settings) -> Fix | Stop:
    """The next thing to try, or why nothing is left. Advice where only a person can help."""
    process = situation.attempts[-1].process
    if diagnosis.advice:
        return _advice(process, diagnosis.advice)
    spec = situation.spec or _by_books(situation) or (USUAL.get(diagnosis.label) if diagnosis.label else None)
    if spec is None:
        return _advice(process, "heal knows no fix for this; see the cited line")
    match spec.kind:
        case FixKind.RESOURCES if spec.resource == "time":
            found = _time(process, situation, settings)
        case FixKind.RESOURCES:
            found = _memory(process, situation, settings)
        case FixKind.RETRY:
            found = _retry(process, spec, situation, settings, by_slurm=diagnosis.label is Label.NODE_FAILURE)
        case FixKind.EXCLUDE_NODE:
            found = _exclude(process, situation)
        case FixKind.PREPARE:
            found = Fix(
                spec.kind, process, (Change("folder", None, spec.folder),), f"the folder {spec.folder} is missing"
            )
        case FixKind.UNLOCK:
            found = Fix(spec.kind, process, (), "an earlier run left this behind, unless it still works there")
        case _:
            return _advice(process, spec.text or "only a person can change this; see the cited line")
    if isinstance(found, Fix) and found.kind is not FixKind.ADVICE and not situation.supports(found):
        return _advice(process, f"{found.why}, but this run gives heal no way to change that by itself")
    return found


def _by_books(situation: Situation) -> FixSpec | None:
    """What the scheduler's own word asks for.

    A job that can never start needs a person; it could not open another's output, so its folder is missing.
    """
    advice = situation.attempts[-1].facts.get("advice")
    if isinstance(advice, str):
        return FixSpec(FixKind.ADVICE, text=f"{advice} {_ceiling(situation)}".strip())
    paths = [path for job in situation.jobs if job.signal == NO_OUTPUT_FILE for path in job.log_paths]
    return FixSpec(FixKind.PREPARE, folder=str(PurePath(paths[0]).parent)) if paths else None


def _ceiling(situation: Situation) -> str:
    """What the site gives one job at most, where it is less than a waiting job asks for, and who could raise it."""
    reason = str(situation.attempts[-1].facts.get("reason"))
    resource = next((name for words, name in _OF_REASON if words in reason), None)
    found = situation.in_vain() if resource else None
    if found is None:
        return ""
    job, limits = found
    if resource == "time_min":
        asked, most, by = (job.limit_s or 0) / 60, limits.time_min, limits.time_by
    else:
        asked, most, by = job.asked_mb or 0, limits.memory_mb, limits.memory_by
    if most is None or asked <= most:
        return ""
    told = minutes if resource == "time_min" else size
    who = _WHO.get(by.split(" ")[0], _ANYBODY)
    return f"It asks for {told(asked)}, and the most that {by} allows is {told(most)}: {who}."


# which limit a reason is about, by a word in it
_OF_REASON = (("Time", "time_min"), ("Wall", "time_min"), ("Mem", "memory_mb"))


def _advice(process: str, text: str) -> Fix:
    return Fix(FixKind.ADVICE, process, (), text)


def _tried(situation: Situation, name: str, outcome: Outcome) -> list[tuple[float, float]]:
    """The changes of one resource of which this came, each with what was asked for before."""
    return [
        (float(change.old), float(change.new))
        for fix, came in situation.tried
        for change in fix.changes
        if came is outcome and change.name == name
        if isinstance(change.old, int | float) and isinstance(change.new, int | float)
    ]


def _raises(situation: Situation, name: str, had: float) -> int:
    """How many raises in a row led to what these tasks had, each of which did not help; those of others are none."""
    steps = _tried(situation, name, Outcome.SAME_FAILURE)
    count = 0
    while found := next(((old, new) for old, new in steps if _AT_LIMIT * new <= had <= new / _AT_LIMIT), None):
        steps.remove(found)
        had, count = found[0], count + 1
    return count


def _came_home_with(situation: Situation, name: str) -> float:
    """What others that failed so came home with, 0 where none did: the least that is more than all that was not enough.

    Where so much did not help others either, the most.
    """
    home = [new for _old, new in _tried(situation, name, Outcome.HEALED)]
    too_little = max((new for _old, new in _tried(situation, name, Outcome.SAME_FAILURE)), default=0.0)
    return min((new for new in home if new > too_little), default=max(home, default=0.0))


def _asked(situation: Situation, name: str) -> float | None:
    """What the engine asked for, the largest of the failed attempts."""
    return max((attempt.asked[name] for attempt in situation.attempts if name in attempt.asked), default=None)


def _memory(process: str, situation: Situation, settings: Settings) -> Fix | Stop:
    # the scheduler's word before the engine's: it knows what its defaults added
    old = max((job.asked_mb for job in situation.jobs if job.asked_mb), default=None) or _asked(situation, "memory_mb")
    peak = max((job.peak_mb for job in situation.jobs if job.peak_mb), default=None)
    old = peak if old is None else old
    if old is None:
        return _advice(process, "it needs more memory, but neither what it was given nor what it used is known")
    raises = _raises(situation, "memory_mb", old)
    held = max((most for job in situation.jobs if (most := reached(job))), default=None)
    if stop := _no_progress(old, held, raises):
        return stop
    near = peak is not None and peak >= _NEAR_PEAK * old
    wanted = settings.memory.headroom * peak if near and peak else settings.memory.factor * old
    if raises or wanted <= old:
        # one careful step was not enough: a second careful step would cost one more failed run
        wanted = max(wanted, settings.memory.factor * old)
    others = situation.others()
    # with less than its like were seen to hold it would hardly come home
    most = max((*others.beside, *others.earlier), default=0.0)
    wanted = max(wanted, settings.memory.headroom * most, _came_home_with(situation, "memory_mb"))
    seen = f"asked {size(old)}" + (f", peaked at {size(peak)}" if peak else "") + _told(others)
    return _capped(process, Change("memory_mb", old, rounded_mb(wanted)), seen, situation, settings)


def _told(others: Others) -> str:
    said = ""
    if count := len(others.beside):
        who = f"the other {count}" if count > 1 else "another one"
        said += f"; {who}{' with inputs of its size' if others.of_its_size else ''} peaked at {_span(others.beside)}"
    if count := len(others.earlier):
        who = f"{count} earlier ones" if count > 1 else "an earlier one"
        said += f"; {who} peaked at {_span(others.earlier)}"
    return said


def _span(peaks: Sequence[float]) -> str:
    """``3.1-3.9 GB``."""
    low, high = size(min(peaks)), size(max(peaks))
    (least, unit), most_unit = low.split(" "), high.split(" ")[1]
    return high if low == high else f"{least if unit == most_unit else low}-{high}"


def _no_progress(old: float, peak: float | None, raises: int) -> Stop | None:
    """Stop where more memory was given, it failed the same way, and nothing shows that it got any further."""
    if not raises:
        return None
    if peak is not None and peak < _NEAR_PEAK * old:
        return Stop(f"more memory did not change how it fails: it used {size(peak)} of the {size(old)} it was given")
    if peak is None and raises > 1:
        return Stop(
            f"it failed the same way {raises + 1} times, with up to {size(old)}: more memory is not what it lacks"
        )
    return None


def _time(process: str, situation: Situation, settings: Settings) -> Fix | Stop:
    limits = [job.limit_s / 60 for job in situation.jobs if job.limit_s]
    old = max(limits, default=None) or _asked(situation, "time_min")
    if old is None:
        return _advice(process, "it needs more time, but the time it was given is not known")
    wanted = max(settings.time.factor * old, _came_home_with(situation, "time_min"))
    change = Change("time_min", old, float(math.ceil(wanted)))
    return _capped(process, change, f"was given {minutes(old)}", situation, settings)


def _capped(process: str, change: Change, seen: str, situation: Situation, settings: Settings) -> Fix | Stop:
    """The change, within what the site and the settings allow; in another partition where this one is full.

    What the site must refuse is never asked for.
    """
    old, new = float(change.old or 0), float(change.new or 0)
    own = settings.memory.max_mb if change.name == "memory_mb" else settings.time.max_min
    most, by = _cap(change, situation.limits(None), own)
    if most is None or new <= most:
        return Fix(FixKind.RESOURCES, process, (change,), seen)
    if old < _AT_LIMIT * most:
        return Fix(FixKind.RESOURCES, process, (replace(change, new=math.floor(most)),), seen)
    here = next((job.partition for job in situation.jobs if job.partition), None)
    shut = []
    for partition in settings.slurm.partitions:
        limits = situation.limits(partition)
        there, _by = _cap(change, limits, own)
        if limits.closed:
            shut.append(limits.closed)
        elif partition != here and (there is None or there > old / _AT_LIMIT):
            moved = replace(change, new=new if there is None else min(new, math.floor(there)))
            return Fix(
                FixKind.RESOURCES, process, (moved, Change("partition", here, partition)), f"{seen}, all of {by}"
            )
    who = "; ".join([_WHO.get(by.split(" ")[0], _ANYBODY), *shut])
    return Stop(f"{seen}, which is the most that {by} allows: {who}")


def _cap(change: Change, limits: Limits, own: float | None) -> tuple[float | None, str]:
    most, by = (limits.memory_mb, limits.memory_by) if change.name == "memory_mb" else (limits.time_min, limits.time_by)
    if own is not None and (most is None or own <= most):
        return own, "heal.toml"
    return most, by or "this site"


def _retry(process: str, spec: FixSpec, situation: Situation, settings: Settings, *, by_slurm: bool) -> Fix | Stop:
    """Once more as it was, within one budget for all who do that: heal, the engine, and SLURM for a lost node."""
    own = sum(1 for fix, outcome in situation.tried if fix.kind is FixKind.RETRY and outcome is not Outcome.HEALED)
    restarts = max((job.restarts or 0 for job in situation.jobs), default=0) if by_slurm else 0
    others = situation.repeats() + restarts
    before = own + others
    if before >= settings.budget.retries:
        whose = f" ({others} of them not by heal)" if others else ""
        return Stop(f"tried again {before} times{whose} and it failed the same way: this does not pass by itself")
    delay = (spec.delay_s or 0) * 4**before
    return Fix(FixKind.RETRY, process, (Change("delay_s", None, float(delay)),), "this often passes by itself")


def _exclude(process: str, situation: Situation) -> Fix | Stop:
    nodes = sorted({job.nodes for job in situation.jobs if job.nodes})
    if len(nodes) != 1:
        return _advice(process, "a node is at fault, but which one is not known")
    return Fix(FixKind.EXCLUDE_NODE, process, (Change("node", None, nodes[0]),), f"node {nodes[0]} failed it")
