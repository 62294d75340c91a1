"""What accounting says of jobs and their steps, as what each used."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, JobState
from heal.knowledge.job_names import Whose, akin
from heal.knowledge.sizing import Ending, Usage
from heal.schedulers.command import Commands, NotWaitedFor
from heal.schedulers.slurm_history import FIELDS, history, peak_mb, peaks, usage_of
from heal.schedulers.slurm_parsers import DELIMITER, Row

PLINK = Whose("sbatch", "/data", "plink")
DAY = "2026-11-24T"


def row(job: str, state: str = "COMPLETED", **more: str) -> Row:
    """A row as sacct 22.05 prints it."""
    usual = {
        "JobID": job,
        "State": state,
        "ExitCode": "0:0",
        "DerivedExitCode": "0:0",
        "ElapsedRaw": "600",
        "TimelimitRaw": "120",
        "NCPUS": "4",
        "NNodes": "1",
        "Submit": f"{DAY}10:00:00",
    }
    return usual | more


def job(state: str = "COMPLETED", **more: str) -> Row:
    return row("41", state, ReqMem="4G", TotalCPU="10:00.500", WorkDir="/data", JobName="plink", **more)


def step(name: str, rss: str, begins: str = "10:00:00", ends: str = "10:10:00", **more: str) -> Row:
    return row(f"41.{name}", more.pop("State", "COMPLETED"), MaxRSS=rss, Start=DAY + begins, End=DAY + ends, **more)


def ending(one: Row, *steps: Row) -> Ending:
    found = usage_of(one, steps, PLINK)
    assert found is not None
    return found.ending


def test_a_job_that_ended_well():
    assert usage_of(job(), [step("batch", "1048576K"), step("extern", "99G")], PLINK, 12.5) == Usage(
        PLINK,
        Ending.WELL,
        submitted=f"{DAY}10:00:00",
        elapsed_s=600,
        cpus=4,
        nodes=1,
        asked_mb=4096,
        peak_mb=1024,
        limit_s=7200,
        cpu_s=600.5,
        input_mb=12.5,
    )


@pytest.mark.parametrize(
    ("one", "steps", "expected"),
    [
        (job("OUT_OF_MEMORY", ExitCode="0:125"), [], Ending.MEMORY),
        (
            job("FAILED", ExitCode="0:9"),
            [step("batch", "4200M", State="CANCELLED by 0", ExitCode="0:9")],
            Ending.MEMORY,
        ),
        (job(), [step("batch", "9M"), step("0", "4G", State="OUT_OF_MEMORY", ExitCode="0:125")], Ending.MEMORY),
        (job("TIMEOUT"), [step("batch", "9M", State="CANCELLED", ExitCode="0:15")], Ending.TIME),
        (job("FAILED", ExitCode="1:0"), [step("batch", "9M", State="FAILED", ExitCode="1:0")], Ending.FAILED),
        (job(), [step("batch", "9M"), step("0", "9M", State="FAILED", ExitCode="3:0")], Ending.WELL),
        (job("NODE_FAIL"), [], Ending.FAILED),
        (job("CANCELLED by 1000"), [step("batch", "9M", State="CANCELLED", ExitCode="0:15")], Ending.LEFT),
    ],
)
def test_how_it_ended_is_what_heal_says_of_such_a_job(one: Row, steps: list[Row], expected: Ending):
    assert ending(one, *steps) is expected


@pytest.mark.parametrize("one", [job("RUNNING"), job("PENDING"), job("CANCELLED by 0", ElapsedRaw="0")])
def test_what_has_not_run_to_an_end_is_left_out(one: Row):
    assert usage_of(one, [], PLINK) is None


@pytest.mark.parametrize(
    ("steps", "asked", "expected"),
    [
        ([step("batch", "")], None, None),
        # one task is told of, and a node has two of them
        ([step("0", "1G", NTasks="4", NNodes="2")], None, 2048),
        # one after the other, and beside each other
        ([step("0", "1G", "10:00:00", "10:05:00"), step("1", "2G", "10:05:00", "10:10:00")], None, 2048),
        ([step("batch", "1G"), step("0", "1G", "10:00:00", "10:05:00"), step("1", "2G", "10:05:00")], None, 3072),
        # added up it may be too much, but no more than was asked for; one alone may be seen above
        ([step("batch", "1G"), step("0", "2G")], 2500, 2500),
        ([step("batch", "1G"), step("0", "3G")], 2500, 3072),
        ([step("0", "1G", "10:00:00", "10:00:00"), step("1", "512M", "10:00:00", "10:00:00")], None, 1024),
    ],
)
def test_the_most_that_was_held_at_once(steps: list[Row], asked: float | None, expected: float | None):
    assert peak_mb(steps, asked) == expected


def test_memory_of_older_versions_is_a_cpus_or_a_nodes():
    for text, expected in (("1000Mc", 4000), ("2Gn", 2048), ("0", None), ("4G", 4096)):
        found = usage_of({**job(), "ReqMem": text}, [], PLINK)
        assert found is not None
        assert found.asked_mb == expected


def test_no_processor_time_at_all_means_that_none_was_sampled():
    for text, expected in (("00:00:00", None), ("", None), ("00:00.002", 0.002), ("1-00:00:01", 86401)):
        found = usage_of({**job(), "TotalCPU": text}, [], PLINK)
        assert found is not None
        assert found.cpu_s == expected


# --- the question ------------------------------------------------------------------------------


def sacct(folder: Path, rows: list[Row], end: str = "exit 0", fields: tuple[str, ...] = FIELDS) -> Commands:
    """A sacct that answers with these rows, then does ``end``."""
    text = "".join(DELIMITER.join(one.get(field, "") for field in fields) + "\n" for one in rows)
    (folder / "rows").write_text(text, encoding="utf-8")
    program = folder / "sacct"
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = --helpformat ]; then echo {" ".join(fields)}; exit; fi\n'
        f'echo $$ > {folder}/pid\necho "$@" > {folder}/asked\ncat {folder}/rows\n{end}\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return Commands(env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})


def told(commands: Commands) -> list[Usage]:
    since = datetime(2026, 11, 1, tzinfo=UTC)
    return list(history(commands, "ada", since, lambda one: (PLINK, None) if one["WorkDir"] == "/data" else None))


def test_one_question_tells_of_all_jobs(tmp_path: Path):
    other = {**row("42"), "WorkDir": "/elsewhere"}
    commands = sacct(tmp_path, [job(), step("batch", "1G"), other, row("42.batch"), job() | {"JobID": "43"}])
    assert [(one.peak_mb, one.ending) for one in told(commands)] == [(1024, Ending.WELL), (None, Ending.WELL)]
    assert commands.count == 1
    assert "--user=ada" in (tmp_path / "asked").read_text()


def test_an_older_sacct_is_asked_for_what_it_knows(tmp_path: Path):
    fields = tuple(field for field in FIELDS if field not in ("Comment", "NTasks"))
    assert len(told(sacct(tmp_path, [job(), step("batch", "1G")], fields=fields))) == 1


def test_what_jobs_of_a_process_held_that_ended_well(tmp_path: Path):
    # Given jobs of one process and of another folder, one that failed in a step, and one of which nothing was sampled
    rows: list[Row] = []
    for number, (name, folder, rss) in enumerate(
        (
            ("plink_1", "/data", "1G"),
            ("plink_22", "/data", "2G"),
            ("plink_3", "/elsewhere", "9G"),
            ("bwa", "/data", "9G"),
        )
    ):
        rows += [{**job(), "JobID": f"5{number}", "JobName": name, "WorkDir": folder}]
        rows += [{**step("batch", rss), "JobID": f"5{number}.batch"}]
    rows += [
        {**job(), "JobID": "60", "JobName": "plink_4"},
        {**job(), "JobID": "61", "JobName": "plink_5"},
        {**step("0", "9G", State="OUT_OF_MEMORY"), "JobID": "61.0"},
    ]
    commands = sacct(tmp_path, rows)
    like = JobFacts("70", JobState.OUT_OF_MEMORY, name="plink_7", workdir="/data")
    # Then those are told, of jobs that completed alone, by one request
    found = peaks(commands, "ada", datetime(2026, 11, 1, tzinfo=UTC), like, {field.lower() for field in FIELDS})
    assert found == {"50": 1024, "51": 2048}
    assert (commands.count, "--state=COMPLETED" in (tmp_path / "asked").read_text().split()) == (1, True)


@pytest.mark.parametrize("name", ["wrap", "sbatch", "17", "0d3f2c7e-8f3a-4c51-9e07-5a1f5d0c2b11", ""])
def test_a_name_that_says_nothing_is_nobodys(name: str):
    one = Whose("sbatch", "/data", name)
    assert not akin(one, one)


def test_who_is_of_one_process():
    rule = Whose("snakemake", "/data", "align_1")
    assert akin(rule, rule)
    assert not akin(rule, rule._replace(process="align_2"))
    assert not akin(PLINK, PLINK._replace(pipeline="/data/b"))
    # where accounting keeps no folders
    assert not akin(PLINK._replace(pipeline=""), PLINK._replace(pipeline=""))


def test_a_long_answer_is_cut_off_where_heal_is_told_to_end(tmp_path: Path):
    commands = sacct(tmp_path, [job()], end="exec sleep 60")
    commands.stop = lambda: True
    with pytest.raises(NotWaitedFor):
        list(commands.lines(["sacct"], timeout_s=30))


def test_a_sacct_that_breaks_off_is_no_answer(tmp_path: Path):
    with pytest.raises(SchedulerUnreachable, match="slurm_persist_conn_open failed"):
        told(sacct(tmp_path, [job()], end="echo slurm_persist_conn_open failed >&2; exit 1"))


def test_a_sacct_that_hangs_is_cut_off(tmp_path: Path):
    commands = sacct(tmp_path, [job()], end="exec sleep 60")
    with pytest.raises(SchedulerUnreachable, match=r"sacct did not answer within 0\.5 s"):
        list(commands.lines(["sacct"], timeout_s=0.5))


def test_a_sacct_that_says_what_is_no_table_is_cut_off(tmp_path: Path):
    # Given one that begins as a row would, and has neither an end of a line nor of a field
    commands = sacct(tmp_path, [], end="printf 41; exec tr '\\0' x < /dev/zero")
    with pytest.raises(SchedulerUnreachable, match="what is no table: '41xxx"):
        told(commands)
    # And one whose lines never become a row
    commands = sacct(tmp_path, [], end="exec yes 41")
    with pytest.raises(SchedulerUnreachable, match=r"what is no table: '41\\n41"):
        told(commands)


def test_whoever_reads_no_further_leaves_nothing_running(tmp_path: Path):
    commands = sacct(tmp_path, [job()], end="exec sleep 60")
    lines = commands.lines(["sacct"], timeout_s=30)
    assert next(lines).startswith("41")
    pid = (tmp_path / "pid").read_text().strip()
    assert Path("/proc", pid).exists()
    lines.close()
    assert not Path("/proc", pid).exists()
