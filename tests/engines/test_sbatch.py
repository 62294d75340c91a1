"""Bare sbatch runs: which fixes can be carried out, and how failed jobs are grouped into submissions."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fakes.scheduler import FakeScheduler

from heal.engines.sbatch import Sbatch
from heal.errors import CannotApply, SchedulerUnreachable, SubmissionRefused, SubmissionUncertain
from heal.jobs import JobFacts, JobState
from heal.journal import Applied
from heal.records import Attempt, Change, Fix, FixKind, Run
from heal.seams import Order, Submission

MORE = Fix(FixKind.RESOURCES, "job", (Change("memory_mb", 400, 800),))
RUN = Run(
    "run",
    "run",
    "sbatch",
    "/data",
    ("/usr/bin/sbatch", "--mem=400M", "job.sh", "x"),
    datetime(2026, 11, 24, tzinfo=UTC),
)


def attempt(job: str | None, **more: object) -> Attempt:
    return Attempt(
        **{  # type: ignore[arg-type]
            "id": 1,
            "run_id": "run",
            "lineage": "run",
            "engine": "sbatch",
            "key": f"task {job}",
            "name": f"task {job}",
            "process": "job",
            "native_id": job,
            "asked": {"memory_mb": 400},
            **more,
        }
    )


@pytest.mark.parametrize(
    ("fix", "expected"),
    [
        (MORE, True),
        (Fix(FixKind.RESOURCES, "job", (Change("memory_mb", 200, 400),)), False),
        (Fix(FixKind.RESOURCES, "job", (Change("time_min", None, 30),)), True),
        (Fix(FixKind.RESOURCES, "job", (Change("time_min", 30, 30),)), False),
        (Fix(FixKind.RETRY, "job", (Change("delay_s", None, 60),)), True),
        (Fix(FixKind.RETRY, "job"), True),
        (Fix(FixKind.EXCLUDE_NODE, "job", (Change("node", None, "n01"),)), True),
        (Fix(FixKind.ENVIRONMENT, "job", (Change("TMPDIR", None, "/scratch"),)), False),
        (Fix(FixKind.ADVICE, "job"), False),
    ],
)
def test_what_is_supported(fix: Fix, expected: bool) -> None:
    assert Sbatch(FakeScheduler()).supports(fix, attempt("7")) is expected


def test_a_job_without_an_id_cannot_be_submitted_again() -> None:
    assert Sbatch(FakeScheduler()).supports(MORE, attempt(None)) is False
    with pytest.raises(CannotApply):
        Sbatch(FakeScheduler()).apply(RUN, [Order(MORE, (attempt(None),))], "t")


def test_logs_are_the_attempts_own_else_what_the_event_named() -> None:
    engine = Sbatch(FakeScheduler())
    named = {"StdOut": "/data/out", "StdErr": "/data/err"}
    assert engine.logs(RUN, attempt("7", log_paths=("a",), facts=named)) == ("a",)
    assert engine.logs(RUN, attempt("7", facts=named)) == ("/data/err", "/data/out")
    assert engine.logs(RUN, attempt("7")) == ()


def test_a_job_is_submitted_under_the_token_and_its_own_id() -> None:
    scheduler = FakeScheduler()
    applied = Sbatch(scheduler).apply(RUN, [Order(MORE, (attempt("7"),))], "t")
    assert applied == Applied("t", detail="submitted again as 1001", jobs={"task 7": "1001"})
    assert scheduler.submissions == [Submission("7", ("--mem=400M", "job.sh", "x"), "/data", "t.7", MORE)]


def test_elements_of_one_array_are_submitted_together_and_jobs_apart() -> None:
    scheduler = FakeScheduler()
    orders = [Order(MORE, (attempt("8_5"), attempt("7"), attempt("8_1")))]
    applied = Sbatch(scheduler).apply(RUN, orders, "t")
    assert applied.jobs == {"task 8_5": "1001_5", "task 8_1": "1001_1", "task 7": "1002"}
    assert [(s.job, s.token, s.array) for s in scheduler.submissions] == [("8_5", "t.8", (1, 5)), ("7", "t.7", ())]


def test_what_is_already_submitted_is_not_submitted_again() -> None:
    scheduler = FakeScheduler([JobFacts("900", JobState.RUNNING, comment="mine heal:t.8")])
    applied = Sbatch(scheduler).apply(RUN, [Order(MORE, (attempt("8_5"), attempt("7")))], "t")
    assert applied.jobs == {"task 8_5": "900_5", "task 7": "1001"}
    assert [s.token for s in scheduler.submissions] == ["t.7"]


def test_what_is_submitted_is_found_again_however_few_are_left_to_be_ordered() -> None:
    # Given a remedy of two jobs, both submitted by a heal that died before it could write that
    scheduler = FakeScheduler()
    Sbatch(scheduler).apply(RUN, [Order(MORE, (attempt("6"), attempt("7")))], "t")
    # When one of them has come home by itself, and the other is ordered again under the same token
    applied = Sbatch(scheduler).apply(RUN, [Order(MORE, (attempt("7"),))], "t")
    # Then it is the job that was submitted, not another one
    assert (applied.jobs, len(scheduler.submissions)) == ({"task 7": "1002"}, 2)


def test_parts_of_one_array_that_get_different_amounts_are_told_apart() -> None:
    scheduler = FakeScheduler()
    less = Fix(FixKind.RESOURCES, "job", (Change("memory_mb", 400, 500),))
    orders = [Order(less, (attempt("8_1"),), part=1), Order(MORE, (attempt("8_5"),), part=2)]
    first = Sbatch(scheduler).apply(RUN, orders, "t")
    assert [one.token for one in scheduler.submissions] == ["t.8.1", "t.8.2"]
    assert Sbatch(scheduler).apply(RUN, orders[1:], "t").jobs == {"task 8_5": first.jobs["task 8_5"]}


def test_after_a_lost_reply_applying_again_goes_on() -> None:
    scheduler = FakeScheduler()
    scheduler.loses = True
    orders = [Order(MORE, (attempt("6"), attempt("7")))]
    with pytest.raises(SubmissionUncertain):
        Sbatch(scheduler).apply(RUN, orders, "t")
    scheduler.loses = False
    assert Sbatch(scheduler).apply(RUN, orders, "t").jobs == {"task 6": "1001", "task 7": "1002"}


def test_a_refusal_of_everything_is_raised() -> None:
    scheduler = FakeScheduler()
    scheduler.refuses = "QOSMaxSubmitJobPerUserLimit"
    with pytest.raises(SubmissionRefused, match="QOSMax"):
        Sbatch(scheduler).apply(RUN, [Order(MORE, (attempt("7"),))], "t")


def test_a_silent_scheduler_gets_no_submission() -> None:
    scheduler = FakeScheduler()
    scheduler.down = True
    with pytest.raises(SchedulerUnreachable):
        Sbatch(scheduler).apply(RUN, [Order(MORE, (attempt("7"),))], "t")
    assert scheduler.submissions == []


def test_the_runs_own_environment_goes_with_the_submission(tmp_path: Path) -> None:
    scheduler = FakeScheduler()
    path = tmp_path / "env.json"
    path.write_text(json.dumps({"PATH": "/opt/bin", "N": 3}))
    run = Run(**{name: getattr(RUN, name) for name in RUN.__slots__} | {"env_file": str(path)})
    Sbatch(scheduler).apply(run, [Order(MORE, (attempt("7"),))], "t")
    assert scheduler.submissions[0].env == {"PATH": "/opt/bin", "N": "3"}
