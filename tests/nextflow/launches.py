"""Small pipelines under a real Nextflow that has the plugin, and what was told of them."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from heal.shipped import NEXTFLOW_PLUGIN

# Nextflow's own intervals are minutes. And more cores than there are: two threads of its local executor count those that
# are free without a lock, and where one is lost so, a task that asks for all of two waits for ever
FAST = """executor.pollInterval = '1s'
executor.queueStatInterval = '2s'
executor.exitReadTimeout = '5s'
executor.cpus = 8
"""


@dataclass
class Launch:
    """One folder to launch pipelines in. Only what is named here reaches Nextflow from the tests' own environment."""

    folder: Path
    program: Path
    plugins: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    def environment(self) -> dict[str, str]:
        known = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "JAVA_CMD") if name in os.environ}
        own = {"NXF_OFFLINE": "true", "NXF_ANSI_LOG": "false", "NXF_HOME": str(self.folder / "nxf")}
        own |= {"NXF_PLUGINS_DIR": str(self.plugins), "NXF_PLUGINS_DEFAULT": NEXTFLOW_PLUGIN.replace("heal-", "heal@")}
        return known | own | {"HEAL_HOME": str(self.folder / "home"), "HEAL_SPOOL": str(self.spool)} | self.env

    def prepare(self, script: str, config: str = "") -> None:
        (self.folder / "main.nf").write_text(script, encoding="utf-8")
        (self.folder / "nextflow.config").write_text(FAST + config, encoding="utf-8")

    def start(self, script: str, *words: str, config: str = "") -> subprocess.Popen[str]:
        self.prepare(script, config)
        argv = [str(self.program), "run", "main.nf", *words]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            argv, cwd=self.folder, env=self.environment(), stdout=pipe, stderr=subprocess.STDOUT, text=True
        )

    def run(self, script: str, *words: str, config: str = "") -> int:
        """Run a pipeline to its end: its exit code. One that comes to no end is killed, and the test fails."""
        with self.start(script, *words, config=config) as started:
            try:
                started.communicate(timeout=180)
            except subprocess.TimeoutExpired:
                started.kill()
                raise
            return started.returncode

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text(encoding="ascii")) for path in sorted(self.spool.glob("*.json"))]

    def warnings(self) -> list[str]:
        """What heal says in Nextflow's log."""
        log = (self.folder / ".nextflow.log").read_text(encoding="utf-8")
        return [line for line in log.splitlines() if "heal: " in line and " WARN " in line]


def ends(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """How tasks and the run ended, shortly: kind, key, attempt, and the facts that say how."""
    how = ("state", "exit", "error_action", "will_retry", "ignored", "aborted", "ok", "interrupted")
    return [
        (
            said["kind"],
            *((said["task"]["key"], said["task"]["attempt"]) if "task" in said else ()),
            {name: said["facts"][name] for name in how if name in said["facts"]},
        )
        for said in events
        if said["kind"] in {"task_finished", "task_failed", "run_finished"}
    ]
