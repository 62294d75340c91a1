"""A user's folder with a heal home of its own, and commands run in it as a user runs them: each a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from tests.live.pipelines import Pipeline

# a task that needs more memory than it is given, before one that hangs on it
GREEDY = """
rule report:
    input: "greedy.txt"
    output: "report.txt"
    shell: "echo report >> $RAN; touch {output}"

rule greedy:
    output: "greedy.txt"
    log: "greedy.log"
    resources: mem_mb=200
    shell:
        "echo greedy >> $RAN; until test -e {config[waits_for]}; do sleep 0.1; done; "
        "ulimit -v $(({resources.mem_mb} * 1024)); "
        "python3 -S -c 'b = bytearray(250 * 1024 ** 2)' 2> {log}; touch {output}"
"""
SNAKEMAKE = ("snakemake", "--cores=1", "report.txt", "--config", "waits_for=Snakefile")
ASK = '[policy]\nresources = "ask"\n'


class Begun(subprocess.Popen[bytes]):
    """A command in a session of its own, which does not outlive a test that fails."""

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is not None and self.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
        super().__exit__(kind, *error)


class Place(Pipeline):
    """As a pipeline of the live tests; programs put into ``bin`` come first on PATH."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.more: dict[str, str] = {}

    @property
    def env(self) -> dict[str, str]:
        env = super().env
        return {**env, "PATH": f"{self.bin}:{env['PATH']}", **self.more}

    def program(self, name: str, text: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)

    def tells(self, *argv: str, said: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run heal to its end; what it said on stdout and on stderr, apart."""
        return subprocess.run(
            ["heal", *argv], cwd=self.work, env=self.env, input=said, capture_output=True, timeout=400, check=False
        )

    def begins(self, *argv: str, **more: Any) -> Begun:
        """Start heal in a session of its own, as a terminal's only job would be."""
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "start_new_session": True} | more
        return Begun(["heal", *argv], cwd=self.work, env=self.env, **more)

    def states(self) -> list[str]:
        return [incident["state"] for incident in self.incidents()]

    def fails(self, *processes: str) -> None:
        """Say in the spool, as the plugin would, that a run of these tasks failed for memory."""
        run = {"id": "r1", "engine": "snakemake", "cwd": str(self.work), "argv": list(SNAKEMAKE)}
        self._event(0, "run_started", run, {"host": "elsewhere"})
        for n, process in enumerate(processes, start=1):
            log = self.file(f"{process}.log", "MemoryError\n")
            task = {"name": process, "key": process, "attempt": 1, "workdir": str(self.work), "log_paths": [str(log)]}
            facts = {"process": process, "asked": {"memory_mb": 200}, "exit": 1}
            self._event(n, "task_failed", run, facts, task)
        self._event(len(processes) + 1, "run_finished", run, {"ok": False, "exit": 1})

    def submits(self, job: str) -> None:
        """Say in the spool, as the sbatch shim would, that a job was submitted."""
        run = {"id": f"r{job}", "engine": "sbatch", "cwd": str(self.work), "argv": ["sbatch", "job.sh"]}
        self._event(0, "run_started", run, {})
        task = {"name": "plink", "key": job, "attempt": 1, "native_id": job, "workdir": str(self.work)}
        self._event(1, "task_submitted", run, {"process": "plink"}, task)

    def _event(self, n: int, kind: str, run: dict[str, Any], facts: dict[str, Any], task: Any = None) -> None:
        spool = self.home / "spool"
        spool.mkdir(parents=True, exist_ok=True)
        event = {"v": 1, "kind": kind, "time": f"2026-01-02T03:04:{n:02d}Z", "source": "snakemake", "run": run}
        line = json.dumps({**event, "facts": facts, "task": task})
        (spool / f"{n:020d}-1-1.json").write_text(line, encoding="utf-8")


def named(place: Place, url: str, **chain: int) -> None:
    """Let the place's heal.toml name two models at this address; ``chain``: what is set of the healing chain."""
    lines = "".join(f"{name} = {value}\n" for name, value in chain.items())
    models = "".join(f'[model.{name}]\nbase_url = "{url}"\nmodel = "{name}"\ncontext = 30000\n' for name in ("a", "b"))
    place.file("heal.toml", f"[chain]\n{lines}{models}")
