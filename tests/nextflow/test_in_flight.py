"""A failed task of a real Nextflow is tried again while its run goes on, or ends as it would have without heal."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import pytest
from tests.conftest import until
from tests.nextflow.flight import NONE, Event, Listener, asked, hungry, listening, questions, retry, said, tries
from tests.nextflow.launches import Launch

pytestmark = pytest.mark.nextflow


@pytest.mark.parametrize("parser", ["v1", "v2"])
def test_a_task_comes_home_while_all_else_goes_on(armed: Launch, parser: str):
    # Given a run in which one task of three needs more, and somebody who answers when nothing else is left to do
    armed.env["NXF_SYNTAX_PARSER"] = parser
    rest = [("BIG (1)", 1), ("BIG (2)", 1), ("NEXT (1)", 1), ("NEXT (2)", 1), ("OTHER (1)", 1), ("OTHER (2)", 1)]

    def answer(event: Event) -> object:
        return retry(memory_mb=630) if tries(armed.events(), "task_finished") == rest else None

    # When it runs
    with Listener(armed, answer) as listener:
        assert armed.run(hungry(1, 600, 2), config="process.memory = '100 MB'\n") == 0
    # Then the task was asked about, once, with all that is known of a failure
    [question] = questions(armed)
    assert (question["kind"], question["task"]["name"], question["task"]["attempt"]) == ("task_failed", "BIG (600)", 1)
    facts = question["facts"]
    assert {name: facts[name] for name in ("exit", "state", "process", "asked")} == {
        "exit": 137,
        "state": "FAILED",
        "process": "BIG",
        "asked": {"memory_mb": 100, "cpus": 1},
    }
    assert "terminated with an error exit status (137)" in facts["message"]
    assert question["time"] < facts["asks_until"]
    assert Path(question["task"]["workdir"], ".exitcode").read_text() == "137"
    # And it alone ran twice, the second time with more; what failed is on record with what it had
    assert asked(armed.events())[("BIG (600)", 2)] == 630
    assert tries(armed.events(), "task_finished") == sorted([*rest, ("BIG (600)", 2), ("NEXT (3)", 1)])
    failures = [event for event in armed.events() if event["kind"] == "task_failed"]
    assert [event["facts"]["asked"]["memory_mb"] for event in failures] == [100, 100]
    assert (failures[1]["facts"]["will_retry"], failures[1]["facts"]["error_action"]) == (True, "RETRY")
    assert listener.left() == []
    # And a later launch finds all of it done, with heal and without
    for patience in ("120", "0"):
        armed.env["HEAL_IN_FLIGHT"] = patience
        before = len(armed.events())
        assert armed.run(hungry(1, 600, 2), "-resume", config="process.memory = '100 MB'\n") == 0
        assert tries(armed.events()[before:], "task_submitted") == []


def test_what_a_run_without_heal_has_done_is_not_done_again(launch: Launch):
    # Given a run that was never asked about, with nothing in its directives that Nextflow evaluates
    assert launch.run(hungry(1, 2), config="process.memory = '100 MB'\n") == 0
    before = len(launch.events())
    # When it is resumed by somebody who would be asked
    launch.env["HEAL_IN_FLIGHT"] = "120"
    assert launch.run(hungry(1, 2), "-resume", config="process.memory = '100 MB'\n") == 0
    # Then everything is cached
    assert tries(launch.events()[before:], "task_submitted") == []


@pytest.mark.parametrize("strategy", ["terminate", "finish"])
def test_where_heal_has_nothing_the_run_ends_as_without_it(launch: Launch, strategy: str):
    # Given one task that fails, and a strategy that gives it up
    config = f"process {{ memory = '100 MB'; withName: 'B.*' {{ errorStrategy = '{strategy}' }} }}\n"
    script = hungry(200).replace("OTHER(channel.of(1, 2))", "")
    alone = said(launch, script, config)
    # When it runs with somebody who has nothing to say
    launch.env["HEAL_IN_FLIGHT"] = "120"
    with Listener(launch, lambda _: NONE):
        beside = said(launch, script, config)
    # Then code and words are the same
    assert beside == alone
    assert alone[0] == 1
    assert "  Process `BIG (200)` terminated with an error exit status (137)" in alone[1]
    # And the run's record ends with the action taken
    [*_, last] = [event for event in launch.events() if event["kind"] == "task_failed"]
    assert (last["facts"]["error_action"], last["facts"]["will_retry"]) == (strategy.upper(), False)


def test_a_try_that_the_pipeline_knows_nothing_of_is_not_asked_for(launch: Launch):
    # Given a pipeline with CPUs for each of its two tries, and a task that needs more memory than both have
    config = """process { withName: BIG {
        cpus = { [1, 1][task.attempt - 1] as int }
        memory = { 100.MB * task.attempt }
        errorStrategy = 'retry'
    } }\n"""
    script = hungry(300).replace("OTHER(channel.of(1, 2))", "")
    alone = said(launch, script, config)
    # When it runs with somebody who would have it tried a third time
    launch.env["HEAL_IN_FLIGHT"] = "120"
    with Listener(launch, lambda _: retry(memory_mb=300)):
        beside = said(launch, script, config)
    # Then it ends as without heal, with the task's own failure
    assert (beside, questions(launch)) == (alone, [])
    assert "  Process `BIG (300)` terminated with an error exit status (137)" in alone[1]


def test_nobody_waits_for_a_heal_that_is_gone(armed: Launch):
    # Given somebody who listened a minute ago, or whose clock is a minute ahead
    for since in (time.time() - 60, time.time() + 90):
        listening(armed, since)
        # When a task fails
        before = len(armed.events())
        assert armed.run(hungry(200)) == 1
        # Then nobody is asked
        assert [event for event in armed.events()[before:] if "asks" in event["facts"]] == []


def test_the_wait_ends_when_its_time_is_up_and_the_run_as_without_heal(launch: Launch):
    script = hungry(200).replace("OTHER(channel.of(1, 2))", "")
    alone = said(launch, script)
    # When somebody listens who never answers
    launch.env["HEAL_IN_FLIGHT"] = "2"
    with Listener(launch, lambda _: None):
        beside = said(launch, script)
    # Then code and words are the same
    assert (beside, len(questions(launch))) == (alone, 1)
    assert alone[0] == 1


def test_the_wait_ends_when_heal_goes(armed: Launch):
    listening(armed)
    with armed.start(hungry(200)) as started:
        until(lambda: questions(armed))
        listening(armed, time.time() - 60)
        started.communicate(timeout=60)
    assert started.returncode == 1


def test_a_failure_that_does_not_matter_is_not_asked_about(armed: Launch):
    config = "process.errorStrategy = { task.exitStatus == 137 ? 'ignore' : 'terminate' }\n"
    with Listener(armed, lambda _: retry(memory_mb=300)):
        assert armed.run(hungry(1, 200), config="process.memory = '100 MB'\n" + config) == 0
    assert questions(armed) == []
    assert tries(armed.events(), "task_submitted") == [
        *[("BIG (1)", 1), ("BIG (200)", 1), ("NEXT (1)", 1)],
        *[("OTHER (1)", 1), ("OTHER (2)", 1)],
    ]


def test_many_that_wait_hold_up_nobody(armed: Launch):
    # Given six tasks that fail at once, two threads to finish tasks on, and an answer once all have asked and all else is done
    config = "process.memory = '100 MB'\nthreadPool { TaskFinalizer { maxThreads = 2 } }\nexecutor.cpus = 12\n"
    needs = (1, 2, 201, 202, 203, 204, 205, 206)
    rest = [("BIG (1)", 1), ("BIG (2)", 1), ("NEXT (1)", 1), ("NEXT (2)", 1), ("OTHER (1)", 1), ("OTHER (2)", 1)]

    def answer(event: Event) -> object:
        done = len(questions(armed)) == 6 and tries(armed.events(), "task_finished") == rest
        return retry(memory_mb=300) if done else None

    # When it runs, then all come home
    with Listener(armed, answer):
        assert armed.run(hungry(*needs), config=config) == 0
    assert [("BIG", event["task"]["attempt"]) for event in questions(armed)] == [("BIG", 1)] * 6
    assert len(tries(armed.events(), "task_finished")) == 18


def test_those_that_wait_go_with_a_run_that_ends(armed: Launch):
    # Given two tasks that fail, and heal has nothing for one of them
    def answer(event: Event) -> object:
        return NONE if len(questions(armed)) == 2 and event["task"]["name"] == "BIG (201)" else None

    with Listener(armed, answer):
        # Then the run ends there, long before the time of the other is up
        assert armed.run(hungry(201, 202), config="process.memory = '100 MB'\n") == 1
    assert len(questions(armed)) == 2


def test_a_run_that_is_interrupted_waits_for_nobody(armed: Launch):
    with Listener(armed, lambda _: None), armed.start(hungry(200)) as started:
        until(lambda: questions(armed))
        started.send_signal(signal.SIGTERM)
        started.communicate(timeout=60)
    assert started.returncode == 1


def test_a_task_without_its_outputs_is_asked_about(armed: Launch):
    script = """
        process A { output: path 'o.txt'; script: "if [ $task.attempt -gt 1 ]; then touch o.txt; fi" }
        workflow { A() }
    """
    with Listener(armed, lambda _: retry()):
        assert armed.run(script) == 0
    [question] = questions(armed)
    assert (question["facts"]["exit"], question["facts"]["state"]) == (0, "FAILED")
    assert "Missing output file(s) `o.txt`" in question["facts"]["message"]


def test_who_did_not_ask_to_be_asked_is_not(launch: Launch):
    with Listener(launch, lambda _: retry(memory_mb=300)):
        assert launch.run(hungry(200), config="process.memory = '100 MB'\n") == 1
    assert questions(launch) == []


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_the_thread_that_submits_waits_for_nobody(launch: Launch):
    # Given a job that sbatch refuses, which Nextflow learns of on the thread that all jobs need
    script = """
        process ODD { executor 'slurm'; clusterOptions '--constraint=volta'; script: "true" }
        workflow { ODD() }
    """
    # When somebody listens who never answers, for longer than the run may take
    launch.env["HEAL_IN_FLIGHT"] = "3600"
    config = "process { memory = '60 MB'; time = '5m'; errorStrategy = 'finish' }\n"
    with Listener(launch, lambda _: None):
        assert launch.run(script, config=config) == 1
    # Then it ends as without heal, and nobody was asked
    failed = [event for event in launch.events() if event["kind"] == "task_failed"]
    assert [(event["task"]["name"], event["facts"]["error_action"]) for event in failed] == [("ODD", "FINISH")]
    assert questions(launch) == []


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_an_element_of_an_array_that_slurm_killed(armed: Launch):
    # Given an array of two jobs, and SLURM kills one of them for its memory: no exit code is left behind
    script = """
        process A {
            input: val x; output: val x
            script: "python3 -c 'import time; held = bytearray($x * 1024 * 1024); time.sleep(4)'"
        }
        workflow { A(channel.of(5, 300)) }
    """
    config = "process { executor = 'slurm'; memory = '60 MB'; time = '5m'; array = 2 }\n"
    with Listener(armed, lambda _: retry(memory_mb=700)):
        assert armed.run(script, config=config) == 0
    # Then it runs again alone, with more
    [question] = questions(armed)
    assert "exit" not in question["facts"]
    assert re.fullmatch(r"\d+_\d+", question["task"]["native_id"])
    again = [event for event in armed.events() if event["kind"] == "task_submitted" and event["task"]["attempt"] == 2]
    assert [event["facts"]["asked"]["memory_mb"] for event in again] == [700]
