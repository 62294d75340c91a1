"""How much a task gets that heal has tried again, under a real Nextflow: what was granted is a floor, and has a ceiling."""

from __future__ import annotations

import pytest
from tests.nextflow.flight import Listener, asked, hungry, questions, retry
from tests.nextflow.launches import Launch

pytestmark = pytest.mark.nextflow


def test_memory_for_more_tries_than_the_pipeline_knows_of_is_what_heal_grants(armed: Launch):
    config = """process { withName: BIG {
        memory = { if (task.attempt > 1) throw new IllegalStateException('no size'); 100.MB }
        time = { ['1h'][task.attempt - 1].toString() }
    } }\n"""
    with Listener(armed, lambda event: retry(memory_mb=300 * event["task"]["attempt"])):
        assert armed.run(hungry(500), config=config) == 0
    memory = asked(armed.events())
    assert [memory["BIG (500)", attempt] for attempt in (1, 2, 3)] == [100, 300, 600]


def test_the_pipelines_own_ladder_is_climbed_first(armed: Launch):
    # Given a pipeline that tries twice by itself, with more each time, and a task that needs more than that
    config = """process { withName: BIG {
        memory = { 100.MB * task.attempt }
        errorStrategy = { task.attempt < 3 ? 'retry' : 'finish' }
        maxRetries = 2
    } }\n"""
    with Listener(armed, lambda _: retry(memory_mb=350)):
        assert armed.run(hungry(1, 310), config=config) == 0
    # Then heal is asked after the last of its own tries, and what it grants is a floor under the ladder
    assert [event["task"]["attempt"] for event in questions(armed)] == [3]
    memory = asked(armed.events())
    assert [memory["BIG (310)", attempt] for attempt in (1, 2, 3, 4)] == [100, 200, 300, 400]
    actions = [event["facts"].get("error_action") for event in armed.events() if event["kind"] == "task_failed"]
    assert actions == ["RETRY", "RETRY", None, "RETRY"]


def test_a_grant_is_what_a_task_gets_that_asks_for_less(armed: Launch):
    config = "process.memory = { 100.MB * task.attempt }\n"
    with Listener(armed, lambda _: retry(memory_mb=350, time_min=10)):
        assert armed.run(hungry(310), config=config) == 0
    memory = asked(armed.events())
    assert [memory["BIG (310)", attempt] for attempt in (1, 2)] == [100, 350]


CHECKED = """
params.max_memory = '500 MB'
def check_max(amount, type) { [amount, params.max_memory as nextflow.util.MemoryUnit].min() }
process.memory = { check_max(100.MB * task.attempt, 'memory') }
"""
LIMITED = "process { memory = { 100.MB * task.attempt }; resourceLimits = [memory: 500.MB] }\n"


@pytest.mark.parametrize("config", [CHECKED, LIMITED], ids=["check_max", "resourceLimits"])
def test_no_grant_is_beyond_what_the_pipeline_allows(armed: Launch, config: str):
    # Given tasks that need nearly as much as the pipeline allows at most, and more than that
    with Listener(armed, lambda event: retry(memory_mb=2000 * event["task"]["attempt"])):
        assert armed.run(hungry(450, 600), config=config) == 1
    # Then they get what it allows, and no other try once that was not enough
    memory = asked(armed.events())
    assert [memory["BIG (450)", attempt] for attempt in (1, 2)] == [100, 500]
    assert [memory["BIG (600)", attempt] for attempt in (1, 2)] == [100, 500]
    assert max(attempt for _, attempt in memory) == 2
    assert [event["task"]["attempt"] for event in questions(armed) if event["task"]["name"] == "BIG (600)"] == [1, 2]


@pytest.mark.parametrize("limits", ["maxRetries = 0; maxErrors = 1", "maxRetries = 1", "errorStrategy = 'finish'"])
def test_two_raises_in_a_row(armed: Launch, limits: str):
    # Given a task that needs a third of what it gets first, and limits that allow the pipeline itself less
    config = f"process {{ memory = '100 MB'; {limits} }}\n"
    with Listener(armed, lambda event: retry(memory_mb=2 * event["facts"]["asked"]["memory_mb"])):
        assert armed.run(hungry(350), config=config) == 0
    # Then each failure is a question of its own
    assert [event["task"]["attempt"] for event in questions(armed)] == [1, 2]
    memory = asked(armed.events())
    assert [memory["BIG (350)", attempt] for attempt in (1, 2, 3)] == [100, 200, 400]
