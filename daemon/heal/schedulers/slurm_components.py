"""Heterogeneous jobs (``sbatch … : …``): components that SLURM starts and ends together are one job to heal.

squeue and sacct name them ``81500+0``, ``81500+1``; scontrol gives each a record with its own number, and says whose it
is in HetJobId and HetJobOffset. The script runs in the first, and its end is written into all; what srun starts in
another one is a step of that one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from heal.errors import CannotApply
from heal.schedulers.slurm_parsers import Row

_ID = re.compile(r"^(\d+)\+(\d+)(?:\.(.*))?$")
_DIRECTIVE = re.compile(r"^#SBATCH\s+(?:hetjob|packjob)\b", re.MULTILINE)
# where processes that came in from outside run: told of once
_OUTSIDE = "extern"


def leader(job: str) -> str:
    """The id of the whole job: ``81500`` of ``81500+1``; that of any other job is its own."""
    found = _ID.match(job) if "+" in job else None
    return found[1] if found else job


def is_leading(job: str) -> bool:
    """True of a job, and of the first component of one; False of the others."""
    found = _ID.match(job)
    return found is None or found[2] == "0"


def as_one(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows of sacct with each heterogeneous job made one: its first component, with the steps of all.

    The memory of another component's step is left out: it was measured against another request.
    """
    for row in rows:
        # of tens of thousands of rows hardly one has it
        found = _ID.match(row["JobID"]) if "+" in row["JobID"] else None
        if found is None:
            yield row
            continue
        whole, component, step = found.groups()
        if component == "0":
            yield {**row, "JobID": whole if step is None else f"{whole}.{step}"}
        elif step is not None and step != _OUTSIDE:
            yield {**row, "JobID": f"{whole}.{step}+{component}", "MaxRSS": ""}


def leading(records: Iterable[Row]) -> Iterator[Row]:
    """Records of scontrol without those of components other than the first."""
    return (record for record in records if record.get("HetJobOffset", "0") == "0")


def whose(record: Row) -> str | None:
    """The id of the job that a record of scontrol is a component of; None for any other job's."""
    return record.get("HetJobId")


def must_be_one(job: str, script: str, record: Row) -> None:
    """Raise ``CannotApply`` for a heterogeneous job: an option would reach its first component only."""
    if _DIRECTIVE.search(script) or whose(record):
        raise CannotApply(f"job {job} is a heterogeneous job, which heal cannot submit again. Submit it yourself.")
