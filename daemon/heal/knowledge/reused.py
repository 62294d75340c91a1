"""Ids that a scheduler gives out again: whether a job is the one that an attempt was, or a later one of the same id.

SLURM begins anew at MaxJobId, and where its state was lost. A requeue, too, gives a job a new time of submission (man
scontrol, requeue), and it counts as a restart.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from heal.jobs import JobFacts
from heal.records import Attempt

# heal hears of a submission when it has been made: clocks apart, the time that it knows is the later one
_LATER = timedelta(minutes=10)
# no controller remembers for so long a job that has ended (man slurm.conf, MinJobAge): nobody can requeue it then
_FORGOTTEN = timedelta(days=1)


def is_later(submitted: datetime | None, found: JobFacts) -> bool:
    """True when the job was submitted after heal knew of it (``submitted``): it was requeued, or it is another one."""
    return submitted is not None and _submitted_after(found, submitted + _LATER)


def ran_again(attempt: Attempt, found: JobFacts) -> bool:
    """True when the job was put back after heal knew of the attempt's end, however it stands by now."""
    return attempt.ended is not None and _submitted_after(found, attempt.ended)


def _submitted_after(found: JobFacts, moment: datetime) -> bool:
    at = _moment(found.submitted)
    return at is not None and at > moment


@lru_cache(maxsize=10_000)
def _moment(text: str) -> datetime | None:
    # the elements of an array share one, and so do many jobs of a script: fifty thousand are looked at each minute
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        return None


def is_his(attempt: Attempt, found: JobFacts) -> bool | None:
    """Tell whether the job is the attempt's; None where what is known of it does not tell."""
    if not is_later(attempt.submitted, found):
        return True
    if found.restarts is not None:
        return found.restarts > 0
    if attempt.ended and datetime.fromisoformat(found.submitted).astimezone() - attempt.ended > _FORGOTTEN:
        return False
    # accounting of most versions does not count restarts, but knows where the job lies
    return found.workdir == attempt.workdir if found.workdir and attempt.workdir else None
