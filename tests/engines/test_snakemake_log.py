"""What the logs of Snakemakes without logger plugins say: real logs of 7.32.4 and 8.30.0, and one that grows."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from heal.engines.logs import AllLogs
from heal.engines.snakemake_follow import SnakemakeLogs
from heal.engines.snakemake_log import GRACE_S, Draft, Recorder
from heal.records import Event, RunRef

LOGS = Path(__file__).parent / "snakemake_logs"
EXITS = {"7.32.4": None, "8.30.0": 7}
TRACE = "Traceback (most recent call last)"
STAMP = "[Sun Nov 29 06:08:08 2026]"


def recorder(clock: Callable[[], float] = lambda: 0.0) -> Recorder:
    return Recorder(clock=clock, folder="/work/run")


def read(text: str, made: Recorder | None = None) -> list[Draft]:
    made = made or recorder()
    drafts: list[Draft] = []
    offset = 0
    for line in text.splitlines():
        drafts += made.feed(offset, line)
        offset += len(line) + 1
    return drafts + made.gone(offset)


def about(drafts: list[Draft]) -> list[tuple[Any, ...]]:
    return [(one.kind, one.task["key"], one.task["attempt"], one.task["native_id"]) for one in drafts if one.task]


@pytest.mark.parametrize("version", sorted(EXITS))
def test_a_real_log_tells_what_the_plugin_would(version: str) -> None:
    drafts = read((LOGS / f"{version}.log").read_text(encoding="utf-8"))
    failed = {(one.task["key"], one.task["attempt"]): one for one in drafts if one.kind == "task_failed" and one.task}
    assert {which: one.facts.get("will_retry") for which, one in failed.items() if which[0] != "d"} == {
        ("b:n=x", 1): True,
        ("b:n=x", 2): False,
        ("m", 1): False,
    }
    second = failed["b:n=x", 2]
    assert second.task == {
        "name": "b (n=x)",
        "key": "b:n=x",
        "attempt": 2,
        "native_id": None,
        "workdir": "/work/run",
        "log_paths": ["/work/run/logs/b_x.log"],
    }
    assert second.facts["asked"] == {"memory_mb": 400.0, "time_min": 2.0, "cpus": 2.0}
    assert (second.facts["exit"], second.facts["output"]) == (EXITS[version], ["b_x.txt"])
    assert failed["m", 1].facts["message"].startswith("MissingOutputException in rule m in file")
    finished = [one.task["key"] for one in drafts if one.kind == "task_finished" and one.task]
    assert finished == ["c"]
    assert (drafts[-1].kind, drafts[-1].facts) == ("run_finished", {"ok": False, "exit": 1})


SENT = f"""Provided remote nodes: 4
{STAMP}
rule w:
    output: w/a, b.txt
    jobid: 3
    wildcards: lane=1, sample=S7,x
    resources: tmpdir=<TBD>, mem_mb=<TBD>, runtime=90

"""


@pytest.mark.parametrize(
    ("word", "log"),
    [
        ("Job 3 has been submitted with SLURM jobid 81 (log: /r/81.log).", ["/r/81.log"]),
        ("Submitted job 3 with external jobid 'Submitted batch job 81'.", []),
        ("Submitted job 3 with external jobid '81'.", []),
        ("Submitted DRMAA job 3 with external jobid 81.", []),
    ],
)
def test_a_job_that_goes_to_a_scheduler_is_told_with_its_id(word: str, log: list[str]) -> None:
    drafts = read(f"{SENT}{word}\n{STAMP}\nError in rule w:\n    jobid: 3\n    external_jobid: 81\n")
    key = "w:lane=1,sample=S7,x"
    assert about(drafts) == [("task_submitted", key, 1, "81"), ("task_failed", key, 1, "81")]
    assert drafts[0].task is not None
    assert (drafts[0].task["log_paths"], drafts[0].facts["asked"]) == (log, {"time_min": 90.0, "cpus": 1.0})


def job(number: int, rule: str) -> str:
    return f"{STAMP}\nlocalrule {rule}:\n    output: {rule}.txt\n    jobid: {number}\n\n"


def failed(number: int, rule: str, command: str = "") -> str:
    shell = f"    shell:\n        {command}\n        (one of the commands exited with …)\n" if command else ""
    return f"{STAMP}\nError in rule {rule}:\n    jobid: {number}\n    output: {rule}.txt\n{shell}\n"


def called(command: str, status: int) -> str:
    return (
        "RuleException:\nCalledProcessError in file /w/Snakefile, line 9:\n"
        f"Command 'set -euo pipefail;  {command}' returned non-zero exit status {status}.\n"
    )


def raised(rule: str, key: str) -> str:
    return f"RuleException:\nKeyError in file /w/Snakefile, line 5:\n'{key}'\n  File \"/w/Snakefile\", line 5, in __rule_{rule}\n"


SPAWNED = f'{TRACE}:\n  File "local.py", line 234, in spawn_job\nsnakemake.exceptions.SpawnedJobError\n'
BOTH = job(1, "a") + job(2, "b")
A, B = called("./a.sh", 3), called("./b.sh", 4)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        # each before its block, and all before all, in another order
        (A + failed(1, "a", "./a.sh") + B + failed(2, "b", "./b.sh"), {"a": A, "b": B}),
        (A + B + failed(2, "b", "./b.sh") + failed(1, "a", "./a.sh"), {"a": A, "b": B}),
        (raised("a", "x") + raised("b", "y") + failed(2, "b") + failed(1, "a"), {"a": raised("a", "x"), "b": raised("b", "y")}),
        # one whose words another Snakemake said, or nobody
        (A + SPAWNED + failed(2, "b") + failed(1, "a", "./a.sh"), {"a": A, "b": ""}),
        (raised("a", "x") + failed(2, "b") + failed(1, "a"), {"a": raised("a", "x"), "b": ""}),
        # a command that speaks of rules
        (called("./a.sh in rule b", 3) + B + failed(2, "b", "./b.sh") + failed(1, "a", "./a.sh in rule b"),
         {"a": called("./a.sh in rule b", 3), "b": B}),
        # two scripts, which do not say of which rule they are
        (called("python3 1.py", 1) + called("python3 2.py", 1) + failed(2, "b") + failed(1, "a"), {"a": "", "b": ""}),
        (called("python3 1.py", 1) + failed(2, "b") + called("python3 2.py", 1) + failed(1, "a"),
         {"a": called("python3 2.py", 1), "b": called("python3 1.py", 1)}),
    ],
)  # fmt: skip
def test_jobs_that_fail_at_once_have_each_its_own_words(words: str, expected: dict[str, str]) -> None:
    drafts = read(BOTH + words)
    told = {one.task["key"]: one.facts["message"] for one in drafts if one.kind == "task_failed" and one.task}
    assert told == {rule: text.removesuffix("\n") for rule, text in expected.items()}


def test_what_ends_snakemake_itself_is_its_failure() -> None:
    drafts = read(
        "Building DAG of jobs...\nMissingInputException in rule a in file /x, line 1:\nMissing input files:\n"
    )
    assert [(one.kind, one.facts.get("message")) for one in drafts] == [
        ("task_failed", "MissingInputException in rule a in file /x, line 1:\nMissing input files:"),
        ("run_finished", None),
    ]
    assert drafts[0].task == {"name": "snakemake", "key": "", "attempt": 1}


@pytest.mark.parametrize(
    ("text", "ok"),
    [("Nothing to be done (all files are up to date).\n", True), ("2 of 2 steps (100%) done\n", True), ("", None)],
)
def test_how_a_run_ended_is_known_by_its_last_words(text: str, ok: bool | None) -> None:
    assert [(one.kind, one.facts["ok"]) for one in read(text)] == [("run_finished", ok)]


def test_an_interrupted_run_has_not_failed_by_itself() -> None:
    begun = f"{STAMP}\nlocalrule a:\n    output: a\n    jobid: 1\n\n"
    drafts = read(
        f"{begun}Terminating processes on user request, this might take some time.\n{STAMP}\nError in rule a:\n    jobid: 1\n"
    )
    assert [one.facts.get("interrupted") for one in drafts] == [None, True, True]


def test_a_failure_is_told_in_time_even_if_nothing_follows() -> None:
    now = [0.0]
    made = recorder(lambda: now[0])
    for offset, line in enumerate(
        [STAMP, "localrule a:", "    jobid: 1", "", STAMP, "Error in rule a:", "    jobid: 1"]
    ):
        made.feed(offset, line)
    assert (made.flush(), made.holding, made.due()) == ([], True, [])
    now[0] = GRACE_S
    assert about(made.due()) == [("task_failed", "a", 1, None)]


WRITER = """
import datetime, pathlib, sys, time
folder = pathlib.Path(".snakemake/log"); folder.mkdir(parents=True)
name = datetime.datetime.now().isoformat().replace(":", "")
with open(folder / f"{name}.snakemake.log", "w", buffering=1) as log:
    log.write(open(sys.argv[1]).read())
    print("ready", flush=True); sys.stdin.read()
"""


@pytest.mark.parametrize("looks", ["while it runs", "when it is gone"])
def test_the_log_of_a_run_is_found_by_its_process_or_its_time(
    tmp_path: Path, until: Callable[..., bool], looks: str
) -> None:
    # Given a process that keeps a log, one that was announced, beside an older one
    (tmp_path / "writer.py").write_text(WRITER)
    with subprocess.Popen(
        [sys.executable, "writer.py", str(LOGS / "8.30.0.log")],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        said = announced(tmp_path, process.pid)
        assert process.stdout.readline() == b"ready\n"
        (tmp_path / ".snakemake/log/2020-01-01T000000.000000.snakemake.log").write_text("older")
        logs = AllLogs(SnakemakeLogs(lambda: datetime.now(UTC)))
        assert logs.takes(said)
        if looks == "while it runs":
            assert until(logs.news, 10)
            assert not logs.done(said)
        process.stdin.close()
        process.wait()
    # Then all that it says is told once, under ids that are the same whoever reads it
    assert until(lambda: [one.kind for one in logs.news()][-1:] == ["run_finished"], 20)
    told = logs.news()
    again = SnakemakeLogs(lambda: datetime.now(UTC))
    again.takes(said)
    assert until(lambda: len(again.news()) == len(told), 20)
    assert [one.id for one in again.news()] == [one.id for one in told]
    assert len({one.id for one in told}) == len(told)
    assert (told[0].kind, told[0].facts["parent"], told[0].run and told[0].run.argv) == (
        "run_started",
        "r0",
        ("snakemake", "-j1"),
    )
    logs.taken([one.id for one in told])
    assert (logs.done(said), logs.trouble(said)) == (True, "")


def announced(folder: Path, pid: int) -> Event:
    run = RunRef(uuid.uuid4().hex, "snakemake", str(folder), ("snakemake", "-j1"), pid)
    facts = {"folder": str(folder), "parent": "r0", "host": "", "env_file": None}
    return Event(uuid.uuid4().hex, "snakemake_log", datetime.now(UTC), "runner", run, None, facts)


def test_other_words_are_nobodys_logs(tmp_path: Path) -> None:
    logs = AllLogs(SnakemakeLogs(lambda: datetime.now(UTC)))
    said = Event("x", "run_started", datetime.now(UTC), "snakemake", RunRef("r", "snakemake", str(tmp_path)))
    assert (logs.takes(said), logs.news(), logs.done(said)) == (False, [], True)
