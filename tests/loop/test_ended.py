"""A run that a person, or a signal, ended: heal starts nothing in it by itself any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.loop.test_turn import World

from heal.evidence.scan import Scanner
from heal.journal import Dismissed, State
from heal.knowledge.patterns import Library
from heal.records import Verdict
from heal.store import Store

MEMORY = 'start\nTraceback (most recent call last):\n  File "a.py", line 3\nMemoryError\n'
BY = ("whoever ended the run", "the run was interrupted, and nothing is started in it any more")


@pytest.fixture
def world(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[World]:
    with Store.open(tmp_path / "heal.db") as store:
        yield World(tmp_path, store, *reader)


def is_interrupted(world: World, run: str) -> None:
    """The engine's own word on a run that was sent a signal."""
    world.say("run_finished", run, ok=False, exit=1, interrupted=True)
    world.running.discard(run)


def dismissals(world: World) -> list[tuple[str, str]]:
    found = [body for _one, bodies in world.store.newest(100) for body in bodies]
    return [(body.by, body.why) for body in found if isinstance(body, Dismissed)]


def test_what_was_decided_while_it_ran_is_not_started_when_it_was_ended(world: World) -> None:
    # Given a failure that is to be healed once its run is over
    world.starts("r1")
    world.log("align", MEMORY)
    world.say("task_failed", "r1", "align:s=A", exit=1)
    world.pass_time()
    assert (world.told, world.engine.launches) == (["Diagnosed", "Proposed", "Decided"], {})
    # When its engine is told to end
    is_interrupted(world, "r1")
    world.pass_time()
    # Then nothing is started again, and nobody waits for it
    assert (world.states(), dismissals(world), world.engine.launches) == ([State.DISMISSED], [BY], {})
    assert not world.loop.busy()


def test_what_is_found_when_it_was_ended_is_explained_and_left_alone(world: World) -> None:
    world.starts("r1")
    world.log("align", MEMORY)
    world.say("task_failed", "r1", "align:s=A", exit=1)
    is_interrupted(world, "r1")
    world.pass_time()
    assert (world.states(), dismissals(world), world.engine.launches) == ([State.DISMISSED], [BY], {})


def test_a_launch_of_heals_own_that_somebody_ended_is_the_last(world: World) -> None:
    # Given a run that heal has started again
    world.fails_for_memory("r1", "align:s=A")
    world.pass_time()
    world.starts("r2", parent=world.relaunch())
    # When it fails again with what it was given, and is told to end
    world.say("task_failed", "r2", "align:s=A", exit=1)
    is_interrupted(world, "r2")
    world.pass_time()
    world.pass_time()
    # Then it is not started a third time
    assert (world.states(), len(world.engine.launches)) == ([State.DISMISSED], 1)


def test_what_waits_for_a_person_is_started_when_they_say_so(world: World) -> None:
    # Given a remedy that waits for a yes, of a run that somebody ended
    policy = world.settings.policy.model_copy(update={"resources": Verdict.ASK})
    world.settings = world.settings.model_copy(update={"policy": policy})
    world.starts("r1")
    world.log("align", MEMORY)
    world.say("task_failed", "r1", "align:s=A", exit=1)
    world.pass_time()
    is_interrupted(world, "r1")
    world.pass_time()
    [incident] = world.store.unsettled()
    # When it is given
    assert world.loop.answer(incident, accept=True, by="ada")
    world.pass_time()
    # Then it is carried out
    assert len(world.engine.launches) == 1
