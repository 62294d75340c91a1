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
