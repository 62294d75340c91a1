"""A hundred incidents at once, and a budget for forty: it holds, nothing is lost, and the rest is asked when it may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.consulting.given import project
from tests.loop.test_turn import START, World
from tests.models.server import ModelServer, says

from heal.consulting import Consultant
from heal.evidence.scan import Scanner
from heal.journal import Consulted, State
from heal.knowledge.patterns import Library, load
from heal.model_settings import Model, ModelBudget
from heal.shipped import shipped
from heal.store import Store

INCIDENTS = 100
# what a question and its answer take by the server's count, and no less than is set aside for them before; how many
# of them a day's budget is for
EACH, DAILY = 6000, 40
LINE = 'File "align.py", line 3, in <module>'
SAID = "NO FIX: the table that it reads lacks a column"
TOLD, SPENT = f"the coder says {SAID}", "spent"
FAILED = f"Traceback (most recent call last):\n  {LINE}\nNameError: name '{{0}}' is not defined\n"
DAY_S = 25 * 3600


@pytest.fixture(scope="module")
def reader(cache: Path) -> tuple[Library, Scanner]:
    library = load([shipped("patterns")], cache_dir=cache)
    return library, Scanner(library, cache)


@pytest.fixture
def world(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[World]:
    rules = "".join(f"rule align{n}:\n    shell: 'python align.py'\n" for n in range(3))
    project(tmp_path / "p", {"Snakefile": rules, "align.py": "import sys\n\nprint(smaple)\n"})
    with Store.open(tmp_path / "heal.db") as store:
        yield World(tmp_path / "p", store, *reader)


def let_models_answer(world: World, consultant: Consultant) -> None:
    """Let heal look as often as there is something to wait for."""
    world.pass_time()
    while consultant.wait():
        world.pass_time()


def told(world: World) -> Counter[str]:
    """The newest that each incident says of models, counted; what is said of a spent budget under one name."""
    journals = [world.store.journal(incident.id) for incident, _bodies in world.store.newest(2 * INCIDENTS)]
    said = [[entry.body for entry in journal if isinstance(entry.body, Consulted)][-1] for journal in journals]
    spent = f"model_budget.day_tokens allows {EACH * DAILY:,}. Nothing was asked."
    return Counter(SPENT if one.later and one.why.endswith(spent) else one.why for one in said)


def test_a_budget_for_forty_of_a_hundred_holds_and_no_incident_is_lost(world: World, tmp_path: Path) -> None:
    usage = {"prompt_tokens": EACH - 20, "completion_tokens": 20}
    with ModelServer(says(SAID, usage=usage)) as server:
        model = Model(base_url=server.url, model="m", context=30_000, max_output=500)
        world.settings = world.settings.model_copy(
            update={"model": {"local": model}, "model_budget": ModelBudget(day_tokens=EACH * DAILY)}
        )
        consultant = Consultant(world.store, tmp_path / "cache", world.store.newest, lambda: world.now)
        world.parts = replace(world.parts, consultant=consultant)
        world.reborn()
        # When a hundred tasks fail at once, each for a cause of its own, and two hundred more for that of the first
        world.starts("r1")
        for n in range(INCIDENTS):
            world.log(f"align{n}", FAILED.format(f"smaple{n}"))
            world.say("task_failed", "r1", f"align{n}:a", exit=1)
        for n in range(2 * INCIDENTS):
            world.say("task_failed", "r1", f"align0:b{n}", exit=1)
        world.ends("r1", ok=False)
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
