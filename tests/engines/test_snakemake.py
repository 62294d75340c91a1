"""Snakemake as an engine: real runs fail, and are started again by what heal ordered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from heal.engines.launcher import Launcher
from heal.engines.snakemake import Snakemake
from heal.errors import CannotApply, NotNow
from heal.journal import Applied
from heal.records import Attempt, Change, Fix, FixKind, Run
from heal.seams import Order

PROGRAM = Path(sys.executable).parent / "snakemake"
NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)

SNAKEFILE = """
rule all:
    input: "report.txt"
rule light:
    output: "light.txt"
    shell: "echo light >> count; echo x > {output}"
rule heavy:
    input: "light.txt"
    output: "heavy.txt"
    resources: mem_mb=60
    shell:
        "echo heavy >> count; ulimit -v $(({resources.mem_mb} * 1024)); "
        "python3 -c 'print(len(bytearray(100 * 2**20)))' > {output}"
rule report:
    input: "heavy.txt"
    output: "report.txt"
    shell: "echo report >> count; cp {input} {output}"
"""


@dataclass
class Launched:
    """A launcher that starts nothing and remembers what it was asked for."""

    asked: list[tuple[str, tuple[str, ...], str, Mapping[str, str], str]] = field(default_factory=list)

    def start(self, token: str, argv: Sequence[str], *, cwd: str, env: Mapping[str, str], parent: str) -> Applied:
        self.asked.append((token, tuple(argv), cwd, env, parent))
        return Applied(token, pid=1, detail="")

    def find(self, token: str) -> Applied | None:
        return next((Applied(token, pid=1) for asked in self.asked if asked[0] == token), None)


def run_of(folder: Path, *words: str, **more: Any) -> Run:
    argv = (sys.executable, str(PROGRAM), *words)
    return Run("r1", "r0", "snakemake", str(folder), argv, more.pop("started", NOW), parent="r0", **more)


def attempt_of(rule: str, **more: Any) -> Attempt:
    return Attempt(1, "r1", "r0", "snakemake", rule, rule, rule, **more)


def memory(rule: str, new: float) -> Order:
    return Order(Fix(FixKind.RESOURCES, rule, (Change("memory_mb", 60.0, new),)), (attempt_of(rule),))


def order(kind: FixKind, *changes: Change) -> Order:
    return Order(Fix(kind, "snakemake", changes), (attempt_of("snakemake"),))


RESOURCES = Fix(FixKind.RESOURCES, "a", (Change("memory_mb", 100.0, 200.0),))


@pytest.mark.parametrize(
    ("fix", "attempt", "supported"),
    [
        (RESOURCES, attempt_of("a", asked={"memory_mb": 100.0}), True),
        (RESOURCES, attempt_of("a", asked={"memory_mb": 200.0}), False),
        (RESOURCES, attempt_of("a"), False),
        (RESOURCES, attempt_of("a", native_id="7"), True),
        (Fix(FixKind.RESOURCES, "a", (Change("time_min", None, 9.0),)), attempt_of("a", native_id="7"), True),
        (Fix(FixKind.RESOURCES, "a", (Change("gpus", None, 9.0),)), attempt_of("a", native_id="7"), False),
        (Fix(FixKind.RESOURCES, "a"), attempt_of("a", native_id="7"), False),
        (Fix(FixKind.RETRY, "a"), attempt_of("a"), True),
        (Fix(FixKind.UNLOCK, "a"), attempt_of("a"), True),
        (Fix(FixKind.PREPARE, "a", (Change("folder", None, "out"),)), attempt_of("a"), True),
        (Fix(FixKind.EXCLUDE_NODE, "a", (Change("node", None, "n1"),)), attempt_of("a", native_id="7"), False),
        (Fix(FixKind.PATCH, "a"), attempt_of("a"), True),
        (Fix(FixKind.ENVIRONMENT, "a"), attempt_of("a"), False),
    ],
)
def test_what_can_be_carried_out_is_known(fix: Fix, attempt: Attempt, supported: bool) -> None:
    assert Snakemake(Launched()).supports(fix, attempt) is supported


def test_a_run_is_started_again_with_all_that_held_before(tmp_path: Path) -> None:
    env_file = tmp_path / "env.json"
    env_file.write_text(json.dumps({"MINE": "a b", "HOME": str(tmp_path)}))
    (tmp_path / "profiles" / "default").mkdir(parents=True)
    (tmp_path / "profiles" / "default" / "config.yaml").write_text("set-resources:\n  light:\n    mem_mb: 7\n")
    (tmp_path / "Snakefile").write_text("")
    launched = Launched()
    run = run_of(tmp_path, "-F", "-j1", env_file=str(env_file))
    orders = [memory("heavy", 500.5), memory("heavy", 400.0)]
    applied = Snakemake(launched).apply(run, orders, "t1")
    words = ("-j1", "--rerun-incomplete", "--set-resources", "light:mem_mb=7", "heavy:mem_mb=501")
    expected = (sys.executable, str(PROGRAM), *words)
    assert launched.asked == [("t1", expected, str(tmp_path), {"MINE": "a b", "HOME": str(tmp_path)}, "r0")]
    assert applied == Applied("t1", pid=1, detail="started again with heavy:mem_mb=501")
    assert Snakemake(launched).apply(run, orders, "t1") == Applied("t1", pid=1)
    assert len(launched.asked) == 1


@pytest.mark.parametrize(
    ("of_job", "entry"),
    [
        # four tasks of the rule in one job: the job is to get 3200, each task its share of it
        (1600.0, "heavy:mem_mb=800"),
        # a little for Snakemake itself on top
        (440.0, "heavy:mem_mb=3200"),
    ],
)
def test_in_a_group_a_rule_asks_for_its_share(tmp_path: Path, of_job: float, entry: str) -> None:
    launched = Launched()
    fix = Fix(FixKind.RESOURCES, "heavy", (Change("memory_mb", of_job, 3200.0),))
    ordered = Order(fix, (attempt_of("heavy", native_id="7", asked={"memory_mb": 400.0}),))
    (tmp_path / "Snakefile").write_text("")
    Snakemake(launched).apply(run_of(tmp_path, "-j1"), [ordered], "t1")
    assert launched.asked[0][1][-1] == entry


def test_without_the_runs_environment_the_own_one_is_used_and_told(tmp_path: Path) -> None:
    launched = Launched()
    gone = run_of(tmp_path, "-j1", env_file=str(tmp_path / "gone"))
    applied = Snakemake(launched).apply(gone, [order(FixKind.RETRY)], "t1")
    assert launched.asked[0][3] == dict(os.environ)
    assert applied.detail == "started again; its environment was not kept: heal's own was used"


def test_a_run_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    alive = run_of(tmp_path, "-j1", pid=os.getpid(), started=datetime.now(UTC))
    with pytest.raises(NotNow, match="still goes on"):
        Snakemake(Launched()).apply(alive, [order(FixKind.RETRY)], "t1")


def test_a_profile_that_forces_everything_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("forceall: true\n")
    with pytest.raises(CannotApply, match="forceall"):
        Snakemake(Launched()).apply(run_of(tmp_path, "--profile", "p.yaml"), [order(FixKind.RETRY)], "t1")


def test_a_folder_is_made_inside_the_run_only(tmp_path: Path) -> None:
    engine = Snakemake(Launched())
    applied = engine.apply(run_of(tmp_path, "-j1"), [order(FixKind.PREPARE, Change("folder", None, "a/b"))], "t1")
    assert (tmp_path / "a" / "b").is_dir()
    assert applied.detail.startswith(f"made {tmp_path}/a/b")
    outside = order(FixKind.PREPARE, Change("folder", None, "../x"))
    with pytest.raises(CannotApply, match="outside"):
        engine.apply(run_of(tmp_path, "-j1"), [outside], "t2")
    assert not (tmp_path.parent / "x").exists()


def test_the_log_of_the_run_is_the_last_opened_before_it_spoke(tmp_path: Path) -> None:
    folder = tmp_path / ".snakemake" / "log"
    folder.mkdir(parents=True)
    for minutes in (-60, -2, -1, 5):
        opened = (NOW + timedelta(minutes=minutes)).astimezone().replace(tzinfo=None)
        (folder / f"{opened.isoformat(timespec='microseconds').replace(':', '')}.snakemake.log").write_text("")
    (folder / "other.snakemake.log").write_text("")
    newest = (NOW - timedelta(minutes=1)).astimezone().strftime("%Y-%m-%dT%H%M%S.%f")
    logs = Snakemake(Launched()).logs(run_of(tmp_path), attempt_of("a", log_paths=("/x.log",)))
    assert logs == ("/x.log", str(folder / f"{newest}.snakemake.log"))


def snakemake(folder: Path, *words: str) -> int:
    return subprocess.run([PROGRAM, *words], cwd=folder, capture_output=True, timeout=120, check=False).returncode


def finished(folder: Path, token: str) -> bool:
    said = [path.read_text() for path in (folder / "spool").glob("[0-9]*.json")]
    return any('"run_finished"' in text and f'"{token}"' in text for text in said)


@pytest.fixture
def real(tmp_path: Path) -> Snakemake:
    return Snakemake(Launcher(tmp_path / "home", tmp_path / "spool", foreground=False, log_dir=tmp_path / "logs"))


@pytest.mark.snakemake
def test_only_what_failed_and_what_hangs_on_it_runs_again(
    token: str, tmp_path: Path, real: Snakemake, until: Callable[..., bool]
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "Snakefile").write_text(SNAKEFILE)
    assert snakemake(work, "-F", "-j1") == 1
    assert (work / "count").read_text().split() == ["light", "heavy"]
    real.apply(run_of(work, "-F", "-j1"), [memory("heavy", 600.0)], token)
    assert until(lambda: finished(tmp_path, token), seconds=60), (tmp_path / "logs" / f"{token}.log").read_text()
    assert (work / "report.txt").read_text() == f"{100 * 2**20}\n"
    assert (work / "count").read_text().split() == ["light", "heavy", "heavy", "report"]


def locked(work: Path) -> None:
    """A Snakemake that was killed: its lock stays."""
    (work / "Snakefile").write_text('rule a:\n    output: "a"\n    shell: "touch started; sleep 300"\n')
    with subprocess.Popen(
        [PROGRAM, "-j1"], cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        while not (work / "started").exists() and process.poll() is None:
            os.sched_yield()
        os.killpg(process.pid, 9)
    (work / "Snakefile").write_text('rule a:\n    output: "a"\n    shell: "touch a"\n')


@pytest.mark.snakemake
def test_a_lock_that_is_proven_stale_is_removed(
    token: str, tmp_path: Path, real: Snakemake, until: Callable[..., bool]
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    locked(work)
    assert snakemake(work, "-j1") == 1
    applied = real.apply(run_of(work, "-j1"), [order(FixKind.UNLOCK)], token)
    assert applied.detail.startswith(f"unlocked {work}; started again")
    assert until(lambda: finished(tmp_path, token), seconds=60)
    assert (work / "a").exists()


def test_a_lock_whose_jobs_still_run_is_left(tmp_path: Path) -> None:
    (tmp_path / ".snakemake" / "incomplete").mkdir(parents=True)
    (tmp_path / ".snakemake" / "incomplete" / "eA==").write_text('{"external_jobid": "81"}')
    engine = Snakemake(Launched(), live_jobs=lambda ids, _folder: frozenset(ids))
    with pytest.raises(NotNow, match="still run: 81"):
        engine.apply(run_of(tmp_path, "-j1"), [order(FixKind.UNLOCK)], "t1")


def test_a_run_that_was_killed_is_not_started_beside_the_jobs_that_it_left(tmp_path: Path) -> None:
    # Given a run of which nobody told the end, with a job that the scheduler still has, or that nobody can be asked about
    (tmp_path / ".snakemake" / "incomplete").mkdir(parents=True)
    (tmp_path / ".snakemake" / "incomplete" / "eA==").write_text('{"external_jobid": "81"}')
    launched, alive = Launched(), {"81", "7"}

    def live(_ids: Sequence[str], _folder: Path) -> frozenset[str]:
        if not alive:
            raise CannotApply("SLURM cannot be asked")
        return frozenset(alive)

    engine = Snakemake(launched, live_jobs=live)
    with pytest.raises(NotNow, match=r"left behind still run: 81$"):
        engine.apply(run_of(tmp_path, "-j1"), [memory("a", 200)], "t1")
    alive.clear()
    with pytest.raises(NotNow, match="SLURM cannot be asked"):
        engine.apply(run_of(tmp_path, "-j1"), [memory("a", 200)], "t1")
    # Then it is once only others' jobs are there; and one that told its end has left none
    alive.add("7")
    engine.apply(run_of(tmp_path, "-j1"), [memory("a", 200)], "t1")
    alive.add("81")
    engine.apply(run_of(tmp_path, "-j1", exit_code=1), [memory("a", 200)], "t2")
    assert [asked[0] for asked in launched.asked] == ["t1", "t2"]


def lock_error(folder: Path) -> Order:
    said = (
        "LockException:\nError: Directory cannot be locked. Please make sure that no other Snakemake process is trying to "
        f"create the same files in the following directory:\n{folder}\nIf you are sure that no other instances"
    )
    return Order(Fix(FixKind.UNLOCK, "snakemake"), (attempt_of("snakemake", facts={"message": said}),))


@pytest.mark.parametrize("how", ["there", "by another name", "workdir:"])
def test_a_lock_of_a_snakemake_at_work_is_left(tmp_path: Path, how: str) -> None:
    # Given a Snakemake at work in a folder, known here by its name, by a link, or by Snakemake's own words alone
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / "link").symlink_to(work)
    stand_in = tmp_path / "snakemake"
    stand_in.write_text(STAND_IN)
    with at_work([sys.executable, str(stand_in)], work) as process:
        folder = {"there": work, "by another name": tmp_path / "link", "workdir:": tmp_path}[how]
        ordered = lock_error(work) if how == "workdir:" else order(FixKind.UNLOCK)
        with pytest.raises(NotNow, match=f"as process {process.pid}"):
            Snakemake(Launched()).apply(run_of(folder, "-j1"), [ordered], "t1")


def test_a_lock_is_left_while_a_job_of_the_killed_run_still_runs(tmp_path: Path) -> None:
    shell = "set -euo pipefail; echo ready; read line"
    with (
        at_work(["bash", "-c", shell], tmp_path) as process,
        pytest.raises(NotNow, match=f"a job that Snakemake left is at work in .* as process {process.pid}"),
    ):
        Snakemake(Launched()).apply(run_of(tmp_path, "-j1"), [order(FixKind.UNLOCK)], "t1")


def test_a_lock_is_left_where_a_program_may_drive_snakemake_by_its_api(tmp_path: Path) -> None:
    driver = tmp_path / "driver.py"
    driver.write_text(STAND_IN)
    with (
        at_work([sys.executable, str(driver)], tmp_path) as process,
        pytest.raises(CannotApply, match=f"process {process.pid} .* may drive Snakemake"),
    ):
        Snakemake(Launched()).apply(run_of(tmp_path, "-j1"), [order(FixKind.UNLOCK)], "t1")


@pytest.mark.parametrize("where", ["argument", "profile"])
def test_locks_in_a_database_elsewhere_are_left(tmp_path: Path, where: str) -> None:
    (tmp_path / "p.yaml").write_text("persistence-backend-db-url: postgresql://u@h/db\n")
    words = {"argument": ("--persistence-backend-db-url=postgresql://u@h/db",), "profile": ("--profile", "p.yaml")}
    with pytest.raises(CannotApply, match="kept in a database"):
        Snakemake(Launched()).apply(run_of(tmp_path, *words[where]), [order(FixKind.UNLOCK)], "t1")


STAND_IN = "import sys; print('ready', flush=True); sys.stdin.read()"


@contextmanager
def at_work(words: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in that folder, until the end of the block."""
    with subprocess.Popen(words, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield process
        finally:
            process.stdin.close()
