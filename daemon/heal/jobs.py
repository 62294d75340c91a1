"""What a scheduler knows of a job, in neutral words and units; frozen like all records.

``None`` in a fact means *not known*; it never means "no" or "zero".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class JobState(StrEnum):
    """A job's state in neutral words. UNKNOWN is an answer of its own and never triggers an action."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    NODE_FAIL = "node_fail"
    PREEMPTED = "preempted"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def over(self) -> bool:
        """True when the job will not run any further by itself."""
        return self not in (JobState.PENDING, JobState.RUNNING, JobState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job: its script (``81723.batch``) or a program that srun started in it (``81723.0``)."""

    id: str
    state: JobState
    state_text: str = ""
    exit_code: int | None = None
    signal: int | None = None
    peak_mb: float | None = None

    @property
    def name(self) -> str:
        """``batch``, ``extern`` or the number of a step of srun."""
        return self.id.partition(".")[2]

    @property
    def text(self) -> str:
        """The step as accounting prints it: ``81723.0 FAILED 3:0``."""
        return f"{self.id} {self.state_text} {self.exit_code or 0}:{self.signal or 0}"


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What a scheduler says of one job. Memory in MB (2**20 bytes), times in seconds.

    ``state_text`` is the scheduler's own word (``CANCELLED by 1000``), ``peak_mb`` the largest resident
    memory of any step, ``asked_mb`` and ``limit_s`` what the job was given. ``restarts`` counts how often the
    scheduler put it back and ran it again by itself. ``failed_node`` is the node whose loss ended it. ``ceiling`` says
    which limit of its account or QOS as a whole lies below what it asks for all alone. ``derived`` is the worst exit
    code and signal of what srun started in it, whatever its script ended with. ``final`` is False while one of the
    scheduler's sides lags behind the other: peaks and steps may still come.
    ``dependency`` is what it waits for, in the scheduler's words (``afterok:81500(failed)``). ``disagreement`` is what
    each side says where one calls the job completed and the other does not: then its ``state`` is UNKNOWN.
    """

    job: str
    state: JobState
    state_text: str = ""
    exit_code: int | None = None
    signal: int | None = None
    reason: str | None = None
    cancelled_by: str | None = None
    asked_mb: float | None = None
    peak_mb: float | None = None
    limit_s: int | None = None
    elapsed_s: int | None = None
    cpus: int | None = None
    name: str = ""
    user: str = ""
    partition: str | None = None
    nodes: str | None = None
    workdir: str | None = None
    comment: str = ""
    submit_line: str = ""
    submitted: str = ""
    log_paths: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    source: str = ""
    derived: tuple[int, int] | None = None
    restarts: int | None = None
    failed_node: str | None = None
    ceiling: str = ""
    ended: str = ""
    final: bool = True
    account: str | None = None
    qos: str | None = None
    cluster: str | None = None
    dependency: str = ""
    disagreement: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most one job may ask for, and who says so; ``None`` where there is no limit or it is not known.

    ``closed`` is why the partition takes no such job at all (``partition gpu is not for account lab``).
    """

    memory_mb: float | None = None
    time_min: float | None = None
    memory_by: str = ""
    time_by: str = ""
    closed: str = ""


def base_of(job: str) -> str:
    """The array's own id, of an element's (``81500`` of ``81500_3``); of any other job its id."""
    return job.partition("_")[0]
