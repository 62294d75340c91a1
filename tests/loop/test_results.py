"""A job that ended with 0 and whose result a check refuses: an incident like any other, on a real store and loop."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.loop.test_jobs import Cluster
from tests.loop.test_turn import World

from heal.engines.checking import Checker
from heal.evidence.scan import Scanner
from heal.jobs import JobState
from heal.journal import State
from heal.knowledge.patterns import Library
from heal.loop import Loop
from heal.records import Diagnosis, Label, Verdict
from heal.sections import Check
from heal.settings import Policy, Settings
from heal.settings import load as load_settings
from heal.steps.check import Answer, Question
from heal.store import Scope, Store


class Slow:
    """A checker whose answers come when they are told to."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []

    def ask(self, key: str, question: Question) -> Answer | None:
        self.asked.append(f"{question.check} {question.cwd}")
        return self.answers.get(key.split(":")[1] if ":" in key else key)

    def wait(self) -> bool:
        return False


@pytest.fixture
def world(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[World]:
    with Store.open(tmp_path / "heal.db") as store:
        made = World(tmp_path, store, *reader)
        made.settings = Settings(
            home=tmp_path, check={"align": Check(outputs="not_empty"), "s*": Check(command="true")}
        )
        made.loop = Loop(replace(made.loop.parts, checker=Checker()), Scope)
        yield made


@pytest.fixture
def cluster(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[Cluster]:
    with Store.open(tmp_path / "heal.db") as store:
        made = Cluster(tmp_path, store, *reader)
        checks = {"plink": Check(command="true")}
        parts = replace(made.parts, checker=Slow(), settings_for=lambda _folder: Settings(home=tmp_path, check=checks))
        made.parts, made.loop = parts, Loop(parts, Scope)
        yield made


def passes(world: World) -> None:
    """Time goes on until each check has answered: they run beside the loop."""
    world.pass_time()
    while world.loop.parts.checker is not None and world.loop.parts.checker.wait():
        world.pass_time()


def diagnosis(world: World) -> Diagnosis:
    [(_incident, bodies)] = world.store.newest(10)
    return next(body.diagnosis for body in bodies if hasattr(body, "diagnosis"))


def test_a_refused_result_is_an_incident_that_waits_for_a_person(world: World):
    # Given a task that ended with 0 and left its output empty
    (world.folder / "out.bam").touch()
    world.log("align", "reading in.fq\ndone\n")
    world.starts("r1")
    world.say("task_finished", "r1", "align", output=["out.bam"], exit=0)
    world.ends("r1", ok=True)
    passes(world)
    # Then what the check saw is the cause, and the cited line is the check's
    found = diagnosis(world)
    assert (found.label, found.pattern) == (Label.MISSING_OUTPUT, "output/refused_by_check")
    assert found.cause == ("The task ended without an error, but check.align refuses what it made: out.bam is empty")
    assert found.root is not None
    assert (found.root.source, found.root.line) == ("check.align", 1)
    assert found.root.text == "heal: [check.align] refuses the result of align: out.bam is empty"
    # And nothing is run again without a yes
    assert world.states() == [State.WAITING]
    assert world.engine.launches == {}


def test_a_task_of_nextflow_is_checked_by_the_name_of_its_process(world: World):
    # Given a check for all processes of a workflow, one of which leaves its output empty
    world.settings = Settings(home=world.folder, check={"NF:*": Check(outputs="not_empty")})
    made = world.folder / "S1.bam"
    made.touch()
    run = {"id": "n1", "engine": "nextflow", "cwd": str(world.folder), "pid": 17}
    task = {"name": "NF:ALIGN (S1)", "key": "NF:ALIGN (S1)", "attempt": 1, "workdir": str(world.folder)}
    line = {"v": 1, "kind": "task_finished", "time": world.now.isoformat(), "source": "nextflow", "run": run}
    facts = {"process": "NF:ALIGN", "output": [str(made)]}
    (world.spool.folder / "9-1-1.json").write_text(json.dumps({**line, "task": task, "facts": facts}))
    world.pass_time()
    # Then that is an incident
    found = diagnosis(world)
    assert found.label is Label.MISSING_OUTPUT
    assert found.cause.endswith("check.NF:* refuses what it made: S1.bam is empty")
    assert world.states() == [State.WAITING]


def test_a_good_result_and_one_without_a_check_are_no_incident(world: World):
    (world.folder / "out.bam").write_text("x")
    world.starts("r1")
    world.say("task_finished", "r1", "align", output=["out.bam"], exit=0)
    world.say("task_finished", "r1", "sort", exit=0)
    world.say("task_finished", "r1", "merge", output=["gone"], exit=0)
    world.ends("r1", ok=True)
    passes(world)
    assert world.states() == []
    assert not world.loop.busy()
    facts = {one.process: one.facts.get("checked") for one in world.store.beside("r1", 10)}
    assert facts == {"align": "align", "sort": "s*", "merge": None}


def test_without_checks_nothing_is_run(world: World):
    slow = Slow()
    world.settings = Settings(home=world.folder)
    world.loop = Loop(replace(world.loop.parts, checker=slow), Scope)
    world.starts("r1")
    world.say("task_finished", "r1", "align", output=["gone"], exit=0)
    world.pass_time()
    assert (slow.asked, world.states()) == ([], [])


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file to somebody else takes root")
def test_a_command_of_somebody_elses_is_not_run(world: World):
    # Given a heal.toml above the pipeline that another user has put there
    file = world.folder / "heal.toml"
    file.write_text(f'[check.align]\ncommand = "touch {world.folder}/ran; exit 1"\n', encoding="utf-8")
    os.chown(file, 12345, 12345)
    world.settings = load_settings(world.folder, {"HOME": str(world.folder)})
    assert world.settings.foreign == "uid 12345"
    # When a task of the pipeline ends
    world.starts("r1")
    world.say("task_finished", "r1", "align", exit=0)
    world.pass_time()
    # Then nothing is run as this user, and that is kept with the task
    [attempt] = world.store.beside("r1", 10)
    assert (attempt.ok, (world.folder / "ran").exists()) == (True, False)
    said = "check.align says nothing: heal.toml belongs to uid 12345; make it yours"
    assert attempt.facts["warning"] == said
    _count, [warned] = world.store.warnings(10)
    assert (warned.lineage, warned.task, warned.said) == ("r1", "align", said)


def test_an_end_waits_in_the_spool_while_its_check_runs(world: World):
    # Given a check that takes its time
    slow = Slow()
    world.loop = Loop(replace(world.loop.parts, checker=slow), Scope)
    world.starts("r1")
    world.say("task_finished", "r1", "align", exit=0)
    waits = f"{world.written:020d}-1-0"
    world.ends("r1", ok=True)
    world.pass_time()
    # Then nothing is said about the task yet, and heal is not done
    assert [one.ok for one in world.store.beside("r1", 10)] == []
    assert world.loop.busy()
    # When it has its answer
    slow.answers[waits] = Answer(False, "it is not what it should be")
    world.pass_time()
    assert world.states() == [State.WAITING]
    assert slow.asked == [f"align {world.folder}"] * 2


def test_elements_of_an_array_are_checked_each_and_the_array_ends_after_them(cluster: Cluster):
    slow = cluster.parts.checker
    assert isinstance(slow, Slow)
    # Given an array of which one element's check still runs
    cluster.submitted("100_1", "100_2")
    for job in ("100_1", "100_2"):
        cluster.slurm.end(job, JobState.COMPLETED, 0)
    slow.answers["100_1"] = Answer(True)
    cluster.pass_time()
    assert {one.key: one.ok for one in cluster.store.later("r1", 0)} == {"100": None, "100_1": True}
    # When it refuses
    slow.answers["100_2"] = Answer(False, "empty")
    cluster.pass_time(300)
    # Then that element has failed, and the array is over
    assert {one.key: one.ok for one in cluster.store.later("r1", 0)} == {"100": True, "100_1": True, "100_2": False}
    assert cluster.states() == [State.WAITING]
    assert cluster.slurm.submissions == []


@pytest.mark.parametrize("named", ["plink", "gwas"])
def test_a_job_is_checked_by_the_name_that_it_was_submitted_by_or_that_its_script_gives_it(
    cluster: Cluster, named: str
):
    slow = cluster.parts.checker
    assert isinstance(slow, Slow)
    # Given a job that heal was told of as plink, and whose script calls it gwas, and a check by one of both
    settings = Settings(home=cluster.folder, check={named: Check(command="true")})
    cluster.loop = Loop(replace(cluster.parts, settings_for=lambda _folder: settings), Scope)
    cluster.submitted("7")
    cluster.slurm.put(replace(cluster.slurm.jobs["7"], name="gwas"))
    cluster.slurm.end("7", JobState.COMPLETED, 0)
    slow.answers["7"] = Answer(False, "empty")
    # When SLURM tells of its end
    cluster.pass_time()
    # Then the check is asked, and what it refuses has failed
    assert slow.asked == [f"{named} /data"]
    assert [one.facts.get("check") for one in cluster.store.attempts("r1", "7")] == [named]
    assert cluster.states() == [State.WAITING]


def test_policy_says_what_becomes_of_it(world: World):
    # whatever the policy, advice is for a person
    world.settings = world.settings.model_copy(update={"policy": Policy(retry=Verdict.AUTO, config=Verdict.AUTO)})
    (world.folder / "out.bam").touch()
    world.starts("r1")
    world.say("task_finished", "r1", "align", output=["out.bam"], exit=0)
    world.ends("r1", ok=True)
    world.pass_time()
    assert world.states() == [State.WAITING]
