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
class JobFacts:
    """What a scheduler says of one job. Memory in MB (2**20 bytes), times in seconds.

    ``state_text`` is the scheduler's own word (``CANCELLED by 1000``), ``peak_mb`` the largest resident
    memory of any step, ``asked_mb`` and ``limit_s`` what the job was given. ``steps`` are step rows as text.
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
    steps: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most one job may ask for; ``None`` where there is no limit or it is not known."""

    memory_mb: float | None = None
    time_min: float | None = None
    source: str = ""
