"""Jobs submitted by hand: sbatch is the engine, and the scheduler runs again what failed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from heal.engines.prepare import prepare, wanted
from heal.errors import CannotApply, NotNow, SchedulerUnreachable, SubmissionRefused
from heal.jobs import JobFacts, base_of
from heal.journal import Applied
from heal.records import Attempt, Change, Fix, FixKind, Run
from heal.seams import Order, Submission, Submitter

_SUPPORTED = (FixKind.RESOURCES, FixKind.RETRY, FixKind.EXCLUDE_NODE, FixKind.PREPARE)


@dataclass(frozen=True, slots=True)
class _Batch:
    """One submission to come: a job, or elements of one array, with the attempts it stands for."""

    job: str
    fix: Fix
    attempts: tuple[Attempt, ...]
    array: tuple[int, ...] = ()
    known: JobFacts | None = None
    part: int = 0


class Sbatch:
    """The engine seam over bare sbatch runs.

    ``sentinels_tell``: the spool in which sentinels tell of ends, if any. ``changed``: what heal changed about the job
    of an attempt when it submitted that; a run's own command line does not tell.
    """

    name = "sbatch"
    waits_for_end = False

    def __init__(
        self,
        submitter: Submitter,
        sentinels_tell: Path | None = None,
        changed: Callable[[Attempt], Sequence[Change]] = lambda _attempt: (),
    ) -> None:
        self._submitter = submitter
        self._changed = changed
        self._spool = sentinels_tell

    def logs(self, run: Run, attempt: Attempt) -> tuple[str, ...]:
        """Tell the log paths of the attempt, else the ``StdErr`` and ``StdOut`` that the event named."""
        del run
        if attempt.log_paths:
            return attempt.log_paths
        named = (attempt.facts.get(name) for name in ("StdErr", "StdOut"))
        return tuple(dict.fromkeys(path for path in named if isinstance(path, str) and path))

    def takes_own(self, run: Run) -> bool:
        """See the seam; it is not known here."""
        del run
        return False

    def supports(self, fix: Fix, attempt: Attempt) -> bool:
        """Tell whether the fix can be carried out; resources only if the request changes."""
        if fix.kind not in _SUPPORTED or attempt.native_id is None:
            return False
        if fix.kind is FixKind.RETRY:
            return True
        if fix.kind is FixKind.PREPARE:
            return self._missing(fix, attempt)
        return any(
            change.new is not None and change.new != attempt.asked.get(change.name, change.old)
            for change in fix.changes
        )

    def _missing(self, fix: Fix, attempt: Attempt) -> bool:
        """True where a folder that the fix would make is not there, and may be made."""
        if not fix.changes or attempt.workdir is None:
            return False
        try:
            return not all(folder.is_dir() for folder in wanted(fix, (attempt.workdir,)))
        except CannotApply:
            return False

    def apply(self, run: Run, orders: Sequence[Order], token: str, leave: Sequence[Attempt] = ()) -> Applied:
        """Submit each failed job again, elements of one array together, under ``<token>.<its id>`` (and its part).

        The mark follows from the job alone: a second try of a remedy may have fewer jobs to submit than the first.

        What was already submitted under its token is not submitted again. ``jobs`` maps task keys to new ids.
        Where the scheduler refuses some and takes others, ``detail`` says so and the refused ones are not in ``jobs``;
        where it refuses all, the first refusal is raised. After ``SubmissionUncertain``, applying again goes on.
        """
        del leave  # jobs submitted by hand do not hang together: what is not ordered does not run
        batches = _batches(orders)
        if not batches:
            raise CannotApply("there is no job to submit again")
        env = _environment(run.env_file)
        for order in orders:
            if order.fix.kind is FixKind.PREPARE:
                prepare(order.fix, tuple(attempt.workdir or run.cwd for attempt in order.attempts[:1]))
        done = self._submitter.find(token)
        jobs: dict[str, str] = {}
        refusals: list[SubmissionRefused] = []
        for batch in batches:
            tag = f"{token}.{batch.job.split('_')[0]}" + (f".{batch.part}" if batch.part else "")
            # one job was submitted in one way: what holds for one element of it holds for all
            fix = _on_top(batch.fix, self._changed(batch.attempts[0]))
            submission = Submission(batch.job, run.argv[1:], run.cwd, tag, fix, batch.array, env, batch.known)
            try:
                jobs.update(_new_ids(batch, done.get(tag) or self._submitter.resubmit(submission)))
            except SubmissionRefused as refusal:
                refusals.append(refusal)
        if not jobs:
            raise refusals[0]
        self._announce(jobs, token)
        ids = sorted({base_of(job) for job in jobs.values()}, key=int)
        detail = "; ".join([f"submitted again as {', '.join(ids)}", *map(str, refusals)])
        return Applied(token, detail=detail, jobs=jobs)

    def _announce(self, jobs: Mapping[str, str], token: str) -> None:
        if self._spool is not None:
            # without a sentinel the end is found by asking
            with suppress(SubmissionRefused, NotNow, SchedulerUnreachable):
                self._submitter.announce(tuple(jobs.values()), self._spool, token)


def _batches(orders: Sequence[Order]) -> tuple[_Batch, ...]:
    """Group attempts into submissions, in the order of the orders."""
    groups: dict[tuple[str, Fix, int], list[Attempt]] = {}
    known: dict[str, JobFacts] = {}
    for order in orders:
        known.update(order.jobs)
        for attempt in order.attempts:
            if attempt.native_id is None:
                raise CannotApply(f"{attempt.name} has no job id: nothing can be submitted again")
            groups.setdefault((base_of(attempt.native_id), order.fix, order.part), []).append(attempt)
    return tuple(
        _Batch(_job_of(base, attempts), fix, tuple(attempts), _indices(attempts), known.get(attempts[0].job), part)
        for (base, fix, part), attempts in groups.items()
    )


def _on_top(fix: Fix, before: Sequence[Change]) -> Fix:
    """The fix with what was changed before and is not changed now; nodes that were left out stay out."""
    now = {change.name for change in fix.changes if change.name != "node"}
    kept = tuple(change for change in before if change.name not in now and change not in fix.changes)
    return replace(fix, changes=(*kept, *fix.changes)) if kept else fix


def _job_of(base: str, attempts: Sequence[Attempt]) -> str:
    # the script and the record of one element that failed are surely there; an array's own id works as well
    return attempts[0].job if _indices(attempts) else base


def _indices(attempts: Sequence[Attempt]) -> tuple[int, ...]:
    elements = (attempt.job.partition("_")[2] for attempt in attempts)
    return tuple(sorted({int(element) for element in elements if element.isdigit()}))


def _new_ids(batch: _Batch, new: str) -> Mapping[str, str]:
    elements = {attempt.key: attempt.job.partition("_")[2] for attempt in batch.attempts}
    return {key: f"{new}_{element}" if element.isdigit() else new for key, element in elements.items()}


def _environment(path: str | None) -> Mapping[str, str] | None:
    """Read the environment the run was started with; None where none was kept. Raises ``CannotApply``."""
    if path is None or not Path(path).exists():
        return None
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CannotApply(f"the environment of the run cannot be read from {path}: {error}") from error
    if not isinstance(content, dict):
        raise CannotApply(f"the environment of the run in {path} is no JSON object")
    return {str(name): str(value) for name, value in content.items()}
