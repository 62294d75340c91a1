"""No scheduler: the machine answers. Its kernel says who was killed for want of memory."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from heal.jobs import JobFacts, JobState, Limits
from heal.records import Attempt

_SHELL_SIGNAL = 128  # a shell reports a child that a signal ended as 128 + signal
_LAST_SIGNAL = 64
_SIGKILL = 9
# the clocks of kernel and heal differ a little, and a killed task is noticed some time later
_SLACK = timedelta(seconds=5)
_MOST_RECORDS = 2**18
# mm/oom_kill.c, __oom_kill_process; "UID:" since Linux 5.7, "Memory cgroup" where a cgroup was full.
_KILL = re.compile(
    r"^\d+,\d+,(?P<us>\d+),[^;]*;(?:Memory cgroup out of memory|Out of memory[^:]*): Killed process (?P<pid>\d+) "
    r"\((?P<name>.*)\) total-vm:\d+kB, anon-rss:(?P<rss>\d+)kB(?:.* UID:(?P<uid>\d+))?"
)
# dump_oom_summary, a record before: of which job of SLURM's the process was, by the name of its cgroup (either version)
_OF_JOB = re.compile(r"^\d+,\d+,\d+,[^;]*;oom-kill:.*,task_memcg=\S*?/job_(?P<job>\d+)/.*,pid=(?P<pid>\d+)")


@dataclass(frozen=True, slots=True)
class Kill:
    """A process that the kernel killed for want of memory: when, which, and its resident memory in MB.

    ``slurm_job``: the job of SLURM's that it was a part of, empty where it was none.
    """

    at: datetime
    pid: int
    name: str
    rss_mb: float
    uid: int | None = None
    slurm_job: str = ""


def parse_kills(text: str, booted: datetime) -> tuple[Kill, ...]:
    """Read the kills in lines of ``/dev/kmsg``, whose clock starts at ``booted``."""
    kills: list[Kill] = []
    jobs: dict[str, str] = {}
    for line in text.splitlines():
        if found := _OF_JOB.match(line):
            jobs[found["pid"]] = found["job"]
        elif found := _KILL.match(line):
            kills.append(_kill(found, booted, jobs.pop(found["pid"], "")))
    return tuple(kills)


def _kill(found: re.Match[str], booted: datetime, job: str) -> Kill:
    return Kill(
        at=booted + timedelta(microseconds=int(found["us"])),
        pid=int(found["pid"]),
        name=found["name"],
        rss_mb=int(found["rss"]) / 1024,
        uid=int(found["uid"]) if found["uid"] else None,
        slurm_job=job,
    )


class Local:
    """The scheduler seam over this machine. Kills are read from ``kernel_log``, whose clock starts at ``booted``."""

    name = "local"

    def __init__(self, kernel_log: Path = Path("/dev/kmsg"), booted: datetime | None = None) -> None:
        self._kernel_log = kernel_log
        self._booted = booted

    def queue(self) -> Mapping[str, JobFacts]:
        """Tell nothing: tasks of the local machine do not queue."""
        return {}

    def facts(self, attempts: Sequence[Attempt], besides: Collection[str] | None = None) -> Mapping[str, JobFacts]:
        """Tell what the event that ended an attempt said, and whether the kernel killed for want of memory."""
        del besides
        ended = [attempt for attempt in attempts if attempt.ok is False]
        kills = self._kills() if ended else ()
        return {attempt.job: _facts(attempt, kills) for attempt in attempts}

    def _kills(self) -> tuple[Kill, ...]:
        booted = self._booted or datetime.fromtimestamp(time.time() - time.clock_gettime(time.CLOCK_BOOTTIME), UTC)
        return parse_kills(_read(self._kernel_log), booted)

    def recent(self, since: datetime, known: Mapping[str, str] = {}) -> tuple[JobFacts, ...]:
        """Tell nothing: the machine keeps no account of what has run."""
        del since, known
        return ()

    def peaks(self, like: JobFacts, since: datetime) -> Mapping[str, float]:
        """Nothing: the machine keeps no books."""
        del like, since
        return {}

    def limits(self, job: JobFacts | None, partition: str | None = None) -> Limits:
        """Tell the machine's memory; it has no time limit."""
        del job, partition
        return Limits(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**20, memory_by="this machine")


def _facts(attempt: Attempt, kills: Sequence[Kill]) -> JobFacts:
    code, signal = _exit(_whole(attempt.facts.get("exit")))
    state = {None: JobState.RUNNING, True: JobState.COMPLETED, False: JobState.FAILED}[attempt.ok]
    killed = max((kill.rss_mb for kill in _kills_of(attempt, kills)), default=None)
    measured = attempt.facts.get("peak_mb")
    peak = float(measured) if isinstance(measured, int | float) else None
    minutes = attempt.asked.get("time_min")
    cpus = attempt.asked.get("cpus")
    known = attempt.submitted and attempt.ended
    return JobFacts(
        job=attempt.job,
        state=JobState.OUT_OF_MEMORY if killed is not None else state,
        state_text="killed by the kernel: out of memory"
        if killed is not None
        else str(attempt.facts.get("state") or ""),
        exit_code=code,
        signal=signal,
        asked_mb=attempt.asked.get("memory_mb"),
        peak_mb=killed if peak is None else max(peak, killed or 0),
        limit_s=None if minutes is None else int(minutes * 60),
        elapsed_s=int((attempt.ended - attempt.submitted).total_seconds()) if known else None,  # type: ignore[operator]
        cpus=None if cpus is None else int(cpus),
        name=attempt.name,
        workdir=attempt.workdir,
        submitted=attempt.submitted.isoformat() if attempt.submitted else "",
        log_paths=attempt.log_paths,
        source="kernel log" if killed is not None else "event",
    )


def _exit(code: int | None) -> tuple[int | None, int | None]:
    """Split what a runner reports into exit code and signal; a task that a signal ended has both."""
    if code is None:
        return None, None
    if code < 0:
        # Python's way: minus the signal
        return _SHELL_SIGNAL - code, -code
    return code, code - _SHELL_SIGNAL if _SHELL_SIGNAL < code <= _SHELL_SIGNAL + _LAST_SIGNAL else None


def _kills_of(attempt: Attempt, kills: Sequence[Kill]) -> list[Kill]:
    if attempt.ok is not False or attempt.submitted is None or attempt.ended is None:
        return []
    code, signal = _exit(_whole(attempt.facts.get("exit")))
    if code and signal != _SIGKILL:
        # it ended in another way. Of many tasks at once that was another's kill; where it was a child of this one, and
        # its program only failed after it, the program's own words are there to tell
        return []
    first, last = attempt.submitted - _SLACK, attempt.ended + _SLACK
    # tasks of this machine are in a job of SLURM's only where heal is in that one as well
    jobs = ("", os.environ.get("SLURM_JOB_ID", ""))
    ours = [kill for kill in kills if kill.uid in (None, os.getuid()) and kill.slurm_job in jobs]
    return [kill for kill in ours if first <= kill.at <= last]


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _read(path: Path) -> str:
    """Read all that the kernel log holds now. Not being allowed to is normal: then nothing was seen."""
    parts: list[bytes] = []
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        # /dev/kmsg gives one record a read, and EAGAIN (an OSError) after the last
        for _ in range(_MOST_RECORDS):
            part = os.read(descriptor, 2**16)
            if not part:
                break
            parts.append(part)
    except OSError:
        pass
    finally:
        os.close(descriptor)
    return b"".join(parts).decode(errors="replace")
