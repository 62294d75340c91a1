"""SLURM's words and numbers in neutral ones: states, exit codes, memory, times, array indices.

Forms are those of ``man sacct``, ``man squeue`` and ``man scontrol``, 17.11 to 25.11; each function says what it takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from heal.jobs import JobState

# man sacct, JOB STATE CODES and job_state_codes (25.11; src/common/slurm_protocol_defs.c, job_state_string).
# Not in the table: UNKNOWN, never a guess.
_STATES = {
    "PENDING": JobState.PENDING,
    "EXPEDITING": JobState.PENDING,
    "REQUEUED": JobState.PENDING,
    "REQUEUE_FED": JobState.PENDING,
    "REQUEUE_HOLD": JobState.PENDING,
    "RESV_DEL_HOLD": JobState.PENDING,
    "SPECIAL_EXIT": JobState.PENDING,
    "RUNNING": JobState.RUNNING,
    "CONFIGURING": JobState.RUNNING,
    "POWER_UP_NODE": JobState.RUNNING,
    "COMPLETING": JobState.RUNNING,
    "RESIZING": JobState.RUNNING,
    "SIGNALING": JobState.RUNNING,
    "STAGE_OUT": JobState.RUNNING,
    "STOPPED": JobState.RUNNING,
    "SUSPENDED": JobState.RUNNING,
    "COMPLETED": JobState.COMPLETED,
    "FAILED": JobState.FAILED,
    "LAUNCH_FAILED": JobState.FAILED,
    "TIMEOUT": JobState.TIMEOUT,
    "OUT_OF_MEMORY": JobState.OUT_OF_MEMORY,
    "NODE_FAIL": JobState.NODE_FAIL,
    "BOOT_FAIL": JobState.NODE_FAIL,
    "PREEMPTED": JobState.PREEMPTED,
    "CANCELLED": JobState.CANCELLED,
    # somebody asked for the job to be removed if it cannot end by then: more time would not help, so no TIMEOUT
    "DEADLINE": JobState.CANCELLED,
}
_TO_MB = {"": 1.0, "K": 1 / 1024, "M": 1.0, "G": 1024.0, "T": 1024.0**2, "P": 1024.0**3}
_MEMORY = re.compile(r"^(\d+(?:\.\d+)?)([KMGTP]?)B?([nc]?)$", re.IGNORECASE)
_CLOCK = re.compile(r"^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)(?:\.\d+)?$")
_RANGE = re.compile(r"^(\d+)(?:-(\d+)(?::(\d+))?)?$")
_MOST_INDICES = 4_000_001  # the largest MaxArraySize SLURM takes (man slurm.conf)


@lru_cache(maxsize=1000)
def state_of(text: str) -> JobState:
    """Tell the neutral state of SLURM's word: ``CANCELLED by 1000``, ``COMPLETED+`` and ``FAILED`` alike."""
    words = text.split()
    return _STATES.get(words[0].rstrip("+"), JobState.UNKNOWN) if words else JobState.UNKNOWN


def canceller(text: str) -> str | None:
    """Find the uid in ``CANCELLED by 1000`` (sacct), as text; None where the word names nobody."""
    found = re.match(r"^CANCELLED\+? by (\S+)$", text)
    return found.group(1) if found else None


def exit_pair(text: str) -> tuple[int, int] | None:
    """Read ``137:0`` as (exit code, signal); None where it is no such pair."""
    found = re.match(r"^(\d+):(\d+)$", text)
    return (int(found.group(1)), int(found.group(2))) if found else None


@lru_cache(maxsize=1000)
def memory_mb(text: str) -> tuple[float, str] | None:
    """Read memory in MB and what it is per: ``n`` a node, ``c`` a cpu, empty where the text does not say.

    ``50M``, ``4G``, ``322020K``, ``4Gn`` and ``4000Mc`` (the last two: SLURM before 21.08). A bare number is MB.
    None for an empty text, ``0`` (all of the node, or nothing was measured) and what is no amount.
    """
    found = _MEMORY.match(text.strip())
    if not found or float(found.group(1)) == 0:
        return None
    return float(found.group(1)) * _TO_MB[found.group(2).upper()], found.group(3).lower()


def rss_mb(text: str) -> float | None:
    """Read ``MaxRSS`` in MB: ``322020K``, and a bare number, which means bytes; None where it was not sampled."""
    text = text.strip()
    if not text:
        return None
    if text.isdigit():
        return int(text) / 2**20 or None
    if text[-1] == "K" and text[:-1].isdigit():
        # as it is printed unless it is told otherwise; of hundreds of thousands of steps it takes seconds
        return int(text[:-1]) / 1024 or None
    amount = memory_mb(text)
    return amount[0] if amount else None


def seconds(text: str) -> int | None:
    """Read ``1-02:03:04``, ``02:03:04`` or ``03:04`` in seconds; None for UNLIMITED and other words."""
    found = _CLOCK.match(text.strip())
    if not found:
        return None
    days, hours, minutes, secs = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + secs


def number(text: str | None) -> int | None:
    """Read a whole number, or None where there is none."""
    return int(text) if text and text.isdigit() else None


def moment(text: str) -> datetime | None:
    """Read ``2026-11-24T15:09:55``, in this host's time zone as SLURM prints it; None for ``Unknown`` and ``None``."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        return None


def indices_of(text: str) -> tuple[int, ...]:
    """List the indices of an array expression: ``1,3-5,7-15:4%2`` is 1 3 4 5 7 11 15. Empty where it is none."""
    found: list[int] = []
    for part in text.strip("[]").split("%")[0].split(","):
        match = _RANGE.match(part.strip())
        if not match:
            return ()
        first, last = int(match.group(1)), int(match.group(2) or match.group(1))
        if last - first > _MOST_INDICES:
            return ()
        found.extend(range(first, last + 1, max(1, int(match.group(3) or 1))))
    return tuple(found)


def throttle_of(text: str) -> str:
    """Find ``%2`` of ``0-9%2``: how many elements may run at once; empty where there is no limit."""
    found = re.search(r"%\d+$", text.strip("[]"))
    return found.group(0) if found and found.group(0) != "%0" else ""


def indices_text(indices: Iterable[int]) -> str:
    """Write indices as ``sbatch --array`` takes them, runs of neighbours joined: ``1,3-5``."""
    runs: list[list[int]] = []
    for index in sorted(set(indices)):
        if runs and index == runs[-1][1] + 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def node_count(text: str) -> int:
    """Count the nodes of a list as SLURM prints it, ``node[01-03,07],big1``; at least one."""
    count = 0
    for name, inside in re.findall(r"([^,\[\]]+)(?:\[([^\]]*)\])?", text):
        ranges = [_RANGE.match(part) for part in inside.split(",")] if inside else []
        sizes = [int(one[2] or one[1]) - int(one[1]) + 1 for one in ranges if one]
        count += sum(sizes) if inside else bool(name)
    return max(1, count)


def split_id(job: str) -> tuple[str, str]:
    """Split ``81500_3`` into (``81500``, ``3``); a job that is no array element has an empty second part."""
    base, _, element = job.partition("_")
    return base, element
