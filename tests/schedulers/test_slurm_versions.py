"""The same jobs in the formats of four SLURM versions, and the same verdicts of all of them.

``recorded/<version>/`` names in its first lines where the format comes from. 22.05 is recorded from a real cluster.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heal.jobs import JobFacts, JobState
from heal.knowledge.endings import signs
from heal.records import Attempt, Label
from heal.schedulers.slurm_components import as_one
from heal.schedulers.slurm_facts import from_accounting, from_controller
from heal.schedulers.slurm_fusion import fuse
from heal.schedulers.slurm_parsers import DELIMITER, parse_jobs, parse_sacct
from heal.schedulers.slurm_queue import from_queue
from heal.schedulers.slurm_values import moment
from heal.steps.watch import endings

RECORDED = Path(__file__).parent / "recorded"
VERSIONS = ("22.05", "23.11", "24.11", "25.11")
NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)

# state, exit code, signal; what is told of it; what the books take it for
VERDICTS = {
    "168": ("TIMEOUT", None, 15, "task_failed", Label.TIME_LIMIT),
    # warned of its end by a signal, as Nextflow's jobs are
    "169": ("FAILED", 140, None, "task_failed", None),
    "170": ("OUT_OF_MEMORY", None, 125, "task_failed", Label.OUT_OF_MEMORY),
    "171": ("FAILED", 1, None, "task_failed", Label.OUT_OF_MEMORY),
    "172": ("OUT_OF_MEMORY", None, 125, "task_failed", Label.OUT_OF_MEMORY),
    # its step was killed for memory, its script ended with 0
    "173": ("COMPLETED", 0, None, "task_failed", Label.OUT_OF_MEMORY),
    "174": ("COMPLETED", 0, None, "task_finished", None),
    # its step failed, its script ended with 0
    "175": ("COMPLETED", 0, None, "task_finished", Label.UNKNOWN),
    "176": ("FAILED", 3, None, "task_failed", None),
    "177": ("FAILED", 137, None, "task_failed", None),
    "178": ("FAILED", None, 11, "task_failed", Label.TOOL_CRASH),
    "179": ("FAILED", None, 53, "task_failed", Label.MISSING_INPUT),
    "180": ("DEADLINE", None, 1, "task_failed", Label.CANCELLED),
    # put back by the site: to run again, and held
    "181": ("PENDING", None, None, "nothing", None),
    "182": ("SPECIAL_EXIT", None, None, "task_failed", Label.SCHEDULER_REJECTED),
    "183": ("PENDING", None, None, "task_failed", Label.SCHEDULER_REJECTED),
    "184_2": ("FAILED", 2, None, "task_failed", None),
    "184_7": ("FAILED", 7, None, "task_failed", None),
    "185_1": ("PENDING", None, None, "nothing", None),
    "185_2": ("PENDING", None, None, "nothing", None),
    "185_3": ("PENDING", None, None, "nothing", None),
    "186": ("FAILED", 1, None, "task_failed", None),
    "187": ("CANCELLED", None, None, "task_failed", Label.CANCELLED),
    "188": ("CANCELLED by 0", None, 15, "task_failed", Label.CANCELLED),
    "189": ("CANCELLED by 1000", None, 15, "task_failed", Label.CANCELLED),
    "191": ("PREEMPTED", None, 15, "task_failed", Label.NODE_FAILURE),
    "193": ("NODE_FAIL", None, None, "task_failed", Label.NODE_FAILURE),
    # two components, 194+0 and 194+1, are one job
    "194": ("FAILED", 4, None, "task_failed", None),
    "196": ("BOOT_FAIL", 1, None, "task_failed", Label.NODE_FAILURE),
    # its node could not start it, and SLURM holds it
    "197": ("PENDING", None, None, "task_failed", Label.SCHEDULER_REJECTED),
}
# what a version says in other words, and means the same
ELSE = {
    ("24.11", "193"): ("NODE_FAIL", 1, None),
    ("25.11", "193"): ("NODE_FAIL", 1, None),
    ("25.11", "181"): ("EXPEDITING", None, None),
}


def name_of(uid: str) -> str:
    return {"0": "root", "1000": "ada"}.get(uid, uid)


def lines(version: str, file: str) -> tuple[list[str], str]:
    """The remarks at the head of a file, and what the command printed."""
    text = (RECORDED / version / file).read_text(encoding="utf-8").splitlines(keepends=True)
    return [line for line in text if line.startswith("# ")], "".join(line for line in text if not line.startswith("# "))


def accounted(version: str) -> dict[str, JobFacts]:
    remarks, text = lines(version, "sacct.txt")
    fields = remarks[-1].split(": ")[1].strip().split(",")
    return from_accounting(tuple(as_one(parse_sacct(text.replace("¦", DELIMITER), fields))), name_of)


def controlled(version: str) -> dict[str, JobFacts]:
    return from_controller(parse_jobs(lines(version, "scontrol.txt")[1]))


def both(version: str) -> dict[str, JobFacts]:
    kept, now = accounted(version), controlled(version)
    return {job: fuse(kept.get(job), now.get(job)) for job in {**kept, **now}}


def kind(facts: JobFacts) -> str:
    attempt = Attempt(
        1, "r", "r", "sbatch", facts.job, "t", "t", native_id=facts.job, submitted=moment(facts.submitted)
    )
    told = endings([attempt], {facts.job: facts}, NOW + timedelta(days=1))
    return told[0].kind if told else "nothing"


def label(facts: JobFacts) -> Label | None:
    found = sorted(signs(facts), key=lambda sign: -sign.weight.points)
    return found[0].label if found else None


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_gives_the_same_verdicts(version: str) -> None:
    told = {
        job: (facts.state_text, facts.exit_code, facts.signal, kind(facts), label(facts))
        for job, facts in both(version).items()
    }
    assert told == {job: (*ELSE.get((version, job), expected[:3]), *expected[3:]) for job, expected in VERDICTS.items()}


@pytest.mark.parametrize("version", VERSIONS)
def test_accounting_alone_tells_failures_from_successes(version: str) -> None:
    facts = accounted(version)
    told = {job: kind(found) for job, found in facts.items() if found.state.over}
    assert told == {job: expected[3] for job, expected in VERDICTS.items() if job in told}
    # the codes above 127 that sacct makes smaller up to 25.05
    codes = {job: facts[job].exit_code for job in ("169", "177")}
    assert codes == ({"169": 140, "177": 137} if version == "25.11" else {"169": 12, "177": 9})


@pytest.mark.parametrize("version", VERSIONS)
def test_the_controller_alone_knows_no_steps_and_takes_a_hidden_failure_for_a_success(version: str) -> None:
    told = {job: kind(facts) for job, facts in controlled(version).items()}
    assert told == {job: expected[3] for job, expected in VERDICTS.items()} | {"173": "task_finished"}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_queue_says_the_same_as_the_controllers_records(version: str) -> None:
    def short(found: dict[str, JobFacts]) -> dict[str, tuple[object, ...]]:
        return {
            job: (one.state, one.state_text, (one.reason or "").replace(" ", "_"), one.submitted, one.dependency)
            for job, one in found.items()
        }

    assert short(from_queue(lines(version, "squeue.txt")[1])) == short(controlled(version))


def test_what_newer_versions_tell_more() -> None:
    assert [both(version)["193"].failed_node for version in VERSIONS] == [None, "node02", "node02", "node02"]
    # sacct knows of restarts since 24.11, the controller ever since
    assert [accounted(version)["181"].restarts for version in VERSIONS] == [None, None, 1, 1]
    assert [controlled(version)["181"].restarts for version in VERSIONS] == [1, 1, 1, 1]
    assert [both(version)["178"].reason for version in VERSIONS] == [
        "JobLaunchFailure",
        *["RaisedSignal:11(Segmentation_fault)"] * 3,
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_names_paths_and_command_lines_are_read_alike(version: str) -> None:
    fine = both(version)["174"]
    assert (fine.name, fine.user, fine.workdir, fine.comment, fine.log_paths, fine.asked_mb) == (
        "fine",
        "ada",
        "/data/lab",
        "two | words",
        ("/data/lab/fine-174.out",),
        100.0,
    )
    said = "sbatch --parsable -J fine -o /data/lab/%x-%j.out --wrap=srun hostname --comment=two | words"
    assert fine.submit_line == said
    assert both(version)["174"].state is JobState.COMPLETED


def test_a_command_line_does_not_pass_for_the_fields_behind_it() -> None:
    record = (
        "JobId=9 JobName=a HetJobIdSet=9-10 UserId=ada(1000) GroupId=ada(1000) JobState=FAILED ExitCode=1:0 "
        "Command=(null) SubmitLine=sbatch --wrap=echo JobState=COMPLETED WorkDir=/data StdOut=/data/a.out\n"
    )
    [row] = parse_jobs(record)
    assert (row["JobName"], row["JobState"], row["WorkDir"], row["SubmitLine"]) == (
        "a",
        "FAILED",
        "/data",
        "sbatch --wrap=echo JobState=COMPLETED",
    )
