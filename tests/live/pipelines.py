"""A user's pipeline in a folder of its own, with a heal home of its own, and the real commands run in it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
SNAKEMAKE_SLURM = (
    "snakemake",
    "--executor=slurm",
    "--jobs=4",
    "--latency-wait=10",
    "--slurm-init-seconds-before-status-checks=2",
    "--default-resources",
    "runtime=5",
    "slurm_partition=short",
    "--",
)

# a cluster of the tests' own need not be spared
IMPATIENT = {
    "HEAL_SLURM__CALLS_PER_MINUTE": "600",
    "HEAL_SLURM__POLL_SECONDS": "2",
    "HEAL_SLURM__DISCOVER_AFTER_S": "0",
    # its nodes are this host
    "HEAL_SLURM__LOG_WAIT_S": "0",
}


class Pipeline:
    """``work`` is where the pipeline lies, ``home`` what heal keeps. Tasks write a line to ``$RAN`` when they start.

    ``conf`` is the slurm.conf of the cluster that its commands reach, if not the first one's.
    """

    conf = ""
    _told: tuple[tuple[int, ...] | None, str] = (None, "")

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        self.home = folder / "home"
        self.ran = folder / "ran.log"
        self.work.mkdir()
        self.ran.touch()

    @property
    def env(self) -> dict[str, str]:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("HEAL_", "SLURM_", "PYTEST_"))
        }
        own = {"PATH": f"{BIN}:{clean['PATH']}", "HEAL_HOME": str(self.home), "RAN": str(self.ran)}
        return {**clean, **IMPATIENT, **own, **({"SLURM_CONF": self.conf} if self.conf else {})}

    def file(self, name: str, text: str) -> Path:
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def knows(self, name: str, pattern: str) -> None:
        """A pattern of the user's own."""
        path = self.home / "patterns" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pattern, encoding="utf-8")

    def run(self, *argv: str, timeout: float = 400) -> subprocess.CompletedProcess[str]:
        """A command in the pipeline's folder, without a terminal."""
        return subprocess.run(
            argv,
            cwd=self.work,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *argv: str) -> subprocess.Popen[str]:
        """The same, begun only; its output is there to be read."""
        return subprocess.Popen(
            argv,
            cwd=self.work,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def heal(self, *argv: str, timeout: float = 400) -> subprocess.CompletedProcess[str]:
        return self.run("heal", *argv, timeout=timeout)

    def incidents(self) -> list[dict[str, Any]]:
        """What ``heal status --json`` tells, oldest first; asked again only where heal has written of one since."""
        written = self._written()
        if written is None or written != self._told[0]:
            said = subprocess.run(
                ["heal", "status", "--json"], cwd=self.work, env=self.env, capture_output=True, text=True, check=True
            )
            self._told = (written, said.stdout)
        return list(reversed(json.loads(self._told[1])["incidents"]))

    def _written(self) -> tuple[int, ...] | None:
        """How much heal's records of incidents hold; None where that cannot be seen."""
        count = (
            "SELECT (SELECT count(*) FROM incidents), (SELECT count(*) FROM members), (SELECT count(*) FROM journal)"
        )
        try:
            with closing(sqlite3.connect(f"file:{self.home}/heal.db?mode=ro", uri=True)) as records:
                return tuple(records.execute(count).fetchone())
        except sqlite3.Error:
            return None

    def show(self, incident: str) -> dict[str, Any]:
        """What ``heal show --json`` tells."""
        said = subprocess.run(
            ["heal", "show", incident, "--json"],
            cwd=self.work,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        )
        story: dict[str, Any] = json.loads(said.stdout)
        return story

    def times_run(self) -> dict[str, int]:
        """How often each task started."""
        return dict(Counter(self.ran.read_text(encoding="utf-8").split()))


REAL_SBATCH = shutil.which("sbatch") or "/usr/bin/sbatch"


class Shadowed(Pipeline):
    """A pipeline whose heal asks SLURM every second; ``shadow`` holds what lies before SLURM's commands."""

    shadow = ""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        # of all its jobs: the controller remembers those of an earlier run of the test, and of other workers'
        self.name = f"once-{uuid.uuid4().hex[:8]}"

    @property
    def env(self) -> dict[str, str]:
        own = super().env
        return {**own, "HEAL_SLURM__POLL_SECONDS": "1", "PATH": f"{self.shadow}{own['PATH']}"}

    def submit(self, *argv: str) -> str:
        """Submit, past whatever lies before sbatch; the job's id."""
        ended = self.run(REAL_SBATCH, "--parsable", f"--job-name={self.name}", *argv)
        assert ended.returncode == 0, ended.stdout
        return ended.stdout.strip()

    def jobs(self) -> list[str]:
        """All jobs, arrays as one, that were ever submitted under this test's name, by the controller."""
        said = self.run("squeue", "--noheader", "--states=all", f"--name={self.name}", "--format=%F")
        return sorted(set(said.stdout.split()))

    def in_sbatchs_place(self, text: str) -> None:
        """A site's own sbatch, for whatever heal starts from now on."""
        path = self.work.parent / "site" / "sbatch"
        path.parent.mkdir()
        path.write_text(f"#!/bin/bash\necho tried >> {path.parent}/tries\n{text}", encoding="utf-8")
        path.chmod(0o755)
        self.shadow = f"{path.parent}:"

    def tries(self) -> int:
        """How often that was run."""
        return len((self.work.parent / "site" / "tries").read_text(encoding="utf-8").split())


def outcomes(incident: dict[str, Any]) -> list[str | None]:
    """What came of each remedy of an incident, oldest first."""
    return [remedy["outcome"] for remedy in incident["remedies"]]


# a failure that passes by itself, and at once: heal's own patterns wait for minutes
DEPOT = """id: network/depot
title: The depot is busy
status: trusted
label: network
cause: The depot has too many visitors.
match: ['the depot is busy']
confidence: 0.95
rank: 30
fix: {kind: retry}
references: [the depot's manual]
hits: ["hello\\nthe depot is busy, come again"]
misses: ["all is well"]
"""

# takes the number of MB given, 100 of them a second so that SLURM sees it grow, and holds them for as many seconds
EAT = """
import sys, time
blocks = []
for _ in range(int(sys.argv[1]) // 10):
    blocks.append(bytearray(10 * 1024 * 1024))
    time.sleep(0.1)
time.sleep(float(sys.argv[2]))
"""

# three tasks: one that is done before, one that is too greedy, one that hangs on it
GREEDY = """
rule all:
    input: "report.txt"

rule before:
    output: "before.txt"
    resources: mem_mb=400
    shell: "echo before >> $RAN; touch {output}"

rule greedy:
    input: "before.txt"
    output: "greedy.txt"
    resources: mem_mb=%(mem_mb)d
    shell: "echo greedy >> $RAN; python3 eat.py %(eats)d 4; touch {output}"

rule report:
    input: "greedy.txt"
    output: "report.txt"
    resources: mem_mb=400
    shell: "echo report >> $RAN; touch {output}"
"""

# the same without a scheduler: the rule hands its memory to the program, as pipelines on a workstation do
GREEDY_HERE = """
rule all:
    input: "report.txt"

rule before:
    output: "before.txt"
    shell: "echo before >> $RAN; touch {output}"

rule greedy:
    input: "before.txt"
    output: "greedy.txt"
    log: "greedy.log"
    resources: mem_mb=200
    shell:
        "echo greedy >> $RAN; ulimit -v $(({resources.mem_mb} * 1024)); "
        "python3 -S -c 'b = bytearray(250 * 1024 ** 2)' 2> {log}; touch {output}"

rule report:
    input: "greedy.txt"
    output: "report.txt"
    shell: "echo report >> $RAN; touch {output}"
"""
