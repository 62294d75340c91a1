"""Whatever happens, and whenever heal dies: nothing is started beside an engine that lives, or what launched it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from tests.fakes.engine import FakeEngine
from tests.loop.test_in_flight import MEMORY, Asking

from heal.errors import NotNow
from heal.evidence.scan import Scanner
from heal.journal import Applied, Applying
from heal.knowledge.patterns import Library, load
from heal.records import Attempt, Event, Run, RunRef
from heal.seams import Order
from heal.shipped import shipped
from heal.store import Store

SCRIPT = "script"


class Lab(Asking):
    """A script that starts an engine; ``beside`` is what was alive each time that heal started something."""

    def begin(self) -> None:
        self.beside: list[set[str]] = []
        self.about_to_begin: list[str] = []
        self.tries = {"align:S1": 1, "align:S2": 1}
        self.engine.apply = self.watched  # type: ignore[method-assign]
        script = RunRef(SCRIPT, "command", str(self.folder), ("bash", "all.sh"), 16)
        self.running.add(SCRIPT)
        self.store.take(Event("e:script", "run_started", self.now, "runner", script))
        self.starts("r1", SCRIPT)

    def watched(self, run: Run, orders: Sequence[Order], token: str, leave: Sequence[Attempt] = ()) -> Applied:
        """As engines do it: nothing while the run's own process lives."""
        if token not in self.engine.launches:
            if run.id in self.running:
                raise NotNow("the run still goes on")
            self.beside.append(set(self.running))
            self.about_to_begin.append(token)
        return FakeEngine.apply(self.engine, run, orders, token, leave)

    def pass_time(self, seconds: float = 5) -> None:
        """What heal started says so a moment after the turn in which it did."""
        super().pass_time(seconds)
        while self.about_to_begin:
            self.starts(self.about_to_begin.pop(), SCRIPT)

    # --- what may happen -----------------------------------------------------------------------

    def asks_about(self, task: str) -> None:
        """A try fails, and its engine waits for an answer."""
        if "r1" in self.running:
            self.asks(task, attempt=self.tries[task], asked=400.0 * self.tries[task], waits_s=20)
            self.tries[task] += 1

    def fails(self, task: str) -> None:
        """A try fails for good."""
        if "r1" in self.running:
            self.log("align", MEMORY)
            self.say("task_failed", "r1", task, self.tries[task], exit=1)

    def fails_once(self) -> None:
        self.fails("align:S1")

    def ends_well(self, task: str) -> None:
        if "r1" in self.running:
            self.say("task_finished", "r1", task, self.tries[task])

    def engine_says_its_end(self) -> None:
        """Its last word comes before its process is gone."""
        if "r1" in self.running:
            self.say("run_finished", "r1", ok=False)

    def engine_is_gone(self) -> None:
        self.running.discard("r1")

    def script_ends(self) -> None:
        if "r1" not in self.running:
            self.running.discard(SCRIPT)

    def heal_dies(self) -> None:
        self.reborn()

    def heal_dies_before_it_could_write(self) -> None:
        """What it did last is not written down."""
        for incident in self.store.unsettled():
            last = self.store.last(incident.id)
            # what is about to be done is always written first
            if last is not None and not isinstance(last.body, Applying):
                self.forget_last(incident.id)
        self.reborn()


HAPPENS = (
    ("asks_about", "align:S1"), ("asks_about", "align:S2"), ("fails", "align:S1"), ("ends_well", "align:S1"),
    ("engine_says_its_end",), ("engine_is_gone",), ("script_ends",), ("heal_dies",),
    ("heal_dies_before_it_could_write",), ("pass_time", 1), ("pass_time", 15), ("pass_time", 700),
)  # fmt: skip


class Labs:
    """Makes labs with a run at work in each; what they read with is made once."""

    def __init__(self, library: Library, scanner: Scanner) -> None:
        self._library, self._scanner = library, scanner

    @contextmanager
    def __call__(self) -> Iterator[Lab]:
        with tempfile.TemporaryDirectory() as name, Store.open(Path(name) / "heal.db") as store:
            world = Lab(Path(name), store, self._library, self._scanner)
            world.begin()
            world.pass_time()
            yield world


@pytest.fixture(scope="module")
def lab(cache: Path) -> Labs:
    library = load([shipped("patterns")], cache_dir=cache)
    return Labs(library, Scanner(library, cache))


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from(HAPPENS), min_size=3, max_size=12))
# an answer that came too late: the engine fails and is gone, and the script goes on with its next line
@example([("fails", "align:S1"), ("asks_about", "align:S1"), ("heal_dies_before_it_could_write",)])
# what heal did is not written down, and its engine is found killed: two remedies that are due in one turn
@example(
    [
        *(("pass_time", 1), ("asks_about", "align:S2"), ("script_ends",), ("pass_time", 1), ("pass_time", 1)),
        *(("heal_dies_before_it_could_write",), ("fails", "align:S1"), ("script_ends",), ("engine_is_gone",)),
    ]
)
def test_nothing_is_started_beside_what_lives(lab: Labs, happens: list[tuple[str, ...]]) -> None:
    with lab() as world:
        for name, *words in happens:
            getattr(world, name)(*words)
            world.pass_time()
        # and once all is over
        for last in ("engine_says_its_end", "engine_is_gone", "script_ends"):
            getattr(world, last)()
            world.pass_time(700)
        assert world.beside in ([], [set()])


def test_a_yes_is_carried_out_once_a_launch_that_goes_on_is_over(lab: Labs) -> None:
    # Given a run with two failures, of which heal started it again for one, and a person is asked about the other
    with lab() as world:
        world.log("plot", "NameError: name 'fig' is not defined\n")
        world.say("task_failed", "r1", "plot", exit=1)
        for happens in (world.fails_once, world.engine_says_its_end, world.engine_is_gone, world.script_ends):
            happens()
            world.pass_time()
        launch = world.relaunch()
        world.starts("r2", parent=launch)
        world.pass_time()
        # When they say yes while that launch goes on
        [waiting] = [one for one, _bodies in world.store.newest(10) if one.process == "plot"]
        assert world.loop.answer(waiting, accept=True, by="ada")
        world.pass_time()
        # Then nothing is started beside it
        assert world.beside == [set()]
        for run in ("r2", launch):
            world.ends(run, ok=False)
        world.pass_time()
        assert world.beside == [set(), set()]
