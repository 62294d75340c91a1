"""The two accounts of one job, made into one, and where they contradict each other, into an honest unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from heal.jobs import JobFacts, JobState
from heal.schedulers.slurm_values import moment

# both sides print the same time of one submission, and a new one of a requeued job: an older row is another try's or
# another job's
_SAME_SUBMISSION = timedelta(seconds=60)

# the source of what both sides say alike
BOTH = "scontrol and sacct"


def fuse(accounted: JobFacts | None, controlled: JobFacts | None) -> JobFacts:
    """Make one account of a job out of two. At least one must be there.

    The controller wins on state, exit code, reason and paths: it is never behind. Accounting adds peaks, steps and who
    cancelled. A controller that is still cleaning up (COMPLETING) yields to accounting that has the end. Where one
    side says that the job went well and the other that it did not, its state is UNKNOWN, and ``disagreement`` has the
    words of both. ``source`` says who was believed.
    """
    if controlled is None or accounted is None:
        return accounted or controlled or JobFacts(job="", state=JobState.UNKNOWN)
    if _other_job(accounted, controlled):
        return controlled
    if accounted.state.over and controlled.state_text.startswith("COMPLETING"):
        # its exit code may still change: a job whose time ran out has none before its processes are gone
        controlled = replace(controlled, state=accounted.state, state_text=accounted.state_text, final=False)
    return _told_apart(_both(accounted, controlled), accounted, controlled)


def _both(accounted: JobFacts, controlled: JobFacts) -> JobFacts:
    # what accounting says of the end of an earlier run is not the end of one that waits or runs again
    ended = accounted if controlled.state.over else controlled
    untold = controlled.exit_code is None and controlled.signal is None
    return replace(
        controlled,
        # accounting names who cancelled: "CANCELLED by 1000"
        state_text=ended.state_text if accounted.state is controlled.state else controlled.state_text,
        cancelled_by=ended.cancelled_by,
        exit_code=ended.exit_code if untold else controlled.exit_code,
        signal=ended.signal if untold else controlled.signal,
        derived=ended.derived,
        asked_mb=controlled.asked_mb or accounted.asked_mb,
        peak_mb=accounted.peak_mb,
        comment=controlled.comment or accounted.comment,
        submit_line=controlled.submit_line or accounted.submit_line,
        log_paths=controlled.log_paths or accounted.log_paths,
        failed_node=controlled.failed_node or accounted.failed_node,
        steps=accounted.steps,
        cluster=accounted.cluster,
        source=BOTH,
    )


def _told_apart(both: JobFacts, accounted: JobFacts, controlled: JobFacts) -> JobFacts:
    """Say in the source where the two do not agree, and leave the state open where that decides what happened."""
    if not controlled.state.over or accounted.state is controlled.state:
        return both
    word = accounted.state_text or "nothing"
    if not accounted.state.over:
        return replace(both, final=False, source=f"scontrol (sacct lags behind: it still says {word})")
    if JobState.COMPLETED in (accounted.state, controlled.state):
        return unknown(both, f"scontrol says {controlled.state_text}, sacct says {word}")
    return replace(both, source=f"scontrol and sacct (which says {word})")


def unknown(job: JobFacts, said: str) -> JobFacts:
    """The job as one on whose end the sides do not agree; ``said`` is what each says."""
    return replace(
        job, state=JobState.UNKNOWN, state_text="", exit_code=None, signal=None, final=False, disagreement=said
    )


def _other_job(accounted: JobFacts, controlled: JobFacts) -> bool:
    before, now = moment(accounted.submitted), moment(controlled.submitted)
    return before is not None and now is not None and before < now - _SAME_SUBMISSION
