"""What pyslurm's objects say, in the words of squeue and sacct: read by the same code, the same facts come out. Pure.

Its traps, each handled where it arises (read in 22.5.3 and 25.11.2, seen with 22.5.3 on 22.05.8):

- task 0 of an array has no ``array_task_id`` (``u32_parse`` takes zero for "not set");
- exit codes from 128 up come 128 less, so that ``exit 137`` and ``exit 9`` look alike (``_get_exit_code``);
- accounting gives waiting elements as a bit mask (``0x71``), and 0 seconds, like 0 of anything else, as nothing;
- ``dependencies`` lose ``singleton``: they only tell that a job waits for something, not for what.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from heal.schedulers.slurm_parsers import Row
from heal.schedulers.slurm_values import indices_text

Record = Mapping[str, Any]


def queue_text(jobs: Iterable[Record]) -> str:
    """Write the controller's jobs as ``slurm_queue`` has squeue print them, without what they wait for."""
    return "\n".join(
        f"{_element(job)}|{job['state']}|{job.get('state_reason', 'None')}|{_moment(job.get('submit_time'))}|(null)"
        for job in jobs
    )


def waits(job: Record) -> bool:
    """Tell whether the job waits for others: squeue must be asked for which."""
    return bool(job.get("dependencies"))


def doubtful(job: Record) -> bool:
    """Tell whether an exit code of the job, of what srun started in it, or of a step may be 128 too low."""
    if job.get("state") == "FAILED" and not job.get("exit_code_signal"):
        return True
    parts = [job, *job.get("steps", ())]
    return any(part.get(code) for part in parts for code in ("exit_code", "derived_exit_code"))


def rows(jobs: Iterable[Record], uid_of: Callable[[str], str]) -> Iterator[Row]:
    """Write accounting's jobs and their steps as rows of sacct. ``uid_of`` turns a user's name into a uid as text."""
    return (row for job in jobs for row in (_job(job, uid_of), *_steps(job, uid_of)))


def _job(job: Record, uid_of: Callable[[str], str]) -> Row:
    memory, limit = job.get("memory"), job.get("time_limit")
    return {
        "JobID": _accounted(job),
        "JobIDRaw": str(job["id"]),
        "JobName": job.get("name", ""),
        "User": job.get("user_name", ""),
        "Partition": job.get("partition", ""),
        "Account": job.get("account", ""),
        "QOS": job.get("qos", ""),
        "Cluster": job.get("cluster", ""),
        "State": _state(job, uid_of),
        "ExitCode": _pair(job, "exit_code"),
        "DerivedExitCode": _pair(job, "derived_exit_code"),
        "ReqMem": f"{memory}M" if memory else "",
        "ElapsedRaw": str(job.get("elapsed_time", 0)),
        "TimelimitRaw": str(limit) if isinstance(limit, int) else "",
        "Submit": _moment(job.get("submit_time")),
        "End": _moment(job.get("end_time")),
        "NodeList": job.get("nodelist", ""),
        "NCPUS": str(job.get("cpus") or ""),
        "NNodes": str(job.get("num_nodes") or ""),
        "Comment": job.get("comment", ""),
        "WorkDir": job.get("working_directory", ""),
        # a version that knows no files is not one that was told none
        **({"StdOut": job["standard_output"]} if "standard_output" in job else {}),
        "StdErr": job.get("standard_error", ""),
        "Restarts": str(job.get("requeue_count", "")),
        "FailedNode": job.get("failed_node", ""),
        "SubmitLine": job.get("submit_command", ""),
    }


def _steps(job: Record, uid_of: Callable[[str], str]) -> Iterable[Row]:
    for step in job.get("steps", ()):
        peak = step.get("max_resident_memory")
        yield {
            "JobID": f"{_accounted(job)}.{step['id']}",
            "State": _state(step, uid_of),
            "ExitCode": _pair(step, "exit_code"),
            "MaxRSS": str(peak) if peak else "",
            # a step has no submission of its own: sacct prints its start
            "Submit": _moment(step.get("start_time")),
        }


def _element(job: Record) -> str:
    """The id as people write it: ``81500_3``, ``81500_[4-9]`` for waiting ones, ``81500+1`` of a heterogeneous job."""
    if "heterogeneous_id" in job:
        return f"{job['heterogeneous_id']}+{job.get('heterogeneous_offset', 0)}"
    array, waiting = job.get("array_id"), job.get("array_tasks_waiting")
    if array is None:
        return str(job["id"])
    return f"{array}_[{_indices(waiting)}]" if waiting else f"{array}_{job.get('array_task_id', 0)}"


def _accounted(job: Record) -> str:
    """The same in accounting, which may write an array without its indices for a moment: that is not its task 0."""
    bare = "array_task_id" not in job and not job.get("array_tasks_waiting")
    if bare and job["id"] == job.get("array_id") and job.get("state") == "PENDING":
        return str(job["id"])
    return _element(job)


def _indices(text: str) -> str:
    if not text.startswith("0x"):
        return text
    mask = int(text, 16)
    return indices_text(index for index in range(mask.bit_length()) if mask >> index & 1)


def _state(thing: Record, uid_of: Callable[[str], str]) -> str:
    state, by = str(thing.get("state", "")), thing.get("cancelled_by")
    return f"{state} by {uid_of(by)}" if by and state == "CANCELLED" else state


def _pair(thing: Record, code: str) -> str:
    return f"{thing[code]}:{thing.get(f'{code}_signal', 0)}" if code in thing else ""


def _moment(seconds: int | None) -> str:
    """SLURM's time in this host's zone, as its commands print it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(seconds)) if seconds else "Unknown"
