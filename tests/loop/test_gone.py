"""Engines that are killed, and what else makes them go without a word."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.fakes.scheduler import FakeScheduler
from tests.loop.test_turn import World, world

from heal.jobs import JobFacts, JobState
from heal.journal import Proposed, State
from heal.loop import Loop
from heal.records import Event, FixKind
from heal.store import Scope

__all__ = ["world"]


def test_an_engine_that_is_gone_without_a_word_is_started_again(world: World) -> None:
    # Given a run at work
    world.starts("r1")
    world.say("task_submitted", "r1", "align:s=A")
    world.pass_time()
    # When its process is not there any more: at first its last words may still be on their way
    world.running.discard("r1")
    world.pass_time(1)
    assert (world.states(), world.loop.rest()) == ([], 1.0)
    world.pass_time(1)
    # Then it is told, and started again after the proof that nobody works there
    [(incident, bodies)] = world.store.newest(5)
    fixes = [body.fix.kind for body in bodies if isinstance(body, Proposed)]
    assert (incident.process, fixes, len(world.engine.launches)) == ("snakemake", [FixKind.UNLOCK], 1)


def test_who_follows_a_run_stays_for_its_last_words(world: World) -> None:
    # Given a process that ends after heal has looked, and before it asks whether there is more to do
    world.starts("r1")
    world.pass_time()
    world.running.discard("r1")
    # Then there is, until what it said last is taken in
    assert world.loop.busy()
    world.say("run_finished", "r1", ok=True)
    world.pass_time(1)
    assert not world.loop.busy()


def test_an_engine_that_said_how_it_ended_is_not_gone(world: World) -> None:
    world.starts("r1")
    world.pass_time()
    world.running.discard("r1")
    world.pass_time(1)
    world.say("run_finished", "r1", ok=True)
    for _ in range(3):
        world.pass_time(1)
    assert (world.states(), world.loop.rest() > 1) == ([], True)


def test_the_jobs_that_a_killed_engine_left_are_told_by_slurm(world: World) -> None:
    # Given a run with two jobs on SLURM
    slurm = FakeScheduler()
    world.parts = replace(world.parts, slurm=slurm)
    world.reborn()
    world.starts("r1")
    for job, task in (("7", "align:s=A"), ("8", "trim:s=A")):
        world.say("task_submitted", "r1", task, job=job)
        slurm.put(JobFacts(job, JobState.RUNNING, "RUNNING", asked_mb=400))
    world.pass_time()
    # When its engine is killed, one job then ends well, and the other one works on
    world.running.discard("r1")
    slurm.end("8", JobState.COMPLETED, 0)
    for _ in range(5):
        world.pass_time(60)
    # Then nothing is started beside that
    ends = {one.key: one.ok for one in world.store.beside("r1", 10) if one.native_id}
    assert (ends, world.engine.launches) == ({"align:s=A": None, "trim:s=A": True}, {})
    # When it is killed for its memory
    slurm.put(JobFacts("7", JobState.OUT_OF_MEMORY, "OUT_OF_MEMORY", signal=9, asked_mb=400, peak_mb=410))
    for _ in range(5):
        world.pass_time(60)
    # Then one launch goes on where the run stood, and has more memory for it
    [(_run, orders)] = world.engine.launches.values()
    assert sorted(order.fix.kind for order in orders) == [FixKind.RESOURCES, FixKind.UNLOCK]


class ALog:
    """A log that is read on until it is over, and says nothing."""

    over = False

    def takes(self, said: Event) -> bool:
        return said.kind == "snakemake_log"

    def news(self) -> Sequence[Event]:
        return ()

    def taken(self, ids: Sequence[str]) -> None:
        """Nothing is kept."""

    def trouble(self, _said: Event) -> str:
        return ""

    def done(self, _said: Event) -> bool:
        return self.over


def test_an_engine_whose_log_is_read_on_is_not_gone_before_its_end_is_read(world: World) -> None:
    # Given a run that only its log tells of, beside one that tells of itself
    log = ALog()
    world.parts = replace(world.parts, logs=log)
    world.reborn()
    world.say("snakemake_log", "r1")
    world.starts("r1")
    world.starts("r2")
    world.pass_time()
    # When both are not there any more, and what the log says last is not known yet
    world.running.clear()
    for _ in range(4):
        world.pass_time(1)
    # Then no more is said of it than of a run that goes on
    assert [run.id for run in world.store.open_runs()] == ["r1"]
    # And where the log did not say how it ended either, it is gone
    log.over = True
    for _ in range(3):
        world.pass_time(1)
    assert world.store.open_runs() == ()


def tells(world: World, kind: str, run: str, engine: str, **facts: object) -> None:
    """An event of any engine; all have one process."""
    world.say(kind, run, **facts)
    path = max(world.spool.folder.glob("[0-9]*.json"))
    said = json.loads(path.read_text(encoding="utf-8"))
    said["run"]["engine"] = engine
    path.write_text(json.dumps(said), encoding="utf-8")


@pytest.fixture
def nextflow(world: World) -> World:
    """A Nextflow that runs under heal, and nothing that it could say later."""
    world.parts = replace(world.parts, engines={"nextflow": world.engine})
    world.loop = Loop(world.parts, lambda: Scope(only=frozenset({"c1"})))
    tells(world, "run_started", "c1", "command", host="here")
    tells(world, "run_started", "n1", "nextflow", parent="c1", host="here")
    world.running |= {"c1", "n1"}
    world.pass_time()
    return world


def goes(world: World) -> None:
    world.running -= {"c1", "n1"}
    for _ in range(3):
        world.pass_time(1)


@pytest.mark.parametrize("by_its_log", [True, False])
def test_a_nextflow_that_was_killed_is_started_again(nextflow: World, by_its_log: bool) -> None:
    # Given one that is killed, as the command that it was has ended by SIGKILL; where it is followed by its log, that says no more than the end
    if by_its_log:
        tells(nextflow, "run_finished", "n1", "nextflow", ok=None, exit=None)
    tells(nextflow, "run_finished", "c1", "command", ok=False, exit=137)
    goes(nextflow)
    # Then it is started again, once
    [(incident, bodies)] = nextflow.store.newest(5)
    fixes = [body.fix.kind for body in bodies if isinstance(body, Proposed)]
    assert (incident.process, fixes, len(nextflow.engine.launches)) == ("nextflow", [FixKind.UNLOCK], 1)


def test_a_nextflow_whose_script_gave_up_by_itself_waits_for_a_person(nextflow: World) -> None:
    # Given a script that called exit(3): Nextflow is gone at once, and tells its log alone why
    tells(nextflow, "run_finished", "c1", "command", ok=False, exit=3)
    goes(nextflow)
    [(incident, _bodies)] = nextflow.store.newest(5)
    assert (incident.process, nextflow.states(), nextflow.engine.launches) == ("nextflow", [State.WAITING], {})


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 130)])
def test_nothing_is_said_of_a_nextflow_that_is_gone_for_good_reason(nextflow: World, ok: bool, code: int) -> None:
    tells(nextflow, "run_finished", "c1", "command", ok=ok, exit=code)
    goes(nextflow)
    assert nextflow.states() == []


def test_how_a_command_ended_is_waited_for(nextflow: World) -> None:
    # Given a command whose process is gone, and who waited for it writes that down only now
    tells(nextflow, "run_finished", "n1", "nextflow", ok=True, exit=0)
    nextflow.running.clear()
    nextflow.pass_time(1)
    assert nextflow.loop.busy()
    tells(nextflow, "run_finished", "c1", "command", ok=True, exit=0)
    nextflow.pass_time(1)
    assert not nextflow.loop.busy()


def test_what_nobody_wrote_down_is_not_waited_for_for_ever(nextflow: World) -> None:
    tells(nextflow, "run_finished", "n1", "nextflow", ok=True, exit=0)
    nextflow.running.clear()
    nextflow.pass_time(1)
    nextflow.pass_time(11)
    assert not nextflow.loop.busy()
