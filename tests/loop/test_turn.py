"""The loop from a failure to its outcome, on a real store and real spool, with a scripted engine and scheduler."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.fakes.engine import FakeEngine
from tests.fakes.scheduler import FakeScheduler

from heal.evidence.history import History
from heal.evidence.looking import Looker
from heal.evidence.scan import Scanner
from heal.home.spool import Spool
from heal.jobs import Limits
from heal.journal import Applied, Applying, Body, GaveUp, State, state_of
from heal.knowledge.patterns import Library
from heal.loop import Loop, Parts
from heal.records import Incident
from heal.settings import Settings
from heal.store import Scope, Store

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


class World:
    """A user's machine: a spool that engines write to, and a loop with its hand on a clock."""

    def __init__(self, folder: Path, store: Store, library: Library, scanner: Scanner) -> None:
        self.now = START
        self.store = store
        self.spool = Spool(folder / "spool")
        self.spool.create()
        self.folder = folder
        self.engine = FakeEngine()
        self.running: set[str] = set()
        self.told: list[str] = []
        self.written = 0
        self.asked = 400.0
        self.settings = Settings(home=folder)
        self.local = FakeScheduler(limits=Limits(memory_mb=4000, memory_by="this machine"))
        parts = Parts(
            store=store,
            spools=lambda: [self.spool],
            engines={"snakemake": self.engine},
            slurm=None,
            submitter=None,
            local=self.local,
            library=library,
            reader=scanner,
            settings_for=lambda _folder: self.settings,
            alive=lambda run: run.id in self.running,
            clock=lambda: self.now,
            tell=self.hear,
            machine=Looker(),
            history=History(),
        )
        self.parts = parts
        self.loop = Loop(parts, Scope)

    def reborn(self) -> None:
        """A heal that was killed, and the next one: all it knows is in the store."""
        self.loop = Loop(self.parts, Scope)

    def hear(self, incident: Incident, body: Body) -> None:
        self.told.append(type(body).__name__)

    def say(  # noqa: PLR0917 - the last two are always named
        self,
        kind: str,
        run: str,
        task: str | None = None,
        attempt: int = 1,
        log: str = "",
        job: str = "",
        **facts: object,
    ) -> None:
        """Write an event as Snakemake's plugin does; ``log``: a name of its own for the task's log."""
        self.written += 1
        line: dict[str, object] = {
            "v": 1,
            "kind": kind,
            "time": self.now.isoformat(),
            "source": "snakemake",
            "run": {"id": run, "engine": "snakemake", "cwd": str(self.folder), "argv": ["snakemake", "-j2"], "pid": 17},
            "facts": facts,
        }
        if task is not None:
            process = task.split(":")[0]
            line["task"] = {
                "name": task,
                "key": task,
                "attempt": attempt,
                "native_id": job or None,
                "log_paths": [str(self.folder / f"{log or process}.log")],
            }
            line["facts"] = {"process": process, "asked": {"memory_mb": self.asked}, **facts}
        name = f"{self.written:020d}-1-0.json"
        (self.spool.folder / name).write_text(json.dumps(line), encoding="utf-8")

    def log(self, process: str, text: str) -> None:
        (self.folder / f"{process}.log").write_text(text, encoding="utf-8")

    def pass_time(self, seconds: float = 5) -> None:
        self.now += timedelta(seconds=seconds)
        self.loop.turn()

    def starts(self, run: str, parent: str | None = None) -> None:
        self.running.add(run)
        self.say("run_started", run, parent=parent, host="here")

    def ends(self, run: str, *, ok: bool) -> None:
        self.say("run_finished", run, ok=ok)
        self.running.discard(run)

    def states(self) -> list[State]:
        """Of all incidents, oldest first."""
        return [state_of(bodies) for _one, bodies in reversed(self.store.newest(100))]

    def fails_for_memory(self, run: str, *tasks: str, parent: str | None = None) -> None:
        """A whole run in which these tasks fail for memory."""
        self.starts(run, parent)
        for task in tasks:
            self.log(
                task.split(":")[0], 'start\nTraceback (most recent call last):\n  File "a.py", line 3\nMemoryError\n'
            )
            self.say("task_failed", run, task, exit=1)
        self.pass_time()
        self.ends(run, ok=False)
        self.pass_time()

    def relaunch(self) -> str:
        """Let what the newest launch changes hold from now on; its token."""
        token, (_run, orders) = list(self.engine.launches.items())[-1]
        self.asked = float(orders[0].fix.changes[0].new or 0)
        return token


@pytest.fixture
def world(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[World]:
    with Store.open(tmp_path / "heal.db") as store:
        yield World(tmp_path, store, *reader)


def test_a_task_that_lacks_memory_is_healed(world: World):
    # Given a run in which one task failed for memory while another came home
    world.starts("r1")
    world.say("task_finished", "r1", "trim:s=A")
    world.log("align", "MemoryError\n")
    world.say("task_failed", "r1", "align:s=A", exit=1)
    world.pass_time()
    # Then it is understood at once, and nothing is launched while the run goes on
    assert world.told == ["Diagnosed", "Proposed", "Decided"]
    assert world.engine.launches == {}
    # When the run is over
    world.ends("r1", ok=False)
    world.pass_time()
    # Then it is launched again with twice the memory
    [(run, [order])] = world.engine.launches.values()
    assert (run, order.fix.changes[0].new, [a.key for a in order.attempts]) == ("r1", 800, ["align:s=A"])
    # When the task comes home in the new launch
    world.starts("r2", parent=world.relaunch())
    world.say("task_finished", "r2", "align:s=A")
    world.pass_time()
    # Then the incident is healed, and nothing is left to do once the run has ended
    assert world.states() == [State.HEALED]
    world.ends("r2", ok=True)
    world.pass_time()
    assert not world.loop.busy()


def test_one_launch_carries_the_fixes_of_all_incidents(world: World):
    # Given two rules that failed for different reasons heal can change
    world.starts("r1")
    world.log("align", "MemoryError\n")
    world.log("index", "java.lang.OutOfMemoryError: Java heap space\n")
    world.say("task_failed", "r1", "align:s=A", exit=1)
    world.say("task_failed", "r1", "index", exit=1)
    world.pass_time()
    world.ends("r1", ok=False)
    world.pass_time()
    # Then there is one launch with both
    [(_run, orders)] = world.engine.launches.values()
    assert sorted(order.fix.process for order in orders) == ["align", "index"]


def test_a_task_that_nothing_was_changed_for_is_left_out_of_the_launch(world: World):
    # Given a task that lacks memory, and one with a bug that waits for a person
    world.starts("r1")
    world.log("align", "MemoryError\n")
    world.log("plot", "NameError: name 'fig' is not defined\n")
    world.say("task_failed", "r1", "align:s=A", exit=1)
    world.say("task_failed", "r1", "plot", exit=1)
    world.pass_time()
    world.ends("r1", ok=False)
    # When the run is launched again for the first
    world.pass_time()
    # Then the second is left out of it
    [(_run, [order])] = world.engine.launches.values()
    assert ([attempt.key for attempt in order.attempts], world.engine.left) == (["align:s=A"], ("plot",))


def test_a_task_that_did_not_come_home_before_its_launch_was_killed_is_part_of_the_next_one(world: World):
    # Given a task that is given more memory, in a launch that is killed before it came home
    world.fails_for_memory("r1", "align:s=A")
    token = world.relaunch()
    world.starts(token)
    world.starts("r2", parent=token)
    world.pass_time()
    world.running -= {token, "r2"}
    # When that is started again
    for _ in range(4):
        world.pass_time(1)
    # Then the task is in it, with what was changed for it, and heals
    assert ([run for run, _orders in world.engine.launches.values()], world.engine.left) == (["r1", "r2"], ())
    world.starts("r3", parent=list(world.engine.launches)[-1])
    world.say("task_finished", "r3", "align:s=A")
    world.pass_time()
    world.ends("r3", ok=True)
    world.pass_time()
    assert world.states() == [State.HEALED, State.HEALED]


def test_many_tasks_with_one_cause_are_one_incident(world: World):
    world.fails_for_memory("r1", "align:s=A", "align:s=B", "align:s=C")
    [(incident, _bodies)] = world.store.newest(10)
    assert incident.tasks == 3
    [(_run, [order])] = world.engine.launches.values()
    assert [attempt.key for attempt in order.attempts] == ["align:s=A", "align:s=B", "align:s=C"]


def test_memory_that_is_needed_twice_is_given_twice(world: World):
    world.fails_for_memory("r1", "align:s=A")
    world.fails_for_memory("r2", "align:s=A", parent=world.relaunch())
    [first, second] = world.engine.launches.values()
    assert [order[1][0].fix.changes[0].new for order in (first, second)] == [800, 1600]


def test_what_fails_the_same_way_whatever_it_is_given_is_given_up(world: World):
    world.fails_for_memory("r1", "align:s=A")
    for number in range(2, 9):
        launches = len(world.engine.launches)
        world.fails_for_memory(f"r{number}", "align:s=A", parent=world.relaunch())
        if len(world.engine.launches) == launches:
            break
    assert world.states() == [State.GIVEN_UP]
    assert len(world.engine.launches) == 2


def test_a_bug_waits_for_a_person_and_a_yes_runs_it_again(world: World):
    # Given a bug that only a person can mend
    world.starts("r1")
    world.log(
        "plot",
        "Traceback (most recent call last):\n  File \"/p/plot.py\", line 9, in <module>\nNameError: name 'fig' is not defined\n",
    )
    world.say("task_failed", "r1", "plot", exit=1)
    world.pass_time()
    world.ends("r1", ok=False)
    world.pass_time()
    assert (world.states(), world.engine.launches) == ([State.WAITING], {})
    assert not world.loop.busy()
    # When the person says that it is done
    [(incident, _bodies)] = world.store.newest(1)
    world.spool.drop("approval", {"incident": incident.id, "answer": "accept", "by": "ada"})
    world.pass_time()
    # Then the run is launched again, once, however often they say so
    world.spool.drop("approval", {"incident": incident.id, "answer": "accept", "by": "ada"})
    world.pass_time()
    assert len(world.engine.launches) == 1


def test_a_no_dismisses_and_nothing_runs(world: World):
    world.settings = world.settings.model_copy(
        update={"policy": world.settings.policy.model_copy(update={"resources": "ask"})}
    )
    world.fails_for_memory("r1", "align:s=A")
    [(incident, _bodies)] = world.store.newest(1)
    world.spool.drop(
        "approval", {"incident": incident.id, "answer": "reject", "why": "the input was wrong", "by": "ada"}
    )
    world.pass_time()
    assert (world.states(), world.engine.launches) == ([State.DISMISSED], {})


def test_a_task_that_gets_further_and_fails_otherwise_is_a_new_incident(world: World):
    world.fails_for_memory("r1", "align:s=A")
    world.starts("r2", parent=world.relaunch())
    world.log("align", "samtools: error while loading shared libraries: libhts.so.3: cannot open shared object file\n")
    world.say("task_failed", "r2", "align:s=A", exit=127)
    world.pass_time()
    world.ends("r2", ok=False)
    world.pass_time()
    assert world.states() == [State.UNHEALED, State.WAITING]


def test_a_task_that_the_engine_retries_itself_is_left_to_it(world: World):
    # Given a task whose engine says that it will try again
    world.starts("r1")
    world.log("align", "MemoryError\n")
    world.say("task_failed", "r1", "align:s=A", exit=1, will_retry=True)
    world.pass_time()
    assert world.store.newest(1) == ()
    # When the second try comes home and the run ends well
    world.say("task_finished", "r1", "align:s=A", attempt=2)
    world.pass_time()
    world.ends("r1", ok=True)
    world.pass_time()
    # Then nothing has failed that anybody would want to hear of
    assert (world.store.newest(1), world.engine.launches) == ((), {})


@pytest.mark.parametrize(
    ("asked", "launches"),
    [
        ((400, 400), 1),
        ((400, 400, 400), 0),
        # what an engine tries with more is another try
        ((400, 800, 1600), 1),
    ],
)
def test_retries_of_the_engine_come_out_of_the_budget_of_retries(world: World, asked: tuple[float, ...], launches: int):
    # Given a task that fails of what often passes, which its engine has tried so often already
    world.starts("r1")
    world.log("fetch", "curl: (6) Could not resolve host: ftp.ebi.ac.uk\n")
    for attempt, world.asked in enumerate(asked, start=1):
        world.say("task_failed", "r1", "fetch:s=A", attempt=attempt, exit=6, will_retry=attempt < len(asked))
        world.pass_time()
    world.ends("r1", ok=False)
    # When heal has had the time to wait and try again itself
    for _ in range(3):
        world.pass_time(600)
    # Then it did so, or saw that this does not pass by itself; and all tries are one incident
    assert len(world.engine.launches) == launches
    [(incident, bodies)] = world.store.newest(2)
    given_up = GaveUp(
        "tried again 2 times (2 of them not by heal) and it failed the same way: this does not pass by itself"
    )
    assert (incident.tasks, given_up in bodies) == (1, not launches)


def test_a_fix_the_engine_cannot_apply_is_said_and_not_repeated(world: World):
    world.engine.refuses = "the Snakefile is gone"
    world.fails_for_memory("r1", "align:s=A")
    world.pass_time()
    world.pass_time()
    assert (world.states(), world.engine.calls) == ([State.UNHEALED], 1)


def test_a_malformed_event_is_put_aside_and_the_rest_is_heard(world: World):
    (world.spool.folder / "00000000000000000000-1-0.json").write_text("nonsense", encoding="utf-8")
    world.fails_for_memory("r1", "align:s=A")
    assert len(world.engine.launches) == 1
    assert (world.spool.folder / "bad" / "00000000000000000000-1-0.json").exists()


def test_the_budget_of_a_run_holds(world: World):
    world.settings = world.settings.model_copy(
        update={"budget": world.settings.budget.model_copy(update={"per_run": 0})}
    )
    world.fails_for_memory("r1", "align:s=A")
    assert (world.states(), world.engine.launches) == ([State.GIVEN_UP], {})


def test_a_run_that_a_person_ended_is_left_alone_by_whoever_comes_later(world: World):
    # Given a run that was interrupted by its owner before one of its failures was heard of
    world.starts("r1")
    world.pass_time()
    world.loop.interrupt("r1", "ada")
    world.log("align", "MemoryError\n")
    world.say("task_failed", "r1", "align:s=A", exit=1)
    world.ends("r1", ok=False)
    # When the next heal comes
    world.pass_time()
    world.pass_time()
    # Then it explains the failure and starts nothing
    assert (world.states(), world.engine.launches) == ([State.DISMISSED], {})
    assert not world.loop.busy()


def test_two_remedies_of_which_nothing_came_do_not_wait_for_each_other(world: World):
    # Given two incidents that were healed by a launch of their own each, as after a crash in between
    world.fails_for_memory("r1", "align:S1", "plot:S1")
    second = world.store.newest(1)[0][0]
    journal = world.store.journal(second.id)
    applying = next(entry.body for entry in journal if isinstance(entry.body, Applying))
    bodies = (Applying("another", applying.fix, applying.task_keys), Applied("another"))
    rows = [(second.id, len(journal) + number, body) for number, body in enumerate(bodies, start=1)]
    world.store.append_many(rows, world.now)
    # When a run since is over, and neither task was tried in it
    world.starts("r2", parent=world.relaunch())
    world.pass_time()
    world.ends("r2", ok=True)
    world.pass_time()
    assert world.states() == [State.OBSERVING] * 2
    # Then that is said of both after a while: each might have had the other start one more
    world.pass_time(70)
    world.pass_time()
    assert world.states() == [State.UNHEALED] * 2
