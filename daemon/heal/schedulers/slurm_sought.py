"""Which jobs a question is about: of what SLURM answers all else is dropped as it is read.

An array is asked for as a whole where many of its elements are meant, and the controller answers about everybody's
jobs where it is asked about two: tens of thousands of rows, of which a few may be wanted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from heal.schedulers.slurm_components import whose
from heal.schedulers.slurm_facts import job_of
from heal.schedulers.slurm_parsers import Row
from heal.schedulers.slurm_values import indices_of, split_id


@dataclass(frozen=True, slots=True)
class Sought:
    """``ids`` as they are asked for: of a job, an array, an element, or an element's own inside SLURM.

    ``besides``: elements that are not to be told of an array that is asked for as a whole. ``bases`` are the arrays
    (and jobs) of the ids, ``known`` those of what is left out.
    """

    ids: frozenset[str]
    besides: Collection[str]
    bases: frozenset[str]
    known: frozenset[str]

    @classmethod
    def of(cls, ids: Iterable[str], besides: Collection[str] = ()) -> Sought:
        """Seek these."""
        asked = frozenset(ids)
        return cls(asked, besides, *(frozenset(split_id(job)[0] for job in some) for some in (asked, besides)))

    def takes(self, job: str, raw: str = "") -> bool:
        """Tell whether a job is sought, by the id that people write and the one inside SLURM.

        What may be part of one that is (``7_[4-9]``, ``7`` of accounting that lags, ``7+1``) is.
        """
        base, element = split_id(job)
        # one of an array's elements has the array's own id inside SLURM
        if job in self.ids or "+" in job or (raw in self.ids and raw != base):
            return True
        if base not in self.bases:
            return False
        if element.isdigit():
            return base in self.ids and job not in self.besides
        waiting = indices_of(element)
        return not waiting or not all(f"{base}_{index}" in self.besides for index in waiting)

    def takes_row(self, row: Row) -> bool:
        """Tell it of a row of sacct; a step is its job's."""
        return self.takes(row["JobID"].partition(".")[0], row.get("JobIDRaw", "").partition(".")[0])

    def takes_record(self, ids: Row) -> bool:
        """Tell it by the ids of a record of scontrol."""
        # which component of a heterogeneous job was asked for is told by the others' records
        return whose(ids) is not None or self.takes(job_of(ids), ids["JobId"])


def is_known(known: Mapping[str, str], job: str, submitted: str) -> bool:
    """Tell whether a job, or each element of one that waits, was submitted no later than what is known under its id."""
    base, element = split_id(job)
    jobs = [f"{base}_{index}" for index in indices_of(element)] if element.startswith("[") else [job]
    return bool(jobs) and all(submitted <= known.get(one, "") for one in jobs)
