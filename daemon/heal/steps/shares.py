"""One fix for many jobs that need very different amounts: less for those that were seen to need much less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from heal.jobs import JobFacts
from heal.journal import Share
from heal.records import Attempt, Fix
from heal.units import rounded_mb

# a job that may need a so-and-so-many-th of what the fix gives gets what it may need
_WIDE = 4.0
# a job that was killed for memory held this much of what it was given, or its peak was not seen
_NEAR_PEAK = 0.9


def shares(fix: Fix, attempts: Sequence[Attempt], jobs: Mapping[str, JobFacts], headroom: float) -> tuple[Share, ...]:
    """A smaller fix for the jobs that need much less, the fix as it is for the rest; none where all get the same.

    Only for memory, and only for jobs whose peak was seen: what a job may need is ``headroom`` times that. The smaller
    amount is what the largest of them may need, and more than they had.
    """
    memory = next((change for change in fix.changes if change.name == "memory_mb"), None)
    if memory is None or memory.new is None:
        return ()
    seen = {one.key: job for one in attempts if (job := jobs.get(one.job)) and _peaked(job)}
    small = {key: job for key, job in seen.items() if headroom * (job.peak_mb or 0) * _WIDE <= float(memory.new)}
    had = max((job.asked_mb or 0 for job in small.values()), default=0.0)
    less = rounded_mb(headroom * max((job.peak_mb or 0 for job in small.values()), default=0.0))
    if less <= had:
        return ()
    changes = tuple(replace(one, old=had, new=less) if one is memory else one for one in fix.changes)
    rest = tuple(one.key for one in attempts if one.key not in small)
    smaller = Share(replace(fix, changes=changes), tuple(small))
    return (smaller, Share(fix, rest)) if rest else (smaller,)


def _peaked(job: JobFacts) -> bool:
    return bool(job.peak_mb and job.asked_mb and job.peak_mb >= _NEAR_PEAK * job.asked_mb)
