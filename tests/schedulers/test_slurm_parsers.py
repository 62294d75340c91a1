"""What SLURM's commands print, read: recorded from 22.05.8, other versions by their documentation.

``recorded/sacct-22.05.txt`` has a broken bar where sacct printed the delimiter.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, JobState, Step
from heal.schedulers.processes import still_submitting
from heal.schedulers.slurm_facts import from_accounting, from_controller, is_attempts
from heal.schedulers.slurm_fusion import fuse
from heal.schedulers.slurm_parsers import (
    DELIMITER,
    Row,
    parse_fields,
    parse_jobs,
    parse_sacct,
    parse_script,
    parse_submitted,
    parse_tags,
)
from heal.schedulers.slurm_queue import from_queue
from heal.schedulers.slurm_told import Told, by_accounting, by_controller, of_jobs
from heal.schedulers.slurm_values import (
    canceller,
    exit_pair,
    indices_of,
    indices_text,
    memory_mb,
    moment,
    rss_mb,
    seconds,
    state_of,
    throttle_of,
)

RECORDED = Path(__file__).parent / "recorded"
FIELDS = [
    "JobID",
    "JobIDRaw",
    "JobName",
    "User",
    "Partition",
    "State",
    "ExitCode",
    "DerivedExitCode",
    "ReqMem",
    "MaxRSS",
    "ElapsedRaw",
    "TimelimitRaw",
    "Submit",
    "NodeList",
    "NCPUS",
    "NNodes",
    "Comment",
    "WorkDir",
    "SubmitLine",
]
ACCOUNTED = parse_sacct((RECORDED / "sacct-22.05.txt").read_text().replace("¦", DELIMITER), FIELDS)
RECORDS = parse_jobs((RECORDED / "scontrol-22.05.txt").read_text())


def name_of(uid: str) -> str:
    return {"0": "root", "1000": "ada"}.get(uid, uid)


# state, exit code, signal, reason, peak as the controller and accounting together tell them
TRUTH = {
    "51": (JobState.FAILED, 1, None, "NonZeroExitCode", None),  # exit 1
    "52": (JobState.FAILED, 137, None, "NonZeroExitCode", None),  # exit 137: sacct says 9:0
    "53": (JobState.FAILED, None, 9, "JobLaunchFailure", None),  # the script kills itself
    "54": (JobState.FAILED, 137, None, "NonZeroExitCode", None),  # srun's child is killed
    "55": (JobState.COMPLETED, 0, None, None, None),  # srun fails, the script does not care
    "56": (JobState.FAILED, None, 9, "JobLaunchFailure", 322072 / 1024),  # memory, in the batch step
    "57": (JobState.FAILED, 137, None, "NonZeroExitCode", 320652 / 1024),  # memory, in a step of srun
    "58": (JobState.TIMEOUT, None, 15, "TimeLimit", 3228 / 1024),  # time limit
    "59": (JobState.CANCELLED, None, 15, None, None),  # scancel
    "60_0": (JobState.COMPLETED, 0, None, None, None),
    "60_2": (JobState.FAILED, 1, None, "NonZeroExitCode", None),
    "61_4": (JobState.PENDING, None, None, "BeginTime", None),
    "61_5": (JobState.PENDING, None, None, "BeginTime", None),
    "61_6": (JobState.PENDING, None, None, "BeginTime", None),
    "62": (JobState.FAILED, None, 53, "JobLaunchFailure", None),  # its output cannot be opened
}
# what is different where the controller has forgotten the jobs
ACCOUNTING_ALONE = {"52": 9, "54": 137, "57": 137}


def test_both_accounts_together_tell_the_truth() -> None:
    accounted, controlled = from_accounting(ACCOUNTED, name_of), from_controller(RECORDS)
    fused = {job: fuse(accounted.get(job), controlled.get(job)) for job in {**accounted, **controlled}}
    told = {job: (fact.state, fact.exit_code, fact.signal, fact.reason, fact.peak_mb) for job, fact in fused.items()}
    assert told == TRUTH


def test_accounting_alone_loses_128_where_no_step_gives_it_back() -> None:
    facts = from_accounting(ACCOUNTED, name_of)
    assert {job: facts[job].exit_code for job in ACCOUNTING_ALONE} == ACCOUNTING_ALONE
    # sacct says 0:0 of both: that is no exit code
    assert [(facts[job].exit_code, facts[job].signal) for job in ("58", "59")] == [(None, None), (None, None)]


def test_every_fact_of_a_job_killed_for_memory() -> None:
    fact = fuse(from_accounting(ACCOUNTED, name_of)["56"], from_controller(RECORDS)["56"])
    assert fact == JobFacts(
        job="56",
        state=JobState.FAILED,
        state_text="FAILED",
        exit_code=None,
        signal=9,
        reason="JobLaunchFailure",
        asked_mb=50.0,
        peak_mb=322072 / 1024,
        limit_s=120,
        elapsed_s=1,
        cpus=1,
        name="memory",
        user="root",
        partition="short",
        nodes="node01",
        workdir="/data/lab",
        comment="my | own",
        submit_line=(
            "sbatch --parsable -J memory --mem=50M -t 2 --comment my | own -o mem-%j.out --wrap python3 /data/lab/eat.py"
        ),
        submitted="2026-11-24T15:27:55",
        log_paths=("/data/lab/mem-56.out",),
        steps=(Step("56.batch", JobState.CANCELLED, "CANCELLED by 0", None, 9, 322072 / 1024),),
        derived=(0, 0),
        restarts=0,
        ended="2026-11-24T15:27:56",
        source="scontrol and sacct",
        account="root",
        qos="normal",
    )


def test_who_cancelled_is_named() -> None:
    fact = fuse(from_accounting(ACCOUNTED, name_of)["59"], from_controller(RECORDS)["59"])
    assert (fact.state_text, fact.cancelled_by) == ("CANCELLED by 0", "root")


def row(**values: str) -> Row:
    return {"JobID": "9", "State": "FAILED", "ExitCode": "1:0", "Submit": "2026-11-24T10:00:00", **values}


def record(**values: str) -> Row:
    return {"JobId": "9", "JobState": "RUNNING", "ExitCode": "0:0", "SubmitTime": "2026-11-24T10:00:00", **values}


def fused_state(accounted: Row, controlled: Row) -> tuple[JobState, str]:
    fact = fuse(from_accounting([accounted], name_of)["9"], from_controller([controlled])["9"])
    return fact.state, fact.source


@pytest.mark.parametrize(
    ("accounted", "controlled", "expected"),
    [
        # accounting lags: the controller has the end
        ("RUNNING", "FAILED", JobState.FAILED),
        # the controller still cleans up: accounting has the end
        ("TIMEOUT", "COMPLETING", JobState.TIMEOUT),
        # requeued by hand: the job waits again
        ("FAILED", "PENDING", JobState.PENDING),
        ("COMPLETED", "BRAND_NEW_STATE", JobState.UNKNOWN),
    ],
)
def test_which_side_is_believed(accounted: str, controlled: str, expected: JobState) -> None:
    assert fused_state(row(State=accounted), record(JobState=controlled))[0] is expected


def test_a_row_of_an_id_that_was_used_before_is_left_out() -> None:
    old = row(Submit="2026-11-24T09:50:00", State="FAILED")
    assert fused_state(old, record()) == (JobState.RUNNING, "scontrol")
    newest = from_accounting([row(State="TIMEOUT"), old], name_of)["9"]
    assert newest.state is JobState.TIMEOUT
    now = moment("2026-11-24T10:00:00")
    assert now is not None
    assert is_attempts(newest, now + timedelta(hours=3))
    assert not is_attempts(newest, now + timedelta(days=2))
    assert is_attempts(newest, None)


def test_an_array_stands_for_its_elements_and_an_inner_id_for_one() -> None:
    accounting, controller = by_accounting(ACCOUNTED), by_controller(RECORDS)
    facts, missing = of_jobs({"60": None, "63": None, "61_5": None, "404": None}, accounting, controller)
    assert {key: fact.job for key, fact in facts.items()} == {
        "60_0": "60_0",
        "60_2": "60_2",
        "63": "60_0",
        "61_5": "61_5",
    }
    assert missing == ("404",)


def test_an_array_that_accounting_does_not_know_as_one_yet_is_told_by_its_elements() -> None:
    lagging = by_accounting((row(JobID="60", JobIDRaw="60", State="RUNNING"),))
    facts, _ = of_jobs({"60": None}, lagging, by_controller(RECORDS))
    assert {key: fact.state for key, fact in facts.items()} == {"60_0": JobState.COMPLETED, "60_2": JobState.FAILED}


def test_an_older_arrays_elements_are_not_a_single_jobs() -> None:
    old = by_accounting((row(JobID="9_2", JobIDRaw="11", Submit="2026-11-24T09:00:00"),))
    facts, _ = of_jobs({"9": None}, old, by_controller((record(),)))
    assert {key: fact.state for key, fact in facts.items()} == {"9": JobState.RUNNING}


def test_a_silent_side_is_named_in_the_source() -> None:
    facts, _ = of_jobs({"51": None}, Told(refusal="sacct is not on the PATH", lasting=True), by_controller(RECORDS))
    assert facts["51"].source == "scontrol (without the other: sacct is not on the PATH)"


@pytest.mark.parametrize(
    ("text", "nodes", "cpus", "expected"),
    [
        ("50M", "1", "1", 50.0),  # 21.08 and later: the whole job's
        ("8G", "2", "8", 4096.0),
        ("4Gn", "2", "8", 4096.0),  # before 21.08: per node
        ("4000Mc", "1", "3", 12000.0),  # before 21.08: per cpu
        ("0n", "1", "1", None),
        ("", "1", "1", None),
    ],
)
def test_memory_asked_is_per_node(text: str, nodes: str, cpus: str, expected: float | None) -> None:
    fact = from_accounting([row(ReqMem=text, NNodes=nodes, NCPUS=cpus)], name_of)["9"]
    assert fact.asked_mb == expected


def test_memory_per_cpu_of_the_controller_is_made_per_node() -> None:
    fact = from_controller([record(MinMemoryCPU="100M", NumCPUs="8", NumNodes="2")])["9"]
    assert fact.asked_mb == 400.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("COMPLETED", JobState.COMPLETED),
        ("CANCELLED by 1000", JobState.CANCELLED),
        ("CANCELLED+", JobState.CANCELLED),
        ("OUT_OF_MEMORY", JobState.OUT_OF_MEMORY),
        ("OUT_OF_ME+", JobState.UNKNOWN),
        ("BOOT_FAIL", JobState.NODE_FAIL),
        ("NODE_FAIL", JobState.NODE_FAIL),
        ("PREEMPTED", JobState.PREEMPTED),
        ("DEADLINE", JobState.CANCELLED),
        ("SUSPENDED", JobState.RUNNING),
        ("REQUEUED", JobState.PENDING),
        ("REVOKED", JobState.UNKNOWN),
        ("", JobState.UNKNOWN),
        ("1", JobState.UNKNOWN),
    ],
)
def test_states_are_never_guessed(text: str, expected: JobState) -> None:
    assert state_of(text) is expected


def test_words_and_numbers() -> None:
    assert [canceller(text) for text in ("CANCELLED by 1000", "CANCELLED+ by 7", "CANCELLED")] == ["1000", "7", None]
    assert [exit_pair(text) for text in ("137:0", "0:9", "", "x")] == [(137, 0), (0, 9), None, None]
    assert [memory_mb(text) for text in ("512K", "1.5G", "2T", "100", "?")] == [
        (0.5, ""),
        (1536.0, ""),
        (2097152.0, ""),
        (100.0, ""),
        None,
    ]
    assert [rss_mb(text) for text in ("322020K", "1048576", "0", "", "1.50G")] == [
        322020 / 1024,
        1.0,
        None,
        None,
        1536.0,
    ]
    assert [seconds(text) for text in ("1-02:03:04", "00:10:00", "03:04", "UNLIMITED", "Partition_Limit")] == [
        93784,
        600,
        184,
        None,
        None,
    ]
    assert [moment(text) for text in ("Unknown", "None", "")] == [None, None, None]
    assert moment("2026-11-24T15:09:55") == datetime.fromisoformat("2026-11-24T15:09:55").astimezone()


def test_indices() -> None:
    assert indices_of("[1,3-5,7-15:4%2]") == (1, 3, 4, 5, 7, 11, 15)
    assert indices_of("1,3...") == ()
    assert indices_text([5, 3, 4, 1, 4]) == "1,3-5"
    assert [throttle_of(text) for text in ("0-9%2", "0-9", "%0")] == ["%2", "", ""]


def test_free_text_does_not_pass_for_fields() -> None:
    text = (
        "JobId=9 JobName=a UserId=evil(1) b JobState=COMPLETED UserId=ada(1000) GroupId=ada(1000) JobState=FAILED "
        "ExitCode=1:0 WorkDir=/data/my folder Comment=two\nlines JobState=COMPLETED StdOut=/x  StdErr=/data/a b.err "
        "StdIn=/dev/null StdOut=/data/a b.out Power=\n"
    )
    assert parse_jobs(text) == (
        {
            "JobId": "9",
            "JobName": "a UserId=evil(1) b JobState=COMPLETED",
            "UserId": "ada(1000)",
            "GroupId": "ada(1000)",
            "JobState": "FAILED",
            "ExitCode": "1:0",
            "WorkDir": "/data/my folder",
            "Comment": "two\nlines",
            "StdOut": "/data/a b.out",
            "StdErr": "/data/a b.err",
            "StdIn": "/dev/null",
        },
    )


def test_line_breaks_in_accounting_stay_inside_their_field() -> None:
    text = "7|a|two\nlines|sbatch --wrap echo\necho 2\n7.batch|batch||\n".replace("|", DELIMITER)
    assert parse_sacct(text, ["JobID", "JobName", "Comment", "SubmitLine"]) == (
        {"JobID": "7", "JobName": "a", "Comment": "two\nlines", "SubmitLine": "sbatch --wrap echo\necho 2"},
        {"JobID": "7.batch", "JobName": "batch", "Comment": "", "SubmitLine": ""},
    )


@pytest.mark.parametrize("text", ["error: something\n", "7|a\n", "x|a|b|c\n"])
def test_what_is_no_table_says_nothing(text: str) -> None:
    with pytest.raises(SchedulerUnreachable):
        parse_sacct(text.replace("|", DELIMITER), ["JobID", "JobName", "Comment", "SubmitLine"])
    with pytest.raises(SchedulerUnreachable):
        parse_jobs(text)


def test_a_name_that_reads_as_a_record_of_another_job_does_not_end_that_job() -> None:
    # as SLURM 22.05.8 prints a job whose name, of more than one line, somebody chose with care
    text = (
        "JobId=9 JobName=long UserId=ada(1000) GroupId=users(100) JobState=RUNNING ExitCode=0:0 WorkDir=/data\n"
        "JobId=10 JobName=x\n"
        "JobId=9 JobName=long UserId=ada(1000) GroupId=users(100) JobState=OUT_OF_MEMORY EndTime=2026-11-24T15:00:00 "
        "UserId=eve(1001) GroupId=users(100) JobState=PENDING\n"
    )
    told = from_controller(parse_jobs(text))["9"]
    assert (told.state, told.final, told.source) == (
        JobState.UNKNOWN,
        False,
        "scontrol (which has two records of it)",
    )
    assert fuse(from_accounting(ACCOUNTED, name_of)["56"], told).state is JobState.UNKNOWN


def test_no_jobs_is_an_answer() -> None:
    assert (parse_jobs(""), parse_jobs("No jobs in the system\n"), parse_sacct("", FIELDS)) == ((), (), ())


def test_fields_scripts_and_ids() -> None:
    with pytest.raises(SchedulerUnreachable, match=r"sacct answered with what names no field JobID: '\\x00Acc'"):
        parse_fields("\0Acc")
    assert parse_fields("Account   JobID\nState ") == {"account", "jobid", "state"}
    heading = "Batch Script for 7\n" + "-" * 80 + "\n"
    assert parse_script(heading + "#!/bin/sh\n\ntrue\n\n") == "#!/bin/sh\n\ntrue\n"
    assert parse_script(2 * (heading + "#!/bin/sh\n\ntrue\n\n")) == "#!/bin/sh\n\ntrue\n"
    assert [parse_script(text) for text in ("", heading + "NONE\n", "sacct: error")] == [None, None, None]


@pytest.mark.parametrize(
    ("answer", "job"),
    [
        ("123\n", "123"),
        ("123;heal\n", "123"),
        # a wrapper or a plugin of the site has its say, before or behind
        ("site says hello\n123\n", "123"),
        ("926\ncore-hours left: 57\n", "926"),
        ("core-hours left: 57\n", None),
        ("57\n926\n", None),
        # what was cut off may be another job's
        ("92", None),
        ("926\n57", "926"),
        ("Submitted batch job x\n", None),
        ("٣\n", None),
        ("", None),
    ],
)
def test_the_id_of_a_submission_is_a_whole_line_and_the_only_one(answer: str, job: str | None) -> None:
    assert parse_submitted(answer) == job


def test_tags_are_whole_words() -> None:
    text = "7|mine heal:abc\n8_[1-4]|heal:abc.2\n9|heal:abcd\n10|xheal:abc\n11|heal:abc.x\n12|two\nlines heal:abc.3\n13|heal:abc.3.1\n"
    assert parse_tags(text, "abc") == {"abc": "7", "abc.2": "8", "abc.3": "12", "abc.3.1": "13"}


@pytest.mark.parametrize(
    ("command", "environment", "expected"),
    [
        (b"/usr/bin/sbatch\0--mem=1", b"A=1\0HEAL_TOKEN=abc\0", "abc"),
        (b"sbatch\0", b"HEAL_TOKEN=abc.2\0", "abc.2"),
        (b"sbatch\0", b"HEAL_TOKEN=abcd\0", ""),
        # a site's script in its place, started from within a job, and what it becomes
        (b"/bin/bash\0-p\0/opt/site/sbatch\0--mem=1", b"HEAL_TOKEN=abc\0SLURM_JOB_ID=7\0", "abc"),
        (b"/opt/slurm/sbatch.real\0", b"HEAL_TOKEN=abc\0", "abc"),
        # the job that came of it
        (b"/bin/bash\0/var/spool/job1/slurm_script", b"HEAL_TOKEN=abc\0SLURM_JOB_ID=8\0", ""),
    ],
)
def test_an_sbatch_that_still_runs_is_seen(tmp_path: Path, command: bytes, environment: bytes, expected: str) -> None:
    (tmp_path / "4242").mkdir()
    (tmp_path / "4242/cmdline").write_bytes(command)
    (tmp_path / "4242/environ").write_bytes(environment)
    (tmp_path / "4243").mkdir()
    assert still_submitting("abc", tmp_path) == frozenset({expected} - {""})


def test_a_reason_in_a_plugins_own_words_does_not_spoil_the_queue() -> None:
    text = "7|PENDING|burst_buffer/lua:_a|b|2026-11-24T15:00:00|(null)\n8|RUNNING|None|2026-11-24T15:00:00|afterok:7\n"
    told = {job: (one.reason, one.submitted, one.dependency) for job, one in from_queue(text).items()}
    assert told == {
        "7": ("burst_buffer/lua:_a|b", "2026-11-24T15:00:00", ""),
        "8": (None, "2026-11-24T15:00:00", "afterok:7"),
    }
    with pytest.raises(SchedulerUnreachable, match="what is no job"):
        from_queue("7|PENDING\n")
