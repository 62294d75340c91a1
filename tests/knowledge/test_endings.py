"""What a job's books prove, row by row; the rows that a real SLURM gives are in tests/live/test_endings.py."""

from __future__ import annotations

import pytest

from heal.jobs import JobFacts, JobState, Step
from heal.knowledge.endings import Silent, reached, signs, silent
from heal.records import Label


def job(state: JobState, text: str = "", **more: object) -> JobFacts:
    given = {"source": "scontrol and sacct", **more}
    return JobFacts("7", state, text or state.name, **given)  # type: ignore[arg-type]


def step(name: str, state: JobState, code: int | None = None, signal: int | None = None) -> Step:
    return Step(f"7.{name}", state, state.name, code, signal)


def proven(facts: JobFacts) -> list[tuple[Label, str, float]]:
    return [(sign.label, sign.cause, sign.sure) for sign in signs(facts)]


FULL = {"peak_mb": 96.0, "asked_mb": 100.0}
OOM_STEP = (step("batch", JobState.FAILED, 1), step("0", JobState.OUT_OF_MEMORY, None, 125))


@pytest.mark.parametrize(
    ("facts", "label", "cause"),
    [
        (
            job(JobState.OUT_OF_MEMORY, signal=125),
            Label.OUT_OF_MEMORY,
            "The job used more memory than it was given.",
        ),
        (
            job(JobState.FAILED, exit_code=1, steps=OOM_STEP),
            Label.OUT_OF_MEMORY,
            "Its step 0 used more memory than the job was given.",
        ),
        (
            job(JobState.FAILED, signal=9, **FULL),
            Label.OUT_OF_MEMORY,
            "The job was killed holding 96 MB of the 100 MB it had asked for.",
        ),
        (
            job(JobState.FAILED, exit_code=137, **FULL),
            Label.OUT_OF_MEMORY,
            "The job was killed holding 96 MB of the 100 MB it had asked for.",
        ),
        # accounting alone loses 128 of an exit code, up to 25.05
        (
            job(JobState.FAILED, exit_code=9, source="sacct", **FULL),
            Label.OUT_OF_MEMORY,
            "The job was killed holding 96 MB of the 100 MB it had asked for.",
        ),
        # the script carried on after the kill and failed with a code of its own
        (
            job(JobState.FAILED, exit_code=2, derived=(0, 9), **FULL),
            Label.OUT_OF_MEMORY,
            "The job was killed holding 96 MB of the 100 MB it had asked for.",
        ),
        (job(JobState.TIMEOUT, signal=15), Label.TIME_LIMIT, "The job ran into its time limit."),
        (
            job(JobState.FAILED, exit_code=140, elapsed_s=590, limit_s=600),
            Label.TIME_LIMIT,
            "The job was told to end after 590 s, at its time limit of 600 s.",
        ),
        (
            job(JobState.FAILED, exit_code=12, elapsed_s=590, limit_s=600, source="sacct"),
            Label.TIME_LIMIT,
            "The job was told to end after 590 s, at its time limit of 600 s.",
        ),
        (
            job(JobState.FAILED, exit_code=1, steps=(step("0", JobState.TIMEOUT, None, 15),)),
            Label.TIME_LIMIT,
            "Its step 0 ran into the time limit that srun had set for it.",
        ),
        (job(JobState.NODE_FAIL), Label.NODE_FAILURE, "The node failed under the job."),
        (job(JobState.NODE_FAIL, failed_node="n3"), Label.NODE_FAILURE, "Node n3 failed under the job."),
        (job(JobState.NODE_FAIL, "BOOT_FAIL"), Label.NODE_FAILURE, "The node did not boot for the job."),
        (job(JobState.FAILED, "LAUNCH_FAILED"), Label.NODE_FAILURE, "SLURM could not start the job on its node."),
        (job(JobState.PREEMPTED), Label.NODE_FAILURE, "The job had to make way for another job."),
        (
            job(JobState.CANCELLED, "CANCELLED by 7", user="ada", cancelled_by="ada", elapsed_s=3),
            Label.CANCELLED,
            "ada, whose job it is, cancelled it.",
        ),
        (
            job(JobState.CANCELLED, "CANCELLED by 0", user="ada", cancelled_by="root"),
            Label.CANCELLED,
            "root (an administrator, or SLURM itself) cancelled the job of ada.",
        ),
        (
            job(JobState.CANCELLED, user="ada", cancelled_by="bob"),
            Label.CANCELLED,
            "bob cancelled the job of ada.",
        ),
        (
            job(JobState.CANCELLED, reason="DependencyNeverSatisfied"),
            Label.CANCELLED,
            "SLURM cancelled the job before it began: a job that it depends on has failed.",
        ),
        (
            job(JobState.CANCELLED, "DEADLINE", signal=1),
            Label.CANCELLED,
            "SLURM removed the job: it could not end by its deadline.",
        ),
        (job(JobState.CANCELLED, elapsed_s=0), Label.CANCELLED, "The job was cancelled before it began."),
        (
            job(JobState.FAILED, signal=53),
            Label.MISSING_INPUT,
            "SLURM could not open the file for the job's output: its folder does not exist or is not writable.",
        ),
        (
            job(JobState.FAILED, exit_code=1, elapsed_s=0, source="sacct"),
            Label.SCHEDULER_REJECTED,
            "SLURM refused the job when it was submitted: it never ran.",
        ),
        (job(JobState.FAILED, signal=11), Label.TOOL_CRASH, "The program crashed (exit 139, segmentation fault)."),
    ],
)
def test_what_the_books_prove(facts: JobFacts, label: Label, cause: str) -> None:
    assert (label, cause) in [(sign.label, sign.cause) for sign in signs(facts)]


@pytest.mark.parametrize(
    "facts",
    [
        job(JobState.COMPLETED, exit_code=0),
        job(JobState.RUNNING),
        job(JobState.UNKNOWN, ""),
        job(JobState.PENDING, reason="Priority"),
        job(JobState.FAILED, exit_code=1),
        # it ran, for less than a second
        job(JobState.FAILED, exit_code=1, elapsed_s=0, nodes="n1", source="sacct"),
        # a task of this machine, which no scheduler could refuse, failed at once
        job(JobState.FAILED, exit_code=1, elapsed_s=0, source="event"),
        # memory that was full of a job that failed by itself
        job(JobState.FAILED, exit_code=1, **FULL),
        # a program's own exit code 12, at its end; and 140 of a job that ran for a minute of ten hours
        job(JobState.FAILED, exit_code=12, elapsed_s=590, limit_s=600),
        job(JobState.COMPLETED, exit_code=0, **FULL),
    ],
)
def test_what_proves_nothing(facts: JobFacts) -> None:
    assert proven(facts) == []


def test_a_person_who_cancels_a_full_job_is_not_taken_for_memory() -> None:
    facts = job(
        JobState.CANCELLED,
        "CANCELLED by 7",
        user="ada",
        cancelled_by="ada",
        steps=(step("0", JobState.CANCELLED, None, 9),),
        **FULL,
    )
    assert [label for label, _, _ in proven(facts)] == [Label.CANCELLED]


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (job(JobState.COMPLETED, exit_code=0, steps=(step("batch", JobState.COMPLETED, 0),)), None),
        (job(JobState.FAILED, exit_code=1, steps=OOM_STEP), None),
        (
            job(JobState.COMPLETED, exit_code=0, steps=OOM_STEP[1:]),
            Silent("its script ended with 0, but its step 0 was killed for its memory", memory=True),
        ),
        # accounting without steps: the derived exit code says it
        (
            job(JobState.COMPLETED, exit_code=0, derived=(0, 125)),
            Silent("its script ended with 0, but a step of it was killed by signal 125", memory=True),
        ),
        (
            job(JobState.COMPLETED, exit_code=0, derived=(0, 9), **FULL),
            Silent("its script ended with 0, but a step of it was killed holding 96 MB of the 100 MB", memory=True),
        ),
        (
            job(JobState.COMPLETED, exit_code=0, derived=(3, 0), steps=(step("1", JobState.FAILED, 3),)),
            Silent("its script ended with 0, but its step 1 failed with exit code 3", memory=False),
        ),
        (
            job(JobState.COMPLETED, exit_code=0, steps=(step("0", JobState.CANCELLED, None, 15),)),
            Silent("its script ended with 0, but its step 0 was ended by signal 15", memory=False),
        ),
        (
            job(JobState.COMPLETED, exit_code=0, derived=(3, 0)),
            Silent("its script ended with 0, but a step of it failed with exit code 3", memory=False),
        ),
        # processes that came in from outside are not the job's work
        (job(JobState.COMPLETED, exit_code=0, steps=(step("extern", JobState.FAILED, 1),)), None),
    ],
)
def test_what_went_wrong_inside_a_success(facts: JobFacts, found: Silent | None) -> None:
    assert silent(facts) == found


def test_a_suspected_failure_is_never_sure_enough_to_act() -> None:
    hidden = (
        job(JobState.COMPLETED, exit_code=0, derived=(3, 0)),
        job(JobState.COMPLETED, exit_code=0, derived=(0, 125)),
    )
    assert [sign.sure for facts in hidden for sign in signs(facts)] == [0.55, 0.55]


def test_where_memory_was_full_by_slurms_word_the_job_held_all_of_it() -> None:
    given = {"asked_mb": 140.0, "peak_mb": 93.0}
    rows = (
        job(JobState.OUT_OF_MEMORY, **given),
        job(JobState.FAILED, steps=OOM_STEP, asked_mb=140.0),
        job(JobState.OUT_OF_MEMORY, asked_mb=140.0, peak_mb=150.0),
        job(JobState.FAILED, signal=9, **given),
        job(JobState.OUT_OF_MEMORY),
    )
    assert [reached(facts) for facts in rows] == [140.0, 140.0, 150.0, 93.0, None]
