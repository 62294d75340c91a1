"""A real Nextflow without heal's plugin, whose log heal follows into a store of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.conftest import until
from tests.nextflow.launches import FAST

from heal.engines.nextflow_follow import NextflowLogs
from heal.records import Event, RunRef
from heal.store import Store


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Followed:
    """One folder to launch pipelines in. What heal says of them is in ``told``, and in the store."""

    folder: Path
    program: Path
    store: Store
    told: list[Event] = field(default_factory=list)
    logs: NextflowLogs = field(init=False)

    def __post_init__(self) -> None:
        self.logs = NextflowLogs(self.store.run, now)

    def environment(self) -> dict[str, str]:
        known = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "JAVA_CMD") if name in os.environ}
        own = {"NXF_OFFLINE": "true", "NXF_ANSI_LOG": "false", "NXF_HOME": str(self.folder / "nxf")}
        return known | own

    def launch(self, script: str, *words: str, config: str = "", fast: str = FAST) -> subprocess.Popen[bytes]:
        """Start a pipeline, and say so as the shim of ``heal run`` does."""
        (self.folder / "main.nf").write_text(script, encoding="utf-8")
        (self.folder / "nextflow.config").write_text(fast + config, encoding="utf-8")
        argv = [str(self.program), "run", "main.nf", *words]
        quiet = subprocess.DEVNULL
        started = subprocess.Popen(argv, cwd=self.folder, env=self.environment(), stdout=quiet, stderr=quiet)
        self.logs.takes(self.announced(started.pid, argv))
        return started

    def announced(self, pid: int, argv: list[str], **more: Any) -> Event:
        run = RunRef(f"shim-{pid}", "nextflow", str(self.folder), tuple(argv), pid)
        facts = {"log": str(self.folder / ".nextflow.log"), "parent": None, "env_file": "/private/env.json", **more}
        return Event(f"announced-{pid}", "nextflow_log", now(), "runner", run, None, facts)

    def read_on(self) -> bool:
        """One look at the logs; True when something new was told."""
        news = self.logs.news()
        self.store.take_many(news)
        self.logs.taken([event.id for event in news])
        self.told += news
        return bool(news)

    def until(self, kind: str, times: int = 1, seconds: float = 60.0) -> bool:
        """Follow until events of this kind were told so many times."""

        def told() -> bool:
            self.read_on()
            return sum(event.kind == kind for event in self.told) >= times

        return until(told, seconds)

    def run(self, script: str, *words: str, config: str = "") -> int:
        """Run a pipeline to its end, and follow it to its end: its exit code."""
        before = sum(event.kind == "run_finished" for event in self.told)
        with self.launch(script, *words, config=config) as started:
            code = started.wait(timeout=180)
        assert self.until("run_finished", before + 1)
        return code

    def ends(self) -> list[tuple[Any, ...]]:
        """How tasks and the run ended, shortly: kind, key, attempt, and the facts that say how."""
        how = ("state", "exit", "error_action", "will_retry", "ignored", "aborted", "ok", "interrupted")
        return [
            (
                event.kind,
                *((event.task.key, event.task.attempt) if event.task else ()),
                {name: event.facts[name] for name in how if name in event.facts},
            )
            for event in self.told
            if event.kind in {"task_finished", "task_failed", "run_finished"}
        ]


@contextmanager
def followed(folder: Path, program: Path) -> Iterator[Followed]:
    """A folder with a store beside it."""
    store = Store.open(folder / "heal.db")
    try:
        yield Followed(folder, program, store)
    finally:
        store.close()
