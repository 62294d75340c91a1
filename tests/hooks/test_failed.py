"""failed.sh: a whole run's failure, told by a line in the workflow itself; the intake and the store understand it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.hooks.conftest import HOOKS, events

from heal.home import hooks
from heal.steps.intake import parse
from heal.store import Store


def tell(home: Path, *words: str, said: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    argv = ["sh", str(HOOKS / "failed.sh"), *words]
    return subprocess.run(
        argv,
        env={"PATH": os.environ["PATH"], "HEAL_HOME": str(home), **env},
        input=said,
        capture_output=True,
        timeout=30,
        check=False,
        cwd=home.parent,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home" / "spool").mkdir(parents=True)
    return tmp_path / "home"


def test_a_failure_of_a_run_is_one_the_store_wants_explained(home: Path):
    ran = tell(home, "nextflow", "a log", said='Process "ü" terminated\n'.encode(), HEAL_RUN="r0")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")
    with Store.open(home / "heal.db") as store:
        for path in sorted((home / "spool").glob("*.json")):
            store.take(parse(path.stem, path.read_text(encoding="utf-8")))
        [failed] = store.unexplained()
        [run] = [store.run(failed.run_id)]
    assert (failed.key, failed.name, failed.process) == ("", "nextflow", "nextflow")
    assert (failed.log_paths, failed.facts["message"]) == ((str(home.parent / "a log"),), 'Process "ü" terminated')
    assert run is not None
    assert (run.engine, run.cwd, run.parent, run.ended is not None) == ("nextflow", str(home.parent), "r0", True)


def test_a_long_message_is_cut(home: Path):
    tell(home, "nextflow", said=b"x" * 1_000_000)
    [failed] = [event for event in events(home / "spool") if event["kind"] == "task_failed"]
    assert failed["facts"]["message"] == "x" * 60_000
    assert "log_paths" not in failed["task"]


def test_a_spool_that_is_not_there_costs_nothing(home: Path):
    (home / "spool").rmdir()
    assert (tell(home, "snakemake", "log").returncode, list(home.iterdir())) == (0, [])


def test_under_heal_run_the_plugin_tells(home: Path):
    tell(home, "snakemake", "log", HEAL_RUN="r0")
    assert events(home / "spool") == []


@pytest.mark.parametrize(
    ("engine", "tells", "told"), [("snakemake", "me", 0), ("snakemake", "4194305", 3), ("nextflow", "me", 3)]
)
def test_only_where_its_own_snakemake_tells_it_keeps_quiet(home: Path, engine: str, tells: str, told: int):
    # Given the mark of a plugin: of the process that calls, or of one further away
    tell(home, engine, "log", HEAL_TELLS=str(os.getpid()) if tells == "me" else tells)
    assert len(events(home / "spool")) == told


@pytest.mark.snakemake
def test_the_line_for_a_snakefile_works_in_a_real_one(home: Path, tmp_path: Path):
    # Given a pipeline with the lines that heal prints for an older Snakemake, and a rule that fails
    env = {**os.environ, "HEAL_HOME": str(home)}
    hooks.install(home, "snakemake")
    rule = 'rule broken:\n    output: "x"\n    shell: "echo no such thing >&2; exit 3"\n'
    onerror = hooks.lines(home, "snakemake").partition("\n\n")[2]
    (tmp_path / "Snakefile").write_text(rule + onerror)
    snakemake = str(Path(sys.executable).parent / "snakemake")
    ended = subprocess.run([snakemake, "-c1"], cwd=tmp_path, env=env, capture_output=True, timeout=120, check=False)
    # Then it is told once, with Snakemake's own log
    assert ended.returncode == 1
    started, failed, finished = events(home / "spool")
    assert [one["kind"] for one in (started, failed, finished)] == ["run_started", "task_failed", "run_finished"]
    [log] = failed["task"]["log_paths"]
    assert "Error in rule broken" in Path(log).read_text()
    # And where heal's plugin tells of the run, the lines keep quiet
    told = subprocess.run(
        [snakemake, "-c1", "--logger", "heal"], cwd=tmp_path, env=env, capture_output=True, timeout=120, check=False
    )
    assert told.returncode == 1
    by_plugin = events(home / "spool")[3:]
    assert {one["source"] for one in by_plugin} == {"snakemake"}
    assert [one["task"]["name"] for one in by_plugin if one["kind"] == "task_failed"] == ["broken"]
    for path in (home / "spool").glob("*.json"):
        path.unlink()
    # And where heal was taken away the run ends as ever
    hooks.remove(home, "snakemake")
    again = subprocess.run([snakemake, "-c1"], cwd=tmp_path, env=env, capture_output=True, timeout=120, check=False)
    assert again.returncode == 1
    assert events(home / "spool") == []


@pytest.mark.nextflow
def test_the_lines_for_nextflow_work_in_a_real_one(
    home: Path, tmp_path: Path, nextflow: Path, until: Callable[..., bool]
):
    # Given a pipeline with the configuration that heal writes, and a process that fails
    hooks.install(home, "nextflow")
    config = home / "hooks" / "nextflow" / "heal.config"
    (tmp_path / "main.nf").write_text(
        "process BROKEN {\n    script:\n    'echo no such \"thing\" >&2; exit 3'\n}\nworkflow { BROKEN() }\n"
    )
    env = {**os.environ, "HEAL_HOME": str(home), "NXF_ANSI_LOG": "false", "NXF_OFFLINE": "true"}
    env["NXF_HOME"] = str(tmp_path / "nxf")
    argv = [str(nextflow), "run", "main.nf", "-c", str(config)]
    ended = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, timeout=120, check=False)
    # Then it is told, with Nextflow's own report and its log
    assert (ended.returncode, b"event handler" in ended.stdout) == (1, False)
    assert until(lambda: len(events(home / "spool")) == 3, 10)
    started, failed, finished = events(home / "spool")
    assert [one["kind"] for one in (started, failed, finished)] == ["run_started", "task_failed", "run_finished"]
    assert 'no such "thing"' in failed["facts"]["message"]
    assert failed["task"]["log_paths"] == [str(tmp_path / ".nextflow.log")]
    # And where heal's script is gone the run ends as ever
    (config.parent / "failed.sh").unlink()
    again = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, timeout=120, check=False)
    assert (again.returncode, b"event handler" in again.stdout) == (1, False)
