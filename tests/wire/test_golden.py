"""The golden files are what every writer produces; the intake reads each line of them, and the store keeps it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from heal.shipped import shipped
from heal.steps.intake import parse
from heal.store import Store

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.json"))


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_intake_reads_what_writers_write(path: Path):
    for number, line in enumerate(lines(path)):
        said, event = json.loads(line), parse(f"{path.stem}-{number}", line)
        assert (event.kind, event.source, event.facts, event.body) == (
            said["kind"],
            said["source"],
            said["facts"],
            line,
        )
        assert event.run is not None
        assert event.run.id == said["run"]["id"]
        assert (event.task.key if event.task else None) == said.get("task", {}).get("key")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_store_knows_every_task_that_failed(path: Path, tmp_path: Path):
    failed = {
        (said["task"]["key"], said["task"]["attempt"])
        for said in map(json.loads, lines(path))
        if said["kind"] == "task_failed"
    }
    with Store.open(tmp_path / "heal.db") as store:
        for number, line in enumerate(lines(path)):
            store.take(parse(f"{path.stem}-{number}", line))
        assert {(attempt.key, attempt.number) for attempt in store.unexplained()} == failed


# --- the writers between a user and what they started --------------------------------------------


def spoken(spool: Path, here: Path) -> list[str]:
    """What is in a spool, with what differs from place to place and time to time taken out."""
    return [
        json.dumps(_still(json.loads(path.read_text(encoding="utf-8")), here)) for path in sorted(spool.glob("*.json"))
    ]


def _still(said: dict[str, Any], here: Path) -> dict[str, Any]:
    text = json.dumps({**said, "time": "2026-01-02T03:04:05+00:00"}).replace(str(here), "/data")
    still: dict[str, Any] = json.loads(text)
    still["run"] |= {"pid": 4711}
    if "host" in still["facts"]:
        still["facts"]["host"] = "login1"
    return still


def check(name: str, found: list[str]) -> None:
    """Compare with the golden file; HEAL_GOLDEN=write makes it."""
    path = HERE / f"{name}.json"
    if os.environ.get("HEAL_GOLDEN") == "write":
        path.write_text("\n".join(found) + "\n", encoding="utf-8")
    assert found == lines(path)


def test_the_launcher_writes_its_golden_file(tmp_path: Path):
    launch = shipped("hooks") / "launch.py"
    argv = [sys.executable, "-I", str(launch), "--id", "run-1", "--home", str(tmp_path), "--parent", "run-0", "--"]
    subprocess.run([*argv, "sh", "-c", "exit 3"], cwd=tmp_path, check=False, timeout=60)
    check("runner", spoken(tmp_path / "spool", tmp_path))


def test_the_sbatch_shim_writes_its_golden_file(tmp_path: Path):
    # Given an sbatch that answers as SLURM's does
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    sbatch = bin_folder / "sbatch"
    sbatch.write_text("#!/bin/sh\necho Submitted batch job 81723\n", encoding="utf-8")
    sbatch.chmod(0o755)
    shim = shipped("hooks") / "shim.py"
    env = {"PATH": f"{bin_folder}:/usr/bin:/bin", "HEAL_SPOOL": str(tmp_path / "spool"), "HEAL_RUN": "run-1"}
    argv = [sys.executable, "-I", "-S", str(shim), "sbatch", str(tmp_path / "attach")]
    ran = subprocess.run(
        [*argv, "--job-name=plink", "--array=1-4%2", "job.sh", "a b"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout == "Submitted batch job 81723\n"
    # Then it tells of the run and its job; the run's own id is made anew each time
    found = spoken(tmp_path / "spool", tmp_path)
    own = json.loads(found[0])["run"]["id"]
    check("sbatch-shim", [line.replace(own, "run-2") for line in found])
