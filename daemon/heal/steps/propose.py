"""A diagnosis, made into a change as data: how much memory, how much time, which node, or advice for a person."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from heal.jobs import JobFacts, Limits
from heal.knowledge.books import NO_OUTPUT_FILE
from heal.knowledge.patterns import FixSpec
from heal.records import Attempt, Change, Diagnosis, Fix, FixKind, Label, Outcome
from heal.settings import Settings
from heal.units import minutes, size

# A request within 1 % of a limit is the limit: sites round in their own ways.
_AT_LIMIT = 0.99
# A job killed for memory was seen at least this close to its limit, or the limit was not the reason.
_NEAR_PEAK = 0.9

# requests are rounded up to figures a person would write
_FINE_MB, _COARSE_MB = 10, 100


@dataclass(frozen=True, slots=True)
class Stop:
    """heal has nothing more to try for this cause, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when a fix is sought: the failed attempts, their jobs' facts, what was tried and the limits."""

    attempts: tuple[Attempt, ...]
    jobs: tuple[JobFacts, ...]
    tried: tuple[tuple[Fix, Outcome | None], ...]
    limits: Limits
    spec: FixSpec | None
    supports: Callable[[Fix], bool]


_BY_LABEL = {
    Label.OUT_OF_MEMORY: FixSpec(FixKind.RESOURCES, resource="memory"),
    Label.TIME_LIMIT: FixSpec(FixKind.RESOURCES, resource="time"),
    Label.NODE_FAILURE: FixSpec(FixKind.RETRY, delay_s=10),
}


def propose(diagnosis: Diagnosis, situation: Situation, settings: Settings) -> Fix | Stop:
    """The next thing to try, or why nothing is left. Advice where only a person can help."""
    spec = situation.spec or _by_books(situation) or (_BY_LABEL.get(diagnosis.label) if diagnosis.label else None)
    process = situation.attempts[-1].process
    if spec is None:
        return _advice(process, "heal knows no fix for this; see the cited line")
    match spec.kind:
        case FixKind.RESOURCES if spec.resource == "time":
            found = _time(process, situation, settings)
        case FixKind.RESOURCES:
            found = _memory(process, situation, settings)
        case FixKind.RETRY:
            found = _retry(process, spec, situation, settings)
        case FixKind.EXCLUDE_NODE:
            found = _exclude(process, situation)
        case FixKind.PREPARE:
            found = Fix(
                spec.kind, process, (Change("folder", None, spec.folder),), f"the folder {spec.folder} is missing"
            )
        case FixKind.UNLOCK:
            found = Fix(spec.kind, process, (), "an earlier run left its lock, unless it still works there")
        case _:
            return _advice(process, spec.text or "only a person can change this; see the cited line")
    if isinstance(found, Fix) and not situation.supports(found):
        return _advice(process, f"{found.why}, but this run gives heal no way to change that by itself")
    return found


def _by_books(situation: Situation) -> FixSpec | None:
    """What the scheduler's own word asks for: it could not open the job's output, so its folder is missing."""
    paths = [path for job in situation.jobs if job.signal == NO_OUTPUT_FILE for path in job.log_paths]
    return FixSpec(FixKind.PREPARE, folder=str(PurePath(paths[0]).parent)) if paths else None


def _advice(process: str, text: str) -> Fix:
    return Fix(FixKind.ADVICE, process, (), text)


def _refuted(situation: Situation) -> list[Fix]:
    return [fix for fix, outcome in situation.tried if outcome is Outcome.SAME_FAILURE]


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
    refuted = _refuted(situation)
    if stop := _no_progress(old, peak, refuted):
        return stop
    near = peak is not None and peak >= _NEAR_PEAK * old
    wanted = settings.memory.headroom * peak if near and peak else settings.memory.factor * old
    if refuted or wanted <= old:
        # one careful step was not enough: a second careful step would cost one more failed run
        wanted = max(wanted, settings.memory.factor * old)
    seen = f"asked {size(old)}" + (f", peaked at {size(peak)}" if peak else "")
    cap = _least(situation.limits.memory_mb, settings.memory.max_mb)
    return _capped(process, Change("memory_mb", old, _round_mb(wanted)), cap, seen, situation.limits.source)


def _no_progress(old: float, peak: float | None, refuted: Sequence[Fix]) -> Stop | None:
    """Stop where more memory was given, it failed the same way, and nothing shows that it got any further."""
    if not refuted:
        return None
    if peak is not None and peak < _NEAR_PEAK * old:
        return Stop(f"more memory did not change how it fails: it used {size(peak)} of the {size(old)} it was given")
    if peak is None and len(refuted) > 1:
        return Stop(
            f"it failed the same way {len(refuted) + 1} times, with up to {size(old)}: more memory is not what it lacks"
        )
    return None


def _time(process: str, situation: Situation, settings: Settings) -> Fix | Stop:
    limits = [job.limit_s / 60 for job in situation.jobs if job.limit_s]
    old = max(limits, default=None) or _asked(situation, "time_min")
    if old is None:
        return _advice(process, "it needs more time, but the time it was given is not known")
    cap = _least(situation.limits.time_min, settings.time.max_min)
    change = Change("time_min", old, float(math.ceil(settings.time.factor * old)))
    return _capped(process, change, cap, f"was given {minutes(old)}", situation.limits.source)


def _capped(process: str, change: Change, cap: float | None, seen: str, source: str) -> Fix | Stop:
    old, new = float(change.old or 0), float(change.new or 0)
    if cap is not None and new > cap:
        if old >= _AT_LIMIT * cap:
            return Stop(f"{seen}, which is the most that {source or 'the settings'} allow: a person has to decide")
        change = replace(change, new=math.floor(cap))
    return Fix(FixKind.RESOURCES, process, (change,), seen)


def _retry(process: str, spec: FixSpec, situation: Situation, settings: Settings) -> Fix | Stop:
    before = sum(1 for fix, _outcome in situation.tried if fix.kind is FixKind.RETRY)
    if before >= settings.budget.retries:
        return Stop(f"tried again {before} times and it failed the same way: this does not pass by itself")
    delay = (spec.delay_s or 0) * 4**before
    return Fix(FixKind.RETRY, process, (Change("delay_s", None, float(delay)),), "this often passes by itself")


def _exclude(process: str, situation: Situation) -> Fix | Stop:
    nodes = sorted({job.nodes for job in situation.jobs if job.nodes})
    if len(nodes) != 1:
        return _advice(process, "a node is at fault, but which one is not known")
    return Fix(FixKind.EXCLUDE_NODE, process, (Change("node", None, nodes[0]),), f"node {nodes[0]} failed it")


def _least(*values: float | None) -> float | None:
    return min((value for value in values if value is not None), default=None)


def _round_mb(value: float) -> float:
    step = _FINE_MB if value < _COARSE_MB * 10 else _COARSE_MB
    return float(math.ceil(value / step) * step)
