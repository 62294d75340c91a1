"""Why a job waits, where no waiting will end it: the reasons, what each means and what a person can do.

Words are those of ``man squeue`` (JOB REASON CODES) and of job_reason_codes (Slurm 26.05, which also lists older ones).
Not in the table, for they pass when somebody else acts: a partition that is down or inactive, nodes that are down or
reserved, limits of what may run or wait at one time, and a job that its own user holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from heal.jobs import JobFacts, JobState


@dataclass(frozen=True, slots=True)
class Never:
    """A reason that no waiting will end. ``certain``: not even an administrator's coming and going ends it.

    ``advice`` is for who submitted the job; ``in_place`` what of it holds while an engine waits for that very job.
    """

    because: str
    advice: str
    certain: bool = True

    @property
    def in_place(self) -> str:
        """The advice for a job that is not to be submitted again."""
        return self.advice.replace(_AGAIN, ".")


NEVER_SATISFIED = "DependencyNeverSatisfied"

_AGAIN = ", or cancel it and submit it again with a request that fits."
_LESS = "Ask for less: scontrol update JobId={job} …" + _AGAIN
_RELEASE = "scontrol release {job}, once what failed is understood; or cancel it."
_ABOVE = r"Per(?:JobLimit|Job|Node)$"

# in order: the first that fits counts
_REASONS: tuple[tuple[str, Never], ...] = (
    (
        NEVER_SATISFIED + "$",
        Never("a job that it depends on has failed", "Repair and rerun the job it depends on, then submit this again."),
    ),
    (
        r"PartitionTimeLimit$",
        Never(
            "its time limit is above what the partition allows",
            "Ask for less time (scontrol update JobId={job} TimeLimit=…) or for another partition.",
        ),
    ),
    (
        r"PartitionNodeLimit$",
        Never(
            "it asks for more nodes than the partition gives one job, or some of them are down", _LESS, certain=False
        ),
    ),
    (r"PartitionConfig$", Never("it asks for more than the partition gives one job", _LESS, certain=False)),
    (r"BadConstraints$", Never("no node is as its constraints ask", _LESS)),
    (r"(?:Assoc|QOS)Max\w*" + _ABOVE, Never("it asks for more than {whose} gives one job", _LESS)),
    (r"QOSMin\w+$", Never("it asks for less than its QOS wants of one job", "Ask for more, or use another QOS.")),
    (r"MaxMemPerLimit$", Never("it asks for more memory than one job may have on a node or a cpu", _LESS)),
    (
        r"(?:InvalidAccount$|AccountNotAllowed$|Job's_account_not_permitted)",
        Never("its account may not be used there", "Use another account (scontrol update JobId={job} Account=…)."),
    ),
    (
        r"(?:InvalidQOS$|QOSNotAllowed$|Job's_QOS_not_permitted)",
        Never("its QOS may not be used there", "Use another QOS (scontrol update JobId={job} QOS=…)."),
    ),
    (
        r"ReservationDeleted$",
        Never("its reservation is gone", "Take it out of the reservation (scontrol update JobId={job} Reservation=)."),
    ),
    (
        r"launch_failed_requeued_held",
        Never("SLURM could not start it on its node, and holds it since", _RELEASE),
    ),
    (
        # since 25.05 (sbatch --get-user-env); before it is a failed launch
        r"user_env_retrieval_failed_requeued_held",
        Never("SLURM could not read its user's environment, and holds it since", _RELEASE),
    ),
    (r"JobHoldMaxRequeue$", Never("it was requeued as often as SLURM allows, and is held", _RELEASE)),
    (
        r"JobHeldAdmin$",
        Never("an administrator holds it", "Ask the administrators; only they can release it.", certain=False),
    ),
)
_TABLE = tuple((re.compile(words), never) for words, never in _REASONS)
# limits of an account or a QOS as a whole: in vain only where the job alone asks for more
_GROUP = re.compile(r"(?:Assoc|QOS)Grp")
# SLURM's words for a job that ended, was put back and is held until somebody releases it (RequeueExitHold)
_HELD_AFTER_FAILING = ("SPECIAL_EXIT", "REQUEUE_HOLD")


def reason_word(reason: str) -> str:
    """The code itself: ``ReqNodeNotAvail,_UnavailableNodes:n1`` is ReqNodeNotAvail; blanks as scontrol prints them.

    Some reasons are sentences (``Job's account not permitted to use this partition (gpu allows a,b not c)``).
    """
    told = reason[1:-1] if reason.startswith("(") and reason.endswith(")") else reason
    word = told.replace(" ", "_")
    code = word.split(",")[0]
    return code if code.isidentifier() else word


def given_up(job: JobFacts) -> bool:
    """True for a job that SLURM cancelled for what it waits for; one that a person cancelled meanwhile names them."""
    return job.state is JobState.CANCELLED and job.reason == NEVER_SATISFIED and job.cancelled_by is None


def never_starts(job: JobFacts) -> Never | None:
    """Why a waiting job can never start; None while it may, and while that is not known."""
    if job.state is not JobState.PENDING:
        return None
    if job.state_text.split(" ")[0] in _HELD_AFTER_FAILING:
        return _filled(Never("it failed, and the site's rules put it back and hold it", _RELEASE), job, "")
    reason = reason_word(job.reason or "")
    if _GROUP.match(reason) and job.ceiling:
        return Never(job.ceiling, _LESS.format(job=job.job))
    found = next((never for words, never in _TABLE if words.match(reason)), None)
    return _filled(found, job, reason) if found else None


def in_vain(job: JobFacts, never: Never) -> str:
    """Say of a job that it waits, by which reason, and that no waiting will end it."""
    reason = reason_word(job.reason or "") or job.state_text
    return f"SLURM job {job.job} waits, {reason}, and can never start: {never.because}"


def still_waits(jobs: Sequence[JobFacts]) -> str:
    """Say of jobs that still wait in vain why nothing is submitted in their place, and what a person can do."""
    first, more = jobs[0], len(jobs) - 1
    never = never_starts(first)
    held = never is not None and never.advice.startswith("scontrol release")
    who = f"{first.job} and {more:,} more still wait" if more else f"{first.job} still waits"
    how = f"release it (scontrol release {first.job})" if held else f"change it (scontrol update JobId={first.job} …)"
    return (
        f"SLURM job {who}, {reason_word(first.reason or '') or first.state_text}, and nothing is submitted beside it: "
        f"{how} or cancel it (scancel {first.job}), then accept"
    )


def forgotten(jobs: Sequence[str]) -> str:
    """Say of jobs that could never start and left the queue unseen that only a person can know whether they ran."""
    more = f" and {len(jobs) - 1:,} more" if len(jobs) > 1 else ""
    return f"SLURM no longer knows job {jobs[0]}{more}, nor whether it ran: accept once more to submit it again"


def _filled(never: Never, job: JobFacts, reason: str) -> Never:
    whose = "its QOS" if reason.startswith("QOS") else "its account"
    return Never(never.because.format(whose=whose), never.advice.format(job=job.job), never.certain)
