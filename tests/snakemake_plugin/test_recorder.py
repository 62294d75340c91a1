"""What the recorder makes of log records: golden files that intake reads as well."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from tests.snakemake_plugin.conftest import error, job_error, job_info, record
from tests.snakemake_plugin.golden import check

from snakemake_logger_plugin_heal.groups import blameless, end_of, fates, group_job
from snakemake_logger_plugin_heal.recorder import GRACE_S, Draft, Recorder
from snakemake_logger_plugin_heal.texts import exit_code

SHELL = "Command 'set -euo pipefail;  do it' returned non-zero exit status 7."
# Snakemake's name for the group whose last job is second (n=2)
GROUP = group_job("second", {"n": "2"})
GROUP_LOG = """Provided cores: 2
localrule first:
    output: a2.txt
    jobid: 0
    wildcards: n=2
Finished jobid: 0 (Rule: first)
localrule second:
    input: a2.txt
    output: b2.txt
    jobid: 1
"""
NAMED = "Error in rule second:\n    message: None\n    jobid: 1\n"
FINAL = "WorkflowError:\nAt least one job did not complete successfully."


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def recorder(clock: Clock | None = None) -> Recorder:
    return Recorder(clock=clock or Clock(), cwd=lambda: "/work/run", end_of=lambda _path: GROUP_LOG + NAMED)


def run(*records: logging.LogRecord, crash: str | None = None) -> list[Draft]:
    made = recorder()
    drafts = [draft for each in records for draft in made.feed(each)]
    return drafts + made.end(crash, ["/work/run/.snakemake/log/x.snakemake.log"])


def kinds(drafts: list[Draft]) -> list[str]:
    return [kind for kind, _, _ in drafts]


CASES: dict[str, list[logging.LogRecord]] = {
    "local-success": [
        record("job_started", jobs=[1]),
        job_info(
            1,
            "align",
            wildcards={"sample": "S7", "lane": 1},
            log=["logs/a.log"],
            input=["reads/S7.fq"],
            output=["out/S7.bam"],
        ),
        record("job_finished", job_id=1),
        record("progress", done=1, total=1),
    ],
    "local-failure": [
        job_info(1, "align", wildcards={"sample": "S7"}, log=["logs/a.log", "/abs/b.log"]),
        error(f'RuleException:\nCalledProcessError in file "Snakefile", line 8:\n{SHELL}', "pool_0"),
        job_error(1, "align", "pool_0", log=["logs/a.log", "/abs/b.log"]),
        record(msg="Exiting because a job execution failed. Look above for error messages"),
        error(FINAL, exception="WorkflowError"),
    ],
    "restarted": [
        job_info(1, "align"),
        error("boom returned non-zero exit status 1.", "pool_0"),
        job_error(1, "align", "pool_0"),
        record(msg="Trying to restart job 1."),
        job_info(1, "align"),
        record("job_finished", job_id=1),
    ],
    "slurm-failure": [
        record(msg="SLURM run ID: 0f0f"),
        job_info(3, "align", local=False, wildcards={"sample": "S7"}),
        record(msg="Job 3 has been submitted with SLURM jobid 81723 (log: /work/run/.snakemake/slurm_logs/81723.log)."),
        job_error(
            3,
            "align",
            "Thread-1",
            rule_msg="SLURM-job '81723' failed, SLURM status is: 'FAILED'.",
            log=["/work/run/.snakemake/slurm_logs/81723.log"],
            aux={"external_jobid": "81723"},
        ),
        error(FINAL, exception="WorkflowError"),
    ],
    "missing-output": [
        job_info(4, "tidy"),
        error(
            'MissingOutputException in rule tidy in file "Snakefile", line 9:\n'
            "Job 4  completed successfully, but some output files are missing. Missing files after 5 seconds.",
            exception="MissingOutputException",
        ),
        error(FINAL, exception="WorkflowError"),
    ],
    "engine-failure": [error("MissingInputException in rule all …", exception="MissingInputException")],
    "group-failure": [
        record(msg="SLURM run ID: 0f0f"),
        record("group_info", group_id="g"),
        job_info(6, "first", local=False, indent=True, output=["a2.txt"], wildcards={"n": "2"}),
        job_info(5, "second", local=False, indent=True, output=["b2.txt"], wildcards={"n": "2"}),
        record(msg=f"Job {GROUP} has been submitted with SLURM jobid 9 (log: /g.log)."),
        record(
            "group_error",
            groupid="g",
            aux_logs=["/g.log"],
            external_jobid="9",
            job_error_info=[{"jobid": 5}, {"jobid": 6}],
        ),
        job_error(6, "first", indent=True),
        job_error(5, "second", indent=True),
        error(FINAL, exception="WorkflowError"),
    ],
}


@pytest.mark.parametrize("case", CASES)
def test_records_make_the_events_of_the_golden_file(case: str) -> None:
    check(f"snakemake-{case}", run(*CASES[case]))


def test_an_array_gives_each_job_its_element() -> None:
    drafts = run(
        record(msg="SLURM run ID: 0f0f"),
        *(job_info(number, "align", local=False, wildcards={"n": number}) for number in (7, 8)),
        record(msg="Submitted array job with Snakemake IDs 7,8 and SLURM job ID 500. The individual task IDs are 1-2."),
    )
    ids = {task["key"]: task["native_id"] for kind, task, _ in drafts if kind == "task_submitted" and task}
    assert ids == {"align:n=7": "500_1", "align:n=8": "500_2"}


FIRST, SECOND, THIRD = ("first", "a2.txt"), ("second", "b2.txt"), ("third", "c2.txt")


@pytest.mark.parametrize(
    ("log", "blamed"),
    [
        (GROUP_LOG + NAMED, [SECOND]),
        # killed as a whole: what was at work then
        (GROUP_LOG, [SECOND]),
        # what Snakemake says of a second try, and of the group at large, counts for what it is
        (GROUP_LOG + NAMED + "localrule second:\n    output: b2.txt\n    jobid: 1\n" + NAMED, [SECOND]),
        (GROUP_LOG + NAMED + "    Error in rule first:\n        message: None\n        jobid: 0\n", [SECOND]),
        # another Snakemake in the same job counts anew
        (f"{GROUP_LOG}Finished jobid: 1 (Rule: second)\nProvided cores: 2\nError in rule x:\n    jobid: 1\n", None),
        ("srun: error: nothing came of it\n", None),
        ("", None),
    ],
)
def test_of_a_group_only_those_have_failed_that_its_log_says(log: str, blamed: list[tuple[str, str]] | None) -> None:
    members = [FIRST, SECOND, THIRD]
    assert [one for one in members if not blameless(fates(log), one)] == (members if blamed is None else blamed)


def test_a_group_that_is_tried_again_counts_the_tries_of_its_members() -> None:
    made = recorder()
    group = CASES["group-failure"][:-1]
    drafts = [
        draft
        for each in (*group, record(msg=f"Trying to restart job {GROUP}."), *group[1:])
        for draft in made.feed(each)
    ] + made.end(None, [])
    tries = [(kind, task["key"], task["attempt"], task["native_id"]) for kind, task, _facts in drafts if task]
    assert tries == [
        (kind, f"{rule}:n=2", attempt, "9")
        for attempt in (1, 2)
        for kind in ("task_submitted", "task_failed")
        for rule in ("first", "second")
    ]
    assert [facts.get("will_retry") for kind, _task, facts in drafts if kind == "task_failed"] == [True] * 2 + [
        False
    ] * 2


def test_only_the_end_of_a_log_is_read(tmp_path: Path) -> None:
    (tmp_path / "long").write_text("x" * 1_000_000 + "the end")
    assert (len(end_of(str(tmp_path / "long"))), end_of(str(tmp_path / "gone"))) == (256_000, "")
    assert end_of(str(tmp_path / "long")).endswith("xthe end")


def test_each_failure_gets_the_words_of_its_own_thread() -> None:
    drafts = run(
        *(job_info(number, "align", wildcards={"n": number}) for number in (1, 2)),
        error("one returned non-zero exit status 1.", "pool_1"),
        error("two died with <Signals.SIGKILL: 9>.", "pool_2"),
        job_error(2, "align", "pool_2"),
        job_error(1, "align", "pool_1"),
    )
    exits = {task["key"]: facts["exit"] for kind, task, facts in drafts if kind == "task_failed" and task}
    assert exits == {"align:n=1": 1, "align:n=2": 137}


def test_a_job_that_ends_before_it_is_waited_for_has_its_words_from_the_main_thread() -> None:
    # Given what Snakemake does where a future is done before its callback is added: it calls it at once, where it is
    said = error("Command 'exit 7' returned non-zero exit status 7.")
    drafts = run(
        *(job_info(number, "align", wildcards={"n": number}) for number in (1, 2)), said, job_error(1, "align"),
        record("job_started"), job_error(2, "align"),
    )  # fmt: skip
    # Then the words are that job's, and neither another job's nor an error of Snakemake itself
    exits = [(task["key"], facts["exit"]) for kind, task, facts in drafts if kind == "task_failed" and task]
    assert exits == [("align:n=1", 7), ("align:n=2", None)]
    assert drafts[-1] == ("run_finished", None, {"ok": True, "exit": 0})


def test_of_what_a_thread_says_the_last_counts_and_of_many_threads_the_last_ones() -> None:
    made = recorder()
    made.feed(error("stale", "pool_0"))
    for number in range(100):
        made.feed(job_info(number, "align"))
        made.feed(error(f"Command 'x' returned non-zero exit status {number % 64 + 1}.", f"pool_{number}"))
    made.feed(error("stale", "pool_0"))
    made.feed(error("Command 'x' returned non-zero exit status 3.", "pool_0"))
    told = [made.feed(job_error(number, "align", f"pool_{number}")) for number in (0, 98, 99)]
    assert told == [[], [], []]
    ended = made.end(None, ())
    assert [facts["exit"] for kind, _task, facts in ended if kind == "task_failed"] == [3, 35, 36]


def test_words_of_the_main_thread_that_something_followed_are_no_jobs() -> None:
    drafts = run(
        job_info(1, "align"), error("no such profile"), record("progress", done=0, total=1), job_error(1, "align")
    )
    assert [(facts["exit"], facts["message"]) for kind, _task, facts in drafts if kind == "task_failed"] == [(None, "")]


def test_a_failure_is_told_in_time_even_if_nothing_follows() -> None:
    clock = Clock()
    made = recorder(clock)
    for each in (job_info(1, "align"), job_error(1, "align")):
        made.feed(each)
    assert (made.holding, made.due()) == (True, [])
    clock.now = GRACE_S
    drafts = made.due()
    assert (kinds(drafts), made.holding) == (["task_failed"], False)
    assert "will_retry" not in drafts[0][2]


def test_an_interrupted_run_has_not_failed_by_itself() -> None:
    drafts = run(
        job_info(1, "align"),
        record(msg="Terminating processes on user request, this might take some time."),
        job_error(1, "align"),
        error(FINAL, exception="WorkflowError"),
    )
    assert kinds(drafts) == ["task_submitted", "task_failed", "run_finished"]
    assert drafts[1][2]["interrupted"] is True
    assert drafts[2][2] == {"ok": False, "exit": 1, "interrupted": True}


def test_a_crash_of_snakemake_itself_is_its_failure() -> None:
    _kind, task, facts = run(crash="KeyError: 2")[0]
    assert (task and task["key"], facts["message"]) == ("", "KeyError: 2")


def test_a_job_that_was_never_announced_is_known_by_its_output() -> None:
    _kind, task, _facts = run(job_error(1, "align"))[0]
    assert task is not None
    assert (task["key"], task["name"]) == ("align:output=align.txt", "align (align.txt)")


def test_an_error_that_is_said_once_more_in_the_end_is_told_once() -> None:
    # as Snakemake 9.20 does
    failed = job_error(1, "align", "pool_0")
    told = run(job_info(1, "align"), failed, record(msg="Exiting because a job execution failed."), failed)
    assert kinds(told) == ["task_submitted", "task_failed", "run_finished"]


def test_what_ends_is_forgotten() -> None:
    made = recorder()
    for number in range(1000):
        made.feed(job_info(number, "align"))
        made.feed(record("job_finished", job_id=number))
        made.feed(job_info(number, "align"))
        made.feed(error("x", f"pool_{number}"))
        made.feed(job_error(number, "align", f"pool_{number}"))
        made.feed(record(msg=f"Trying to restart job {number}."))
    kept = [value for value in vars(made).values() if isinstance(value, dict | list)]
    sizes: list[Any] = [len(value) for value in kept if value is not made._attempts]
    assert max(sizes) < 100


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SHELL, 7),
        ("died with <Signals.SIGKILL: 9>.", 137),
        ("died with unknown signal 34.", 162),
        ("'a' returned non-zero exit status 1. … 'b' returned non-zero exit status 2.", 2),
        ("no such thing", None),
    ],
)
def test_exit_codes_are_read_from_words(text: str, code: int | None) -> None:
    assert exit_code(text) == code


def test_golden_files_are_all_made_here() -> None:
    wire = Path(__file__).parents[1] / "wire"
    assert {path.stem for path in wire.glob("snakemake-*.json")} == {f"snakemake-{case}" for case in CASES}
