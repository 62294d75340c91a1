"""What a person reads: plain words, numbers with units, the cause first and the proof under it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from heal.cases import Citation, Finding
from heal.jobs import base_of
from heal.journal import (
    Applied,
    Applying,
    Approved,
    Body,
    Consulted,
    Decided,
    Delayed,
    Dependent,
    Diagnosed,
    Dismissed,
    GaveUp,
    Observed,
    Proposed,
    Proven,
    Reverted,
    State,
    Widening,
)
from heal.knowledge.snakefile_place import ENDINGS
from heal.patch import Trial
from heal.records import WAITS, Attempt, Change, Diagnosis, Fix, FixKind, Label, Outcome, Verdict
from heal.units import duration, minutes, size

_SURE, _LIKELY = 0.9, 0.6
# why is in what they are, or was told of the answer they came of
_TOLD_BEFORE = (FixKind.ADVICE, FixKind.UNLOCK, FixKind.PATCH)
_WIDTH = 160
# jobs that wait for a failed one
_SHOWN = 6


def ago(then: datetime, now: datetime) -> str:
    """6m ago, 3d ago."""
    seconds = max(0, int((now - then).total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit} ago"
    return f"{seconds}s ago"


def change(one: Change) -> str:
    """Memory 400 MB → 800 MB."""
    match one.name:
        case "memory_mb":
            return f"memory {_amount(one.old, size)} → {_amount(one.new, size)}"
        case "time_min":
            return f"time {_amount(one.old, minutes)} → {_amount(one.new, minutes)}"
        case "delay_s":
            return f"again after {duration(float(one.new or 0))}" if one.new else "again"
        case "node":
            return f"without node {one.new}"
        case "folder":
            return f"folder {one.new} is made"
        case _:
            return f"{one.name} {one.old} → {one.new}"


def fix(one: Fix) -> str:
    """What a fix does, in one phrase."""
    if one.kind is FixKind.ADVICE:
        return f"advice: {one.why}"
    if one.kind is FixKind.UNLOCK:
        # Nextflow's is the system's own, and goes with the process that held it
        done = "it goes on where it stood" if one.process == "nextflow" else "the lock is removed"
        return f"{done}, once it is proven that nobody works there"
    if one.kind is FixKind.PATCH:
        # by its hash a person knows nothing
        return ", ".join(f"a change of {each.new}" for each in one.changes if each.name == "files") or one.kind.value
    return ", ".join(change(each) for each in one.changes) or one.kind.value


def label(diagnosis: Diagnosis) -> str:
    """Out of memory, sure (0.98)."""
    if diagnosis.label in (None, Label.UNKNOWN):
        return "cause unknown"
    how = "sure" if diagnosis.confidence >= _SURE else "likely" if diagnosis.confidence >= _LIKELY else "perhaps"
    return f"{diagnosis.label.replace('_', ' ')}, {how} ({diagnosis.confidence:.2f})"


def citation(one: Citation) -> str:
    """The line and where it stands."""
    text = _clipped(one.text)
    return f"{text}      {one.source}:{one.line}" if one.line else f"{text}      ({one.source})"


def _clipped(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def looked_up(findings: Iterable[Finding]) -> Iterator[str]:
    """What was seen of what the evidence names, a line each."""
    return (f"  looked up: {one.text}" for one in findings)


def failure(attempt: Attempt, tasks: int, took_s: float | None = None) -> str:
    """Align (sample=S7) failed after 4m12s · SLURM 81723."""
    in_vain = attempt.facts.get("advice") or attempt.key.startswith(WAITS)
    if in_vain and (job := attempt.facts.get("job") or attempt.native_id):
        return " · ".join([f"{attempt.name} waits in vain", f"SLURM {job}", *([f"{tasks} tasks"] if tasks > 1 else [])])
    took = took_s if took_s is not None else _took(attempt)
    parts = [f"{attempt.name} failed" + (f" after {duration(took)}" if took and took >= 1 else "")]
    if attempt.native_id:
        parts.append(f"SLURM {attempt.native_id}")
    if tasks > 1:
        parts.append(f"{tasks} tasks")
    return " · ".join(parts)


def _took(attempt: Attempt) -> float | None:
    """Seconds, of a job only as SLURM counts them: it waits before it runs, and its end is heard of later."""
    if attempt.native_id:
        return attempt.facts.get("elapsed_s")
    return (attempt.ended - attempt.submitted).total_seconds() if attempt.ended and attempt.submitted else None


def entry(body: Body, incident_id: str, attempts: Sequence[Attempt]) -> list[str]:  # noqa: C901, PLR0911, PLR0912 - a case a kind
    """The lines that tell of one entry of an incident's journal; none where there is nothing new to say."""
    match body:
        case Diagnosed(diagnosis=found):
            cited = [f"  {citation(one)}" for one in _cited(found)]
            cause = [f"  {found.cause}"] if found.cause else []
            if found.root and found.root.source == "run again":
                cause.append("  (it was run again, unchanged, in a place of its own, to hear what it says)")
            tasks = len({attempt.key for attempt in attempts})
            return [f"{failure(attempts[-1], tasks, body.took_s)} · {label(found)}", *cited, *cause]
        case Consulted():
            return [f"  {line}" for line in _consulted(body, incident_id)]
        case Proposed(fix=one, dependents=others):
            because = [f"  {one.why}"] if one.why and one.kind not in _TOLD_BEFORE else []
            return [*because, f"  → {one.process or 'the run'}: {fix(one)}", *_dependents(others)]
        case Decided(verdict=verdict, why=why):
            return _decided(verdict, why, incident_id)
        case Approved(by=by):
            return [f"incident {incident_id}: {by} said yes"]
        case Applying(fix=one, shares=parts, task_keys=keys):
            what = " · ".join(f"{fix(part.fix)} for {len(part.task_keys):,}" for part in parts) or fix(one)
            part = _part(keys, len({attempt.key for attempt in attempts}))
            return [f"incident {incident_id} · {one.process or 'the run'}: {what}{part}"]
        case Widening(task_keys=keys, fix=own):
            return [f"incident {incident_id}: {fix(own) if own else 'the same'} for {len(keys):,} more"]
        case Delayed(why=why):
            return [f"  → not yet, heal keeps at it: {why}"]
        case Applied():
            return [f"  → {_applied(body)}"]
        case Observed(outcome=outcome, detail=detail):
            return [_observed(outcome, detail, incident_id, attempts)]
        case Proven(tasks=tasks):
            return [f"incident {incident_id}: it helped · the same for {tasks} more"]
        case GaveUp(why=why):
            return [f"incident {incident_id}: heal stops here: {why}"]
        case Dismissed(by=by, why=why):
            return [f"incident {incident_id} dismissed ({by}): {why}"]
        case Reverted(by=by, detail=detail):
            return [f"incident {incident_id}: {by} took the patch back: {detail}"]


def _dependents(others: Sequence[Dependent]) -> list[str]:
    """What hangs on it: ``wait for it: SLURM 81724 (sort), 81725 (report)``."""
    if not others:
        return []
    shown = [_waiting(one) for one in others[:_SHOWN]]
    more = f" and {len(others) - _SHOWN:,} more" if len(others) > _SHOWN else ""
    return [f"  wait{'s' if len(others) == 1 else ''} for it: SLURM {', '.join(shown)}{more}"]


def _waiting(one: Dependent) -> str:
    more = ", ".join(
        [*([one.name] if one.name else []), *(["cancelled for it, runs again after it"] if one.cancelled else [])]
    )
    return f"{one.job} ({more})" if more else one.job


def _consulted(answer: Consulted, incident_id: str) -> list[str]:
    """What models made of it: the change, how much work, how it was tried, what runs again, what speaks against it.

    Or why there is none.
    """
    work = [f"size: {answer.size.size} ({answer.size.why})"] if answer.size else []
    if answer.draft is None:
        return [f"no patch: {answer.why}", *work]
    return [
        f"{answer.draft.subject} · {', '.join(answer.draft.files)} · heal diff {incident_id}",
        *([f"why: {_clipped(answer.draft.why.partition(_LINE)[0])}"] if answer.draft.why else []),
        *work,
        *([" · ".join(map(_trial, answer.trials))] if answer.trials else []),
        *([f"runs again: {answer.reruns}"] if answer.reruns else []),
        *([_OWN_HISTORY] if answer.draft.git_dir.name == "shadow.git" else []),
        *(f"mind: {one}" for one in (*answer.doubts, *(one.why for one in answer.objections))),
    ]


def _trial(one: Trial) -> str:
    """What came of it; of one that could not be made the reason, for that may be the reader's to mend."""
    why = one.said.partition("\n")[0] if one.passed is None else ""
    return f"{one.name} {_TRIED[one.passed]}" + (f" ({_clipped(why)})" if why else "")


_LINE = "\n"
_OWN_HISTORY = "this folder is in no git repository: heal keeps a history of its own of it (git init makes it yours)"
_TRIED = {True: "passed", False: "failed", None: "could not be tried"}


def _part(keys: Sequence[str], tasks: int) -> str:
    """Says where a change is tried on a part of what is ill."""
    return f" for {len(keys):,} of {tasks:,}" if keys and len(keys) < tasks else ""


def _jobs(jobs: Sequence[str]) -> str:
    """``81510``, or ``81510 (9,999 elements)``: of an array its own id."""
    bases = Counter(base_of(job) for job in jobs)
    return ", ".join(base if count == 1 else f"{base} ({count:,} elements)" for base, count in bases.items())


def _cited(found: Diagnosis) -> list[Citation]:
    """The proof first; a line that an engine repeats, in its own log or behind words of its own, is not shown again."""
    cited: list[Citation] = []
    for one in (*([found.root] if found.root else []), *found.citations):
        repeated = any(before.text.strip() in one.text or one.text.strip() in before.text for before in cited)
        # the head of a rule is short enough to be found in an error that names it
        if not repeated or one.source.endswith(ENDINGS):
            cited.append(one)
    return cited[:3]


def _applied(done: Applied) -> str:
    if done.jobs:
        return f"submitted again as {_jobs(tuple(done.jobs.values()))}"
    return "tried again while the run goes on" if done.answered else "started again; what is finished stays"


def _decided(verdict: Verdict, why: str, incident_id: str) -> list[str]:
    match verdict:
        case Verdict.AUTO:
            return []
        case Verdict.ASK:
            return [f"  → waiting for you ({why}) · heal show {incident_id} · heal accept {incident_id}"]
        case Verdict.REFUSE:
            return [f"  → heal stops here: {why}"]


def _observed(outcome: Outcome, detail: str, incident_id: str, attempts: Sequence[Attempt]) -> str:
    match outcome:
        case Outcome.HEALED:
            return f"{attempts[-1].name} came home · incident {incident_id} healed"
        case Outcome.SAME_FAILURE:
            return f"incident {incident_id}: {detail}"
        case _:
            return f"incident {incident_id} not healed: {detail or outcome.replace('_', ' ')}"


_A_YES = "waiting for you · heal accept"
_WANTED: Mapping[FixKind | None, str] = {
    FixKind.ADVICE: "needs you · heal show",
    FixKind.PATCH: "waiting for you · heal diff",
}


def state(where: State, bodies: Sequence[Body], incident_id: str, tasks: int = 1) -> str:
    """The last column of `heal status`: where it stands and what heal did or wants, of so many tasks."""
    newest = next((body for body in reversed(bodies) if isinstance(body, Applying | Proposed)), None)
    last = newest.fix if newest else None
    match where:
        case State.WAITING:
            return f"{_WANTED.get(last.kind if last else None, _A_YES)} {incident_id}"
        case State.APPLYING if isinstance(bodies[-1], Delayed):
            return f"applying, held up · heal show {incident_id}"
        case State.HEALED if last is not None:
            return f"healed · {fix(last)}"
        case State.OBSERVING if isinstance(newest, Applying) and (part := _part(newest.task_keys, tasks)):
            return f"observing · {fix(newest.fix)}{part}"
        case _:
            return where.replace("_", " ")


def waiting_for(jobs: int) -> str:
    """What the last column of `heal status` says besides: how many jobs wait for the failed ones."""
    return f" · {jobs:,} job{' waits' if jobs == 1 else 's wait'} for it" if jobs else ""


def _amount(value: float | str | None, shown: object) -> str:
    return "?" if value is None else shown(float(value)) if callable(shown) else str(value)
