"""Many events at once: the same as one after the other, whatever they are and in whatever order they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from heal.records import Event, RunRef, TaskRef
from heal.store import Store

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
KINDS = ("run_started", "run_finished", "task_submitted", "task_finished", "task_failed", "project", "unheard_of")


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Any event of a few runs, tasks and jobs: they often speak of the same."""
    number = draw(st.integers(0, 40))
    kind = draw(st.sampled_from(KINDS))
    engine = draw(st.sampled_from(["sbatch", "snakemake", ""]))
    run = RunRef(draw(st.sampled_from("ab")), engine, "/data", ("sbatch",), draw(st.sampled_from([None, 7])))
    key = draw(st.sampled_from(["t1", "t2", "t3", "5_1", "5"]))
    job = draw(st.sampled_from([None, "5_1", "7", "8"]))
    task = TaskRef(key, key, draw(st.integers(1, 2)), job, draw(st.sampled_from([None, "/data"])), ("/data/log",))
    facts: dict[str, Any] = draw(
        st.sampled_from([{}, {"process": "align", "asked": {"memory_mb": 400}}, {"exit": 1}, {"path": "/data"}])
    )
    at = NOON + timedelta(seconds=number)
    return Event(f"e{number}", kind, at, "poll", run, task if kind.startswith("task") else None, facts, "body")


def seen(store: Store) -> dict[str, object]:
    """All that the store says of them, ids of its own left out."""
    tries = [
        (one.run_id, one.lineage, one.engine, one.key, one.number, one.native_id, one.process, one.asked, one.ok)
        for run in "ab"
        for key in ("t1", "t2", "t3", "5_1", "5")
        for one in store.attempts(run, key)
    ]
    return {
        # those of one task in their order: the last is what its incident is about
        "tries": tries,
        "watched": sorted(repr((one.run_id, one.key, one.number, one.native_id)) for one in store.watched()),
        "unexplained": sorted(repr((one.run_id, one.key, one.number, one.native_id)) for one in store.unexplained()),
        "open": [run.id for run in store.open_runs()],
        "projects": store.projects(),
        "events": store.events(),
    }


@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(before=st.lists(events(), max_size=6), batch=st.lists(events(), max_size=12))
def test_a_batch_is_what_its_events_are_one_by_one(
    tmp_path_factory: Any, before: list[Event], batch: list[Event]
) -> None:
    folder: Path = tmp_path_factory.mktemp("batches")
    with Store.open(folder / "one.db") as one, Store.open(folder / "many.db") as many:
        # Given two stores that have heard the same
        for event in before:
            one.take(event)
            many.take(event)
        # When one hears more event by event, the other all at once
        new = [one.take(event) for event in batch]
        count = many.take_many(batch)
        # Then they say the same
        assert (count, seen(many)) == (sum(new), seen(one))


def test_the_tries_of_a_task_keep_their_order(tmp_path: Path) -> None:
    # Given a task that failed and was tried again, of which all is heard at once
    run, told = RunRef("r", "nextflow"), [("submitted", 1), ("failed", 1), ("submitted", 2)]
    batch = [
        Event(f"e{n}", f"task_{kind}", NOON + timedelta(seconds=n), "nextflow", run, TaskRef("t", "t", number))
        for n, (kind, number) in enumerate(told)
    ]
    with Store.open(tmp_path / "heal.db") as store:
        store.take_many(batch)
        assert [(one.number, one.ok) for one in store.attempts("r", "t")] == [(1, False), (2, None)]


def test_nothing_is_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "heal.db") as store:
        assert store.take_many([]) == 0


def test_more_than_one_statement_can_name(tmp_path: Path) -> None:
    run = RunRef("r", "sbatch")
    batch = [Event(f"e{n}", "task_failed", NOON, "poll", run, TaskRef("t", f"5_{n}", 1, f"5_{n}")) for n in range(2500)]
    with Store.open(tmp_path / "heal.db") as store:
        assert (store.take_many(batch), store.take_many(batch), len(store.unexplained())) == (2500, 0, 2500)


def test_many_runs_of_a_job_each_are_what_they_are_one_by_one(tmp_path: Path) -> None:
    # Given thirty jobs that were found, some of which were heard of before, and one has ended
    runs = [RunRef(f"slurm:{number}:then", "sbatch", "/data") for number in range(30)]
    tasks = [TaskRef("plink", f"{number % 7}", 1, f"{number}", "/data") for number in range(30)]
    starts = [Event(f"{run.id}:run", "run_started", NOON, "poll", run) for run in runs]
    found = [
        Event(f"{run.id}:task", "task_submitted", NOON, "poll", run, task)
        for run, task in zip(runs, tasks, strict=True)
    ]
    over = Event("over", "task_finished", NOON, "poll", runs[3], tasks[3])
    unannounced = Event("early", "task_failed", NOON, "poll", runs[5], tasks[6])
    gone = Event("gone", "run_finished", NOON, "poll", runs[8])
    with Store.open(tmp_path / "one.db") as one, Store.open(tmp_path / "many.db") as many:
        for store in (one, many):
            for event in (starts[2], starts[3], found[3], over, unannounced, gone):
                store.take(event)
        # When one hears of them event by event, the other at once
        new = [one.take(event) for event in (*starts, *found)]
        assert many.take_many((*starts, *found)) == sum(new)

        # Then they say the same
        def told(store: Store) -> object:
            tries = [(store.run(run.id), store.attempts(run.id, f"{key}")) for run in runs for key in range(7)]
            return repr([(run, [replace(one, id=0) for one in known]) for run, known in tries])

        assert told(many) == told(one)
        assert [one.job for one in many.watched()] == [task.native_id for task in tasks if task.native_id != "3"]


def test_what_is_known_of_the_jobs_of_an_array(tmp_path: Path) -> None:
    # Given an array of which two elements have ended, in a run that has had another of its id before
    run = RunRef("r", "sbatch")
    old = [Event(f"o{n}", "task_failed", NOON, "poll", run, TaskRef("t", f"a_{n}", 1, f"5_{n}")) for n in (1, 4)]
    array = Event("a", "task_submitted", NOON, "runner", run, TaskRef("t", "5", 1, "5"))
    ends = [Event(f"e{n}", "task_failed", NOON, "poll", run, TaskRef("t", f"5_{n}", 1, f"5_{n}")) for n in (1, 2)]
    other = Event("b", "task_finished", NOON, "poll", RunRef("q", "sbatch"), TaskRef("t", "5_3", 1, "5_3"))
    with Store.open(tmp_path / "heal.db") as store:
        for event in (*old, array, *ends, other):
            store.take(event)
        [watched] = store.watched()
        # Then those of this one are told, and of all ids whether they were ever seen, and when they were submitted
        assert store.ended_elements([watched]) == {watched.id: frozenset({"5_1", "5_2"})}
        assert store.last_submitted(["5", "5_1", "5_9"]) == {"5": NOON, "5_1": None}
