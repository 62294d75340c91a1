"""Two accounts of one job, made into one: whom heal believes, and what it says where they differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heal.jobs import JobFacts, JobState, Step
from heal.schedulers.slurm_fusion import fuse

AT = "2026-11-24T10:00:00"
STEPS = (Step("9.batch", JobState.FAILED, "FAILED", 3, None, 12.0),)


def told(state: JobState, text: str = "", by: str = "scontrol", **more: object) -> JobFacts:
    return JobFacts("9", state, text or state.name, submitted=AT, source=by, **more)  # type: ignore[arg-type]


def accounted(state: JobState, text: str = "", **more: object) -> JobFacts:
    return told(state, text, "sacct", **more)


def test_each_side_gives_what_it_knows_best() -> None:
    controlled = told(JobState.FAILED, exit_code=137, reason="NonZeroExitCode", restarts=1, ended=AT)
    kept = accounted(JobState.FAILED, exit_code=9, derived=(0, 9), steps=STEPS, peak_mb=12.0)
    assert fuse(kept, controlled) == replace(
        controlled, derived=(0, 9), steps=STEPS, peak_mb=12.0, source="scontrol and sacct"
    )


@pytest.mark.parametrize(
    ("kept", "controlled", "state", "final", "source"),
    [
        (
            accounted(JobState.RUNNING),
            told(JobState.FAILED, exit_code=1),
            JobState.FAILED,
            False,
            "scontrol (sacct lags behind: it still says RUNNING)",
        ),
        # requeued: what accounting keeps is the end of the run before
        (accounted(JobState.FAILED, exit_code=5), told(JobState.PENDING), JobState.PENDING, True, "scontrol and sacct"),
        # still cleaning up: accounting has the end, the exit code may still come
        (
            accounted(JobState.TIMEOUT),
            told(JobState.RUNNING, "COMPLETING"),
            JobState.TIMEOUT,
            False,
            "scontrol and sacct",
        ),
        (
            accounted(JobState.COMPLETED),
            told(JobState.FAILED),
            JobState.UNKNOWN,
            False,
            "scontrol and sacct",
        ),
        (
            accounted(JobState.FAILED),
            told(JobState.COMPLETED, exit_code=0),
            JobState.UNKNOWN,
            False,
            "scontrol and sacct",
        ),
        # both say that it failed: the controller's word for how
        (
            accounted(JobState.CANCELLED, "CANCELLED by 0"),
            told(JobState.PREEMPTED),
            JobState.PREEMPTED,
            True,
            "scontrol and sacct (which says CANCELLED by 0)",
        ),
        (accounted(JobState.FAILED), None, JobState.FAILED, True, "sacct"),
        (None, told(JobState.FAILED), JobState.FAILED, True, "scontrol"),
    ],
)
def test_who_is_believed(
    kept: JobFacts | None, controlled: JobFacts | None, state: JobState, final: bool, source: str
) -> None:
    both = fuse(kept, controlled)
    assert (both.state, both.final, both.source) == (state, final, source)


@pytest.mark.parametrize(
    ("kept", "controlled", "words"),
    [
        (accounted(JobState.COMPLETED, exit_code=0), told(JobState.FAILED, exit_code=1), ("FAILED", "COMPLETED")),
        (accounted(JobState.FAILED, exit_code=1), told(JobState.COMPLETED, exit_code=0), ("COMPLETED", "FAILED")),
    ],
)
def test_the_words_of_two_that_disagree_are_kept_and_neither_code_counts(
    kept: JobFacts, controlled: JobFacts, words: tuple[str, str]
) -> None:
    both = fuse(kept, controlled)
    assert (both.disagreement, both.exit_code) == (f"scontrol says {words[0]}, sacct says {words[1]}", None)


def test_the_exit_code_of_a_run_before_is_not_that_of_one_that_waits() -> None:
    both = fuse(accounted(JobState.FAILED, exit_code=5, derived=(5, 0)), told(JobState.PENDING))
    assert (both.exit_code, both.signal, both.derived) == (None, None, None)


def test_the_word_of_a_job_that_is_held_after_it_failed_stays() -> None:
    assert fuse(accounted(JobState.PENDING), told(JobState.PENDING, "SPECIAL_EXIT")).state_text == "SPECIAL_EXIT"


def test_code_and_signal_come_from_one_side() -> None:
    # sacct says 1:0 and scontrol 0:1 of a job that missed its deadline (22.05)
    both = fuse(accounted(JobState.CANCELLED, "DEADLINE", exit_code=1), told(JobState.CANCELLED, "DEADLINE", signal=1))
    assert (both.exit_code, both.signal) == (None, 1)
