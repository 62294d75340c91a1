"""What the scheduler says of watched jobs becomes the events a hook would have sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heal.jobs import JobFacts, JobState
from heal.records import Attempt, Event, RunRef, TaskRef
from heal.settings import Slurm
from heal.steps.watch import endings, resubmitted, unannounced

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
JOB = Attempt(
    id=5,
    run_id="r1",
    lineage="r0",
    engine="sbatch",
    key="81723",
    name="plink",
    process="plink",
    native_id="81723",
    submitted=NOW - timedelta(minutes=1),
)


def facts(job: str, state: JobState, text: str, **more: object) -> JobFacts:
    return JobFacts(job, state, text, submitted="2026-11-24T11:59:00", **more)  # type: ignore[arg-type]


def event(kind: str, key: str, job: str, name: str, said: dict[str, object]) -> Event:
    task = TaskRef(name, key, 1, job, "/data", ("/data/slurm.out",))
    return Event(f"slurm:{job}:2026-11-24T11:59:00:5:end", kind, NOW, "poll", RunRef("r1", "sbatch"), task, said)


def test_a_job_that_still_runs_says_nothing():
    assert endings([JOB], {"81723": facts("81723", JobState.RUNNING, "RUNNING")}, NOW) == []


def test_an_unknown_state_says_nothing():
    assert endings([JOB], {"81723": facts("81723", JobState.UNKNOWN, "STRANGE")}, NOW) == []


def test_an_end_on_which_two_sides_disagree_is_told_with_their_words_once_they_had_their_time():
    # Given a job that one side calls failed and the other completed
    said = "scontrol says FAILED, sacct says COMPLETED"
    ended = NOW.astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
    seen = facts("81723", JobState.UNKNOWN, "", final=False, ended=ended, workdir="/data", disagreement=said)
    seen = replace(seen, log_paths=("/data/slurm.out",))
    # Then it is waited for a while that they agree
    assert endings([JOB], {"81723": seen}, NOW + timedelta(seconds=10)) == []
    # And then told, not as how it ended
    [told] = endings([JOB], {"81723": seen}, NOW + timedelta(seconds=30))
    expected = {"state": "", "process": "plink", "asked": {}, "disagreement": said}
    assert told == replace(event("task_failed", "81723", "81723", "plink", expected), time=told.time)


def test_a_failed_job_says_what_it_asked_and_how_it_ended():
    seen = facts(
        "81723",
        JobState.TIMEOUT,
        "TIMEOUT",
        exit_code=0,
        asked_mb=400,
        limit_s=600,
        cpus=2,
        workdir="/data",
        log_paths=("/data/slurm.out",),
    )
    said = {
        "state": "TIMEOUT",
        "process": "plink",
        "asked": {"memory_mb": 400, "time_min": 10.0, "cpus": 2.0},
        "exit": 0,
    }
    assert endings([JOB], {"81723": seen}, NOW) == [event("task_failed", "81723", "81723", "plink", said)]


def test_each_element_of_an_array_speaks_for_itself():
    where = {"workdir": "/data", "log_paths": ("/data/slurm.out",)}
    seen = {
        "81723_1": facts("81723_1", JobState.COMPLETED, "COMPLETED", **where),
        "81723_2": facts("81723_2", JobState.FAILED, "FAILED", exit_code=1, **where),
        "81723_3": facts("81723_3", JobState.RUNNING, "RUNNING", **where),
    }
    assert endings([JOB], seen, NOW) == [
        event(
            "task_finished", "81723_1", "81723_1", "plink #1", {"state": "COMPLETED", "process": "plink", "asked": {}}
        ),
        event(
            "task_failed",
            "81723_2",
            "81723_2",
            "plink #2",
            {"state": "FAILED", "process": "plink", "asked": {}, "exit": 1},
        ),
    ]


def test_an_array_is_over_when_all_its_elements_are():
    seen = {"81723_1": facts("81723_1", JobState.COMPLETED, "COMPLETED")}
    assert [(each.kind, each.task and each.task.key) for each in endings([JOB], seen, NOW)] == [
        ("task_finished", "81723_1"),
        ("task_finished", "81723"),
    ]


def test_a_job_nobody_knows_is_given_time_and_then_said_to_be_unknown():
    assert endings([JOB], {}, NOW) == []
    [said] = endings([JOB], {}, NOW + timedelta(minutes=10))
    assert said.facts["message"] == (
        "SLURM no longer knows job 81723: neither the controller nor accounting has a record of it"
    )


def test_a_resubmission_is_the_same_event_however_often_it_is_made():
    first = resubmitted(JOB, "81800", "t0k3n", NOW)
    again = resubmitted(JOB, "81800", "t0k3n", NOW + timedelta(hours=1))
    assert first.id == again.id
    assert first.task == TaskRef("plink", "81723", 2, "81800", None)


def test_only_own_unannounced_jobs_of_a_project_are_looked_after():
    def job(number: str, **more: str) -> JobFacts:
        given = {"workdir": "/data/gwas/run1", "submitted": "2026-11-24T12:00:00", **more}
        return JobFacts(number, JobState.FAILED, **given)  # type: ignore[arg-type]

    found = [
        job("1"),
        job("2", workdir="/data/gwas2"),
        job("3", workdir=""),
        job("4", submitted="2026-11-24T01:00:00"),
        job("5", submit_line="sbatch --wrap=python -m snakemake --executor slurm-jobstep"),
        job("6", submit_line="sbatch .command.run"),
        job("7", comment="mine heal:t0k3n"),
    ]
    since, later = (datetime(2026, 11, 24, hour).astimezone() for hour in (11, 13))
    assert [each.job for each in unannounced(found, {"/data/gwas": since, "/data/gwas2": later})] == ["1"]


def test_a_completed_job_with_a_part_killed_for_memory_has_failed():
    seen = facts("81723", JobState.COMPLETED, "COMPLETED", exit_code=0, derived=(0, 125), restarts=2, elapsed_s=70)
    [said] = endings([JOB], {"81723": seen}, NOW)
    assert (said.kind, said.facts["silent"], said.facts["restarts"], said.facts["elapsed_s"]) == (
        "task_failed",
        "its script ended with 0, but a step of it was killed by signal 125",
        2,
        70,
    )


@pytest.mark.parametrize(
    ("strict", "kind", "told_as"), [(False, "task_finished", "warning"), (True, "task_failed", "silent")]
)
def test_a_failed_step_is_a_failure_only_by_the_projects_own_rule(strict: bool, kind: str, told_as: str):
    seen = facts("81723", JobState.COMPLETED, "COMPLETED", exit_code=0, derived=(3, 0))
    [said] = endings([JOB], {"81723": seen}, NOW, lambda _attempt: Slurm(failed_step_fails=strict))
    assert (said.kind, said.facts[told_as]) == (
        kind,
        "its script ended with 0, but a step of it failed with exit code 3",
    )


def test_an_end_that_one_side_does_not_know_yet_is_waited_for_and_not_for_ever():
    ended = (NOW - timedelta(seconds=5)).astimezone().replace(tzinfo=None).isoformat()
    seen = facts("81723", JobState.FAILED, "FAILED", exit_code=1, final=False, ended=ended)
    assert endings([JOB], {"81723": seen}, NOW) == []
    [said] = endings([JOB], {"81723": seen}, NOW + timedelta(seconds=30))
    assert (said.kind, said.facts["exit"]) == ("task_failed", 1)
    # that a job went well is for accounting to say, however long that takes
    unsaid = facts("81723", JobState.COMPLETED, "COMPLETED", final=False)
    assert endings([JOB], {"81723": unsaid}, NOW + timedelta(hours=1)) == []


@pytest.mark.parametrize(
    ("reason", "seconds", "stuck"),
    [
        ("PartitionTimeLimit", 59, False),
        ("PartitionTimeLimit", 61, True),
        # this one may pass, so it is given longer
        ("JobHeldAdmin", 61, False),
        ("JobHeldAdmin", 301, True),
        ("Priority", 90_000, False),
    ],
)
def test_a_job_that_can_never_start_is_told_after_a_while(reason: str, seconds: float, stuck: bool):
    seen = facts("81723", JobState.PENDING, "PENDING", reason=reason)
    assert JOB.submitted
    said = endings([JOB], {"81723": seen}, JOB.submitted + timedelta(seconds=seconds))
    assert [(each.kind, each.facts["reason"]) for each in said] == ([("task_failed", reason)] if stuck else [])


def test_the_elements_of_an_array_that_can_never_start_are_told_one_by_one():
    seen = {
        f"81723_{index}": facts(f"81723_{index}", JobState.PENDING, "PENDING", reason="QOSMaxMemoryPerJob")
        for index in (1, 2)
    }
    later = NOW + timedelta(minutes=2)
    said = endings([JOB], seen, later)
    assert [(each.kind, each.task and each.task.key) for each in said] == [
        ("task_failed", "81723_1"),
        ("task_failed", "81723_2"),
        ("task_finished", "81723"),
    ]
    assert said[0].facts["message"] == (
        "SLURM job 81723_1 waits, QOSMaxMemoryPerJob, and can never start: it asks for more than its QOS gives one job"
    )
