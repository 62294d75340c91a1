"""What the user's jobs used, by SLURM's accounting: one question each, its answer read as it comes.

Fields are those of ``man sacct``: MaxRSS is that of one task of a step, TotalCPU that of a whole job; a step is over
when its End says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, JobState
from heal.knowledge.endings import signs
from heal.knowledge.job_names import Whose, akin, whose
from heal.knowledge.sizing import Ending, Usage
from heal.records import Label
from heal.schedulers.command import Commands
from heal.schedulers.slurm_builders import sacct_history
from heal.schedulers.slurm_facts import from_accounting
from heal.schedulers.slurm_parsers import Row, sacct_rows
from heal.schedulers.slurm_sources import fields_of
from heal.schedulers.slurm_values import memory_mb, number, rss_mb, seconds, state_of

# NTasks and End are a step's own
FIELDS = (
    "JobID",
    "JobName",
    "State",
    "ExitCode",
    "DerivedExitCode",
    "ReqMem",
    "MaxRSS",
    "ElapsedRaw",
    "TimelimitRaw",
    "NCPUS",
    "NNodes",
    "NTasks",
    "TotalCPU",
    "Submit",
    "Start",
    "End",
    "Comment",
    "WorkDir",
)
_NEEDED = frozenset({"JobID", "State", "ElapsedRaw", "NCPUS"})
_ENDED_WELL = "COMPLETED"
# a month of a busy user's jobs is read from a database that many share
_PATIENCE_S = 300.0
# of it only what a failed task can wait for
_IN_PASSING_S = 10.0
_MOST_PEAKS = 200

# whose a job is: by its id, its row, and the moment it was submitted
Owner = Callable[[Row], tuple[Whose, float | None] | None]


def history(commands: Commands, user: str, since: datetime, owner: Owner) -> Iterator[Usage]:
    """Give the user's jobs that were there since then and have ended.

    ``owner`` tells whose a job is, and the size of its inputs in MB where it is known; None leaves it
    out. One request, and one for the names of the fields. Raises ``SchedulerUnreachable``: what was given is not all.
    """
    fields = _fields(fields_of(commands))
    lines = commands.lines(sacct_history(user, since, fields), timeout_s=_PATIENCE_S)
    for job, steps in _jobs(sacct_rows(lines, fields)):
        owned = owner(job)
        if owned is not None and (usage := usage_of(job, steps, *owned)):
            yield usage


def peaks(commands: Commands, user: str, since: datetime, like: JobFacts, known: Collection[str]) -> dict[str, float]:
    """Tell what the newest of the user's jobs of a process that ended well held, in MB, by id, the newest last.

    ``known`` are the names of accounting's fields. One request, of jobs that completed alone, given up after some
    seconds: the database is shared, and a failed task waits for its diagnosis. Raises ``SchedulerUnreachable``.
    """
    wanted, found = whose(like.name, like.comment, like.workdir or ""), dict[str, float]()
    fields = _fields(known)
    lines = commands.lines(sacct_history(user, since, fields, _ENDED_WELL), timeout_s=_IN_PASSING_S)
    for job, steps in _jobs(sacct_rows(lines, fields)):
        own = whose(job.get("JobName", ""), job.get("Comment", ""), job.get("WorkDir", ""))
        usage = usage_of(job, steps, own) if akin(own, wanted) else None
        if usage and usage.peak_mb and usage.ending is Ending.WELL:
            found[job["JobID"]] = usage.peak_mb
            if len(found) > _MOST_PEAKS:
                del found[next(iter(found))]
    return found


def _fields(known: Collection[str]) -> tuple[str, ...]:
    """Those of ``FIELDS`` that this version has."""
    fields = tuple(field for field in FIELDS if field.lower() in known)
    if missing := sorted(_NEEDED - set(fields)):
        raise SchedulerUnreachable(f"sacct knows no field {', '.join(missing)}")
    return fields


def _jobs(rows: Iterator[Row]) -> Iterator[tuple[Row, list[Row]]]:
    """Each job with its steps, which sacct prints behind it."""
    job: Row | None = None
    steps: list[Row] = []
    for row in rows:
        base, dot, _ = row["JobID"].partition(".")
        if dot and job is not None and base == job["JobID"]:
            steps.append(row)
        elif not dot:
            if job is not None:
                yield job, steps
            job, steps = row, []
    if job is not None:
        yield job, steps


def usage_of(job: Row, steps: Sequence[Row], whose: Whose, input_mb: float | None = None) -> Usage | None:
    """Tell what a job used, of its row and its steps'; None for one that has not ended or never ran."""
    state = state_of(job["State"])
    elapsed = number(job["ElapsedRaw"])
    if not state.over or elapsed is None or (state is JobState.CANCELLED and not elapsed):
        return None
    nodes, cpus = number(job.get("NNodes")) or 1, number(job["NCPUS"]) or 1
    limit = number(job.get("TimelimitRaw"))
    asked = _asked(job.get("ReqMem", ""), nodes, cpus)
    own = [step for step in steps if not step["JobID"].endswith(".extern")]
    return Usage(
        whose=whose,
        ending=_ending(job, own, state),
        submitted=job.get("Submit", ""),
        elapsed_s=elapsed,
        cpus=cpus,
        nodes=nodes,
        asked_mb=asked,
        peak_mb=peak_mb(own, asked),
        limit_s=None if limit is None else limit * 60,
        cpu_s=_cpu_s(job.get("TotalCPU", "")),
        input_mb=input_mb,
    )


def _cpu_s(text: str) -> float | None:
    """Processor time; where none was sampled there is 00:00:00, where there was little 00:00.002."""
    whole, part = seconds(text), text.partition(".")[2]
    if whole is None or (not whole and not part):
        return None
    return whole + (float(f"0.{part}") if part.isdigit() else 0.0)


def _asked(text: str, nodes: int, cpus: int) -> float | None:
    amount = memory_mb(text)
    if amount is None:
        return None
    mb, per = amount
    # the whole job's since 21.08; of a node (n) or a cpu (c) before
    return mb if per == "n" else mb * cpus / nodes if per == "c" else mb / nodes


def peak_mb(steps: Sequence[Row], asked_mb: float | None = None) -> float | None:
    """Tell the most memory that may have been held at once on a node, in MB; None where it was not sampled.

    SLURM holds the limit against all of a job's processes. MaxRSS is the largest task's of a step, so it counts for
    each task there may be on one node; steps that ran at the same time are added up. That may be too much, but not
    more than was asked for: only what is seen of a single step may lie above.
    """
    held = [(step, rss_mb(step.get("MaxRSS", ""))) for step in steps]
    seen = [(step, mb) for step, mb in held if mb]
    if not seen:
        return None
    together = _at_once([(step.get("Start", ""), step.get("End", ""), mb * _tasks(step)) for step, mb in seen])
    largest = max([mb for _step, mb in seen])
    return max(largest, together if asked_mb is None else min(together, asked_mb))


def _at_once(sized: Sequence[tuple[str, str, float]]) -> float:
    """The most of these sizes that were held at one time."""
    if len(sized) == 1:
        return sized[0][2]
    # at the same second the one that ends goes first
    changes = sorted([(start, 1, mb) for start, _end, mb in sized] + [(end, 0, -mb) for _start, end, mb in sized])
    most = now = 0.0
    for _at, _begins, mb in changes:
        now += mb
        most = max(most, now)
    # a step that began and ended in the same second adds nothing above
    return max(most, *(mb for _start, _end, mb in sized))


def _tasks(step: Row) -> int:
    if step.get("NTasks", "") in ("", "1"):
        return 1
    return -(-(number(step["NTasks"]) or 1) // (number(step.get("NNodes")) or 1))


def _ending(job: Row, steps: Sequence[Row], state: JobState) -> Ending:
    if job["State"] == _ENDED_WELL and all(step["State"] == _ENDED_WELL for step in steps):
        return Ending.WELL
    # one row for an array's waiting elements is many jobs, and none of them has ended
    facts = next(iter(from_accounting([job, *steps], lambda uid: uid).values()), None)
    labels = {sign.label for sign in signs(facts)} if facts else set()
    if Label.OUT_OF_MEMORY in labels:
        return Ending.MEMORY
    if Label.TIME_LIMIT in labels:
        return Ending.TIME
    if state is JobState.COMPLETED:
        return Ending.WELL
    return Ending.LEFT if state in (JobState.CANCELLED, JobState.PREEMPTED) else Ending.FAILED
