"""What a task of Nextflow had, by the configuration and by what Nextflow's log says applies to its process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from heal.engines.nextflow_argv import CommandLine
from heal.engines.nextflow_asked import Requests, amount_in
from heal.engines.nextflow_config import Config

LOG = """
DEBUG nextflow.script.ProcessConfig - Config settings `withLabel:high` matches labels `high` for process with name W:BIG
DEBUG nextflow.script.ProcessConfig - Config settings `withName:BIG` matches process W:BIG
"""
SCOPE = {
    "memory": "1 GB",
    "time": "10 min",
    "withLabel:high": {"memory": "{ check_max( 200.MB * task.attempt, 'memory' ) }", "cpus": 2},
    "withName:BIG": {"time": "2h 30m"},
    "withName:OTHER": {"memory": "9 GB"},
}


def requests(folder: Path, *argv: str, scope: Mapping[str, Any] = SCOPE, calls: list[str] | None = None) -> Requests:
    def resolving(_line: CommandLine, cwd: str, _env: Mapping[str, str]) -> Config:
        if calls is not None:
            calls.append(cwd)
        return Config({"process": scope, "params": {"max_memory": "500.MB"}})

    return Requests(resolving, ("nextflow", "run", "main.nf", *argv), str(folder), None)


def test_selectors_tell_and_the_process_scope_does_not(tmp_path: Path) -> None:
    asked = requests(tmp_path)
    assert asked.of("W:BIG", 1, lambda: LOG) == {"memory_mb": 200, "time_min": 150, "cpus": 2}
    assert asked.of("W:BIG", 2, lambda: LOG) == {"memory_mb": 400, "time_min": 150, "cpus": 2}
    # as check_max has it
    assert asked.of("W:BIG", 3, lambda: LOG)["memory_mb"] == 500
    # what stands in a process itself outranks its scope, and is not known
    assert asked.of("W:SMALL", 1, lambda: LOG) == {}


def test_nextflow_is_asked_once(tmp_path: Path) -> None:
    calls: list[str] = []
    asked = requests(tmp_path, calls=calls)
    assert calls == []
    for attempt in (1, 2):
        asked.of("W:BIG", attempt, lambda: LOG)
    assert calls == [str(tmp_path)]


@pytest.mark.parametrize(("grows", "scope", "first", "second"), [
    (False, SCOPE, 300, 500),
    (True, {"withLabel:high": {"memory": "60 MB"}}, 300, 600),
    (False, {}, 300, 300),
])  # fmt: skip
def test_what_a_remedy_gave_holds(tmp_path: Path, grows: bool, scope: dict[str, Any], first: int, second: int) -> None:
    overlay = tmp_path / ".heal/overlay/t1.config"
    overlay.parent.mkdir(parents=True)
    given = {"amounts": {"memory_mb": 300}, "queue": None, "without": [], "grows": grows}
    overlay.write_text(f"// heal: {json.dumps({'v': 1, 'processes': {'W:BIG': given}})}\n")
    asked = requests(tmp_path, "-c", ".heal/overlay/t1.config", scope=scope)
    assert [asked.of("W:BIG", attempt, lambda: LOG)["memory_mb"] for attempt in (1, 2)] == [first, second]


def test_a_command_line_that_is_none_tells_nothing(tmp_path: Path) -> None:
    asked = Requests(lambda *_all: Config({"process": SCOPE}), ("make", "all"), str(tmp_path), None)
    assert asked.of("W:BIG", 1, lambda: LOG) == {}


@pytest.mark.parametrize(("value", "first", "third"), [
    ("100 MB", 100, 100),
    ("{ 100.MB }", 100, 100),
    ("{ 1.5 GB * task.attempt }", 1536, 4608),
    ("{ check_max( 100.MB * task.attempt, 'memory' ) }", 100, 300),
    ("{ 100.MB * Math.pow(2, task.attempt) }", None, None),
    ("{ params.memory }", None, None),
    ("{ meta.big ? 8.GB : 1.GB }", None, None),
    (None, None, None),
])  # fmt: skip
def test_amounts_of_a_configuration(value: str | None, first: float | None, third: float | None) -> None:
    assert (amount_in("memory_mb", value, 1), amount_in("memory_mb", value, 3)) == (first, third)
