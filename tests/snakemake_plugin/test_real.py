"""The plugin inside real Snakemake runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import DISKS, Disk

from heal.home.spool import Spool

pytestmark = pytest.mark.skipif(
    not (Path(sys.executable).parent / "snakemake").exists(), reason="Snakemake is not installed beside this Python"
)

SNAKEFILE = """
rule all:
    input: "good.txt", "bad_1.txt"
rule good:
    output: "good.txt"
    shell: "echo fine > {output}"
rule bad:
    output: "bad_{n}.txt"
    log: "logs/bad_{n}.log"
    retries: 1
    resources: mem_mb=400, runtime=2
    shell: "echo trouble > {log}; exit 7"
"""


def snakemake(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "snakemake"), *words, "--logger", "heal"],
        cwd=folder,
        env={**os.environ, "HEAL_SPOOL": str(folder / "state" / "spool"), **env},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def events(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((folder / "state" / "spool").glob("[0-9]*.json"))]


@pytest.mark.snakemake
def test_a_local_run_tells_its_tasks(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    ran = snakemake(tmp_path, "-j1", "-k")
    told = events(tmp_path)
    assert ran.returncode == 1
    assert "heal:" not in ran.stderr
    tasks = [(e["kind"], e["task"]["key"], e["task"]["attempt"], e["facts"].get("exit")) for e in told if "task" in e]
    assert sorted(tasks) == [
        ("task_failed", "bad:n=1", 1, 7),
        ("task_failed", "bad:n=1", 2, 7),
        ("task_finished", "good", 1, None),
        ("task_submitted", "bad:n=1", 1, None),
        ("task_submitted", "bad:n=1", 2, None),
        ("task_submitted", "good", 1, None),
    ]
    failed = next(event for event in told if event["kind"] == "task_failed")
    assert failed["task"]["log_paths"] == [str(tmp_path / "logs" / "bad_1.log")]
    assert failed["facts"]["asked"] == {"memory_mb": 400, "time_min": 2, "cpus": 1}
    assert [event["facts"]["will_retry"] for event in told if event["kind"] == "task_failed"] == [True, False]
    assert (told[0]["kind"], told[-1]["kind"], told[-1]["facts"]) == (
        "run_started",
        "run_finished",
        {"ok": False, "exit": 1},
    )


@pytest.mark.snakemake
def test_missing_output_is_the_jobs_failure(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text('rule a:\n    output: "a"\n    shell: "true"\n')
    snakemake(tmp_path, "-j1", "--latency-wait", "1")
    failed = [event for event in events(tmp_path) if event["kind"] == "task_failed"]
    assert [event["task"]["key"] for event in failed] == ["a"]
    assert "MissingOutputException" in failed[0]["facts"]["message"]


@pytest.mark.snakemake
@pytest.mark.parametrize("text", ["rule a:\n  output 'x'\n", "rule a:\n    input: 'gone'\n", "import nosuchmodule\n"])
def test_a_workflow_that_cannot_start_is_the_engines_failure(tmp_path: Path, text: str) -> None:
    (tmp_path / "Snakefile").write_text(text)
    snakemake(tmp_path, "-j1")
    told = events(tmp_path)
    assert [event["kind"] for event in told] == ["run_started", "task_failed", "run_finished"]
    assert (told[1]["task"]["key"], told[1]["facts"]["process"]) == ("", "snakemake")
    assert [Path(path).is_file() for path in told[1]["task"]["log_paths"]] == [True]


@pytest.mark.snakemake
@pytest.mark.parametrize("words", [("-n",), ("--unlock",), ("--lint",), ("--dag",), ("-j1", "--touch"), ("--list",)])
def test_invocations_that_run_no_job_tell_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    snakemake(tmp_path, *words)
    assert not (tmp_path / "state").exists()


@pytest.mark.snakemake
def test_a_broken_spool_does_not_touch_the_run(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "state").write_text("a file where the folder should be")
    ran = snakemake(tmp_path, "-j1", "good.txt")
    assert (ran.returncode, ran.stderr.count("heal: cannot write")) == (0, 1)


@pytest.mark.snakemake
@pytest.mark.parametrize("disk", DISKS, indirect=True)
def test_a_spool_on_a_disk_that_takes_nothing_does_not_touch_the_run(tmp_path: Path, disk: Disk) -> None:
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    ran = snakemake(tmp_path, "-j1", "good.txt", HEAL_SPOOL=str(disk.folder), HEAL_IN_FLIGHT="60")
    assert (ran.returncode, ran.stderr.count("heal: cannot write")) == (0, 1)
    assert disk.trouble in ran.stderr
    # And nothing half written is left behind
    assert [path.name for path in disk.folder.iterdir() if path.name.endswith(".tmp")] == []


# Snakemake in this process, and what Python is asked to do by whoever the plugin's code called, however indirectly
AUDITED = """
import json, runpy, sys, threading
seen, busy = set(), threading.local()
def audited(event, _arguments):
    if event.split(".")[0] not in ("open", "socket", "subprocess", "os") or getattr(busy, "on", False):
        return
    busy.on = True
    frame = sys._getframe(1)
    while frame is not None:
        if "snakemake_logger_plugin_heal" in frame.f_code.co_filename:
            seen.add(event)
        frame = frame.f_back
    busy.on = False
sys.addaudithook(audited)
try:
    runpy.run_module("snakemake", run_name="__main__")
finally:
    print("seen: " + json.dumps(sorted(seen)), file=sys.stderr)
"""


@pytest.mark.snakemake
def test_the_plugin_opens_no_socket_and_starts_no_program(tmp_path: Path) -> None:
    # Given a run that tells all there is to tell: tasks that end well and badly, and a question
    # (somebody listens whenever a task fails, however slow this machine is)
    (tmp_path / "Snakefile").write_text(SNAKEFILE.replace("echo trouble", "touch $HEAL_SPOOL/.listening; echo trouble"))
    (tmp_path / "audited.py").write_text(AUDITED)
    spool = tmp_path / "state" / "spool"
    Spool(spool).create()
    Spool(spool).attend(0.5)
    # When it runs, with an eye on what the plugin has Python do
    words = [sys.executable, "audited.py", "-j1", "-k", "--logger", "heal"]
    env = {**os.environ, "HEAL_SPOOL": str(spool)}
    ran = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=400, check=False)
    # Then it wrote its files, and asked this machine for its name
    assert any("asks" in event["facts"] for event in events(tmp_path)), ran.stderr
    seen = set(json.loads(ran.stderr.rpartition("seen: ")[2]))
    assert {event for event in seen if not event.startswith("os.")} == {"open", "socket.gethostname"}
    assert seen & {"os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn"} == set()


@pytest.mark.slurm
@pytest.mark.snakemake
@pytest.mark.usefixtures("slurm")
def test_a_slurm_run_tells_its_job_ids(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text(SNAKEFILE.replace("retries: 1", "retries: 0"))
    jobs = ("--executor", "slurm", "-j4", "-k", "--default-resources", "mem_mb=500", "runtime=2")
    quick = ("--slurm-init-seconds-before-status-checks", "2", "--seconds-between-status-checks", "2")
    snakemake(tmp_path, *jobs, *quick)
    told = [event for event in events(tmp_path) if "task" in event and event["facts"]["process"] != "all"]
    ids = {event["task"]["key"]: event["task"]["native_id"] for event in told if event["kind"] == "task_submitted"}
    assert set(ids) == {"good", "bad:n=1"}
    assert all(native_id and native_id.isdigit() for native_id in ids.values())
    ends = {(event["kind"], event["task"]["key"], event["task"]["native_id"]) for event in told}
    assert {("task_finished", "good", ids["good"]), ("task_failed", "bad:n=1", ids["bad:n=1"])} <= ends
    failed = next(event for event in told if event["kind"] == "task_failed")
    assert failed["facts"]["asked"] == {"memory_mb": 400, "time_min": 2, "cpus": 1}
    slurm_log = Path(failed["task"]["log_paths"][-1])
    assert "returned non-zero exit status 7" in slurm_log.read_text()
    shutil.rmtree(tmp_path / ".snakemake")
