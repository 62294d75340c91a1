"""Somebody who listens on the spool of a Nextflow run and answers its questions in heal's place (docs/in-flight.md)."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tests.nextflow.launches import Launch

Event = dict[str, Any]
NONE = {"v": 1, "answer": "none"}

# exits with 137 where it was given less memory than a task needs, as a job that SLURM kills; in the strict syntax
HUNGRY = """
process BIG {
    tag "$x"
    input: val x
    output: path 'o.txt'
    script:
    "test ${task.memory ? task.memory.toMega() : 0} -ge $x || exit 137; echo $x > o.txt"
}
process NEXT {
    input: path x
    output: path 'n.txt'
    script:
    "cp $x n.txt"
}
process OTHER {
    input: val x
    output: val x
    script:
    "sleep 1"
}
workflow {
    BIG(channel.of(__NEEDS__))
    NEXT(BIG.out)
    OTHER(channel.of(1, 2))
}
"""


def hungry(*needs: int) -> str:
    return HUNGRY.replace("__NEEDS__", ", ".join(map(str, needs)))


def said(launch: Launch, script: str, config: str = "") -> tuple[int, list[str]]:
    """Exit code and lines of a run, but for what is different in each: names, tips, and the order of threads' words."""
    with launch.start(script, config=config) as started:
        words, _ = started.communicate(timeout=180)
    for what in (r"\[\w\w/\w{6}\]", r"/work/\w\w/\w+", r"Launching.*", r"Tip: .*"):
        words = re.sub(what, "*", words)
    # what Nextflow says or not, with heal or without, by which of its threads ends first
    heard = [
        line for line in words.splitlines() if "Got an interrupted exception while taking agent result" not in line
    ]
    return started.returncode, sorted(heard)


def retry(**resources: float) -> dict[str, Any]:
    return {"v": 1, "answer": "retry", "resources": resources}


class Listener:
    """Listens while it is entered. ``answer`` gives what is said to a question; None: nothing now, it is asked again."""

    def __init__(self, launch: Launch, answer: Callable[[Event], object]) -> None:
        self._launch = launch
        self._answer = answer
        self._answers = launch.folder / ".heal" / "answers"
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        self._launch.spool.mkdir(exist_ok=True)
        self._answers.mkdir(parents=True, exist_ok=True)
        listening(self._launch)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _listen(self) -> None:
        while not self._over.wait(0.05):
            listening(self._launch)
            for event in questions(self._launch):
                ask = event["facts"]["asks"]
                if ask not in self._said and (said := self._answer(event)) is not None:
                    self._said.add(ask)
                    hidden = self._answers / f".{ask}"
                    hidden.write_text(json.dumps(said), encoding="ascii")
                    hidden.rename(self._answers / f"{ask}.json")

    def left(self) -> list[str]:
        """The answers that nobody took."""
        return [path.name for path in self._answers.glob("*.json")]


def listening(launch: Launch, since: float | None = None) -> None:
    """Show that somebody listens, or did so last at a time in seconds since 1970."""
    launch.spool.mkdir(exist_ok=True)
    (launch.spool / ".listening").touch()
    if since is not None:
        os.utime(launch.spool / ".listening", (since, since))


def questions(launch: Launch) -> list[Event]:
    return [event for event in launch.events() if "asks" in event["facts"]]


def tries(events: list[Event], kind: str) -> list[tuple[str, int]]:
    """The tries of tasks that events of a kind tell of, in order of their names."""
    return sorted((event["task"]["name"], event["task"]["attempt"]) for event in events if event["kind"] == kind)


def asked(events: list[Event]) -> dict[tuple[str, int], object]:
    """The memory that each try was submitted with."""
    return {
        (event["task"]["name"], event["task"]["attempt"]): event["facts"]["asked"].get("memory_mb")
        for event in events
        if event["kind"] == "task_submitted"
    }
