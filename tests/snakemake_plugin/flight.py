"""Real Snakemake runs that ask, and somebody who listens and answers in heal's place (docs/in-flight.md)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SNAKEMAKE = Path(sys.executable).parent / "snakemake"
Event = dict[str, Any]
NONE = {"v": 1, "answer": "none"}


def retry(**resources: float) -> dict[str, Any]:
    return {"v": 1, "answer": "retry", "resources": resources}


class Listener:
    """Listens on a run's spool. ``answer`` gives what is said to a question, or None for nothing (yet: it is asked again)."""

    def __init__(self, folder: Path, answer: Callable[[Event], object]) -> None:
        self._spool = folder / "state" / "spool"
        self._answers = folder / ".heal" / "answers"
        self._answer = answer
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self.listens = True
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        self._spool.mkdir(parents=True)
        self._answers.mkdir(parents=True)
        self._attend()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def go(self) -> None:
        """Listen no more, as a heal that was killed half a minute ago."""
        self.listens = False
        os.utime(self._spool / ".listening", (0, 0))

    def _attend(self) -> None:
        (self._spool / ".listening").touch()

    def _listen(self) -> None:
        while not self._over.wait(0.05):
            if self.listens:
                self._attend()
            for event in events(self._spool.parent.parent):
                ask = event["facts"].get("asks")
                if ask and ask not in self._said and (said := self._answer(event)) is not None:
                    self._said.add(ask)
                    hidden = self._answers / f".{ask}"
                    hidden.write_text(said if isinstance(said, str) else json.dumps(said))
                    hidden.rename(self._answers / f"{ask}.json")

    def left(self) -> list[str]:
        """The answers that nobody took."""
        return [path.name for path in self._answers.glob("*.json")]


def events(folder: Path) -> list[Event]:
    return [json.loads(path.read_text()) for path in sorted((folder / "state" / "spool").glob("[0-9]*.json"))]


def failures(folder: Path) -> list[Event]:
    return [event for event in events(folder) if event["kind"] == "task_failed"]


def questions(folder: Path) -> list[tuple[str, int]]:
    """Task and try of each question."""
    return [(e["task"]["key"], e["task"]["attempt"]) for e in failures(folder) if "asks" in e["facts"]]


def start(folder: Path, *words: str, seconds: float = 60) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HEAL_", "SLURM_", "PYTEST_"))}
    spool = str(folder / "state" / "spool")
    return subprocess.Popen(
        [str(SNAKEMAKE), "--logger", "heal", *words],
        cwd=folder,
        env={**clean, "HEAL_SPOOL": spool, "HEAL_IN_FLIGHT": f"{seconds:g}", "RAN": str(folder / "ran.log")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def snakemake(folder: Path, *words: str, seconds: float = 60) -> tuple[int, str]:
    """How it ended and what it said."""
    with start(folder, *words, seconds=seconds) as run:
        said, _ = run.communicate(timeout=300)
    return run.returncode, said


def ran(folder: Path) -> list[str]:
    """What the jobs wrote down, in order."""
    return (folder / "ran.log").read_text().split("\n")[:-1]
