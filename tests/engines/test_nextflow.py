"""Nextflow as an engine: what is started again, and how; nothing is really started here."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from heal.engines.nextflow import Nextflow
from heal.engines.nextflow_argv import CommandLine
from heal.engines.nextflow_config import Config
from heal.engines.nextflow_files import Launch, history, holder, in_the_way, log_of, session_of
from heal.engines.nextflow_overlay import Given, read_back
from heal.errors import CannotApply, NotNow
from heal.journal import Applied
from heal.records import Attempt, Change, Fix, FixKind, Run
from heal.seams import Order

UUID = "6429c38f-de41-4b58-b37a-4eec44ac75e4"
NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
BIG = "OUTER:INNER:BIG"


@dataclass
class Launched:
    """A launcher that starts nothing and remembers what it was asked for."""

    asked: list[tuple[str, tuple[str, ...], str, Mapping[str, str], str]] = field(default_factory=list)

    def start(self, token: str, argv: Sequence[str], *, cwd: str, env: Mapping[str, str], parent: str) -> Applied:
        self.asked.append((token, tuple(argv), cwd, env, parent))
        return Applied(token, pid=1, detail="")

    def find(self, token: str) -> Applied | None:
        return next((Applied(token, pid=1) for asked in self.asked if asked[0] == token), None)


@dataclass
class Answers:
    """A Nextflow that says always the same of its configuration."""

    scopes: Mapping[str, Any] = field(default_factory=dict)
    known: bool = True

    def __call__(self, line: CommandLine, cwd: str, env: Mapping[str, str]) -> Config:
        return Config(self.scopes, self.known, "" if self.known else "no java")


@pytest.fixture
def launched() -> Launched:
    return Launched()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A launch folder in which Nextflow ran once."""
    (tmp_path / ".nextflow").mkdir()
    row = ["2026-11-29 05:39:50", "2.5s", "evil_lorenz", "ERR", "50d0c39d79", UUID, "nextflow run main.nf"]
    (tmp_path / ".nextflow" / "history").write_text("\t".join(row) + "\n")
    return tmp_path


def run_of(folder: Path, *words: str, name: str = f"{UUID}.evil_lorenz", **more: Any) -> Run:
    argv = ("nextflow", *(words or ("run", "main.nf")))
    return Run(name, name, "nextflow", str(folder), argv, more.pop("started", NOW), parent="r0", **more)


def attempt_of(process: str = BIG, **more: Any) -> Attempt:
    return Attempt(1, "r", "r", "nextflow", process, process, process, **more)


def resources(*changes: Change, process: str = BIG, **more: Any) -> Order:
    return Order(Fix(FixKind.RESOURCES, process, changes), (attempt_of(process, **more),))


def memory(new: float, **more: Any) -> Order:
    return resources(Change("memory_mb", 60.0, new), **more)


def without(node: str, **more: Any) -> Order:
    fix = Fix(FixKind.EXCLUDE_NODE, BIG, (Change("node", None, node),))
    return Order(fix, (attempt_of(native_id="7", **more),))


RETRY = Order(Fix(FixKind.RETRY, BIG), (attempt_of(),))
MORE = Fix(FixKind.RESOURCES, BIG, (Change("memory_mb", 100.0, 200.0),))
MOVED = Fix(FixKind.RESOURCES, BIG, (Change("time_min", 5.0, 9.0), Change("partition", "short", "long")))
NODE = Fix(FixKind.EXCLUDE_NODE, BIG, (Change("node", None, "n1"),))


@pytest.mark.parametrize(
    ("fix", "attempt", "supported"),
    [
        (MORE, attempt_of(asked={"memory_mb": 100.0}), True),
        (MORE, attempt_of(asked={"memory_mb": 200.0}, native_id="7"), False),
        (MORE, attempt_of(), False),
        (MORE, attempt_of(native_id="7"), True),
        (MOVED, attempt_of(native_id="7"), True),
        (MOVED, attempt_of(asked={"time_min": 5.0}), False),
        (Fix(FixKind.RESOURCES, BIG, (Change("gpus", None, 9.0),)), attempt_of(native_id="7"), False),
        (Fix(FixKind.RESOURCES, BIG), attempt_of(native_id="7"), False),
        (Fix(FixKind.RETRY, BIG), attempt_of(), True),
        (Fix(FixKind.UNLOCK, BIG), attempt_of(), True),
        (Fix(FixKind.PREPARE, BIG, (Change("folder", None, "/p/out"),)), attempt_of(workdir="/p/w"), True),
        (Fix(FixKind.PREPARE, BIG, (Change("folder", None, "/p/w/out"),)), attempt_of(workdir="/p/w"), False),
        (Fix(FixKind.PREPARE, BIG, (Change("folder", None, "out"),)), attempt_of(), False),
        (NODE, attempt_of(native_id="7"), True),
        (NODE, attempt_of(native_id="7", facts={"executor": "sge"}), False),
        (NODE, attempt_of(), False),
        (Fix(FixKind.PATCH, BIG), attempt_of(), True),
        (Fix(FixKind.ENVIRONMENT, BIG), attempt_of(), False),
        (Fix(FixKind.ENVIRONMENT, BIG, (Change("TMPDIR", None, "/scratch"),)), attempt_of(), True),
        (Fix(FixKind.ENVIRONMENT, BIG, (Change("no name", None, "/scratch"),)), attempt_of(), False),
    ],
)
def test_what_can_be_carried_out_is_known(fix: Fix, attempt: Attempt, supported: bool) -> None:
    assert Nextflow(Launched()).supports(fix, attempt) is supported


def test_a_run_is_started_again_where_it_stood(folder: Path, launched: Launched) -> None:
    env_file = folder / "env.json"
    env_file.write_text(json.dumps({"MINE": "a b"}))
    run = run_of(folder, "-bg", "run", "main.nf", "-resume", "--x", "a b", "-name", "mine", env_file=str(env_file))
    engine = Nextflow(launched, resolving=Answers())
    applied = engine.apply(run, [memory(500.5), memory(400.0), memory(5.0, process="A")], "t1")
    words = ("nextflow", "-bg", "run", "main.nf", "--x", "a b", "-resume", UUID, "-c", ".heal/overlay/t1.config")
    assert launched.asked == [("t1", words, str(folder), {"MINE": "a b"}, "r0")]
    assert applied == Applied("t1", pid=1, detail=f"started again with A memory 5 MB; {BIG} memory 501 MB")
    written = (folder / ".heal" / "overlay" / "t1.config").read_text()
    assert read_back(written) == {BIG: Given({"memory_mb": 501}), "A": Given({"memory_mb": 5})}
    assert engine.apply(run, [memory(500.5)], "t1") == Applied("t1", pid=1)
    assert len(launched.asked) == 1


def test_what_an_earlier_remedy_gave_still_holds(folder: Path, launched: Launched) -> None:
    engine = Nextflow(launched, resolving=Answers())
    engine.apply(run_of(folder), [memory(500.0)], "t1")
    again = run_of(folder, *launched.asked[0][1][1:], name=f"{UUID}.sad_curie")
    engine.apply(again, [resources(Change("time_min", 5.0, 9.0), process="OTHER")], "t2")
    assert launched.asked[1][1][3:] == ("-resume", UUID, "-c", ".heal/overlay/t2.config")
    written = (folder / ".heal" / "overlay" / "t2.config").read_text()
    assert read_back(written) == {BIG: Given({"memory_mb": 500}), "OTHER": Given({"time_min": 9})}
    engine.apply(again, [RETRY], "t3")
    assert launched.asked[2][1][3:] == ("-c", ".heal/overlay/t1.config", "-resume", UUID)


def test_what_an_earlier_remedy_gave_is_not_lost_in_silence(folder: Path, launched: Launched) -> None:
    engine = Nextflow(launched, resolving=Answers())
    gone = run_of(folder, "run", "main.nf", "-c", ".heal/overlay/gone.config")
    with pytest.raises(CannotApply, match=r"gone\.config held what heal changed before"):
        engine.apply(gone, [memory(500.0)], "t1")
    assert launched.asked == []


def test_a_pipeline_that_retries_itself_goes_on_growing(folder: Path, launched: Launched) -> None:
    Nextflow(launched, resolving=Answers()).apply(run_of(folder), [memory(500.0, number=2)], "t1")
    assert "* task.attempt" in (folder / ".heal" / "overlay" / "t1.config").read_text()


def test_a_run_that_goes_on_is_left_alone(folder: Path) -> None:
    alive = run_of(folder, pid=os.getpid(), started=datetime.now(UTC))
    with pytest.raises(NotNow, match="still goes on"):
        Nextflow(Launched(), resolving=Answers()).apply(alive, [RETRY], "t1")


HOLDING = (
    "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.lockf(f, fcntl.LOCK_EX); print(flush=True); sys.stdin.read()"
)


def test_a_session_that_another_nextflow_uses_is_left_alone(folder: Path, launched: Launched) -> None:
    lock = folder / ".nextflow" / "cache" / UUID / "db" / "LOCK"
    lock.parent.mkdir(parents=True)
    lock.touch()
    engine = Nextflow(launched, resolving=Answers())
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        assert holder(folder / ".nextflow", UUID) == process.pid
        with pytest.raises(NotNow, match=f"as process {process.pid}"):
            engine.apply(run_of(folder), [Order(Fix(FixKind.UNLOCK, ""), ())], "t1")
        process.stdin.close()
    assert holder(folder / ".nextflow", UUID) is None
    engine.apply(run_of(folder), [Order(Fix(FixKind.UNLOCK, ""), ())], "t1")
    assert len(launched.asked) == 1
    with lock.open("r+") as own:
        fcntl.lockf(own, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize(
    ("name", "words", "why"),
    [
        ("t1", ("run", "main.nf"), "session of the run is not known"),
        ("11111111-de41-4b58-b37a-4eec44ac75e4.x", ("run", "main.nf"), "does not name the session"),
        (f"{UUID}.x", ("run", "-"), "standard input"),
        (f"{UUID}.x", ("config",), "not started as nextflow run"),
    ],
)
def test_what_cannot_be_resumed_is_told(folder: Path, name: str, words: tuple[str, ...], why: str) -> None:
    with pytest.raises(CannotApply, match=why):
        Nextflow(Launched(), resolving=Answers()).apply(run_of(folder, *words, name=name), [RETRY], "t1")


COMPLETED = "Task completed > TaskHandler[id: 1; name: A (1); status: COMPLETED; exit: 0; error: -; workDir: /w/aa/b]\n"
FAILED = COMPLETED.replace("exit: 0", "exit: 1")


@pytest.mark.parametrize(
    ("kept", "said", "expected"),
    [
        ({"000003.log": "", "CURRENT": "MANIFEST-000002"}, FAILED + COMPLETED, True),
        ({"000003.log": "one"}, COMPLETED, False),
        ({"000005.log": "", "000004.sst": "one"}, COMPLETED, False),
        # a first task that failed, and a cache that is elsewhere: nothing is lost that anybody knows of
        ({"000003.log": ""}, FAILED, False),
        ({}, COMPLETED, False),
    ],
)
def test_a_run_of_which_nothing_was_kept_is_not_resumed(
    folder: Path, launched: Launched, kept: dict[str, str], said: str, expected: bool
) -> None:
    # Given a launch, what its session's cache holds, and what it saw
    cache = folder / ".nextflow" / "cache" / UUID / "db"
    cache.mkdir(parents=True)
    for name, text in kept.items():
        (cache / name).write_text(text)
    with log(folder / ".nextflow.log", "evil_lorenz").open("a") as file:
        file.write(said)
    # When it is to be started again
    engine = Nextflow(launched, resolving=Answers())
    # Then it is not where all of it would run again, and the reason is told
    if expected:
        with pytest.raises(CannotApply, match="a Java without --add-opens keeps nothing"):
            engine.apply(run_of(folder), [memory(600)], "t1")
    else:
        engine.apply(run_of(folder), [memory(600)], "t1")
    assert bool(launched.asked) is not expected


def test_a_launch_that_came_to_no_session_is_made_again_as_it_was(folder: Path, launched: Launched) -> None:
    log(folder / ".nextflow.log", "", NOW - timedelta(seconds=9))
    run = run_of(folder, "run", "org/name", "-name", "mine", "-resume", name="t0")
    engine = Nextflow(launched, resolving=Answers())
    with pytest.raises(CannotApply, match="session of the run is not known"):
        engine.apply(run, [memory(9.0)], "t1")
    engine.apply(run, [RETRY], "t1")
    assert launched.asked[0][1] == run.argv


def test_what_the_pipeline_would_cut_down_is_told(folder: Path, launched: Launched) -> None:
    scopes = {"process": {"resourceLimits": {"memory": {"bytes": 2**30}}}}
    engine = Nextflow(launched, resolving=Answers(scopes))
    why = f"{BIG}: memory 2000 MB is beyond the 1024 MB of resourceLimits in the process scope"
    with pytest.raises(CannotApply, match=why):
        engine.apply(run_of(folder), [memory(2000.0)], "t1")
    assert not (folder / ".heal" / "overlay").exists()
    engine.apply(run_of(folder), [memory(1024.0)], "t2")
    assert len(launched.asked) == 1


@pytest.mark.parametrize(
    ("answers", "header", "why"),
    [
        (Answers({"process": {"clusterOptions": "{ task.attempt }"}}), "", "computed for each task"),
        (Answers(known=False), "", r"not known \(no java\)"),
        (Answers(), "#SBATCH --qos=x\n", "stand in the process itself"),
    ],
)
def test_options_of_the_pipelines_own_are_not_replaced(
    folder: Path, launched: Launched, answers: Answers, header: str, why: str
) -> None:
    (folder / ".command.run").write_text(f"#!/bin/bash\n#SBATCH -J nf-BIG\n#SBATCH --mem 60M\n{header}")
    with pytest.raises(CannotApply, match=why):
        Nextflow(launched, resolving=answers).apply(run_of(folder), [without("n1", workdir=str(folder))], "t1")
    assert launched.asked == []


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (Answers({"process": {"containerOptions": "{ task.ext.options }"}}), "computed for each task"),
        (Answers(known=False), "may stand in the process itself"),
        (Answers(), "may stand in the process itself"),
    ],
)
def test_options_of_a_container_that_may_be_lost_are_not_replaced(
    folder: Path, launched: Launched, answers: Answers, why: str
) -> None:
    fix = Fix(FixKind.ENVIRONMENT, BIG, (Change("container_options", None, "--shm-size=1g"),))
    with pytest.raises(CannotApply, match=f"its containerOptions .*{why}"):
        Nextflow(launched, resolving=answers).apply(run_of(folder), [Order(fix, (attempt_of(),))], "t1")
    assert launched.asked == []


def test_a_node_is_left_out_beside_the_pipelines_own_options(folder: Path, launched: Launched) -> None:
    (folder / ".command.run").write_text(
        "#SBATCH -J nf-BIG\n#SBATCH -o x\n#SBATCH --no-requeue\n#SBATCH --signal B:USR2@30\n#SBATCH -t 00:10:00\n"
    )
    engine = Nextflow(launched, resolving=Answers())
    applied = engine.apply(run_of(folder), [without("n1", workdir=str(folder))], "t1")
    assert applied.detail.startswith(f"started again with {BIG} not on n1")
    assert "clusterOptions = '--exclude=n1'" in (folder / ".heal" / "overlay" / "t1.config").read_text()


def test_reports_of_the_first_launch_are_kept(folder: Path, launched: Launched) -> None:
    for name in ("r.html", "r.1.html", "trace.txt", "dag.html"):
        (folder / name).write_text(name)
    scopes = {"trace": {"enabled": True, "file": "trace.txt"}, "dag": {"enabled": True, "file": "dag.html", "overwrite": True}}  # fmt: skip
    run = run_of(folder, "run", "main.nf", "-with-report", "r.html", "-with-timeline")
    applied = Nextflow(launched, resolving=Answers(scopes)).apply(run, [RETRY], "t1")
    assert applied.detail.startswith("kept the earlier trace.txt as trace.1.txt; kept the earlier r.html as r.2.html")
    left = {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}
    assert left == {"r.1.html": "r.1.html", "r.2.html": "r.html", "trace.1.txt": "trace.txt", "dag.html": "dag.html"}


def test_what_a_check_refused_is_not_taken_again(folder: Path, launched: Launched) -> None:
    # Given two tasks that are done, of which a check refused one
    engine = Nextflow(launched, resolving=Answers())
    work = [folder / "work" / "ab" / name for name in ("good", "bad")]
    for one in work:
        one.mkdir(parents=True)
        (one / ".command.run").touch()
        (one / ".exitcode").write_text("0")
    advice = Fix(FixKind.ADVICE, BIG)
    order = Order(advice, (attempt_of(workdir=str(work[1]), facts={"check": "BIG"}), attempt_of(workdir=str(work[0]))))
    # When a person says yes, and says it again
    applied = engine.apply(run_of(folder), [order], "t1")
    engine.apply(run_of(folder), [order], "t2")
    # Then Nextflow finds that one undone, and what it made is still there
    assert [sorted(path.name for path in one.iterdir()) for one in work] == [
        [".command.run", ".exitcode"],
        [".command.run", ".exitcode.refused"],
    ]
    assert applied.detail.partition("; ")[0] == f"{BIG} is made again"
    # and where that cannot be done, nothing is started
    elsewhere = Order(advice, (attempt_of(workdir="s3://bucket/work/ab", facts={"check": "BIG"}),))
    with pytest.raises(CannotApply, match="no work folder of yours here"):
        engine.apply(run_of(folder), [elsewhere], "t3")
    assert [asked[0] for asked in launched.asked] == ["t1", "t2"]


def test_a_folder_is_made_inside_the_run_only(folder: Path, launched: Launched) -> None:
    engine = Nextflow(launched, resolving=Answers())
    inside = Order(Fix(FixKind.PREPARE, BIG, (Change("folder", None, "a/b"),)), (attempt_of(),))
    assert engine.apply(run_of(folder), [inside], "t1").detail.startswith(f"made {folder}/a/b; started again")
    outside = Order(Fix(FixKind.PREPARE, BIG, (Change("folder", None, "../x"),)), (attempt_of(),))
    with pytest.raises(CannotApply, match="outside"):
        engine.apply(run_of(folder), [outside, memory(5.0)], "t2")
    assert not (folder.parent / "x").exists()
    assert not (folder / ".heal" / "overlay" / "t2.config").exists()


def log(path: Path, name: str, begun: datetime = NOW, session: str = UUID) -> Path:
    stamp = begun.astimezone().strftime("%b-%d %H:%M:%S.123")
    said = f"{stamp} [main] DEBUG nextflow.cli.Launcher - $> nextflow run main.nf\n"
    if name:
        said += f"{stamp} [main] DEBUG nextflow.Session - Session UUID: {session}\n"
        said += f"{stamp} [main] DEBUG nextflow.Session - Run name: {name}\n"
    path.write_text(said)
    return path


def test_the_log_of_a_run_is_the_one_that_names_it(tmp_path: Path) -> None:
    log(tmp_path / ".nextflow.log", "evil_lorenz_2")
    log(tmp_path / ".nextflow.log.1", "evil_lorenz", session=UUID.replace("6", "7"))
    ours = log(tmp_path / ".nextflow.log.2", "evil_lorenz")
    log(tmp_path / "mine.log", "evil_lorenz")
    own = "/w/ab/.command.err"
    attempt = attempt_of(workdir="/w/ab", log_paths=(own, str(tmp_path / ".nextflow.log")))
    logs = Nextflow(Launched()).logs(run_of(tmp_path), attempt)
    assert logs == (own, "/w/ab/.command.out", "/w/ab/.command.log", str(ours))
    named = run_of(tmp_path, "-log", "mine.log", "run", "main.nf")
    assert log_of(named, {}) == tmp_path / "mine.log"
    assert log_of(run_of(tmp_path), {"NXF_LOG_FILE": "mine.log"}) == tmp_path / "mine.log"
    assert log_of(run_of(tmp_path, name=f"{UUID}.other"), {}) is None


def test_a_run_that_came_to_no_session_is_found_by_its_time(tmp_path: Path) -> None:
    log(tmp_path / ".nextflow.log", "", NOW + timedelta(minutes=5))
    ours = log(tmp_path / ".nextflow.log.1", "", NOW - timedelta(minutes=1))
    log(tmp_path / ".nextflow.log.2", "", NOW - timedelta(minutes=3))
    log(tmp_path / ".nextflow.log.3", "evil_lorenz", NOW - timedelta(seconds=3))
    assert log_of(run_of(tmp_path, name="t1"), {}) == ours
    assert session_of(run_of(tmp_path, name="t1")) is None


def test_the_history_is_read_with_what_was_killed(folder: Path) -> None:
    with (folder / ".nextflow" / "history").open("a") as file:
        file.write(f"2026-11-29 05:41:37\t-\tsad_curie\t-\tabc\t{UUID}\tnextflow run m.nf --x 'a\tb'\nbroken\n")
    assert history(folder / ".nextflow") == (
        Launch("evil_lorenz", "ERR", UUID, "nextflow run main.nf"),
        Launch("sad_curie", "-", UUID, "nextflow run m.nf --x 'a\tb'"),
    )
    assert history(folder) == ()


def test_jobs_of_a_nextflow_that_was_killed_are_waited_for(folder: Path, launched: Launched) -> None:
    # Given a Nextflow that was killed after it had submitted three jobs and seen the end of one
    row = ["2026-11-29 05:41:37", "-", "sad_curie", "-", "abc", UUID, "nextflow run main.nf"]
    (folder / ".nextflow" / "history").write_text("\t".join(row) + "\n")
    said = log(folder / ".nextflow.log", "sad_curie")
    with said.open("a") as file:
        for job in ("81", "82", "83"):
            file.write(f"DEBUG nextflow.executor.GridTaskHandler - [SLURM] submitted process A ({job}) > jobId: {job}; workDir: /w\n")  # fmt: skip
        file.write(
            "DEBUG n.processor.TaskPollingMonitor - Task completed > TaskHandler[jobId: 82; id: 3; name: A (82);\n"
        )
    asked: list[tuple[str, ...]] = []
    alive = {"83"}

    def live(jobs: Sequence[str], _folder: Path) -> frozenset[str]:
        asked.append(tuple(jobs))
        return frozenset(alive)

    engine = Nextflow(launched, resolving=Answers(), live_jobs=live)
    # Then its run is not started again beside the one that still runs, and is once that has ended
    run = run_of(folder, name=f"{UUID}.sad_curie")
    with pytest.raises(NotNow, match="still run: 83"):
        engine.apply(run, [RETRY], "t1")
    alive.clear()
    engine.apply(run, [RETRY], "t1")
    assert (asked, len(launched.asked)) == ([("81", "83")] * 2, 1)
    # And of a log that is gone nothing can be told
    said.unlink()
    with pytest.raises(CannotApply, match="its log is gone"):
        engine.apply(run, [RETRY], "t2")


def test_reports_elsewhere_are_not_in_the_way(folder: Path) -> None:
    line = CommandLine(("nextflow",), (), ("run",), ())
    assert in_the_way(line, {"report": {"enabled": True, "file": "s3://b/r.html"}, "trace": "odd"}, str(folder)) == []
