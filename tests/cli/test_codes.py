"""Which exit code a run under heal ends with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.loop.test_in_flight import Asking

from heal.cli.codes import after_run
from heal.evidence.scan import Scanner
from heal.journal import State
from heal.knowledge.patterns import load
from heal.shipped import shipped
from heal.store import Store


@pytest.fixture
def world(tmp_path: Path, cache: Path) -> Iterator[Asking]:
    library = load([shipped("patterns")], cache_dir=cache)
    with Store.open(tmp_path / "heal.db") as store:
        made = Asking(tmp_path, store, library, Scanner(library, cache))
        made.starts("r1")
        yield made


def test_a_run_says_what_ended_well_but_for_something_in_it(world: Asking) -> None:
    # Given a run in which nothing failed, but for steps of three jobs that ended with 0
    said = "its script ended with 0, but its step 0 failed with exit code 3"
    for job in ("101", "102", "103"):
        world.say("task_finished", "r1", f"align:{job}", 1, warning=said)
    world.say("task_finished", "r1", "sort", 1)
    world.pass_time()
    # Then that is said at its end, and it is no failure
    ending = after_run(world.store, "r1", 0)
    told = f"align:103: {said}; align:102: {said}; and 1 more · heal status"
    assert ending.lines == (f"3 tasks ended with 0 and may still not be well: {told}",)
    assert ending.code == 0


@pytest.mark.parametrize("own", [0, 1])
def test_a_run_that_was_healed_as_it_went_on_ends_with_its_own_code(world: Asking, own: int) -> None:
    # Given a task that came home while its run went on
    world.asks("align:S1")
    world.pass_time()
    world.say("task_finished", "r1", "align:S1", 2)
    world.pass_time()
    assert world.states() == [State.HEALED]
    # When the engine ends, well or for something that heal was not told of
    world.ends("r1", ok=own == 0)
    world.pass_time()
    assert after_run(world.store, "r1", own).code == own
