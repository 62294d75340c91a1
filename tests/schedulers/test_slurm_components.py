"""A heterogeneous job is one job, whichever of SLURM's commands names its components; recorded from 22.05.8."""

from __future__ import annotations

import pytest

from heal.errors import CannotApply
from heal.jobs import JobFacts, JobState
from heal.schedulers.slurm_components import must_be_one
from heal.schedulers.slurm_parsers import DELIMITER, Row, parse_jobs, parse_sacct
from heal.schedulers.slurm_queue import from_queue
from heal.schedulers.slurm_told import Told, by_accounting, by_controller, of_jobs

FIELDS = ("JobID", "JobIDRaw", "JobName", "QOS", "State", "ExitCode", "DerivedExitCode", "ReqMem", "MaxRSS", "Submit")
# sacct within a second of the end, and a minute later
EARLY = """8¦8¦allocation¦Unknown¦FAILED¦4:0¦0:0¦16?¦¦2026-11-30T06:23:42
8.batch¦8.batch¦batch¦¦FAILED¦4:0¦¦¦0¦2026-11-30T06:23:42
"""
LATE = """8+0¦8¦het¦normal¦FAILED¦4:0¦0:0¦30M¦¦2026-11-30T06:23:42
8+0.batch¦8.batch¦batch¦¦FAILED¦4:0¦¦¦0¦2026-11-30T06:23:42
8+1¦9¦het¦normal¦FAILED¦4:0¦3:0¦20M¦¦2026-11-30T06:23:42
8+1.extern¦9.extern¦extern¦¦COMPLETED¦0:0¦¦¦29000K¦2026-11-30T06:23:42
8+1.0¦9.0¦sh¦¦FAILED¦3:0¦¦¦29000K¦2026-11-30T06:23:42
"""
CONTROLLER = """JobId=8 HetJobId=8 HetJobOffset=0 JobName=het HetJobIdSet=8-9 UserId=ada(1000) GroupId=ada(1000) QOS=normal JobState=FAILED Reason=NonZeroExitCode ExitCode=4:0 SubmitTime=2026-11-30T06:23:42 EndTime=2026-11-30T06:23:43 NumCPUs=1 MinMemoryNode=30M
JobId=9 HetJobId=8 HetJobOffset=1 JobName=het HetJobIdSet=8-9 UserId=ada(1000) GroupId=ada(1000) QOS=normal JobState=FAILED Reason=NonZeroExitCode ExitCode=4:0 SubmitTime=2026-11-30T06:23:42 EndTime=2026-11-30T06:23:43 NumCPUs=1 MinMemoryNode=20M
"""


def accounting(text: str) -> Told:
    return by_accounting(parse_sacct(text.replace("¦", DELIMITER), FIELDS))


def told(wanted: str, accounted: str, controlled: str) -> tuple[dict[str, JobFacts], tuple[str, ...]]:
    return of_jobs({wanted: None}, accounting(accounted), by_controller(parse_jobs(controlled)))


@pytest.mark.parametrize("wanted", ["8", "9"])
def test_it_is_the_job_of_its_first_component_with_the_steps_of_all(wanted: str) -> None:
    # When it is asked about, by its own id or by a component's number (a hook's word)
    found, missing = told(wanted, LATE, CONTROLLER)
    # Then both sides speak of one job, and its end is final
    [(key, job)] = found.items()
    assert (key, missing) == (wanted, ())
    assert (job.job, job.state, job.exit_code, job.asked_mb, job.final, job.source) == (
        "8",
        JobState.FAILED,
        4,
        30.0,
        True,
        "scontrol and sacct",
    )
    # and memory that another component held is not held against what the first had asked for
    assert ([step.text for step in job.steps], job.peak_mb) == (["8.batch FAILED 4:0", "8.0+1 FAILED 3:0"], None)


def test_accounting_alone_tells_it_as_well() -> None:
    found, missing = told("8", LATE, "")
    assert ([(key, job.state) for key, job in found.items()], missing) == ([("8", JobState.FAILED)], ())


def test_accounting_that_has_not_heard_of_the_beginning_gives_no_qos() -> None:
    found, _ = told("8", EARLY, "")
    assert (found["8"].state, found["8"].qos, found["8"].asked_mb) == (JobState.FAILED, None, None)


def test_the_queue_tells_it_once() -> None:
    text = "8+0|RUNNING|None|2026-11-30T06:23:42|(null)\n8+1|RUNNING|None|2026-11-30T06:23:42|(null)\n"
    assert list(from_queue(text)) == ["8"]


@pytest.mark.parametrize(
    ("script", "record", "taken"),
    [
        ("#!/bin/sh\n#SBATCH -n1\n#SBATCH hetjob\n#SBATCH -n2\nsrun a : b\n", {}, False),
        ("#!/bin/sh\n#SBATCH packjob\n", {}, False),
        ("#!/bin/sh\nsrun a : b\n", {"JobId": "8", "HetJobId": "8", "HetJobOffset": "0"}, False),
        ("#!/bin/sh\n#SBATCH --job-name=hetjob\n", {"JobId": "8"}, True),
    ],
)
def test_it_is_not_submitted_again_for_an_option_would_reach_one_component(
    script: str, record: Row, taken: bool
) -> None:
    if taken:
        must_be_one("8", script, record)
        return
    with pytest.raises(CannotApply, match="job 8 is a heterogeneous job"):
        must_be_one("8", script, record)
