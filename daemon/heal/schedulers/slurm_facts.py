"""Rows of accounting and of the controller as facts about jobs.

Accounting remembers for long but lags, knows peaks but loses exit codes above 127 (128 less in sacct until 25.11).
The controller is exact and up to date but forgets a job some minutes after its end (``MinJobAge``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from sys import intern

from heal.jobs import JobFacts, JobState, Step
from heal.schedulers.slurm_components import leader, leading, whose
from heal.schedulers.slurm_logs import recorded_logs, submitted_logs
from heal.schedulers.slurm_parsers import Row
from heal.schedulers.slurm_values import (
    canceller,
    exit_pair,
    indices_of,
    memory_mb,
    moment,
    number,
    rss_mb,
    seconds,
    split_id,
    state_of,
)

# asked of sacct where it knows them (sacct -e): SubmitLine since 21.08, FailedNode since 23.02, StdOut and StdErr since
# 24.05, Restarts since 24.11 (src/sacct/sacct.c of each)
SACCT_FIELDS = (
    "JobID",
    "JobIDRaw",
    "JobName",
    "User",
    "Partition",
    "Account",
    "QOS",
    "Cluster",
    "State",
    "ExitCode",
    "DerivedExitCode",
    "ReqMem",
    "MaxRSS",
    "ElapsedRaw",
    "TimelimitRaw",
    "Submit",
    "End",
    "NodeList",
    "NCPUS",
    "NNodes",
    "Comment",
    "WorkDir",
    "StdOut",
    "StdErr",
    "Restarts",
    "FailedNode",
    "SubmitLine",
)
# A job's row may have been submitted a little before heal heard of it, and clocks differ. Ids are used again only
# after tens of millions of jobs, so a row older than a day before its attempt speaks of somebody else's job.
RECYCLED = timedelta(days=1)


def from_accounting(rows: Iterable[Row], user_of: Callable[[str], str]) -> dict[str, JobFacts]:
    """Tell facts by job id of the rows of ``sacct``, steps folded into their jobs; the newest row of an id counts.

    ``user_of`` turns a uid as text into a user's name. No row is held: there may be a hundred thousand.
    """
    jobs: dict[str, JobFacts] = {}
    steps: dict[str, list[tuple[str, Step]]] = {}
    for row in rows:
        base, dot, _ = row["JobID"].partition(".")
        if dot:
            steps.setdefault(base, []).append((row.get("Submit", ""), _step(row)))
        elif base not in jobs or row.get("Submit", "") >= jobs[base].submitted:
            jobs[base] = _accounted(row, user_of)
    found: dict[str, JobFacts] = {}
    for base, job in jobs.items():
        facts = _with_steps(job, steps.get(base, ()))
        found.update({element.job: element for element in elements(facts)})
    return found


def _with_steps(job: JobFacts, steps: Sequence[tuple[str, Step]]) -> JobFacts:
    # of an id that was used before, the older job's steps come along: they were submitted before this job
    own = tuple(step for submitted, step in steps if submitted >= job.submitted)
    if not own:
        return job
    peaks = [peak for peak in (job.peak_mb, *(step.peak_mb for step in own)) if peak is not None]
    return replace(job, steps=own, peak_mb=max(peaks, default=None))


def _accounted(row: Row, user_of: Callable[[str], str]) -> JobFacts:
    uid = canceller(row.get("State", ""))
    return replace(
        _ending(row),
        cancelled_by=user_of(uid) if uid else None,
        name=row.get("JobName", ""),
        user=row.get("User", ""),
        partition=row.get("Partition") or None,
        nodes=_nodes(row.get("NodeList", "")),
        workdir=row.get("WorkDir") or None,
        comment=row.get("Comment", ""),
        submit_line=row.get("SubmitLine", ""),
        submitted=row.get("Submit", ""),
        log_paths=_logs(row.get("StdOut", ""), row.get("StdErr", "")) or submitted_logs(row),
        source="sacct",
        account=row.get("Account") or None,
        # accounting that has heard of a job's end before its beginning knows none yet
        qos=None if row.get("QOS") in (None, "", "Unknown") else row["QOS"],
        cluster=row.get("Cluster") or None,
    )


def _ending(row: Row) -> JobFacts:
    """What it was given, what it used, and how it ended."""
    state = state_of(row.get("State", ""))
    code, signal = _exit(state, row.get("ExitCode", ""))
    derived = exit_pair(row.get("DerivedExitCode", ""))
    if code and derived and derived[1] == code:
        # srun passes a signal on as 128+signal, and sacct before 25.11 takes the 128 away again
        code += 128
    limit = number(row.get("TimelimitRaw"))
    return JobFacts(
        job=row["JobID"],
        state=state,
        state_text=row.get("State", ""),
        exit_code=code,
        signal=signal,
        asked_mb=_asked(row),
        peak_mb=rss_mb(row.get("MaxRSS", "")),
        limit_s=None if limit is None else limit * 60,
        elapsed_s=number(row.get("ElapsedRaw")),
        cpus=number(row.get("NCPUS")),
        derived=derived,
        restarts=number(row.get("Restarts")),
        failed_node=_nodes(row.get("FailedNode", "")),
        ended=_known(row.get("End", "")) if state.over else "",
    )


def _exit(state: JobState, text: str) -> tuple[int | None, int | None]:
    """Exit code and signal of ``code:signal``.

    A job that a signal ended has no exit code, and 0:0 of a job that did not complete is no code either: sacct prints
    it for jobs that were cancelled or ran out of time. Signals above 64 are SLURM's own: 53 (its output could not be
    opened), 125 (out of memory).
    """
    pair = exit_pair(text)
    if pair is None or not state.over:
        return None, None
    code, signal = pair
    if signal:
        return code or None, signal
    return (code, None) if code or state is JobState.COMPLETED else (None, None)


def _asked(row: Row) -> float | None:
    """Memory asked per node, as ``--mem`` takes it: ReqMem is the whole job's since 21.08 (``n``, ``c`` before)."""
    amount = memory_mb(row.get("ReqMem", ""))
    if amount is None:
        return None
    mb, per = amount
    nodes = number(row.get("NNodes")) or 1
    cpus = number(row.get("NCPUS")) or 1
    return {"n": mb, "c": mb * cpus / nodes, "": mb / nodes}[per]


def _nodes(text: str) -> str | None:
    return None if text in ("", "None assigned", "(null)") else text


def _known(time: str) -> str:
    return "" if time in ("Unknown", "None") else time


def _logs(out: str, err: str) -> tuple[str, ...]:
    # newer accounting keeps the pattern (%j, %A_%a) as it was given: only a path without one is a path
    return tuple(dict.fromkeys(path for path in (err, out) if path and "%" not in path and path != "/dev/null"))


def _step(row: Row) -> Step:
    state = state_of(row.get("State", ""))
    code, signal = _exit(state, row.get("ExitCode", ""))
    return Step(row["JobID"], state, row.get("State", ""), code, signal, rss_mb(row.get("MaxRSS", "")))


def from_controller(rows: Iterable[Row]) -> dict[str, JobFacts]:
    """Tell facts by job id of the records of ``scontrol show job``; waiting elements of an array one by one.

    A job has one record. Of one with two nothing is told but that: a name or a comment may hold line breaks, and what
    follows them may read as a record of anybody's job, whoever wrote it.
    """
    found: dict[str, JobFacts] = {}
    for row in leading(rows):
        for facts in elements(_controlled(row)):
            found[facts.job] = _doubtful(facts.job) if facts.job in found else facts
    return found


def _doubtful(job: str) -> JobFacts:
    return JobFacts(job=job, state=JobState.UNKNOWN, final=False, source="scontrol (which has two records of it)")


def job_of(row: Row) -> str:
    """Write a record's id as people do: ``81500_3`` for an array element, ``81500_[4-9]`` for waiting ones."""
    array, task = row.get("ArrayJobId"), row.get("ArrayTaskId")
    if array is None or task is None:
        return row["JobId"]
    return f"{array}_{task}" if task.isdigit() else f"{array}_[{task}]"


def asked_alike(record: Row, job: JobFacts) -> bool:
    """True where a record of an element of a job's array says what the job was asked for, as far as that is known."""
    told = _controlled(record)
    names = ("asked_mb", "limit_s", "cpus", "partition", "account", "qos", "workdir", "name", "submit_line")
    return all(getattr(told, name) in ("", None, getattr(job, name)) for name in names)


def _controlled(row: Row) -> JobFacts:
    state = state_of(row.get("JobState", ""))
    # one that is COMPLETING has its exit code already, and only accounting may say how it ended
    ending = JobState.FAILED if row.get("JobState", "").startswith("COMPLETING") else state
    code, signal = _exit(ending, row.get("ExitCode", ""))
    reason = row.get("Reason")
    return JobFacts(
        job=job_of(row),
        state=state,
        state_text=row.get("JobState", ""),
        exit_code=code,
        signal=signal,
        reason=None if reason == "None" else reason,
        asked_mb=_asked_of_record(row),
        limit_s=seconds(row.get("TimeLimit", "")),
        elapsed_s=seconds(row.get("RunTime", "")),
        cpus=number(row.get("NumCPUs", "").split("-")[0]),
        name=row.get("JobName", ""),
        user=intern(row.get("UserId", "").split("(")[0]),
        partition=row.get("Partition"),
        nodes=_nodes(row.get("NodeList", "")),
        workdir=row.get("WorkDir"),
        comment=row.get("Comment", ""),
        submit_line=row.get("SubmitLine", ""),
        submitted=row.get("SubmitTime", ""),
        log_paths=recorded_logs(job_of(row), row) or _logs(row.get("StdOut", ""), row.get("StdErr", "")),
        source="scontrol",
        restarts=number(row.get("Restarts")),
        failed_node=_nodes(row.get("FailedNode", "")),
        ended=_known(row.get("EndTime", "")) if state.over else "",
        account=row.get("Account"),
        qos=row.get("QOS"),
        dependency=row.get("Dependency", ""),
    )


def _asked_of_record(row: Row) -> float | None:
    node = memory_mb(row.get("MinMemoryNode", ""))
    if node:
        return node[0]
    each = memory_mb(row.get("MinMemoryCPU", ""))
    cpus = number(row.get("NumCPUs", "").split("-")[0]) or 1
    nodes = number(row.get("NumNodes", "").split("-")[0]) or 1
    return each[0] * cpus / nodes if each else None


def elements(facts: JobFacts) -> tuple[JobFacts, ...]:
    """Tell waiting elements of an array (``81500_[4-9]``) one by one; any other job is itself."""
    if "[" not in facts.job:
        return (facts,)
    base, element = split_id(facts.job)
    return tuple(replace(facts, job=f"{base}_{index}") for index in indices_of(element))


def is_attempts(facts: JobFacts, submitted: datetime | None) -> bool:
    """Tell whether the job is the attempt's: it is not if it was submitted long before: its id was used again."""
    at = moment(facts.submitted)
    return submitted is None or at is None or at >= submitted - RECYCLED


def raw_id(row: Row) -> tuple[str, str]:
    """The id inside SLURM (``$SLURM_JOB_ID`` of an array element) and the id people use: ``16`` and ``10_2``.

    Of a row of either side; a step has none.
    """
    if "JobId" in row:
        return row["JobId"], whose(row) or job_of(row)
    return ("", "") if "." in row["JobID"] else (row.get("JobIDRaw", ""), leader(row["JobID"]))
