"""Many incidents at once: with a budget for some of them, and with a model's server that is ill and gets well."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from socket import socket

import pytest
from tests.consulting.given import project
from tests.loop.test_jobs import Cluster
from tests.loop.test_turn import START, World
from tests.models.server import ModelServer, breaks_off, goes_on, refuses, says, silent

from heal.consulting import Consultant
from heal.evidence.scan import Scanner
from heal.jobs import JobState
from heal.journal import Consulted, Diagnosed, State
from heal.knowledge.patterns import Library
from heal.loop import Loop
from heal.model_settings import Model, ModelBudget
from heal.records import Event, RunRef, TaskRef
from heal.store import Scope, Store

INCIDENTS = 100
# what a question and its answer take by the server's count, and no less than is set aside for them before; how many
# of them a day's budget is for
EACH, DAILY = 6000, 40
USAGE = {"prompt_tokens": EACH - 20, "completion_tokens": 20}
LINE = 'File "align.py", line 3, in <module>'
SAID = "NO FIX: the table that it reads lacks a column"
TOLD, SPENT = f"the coder says {SAID}", "spent"
FAILED = f"Traceback (most recent call last):\n  {LINE}\nNameError: name '{{0}}' is not defined\n"
DAY_S = 25 * 3600
# of an ill server: incidents, how many of them there is a budget for once it is well, and when it is asked again
CAUSES, ENOUGH_FOR, AGAIN_S = 8, 5, 16 * 60
# three failures in a row, the last of two questions at once, each tried three times
MOST_CALLS = (3 + 1) * 3
# tokens of a day for some of them; lines that make a file too long for the chain's short way
FEW, LONG = 20_000, "# what it does\n" * 150
TRIAGE = json.dumps({"class": "pipeline defect", "cause": "a name", "cite": [LINE], "change": True, "sure": 0.9})
NO_JSON = "it gave no JSON of the form asked for: it is no JSON"
NO_CHANGE = (
    "coder: no answer of local can be used: the answer holds no file: write a line 'FILE Snakefile', "
    "then its new text between ``` fences; or 'NO FIX: reason'"
)


@pytest.fixture
def world(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[World]:
    rules = "".join(f"rule align{n}:\n    shell: 'python align.py'\n" for n in range(3))
    project(tmp_path / "p", {"Snakefile": rules, "align.py": "import sys\n\nprint(smaple)\n"})
    with Store.open(tmp_path / "heal.db") as store:
        yield World(tmp_path / "p", store, *reader)


def let_models_answer(world: World | Cluster, consultant: Consultant) -> None:
    """Let heal look as often as there is something to wait for."""
    world.pass_time()
    while consultant.wait():
        world.pass_time()


def consulted(world: World) -> list[Consulted]:
    """The newest that each incident says of models."""
    journals = [world.store.journal(incident.id) for incident, _bodies in world.store.newest(2 * INCIDENTS)]
    return [[entry.body for entry in journal if isinstance(entry.body, Consulted)][-1] for journal in journals]


def told(world: World, allowed: int = EACH * DAILY) -> Counter[str]:
    """That, counted; what is said of a spent budget under one name."""
    spent = f"model_budget.day_tokens allows {allowed:,}. It was not asked."
    return Counter(SPENT if one.later and one.why.endswith(spent) else one.why for one in consulted(world))


def asks(world: World, tmp_path: Path) -> Consultant:
    """A real consultant in the world's loop."""
    consultant = Consultant(world.store, tmp_path / "cache", world.store.newest_in, lambda: world.now)
    world.parts = replace(world.parts, consultant=consultant)
    world.reborn()
    return consultant


def fail(world: World, causes: int, others: int) -> None:
    """A run in which as many tasks fail at once, each for a cause of its own, and others for that of the first."""
    world.starts("r1")
    for n in range(causes):
        world.log(f"align{n}", FAILED.format(f"smaple{n}"))
        world.say("task_failed", "r1", f"align{n}:a", exit=1)
    for n in range(others):
        world.say("task_failed", "r1", f"align0:b{n}", exit=1)
    world.ends("r1", ok=False)


def test_a_budget_for_forty_of_a_hundred_holds_and_no_incident_is_lost(world: World, tmp_path: Path) -> None:
    with ModelServer(says(SAID, usage=USAGE)) as server:
        model = Model(base_url=server.url, model="m", context=30_000, max_output=500)
        world.settings = world.settings.model_copy(
            update={"model": {"local": model}, "model_budget": ModelBudget(day_tokens=EACH * DAILY)}
        )
        consultant = asks(world, tmp_path)
        # When a hundred tasks fail at once, each for a cause of its own, and two hundred more for that of the first
        fail(world, INCIDENTS, 2 * INCIDENTS)
        let_models_answer(world, consultant)
        # Then each is an incident that waits, and says what a model said, or why none was asked
        assert (told(world), world.states()) == (
            Counter({TOLD: DAILY, SPENT: INCIDENTS - DAILY}),
            [State.WAITING] * INCIDENTS,
        )
        # And the budget is used up, not passed, by one call for each
        assert (len(server.bodies), world.store.spent(START, world.now).tokens) == (DAILY, DAILY * EACH)
        # When there is a budget again, the next ones are asked about, and no one twice
        world.pass_time(DAY_S)
        let_models_answer(world, consultant)
        assert (told(world), len(server.bodies)) == (
            Counter({TOLD: 2 * DAILY, SPENT: INCIDENTS - 2 * DAILY}),
            2 * DAILY,
        )
    assert world.states() == [State.WAITING] * INCIDENTS


class Serving:
    """A model's server on a port of its own: nobody is there before it is told what to do."""

    def __init__(self) -> None:
        self._held = socket()
        self._held.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._held.getsockname()[1]}/v1"
        self._server: ModelServer | None = None

    def does(self, act: Callable[..., None]) -> None:
        if self._server is None:
            port = self._held.getsockname()[1]
            self._held.close()
            self._server = ModelServer(act, port=port).__enter__()
        self._server.acts = [act]

    def close(self) -> None:
        self._held.close()
        if self._server:
            self._server.__exit__()


@pytest.fixture
def serving() -> Iterator[Serving]:
    one = Serving()
    yield one
    one.close()


def settle(world: World, serving: Serving, seconds: float, tokens: int, coder: ModelServer | None = None) -> None:
    """Settings of a project whose model has so many seconds to answer, and a day's budget of so many tokens.

    ``coder``: a server of its own for that role; of the others there is only the triage's model then.
    """
    models = {"local": Model(base_url=serving.url, model="m", context=30_000, max_output=500, timeout_seconds=seconds)}
    routes: Mapping[str, tuple[str, ...]] = {}
    if coder:
        models["other"] = Model(base_url=coder.url, model="m", context=30_000)
        routes = {"triage": ("local",), "coder": ("other",)}
    budget = ModelBudget(day_tokens=tokens)
    world.settings = world.settings.model_copy(update={"model": models, "model_budget": budget, "routes": routes})


@pytest.mark.parametrize(
    ("ill", "seconds", "reason"),
    [
        pytest.param(refuses(429, "busy"), 60, "HTTP 429: busy", id="busy"),
        pytest.param(breaks_off("NO FIX: the"), 60, "the connection failed: peer closed connection", id="breaks off"),
        pytest.param(silent, 2, "it had not answered in full within 2 s", id="silent"),
        pytest.param(None, 60, "the connection failed: ", id="down"),
        pytest.param(goes_on(" \n"), 60, "it went on with nothing but blanks (2048 of them)", id="blanks"),
        pytest.param(says(SAID, usage={"prompt_tokens": 200}), 60, "the server cut the question: ", id="cut"),
    ],
)
def test_while_a_server_is_ill_no_incident_is_lost_and_once_it_is_well_each_is_asked_about_once(  # noqa: PLR0917
    world: World, tmp_path: Path, serving: Serving, ill: Callable[..., None] | None, seconds: float, reason: str
) -> None:
    if ill:
        serving.does(ill)
    settle(world, serving, seconds, EACH * CAUSES * 10)
    consultant = asks(world, tmp_path)
    # When tasks fail while the server is ill
    fail(world, CAUSES, 2 * CAUSES)
    let_models_answer(world, consultant)
    # Then each incident waits, says what the server did, and is asked about again later
    said = consulted(world)
    assert (world.states(), [one.later for one in said]) == ([State.WAITING] * CAUSES, [True] * CAUSES)
    odd = [one.why for one in said if reason not in one.why and "times in a row; left alone" not in one.why]
    assert odd == []
    assert any(reason in one.why for one in said), said
    # And the server is let alone before all have asked, or asked once about each where it is well, and its answers are not
    calls = world.store.calls(START)
    assert (0 < len(calls) <= MOST_CALLS, {reason in call.verdict for call in calls}) == (True, {True})
    # When it is well, and there is a budget for some
    spent = world.store.spent(START, world.now).tokens
    allowed = spent + EACH * ENOUGH_FOR
    # a busy machine may take more than two seconds
    settle(world, serving, 60, allowed)
    serving.does(says(SAID, usage=USAGE))
    # the first to ask tries whether it is, and whoever comes meanwhile waits as before
    for _ in range(2):
        world.pass_time(AGAIN_S)
        let_models_answer(world, consultant)
    # Then the budget holds, to the token
    assert told(world, allowed) == Counter({TOLD: ENOUGH_FOR, SPENT: CAUSES - ENOUGH_FOR})
    assert world.store.spent(START, world.now).tokens == allowed
    # When there is one again, the rest is asked about, and no one twice
    world.pass_time(DAY_S)
    let_models_answer(world, consultant)
    answered = Counter(call.incident for call in world.store.calls(START) if call.verdict == "ok")
    assert (told(world), sorted(answered.values())) == (Counter({TOLD: CAUSES}), [1] * CAUSES)
    assert world.states() == [State.WAITING] * CAUSES


def test_half_an_answer_in_json_is_none_and_its_incidents_are_asked_about_again(
    world: World, tmp_path: Path, serving: Serving
) -> None:
    # Given a file too long for the short way, so that a form is asked for first, and a model that ends half-way in it
    (world.folder / "align.py").write_text(f"import sys\n\nprint(smaple)\n{LONG}", encoding="utf-8")
    serving.does(says('{"cause": "half', usage=None))
    with ModelServer(says(SAID, usage=None)) as coder:
        settle(world, serving, 60, FEW, coder)
        consultant = asks(world, tmp_path)
        # When tasks fail, and there is a budget for some of them
        fail(world, CAUSES, 2 * CAUSES)
        let_models_answer(world, consultant)
        # Then each waits, says why and is asked about again later; half is no answer to go on with; the budget holds
        assert (world.states(), [one.later for one in consulted(world)]) == ([State.WAITING] * CAUSES, [True] * CAUSES)
        assert set(told(world, FEW)) == {
            f"triage: no model gave a whole answer to the triage (local: {NO_JSON})",
            SPENT,
        }
        assert ({call.verdict for call in world.store.calls(START)}, coder.bodies) == ({NO_JSON}, [])
        assert world.store.spent(START, world.now).tokens <= FEW
        # When there is a budget again, and the model says what it was asked for
        settle(world, serving, 60, EACH * CAUSES * 10, coder)
        serving.does(says(TRIAGE, usage=None))
        world.pass_time(DAY_S)
        let_models_answer(world, consultant)
    # Then each is asked about, once
    answered = Counter((call.incident, call.role) for call in world.store.calls(START) if call.verdict == "ok")
    assert (told(world), sorted(answered.values())) == (Counter({TOLD: CAUSES}), [1] * 2 * CAUSES)
    assert world.states() == [State.WAITING] * CAUSES


def test_words_in_another_language_that_are_no_change_are_asked_for_once_more_and_then_told(
    world: World, tmp_path: Path, serving: Serving
) -> None:
    # Given a model that answers in words, and in Chinese
    serving.does(says("原因 该表缺少一列", usage=None))
    settle(world, serving, 60, FEW)
    consultant = asks(world, tmp_path)
    # When tasks fail, and there is a budget for some of them
    fail(world, CAUSES, 2 * CAUSES)
    let_models_answer(world, consultant)
    # Then each waits, and says why; the budget holds
    assert (world.states(), set(told(world, FEW))) == ([State.WAITING] * CAUSES, {NO_CHANGE, SPENT})
    assert world.store.spent(START, world.now).tokens <= FEW
    # When there is a budget again, Then the others are asked about, and of none again what was answered
    for _ in range(3):
        world.pass_time(DAY_S)
        let_models_answer(world, consultant)
    calls = Counter(call.incident for call in world.store.calls(START))
    assert (told(world), sorted(calls.values())) == (Counter({NO_CHANGE: CAUSES}), [2] * CAUSES)
    assert ([one.later for one in consulted(world)], world.states()) == ([False] * CAUSES, [State.WAITING] * CAUSES)


ELEMENTS = 300


@pytest.fixture
def cluster(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[Cluster]:
    """An array of many that runs on a scripted SLURM, submitted from a repository."""
    script = "#!/bin/bash\npython align.py $SLURM_ARRAY_TASK_ID\n"
    folder = project(tmp_path / "p", {"job.sh": script, "align.py": "import sys\n\nprint(smaple)\n"})
    with Store.open(tmp_path / "heal.db") as store:
        made = Cluster(folder, store, *reader)
        run = RunRef("r1", "sbatch", str(folder), ("/usr/bin/sbatch", f"--array=1-{ELEMENTS}", "job.sh"))
        store.take(Event("e:run", "run_started", made.now, "runner", run))
        facts = {"process": "align", "array": f"1-{ELEMENTS}"}
        store.take(
            Event(
                "e:task",
                "task_submitted",
                made.now,
                "runner",
                run,
                TaskRef("align", "100", 1, "100", str(folder)),
                facts,
            )
        )
        for index in range(1, ELEMENTS + 1):
            made.run(f"100_{index}")
        yield made


def die(cluster: Cluster, indices: range) -> None:
    """So many elements fail, each with a log of its own, for the one cause."""
    for index in indices:
        log = cluster.folder / f"slurm-100_{index}.out"
        log.write_text(f"sample {index}\n{FAILED.format('smaple')}", encoding="utf-8")
        cluster.slurm.put(replace(cluster.slurm.jobs[f"100_{index}"], log_paths=(str(log),)))
        cluster.slurm.end(f"100_{index}", JobState.FAILED, 1)


def test_an_array_that_fails_for_one_cause_is_one_diagnosis_and_one_call_of_a_model(
    cluster: Cluster, tmp_path: Path
) -> None:
    with ModelServer(says(SAID, usage=USAGE)) as server:
        model = Model(base_url=server.url, model="m", context=30_000, max_output=500)
        cluster.settings = cluster.settings.model_copy(update={"model": {"local": model}})
        consultant = Consultant(cluster.store, tmp_path / "cache", cluster.store.newest_in, lambda: cluster.now)
        cluster.parts = replace(cluster.parts, consultant=consultant)
        cluster.loop = Loop(cluster.parts, Scope)
        cluster.pass_time()
        # When a third of it fails, and the others after a model was asked
        die(cluster, range(1, ELEMENTS // 3))
        let_models_answer(cluster, consultant)
        die(cluster, range(ELEMENTS // 3, ELEMENTS + 1))
        let_models_answer(cluster, consultant)
        cluster.pass_time(DAY_S)
        let_models_answer(cluster, consultant)
        # Then one call was made for all of them
        assert len(server.bodies) == 1
    # And they are one incident, diagnosed once, that waits with what the model said
    [(incident, bodies)] = cluster.store.newest(10)
    consulted = [body.why for body in bodies if isinstance(body, Consulted)]
    assert (incident.tasks, [isinstance(body, Diagnosed) for body in bodies].count(True)) == (ELEMENTS, 1)
    assert (consulted, cluster.states()) == ([TOLD], [State.WAITING])
