"""What earlier runs of a folder tell of a task."""

from __future__ import annotations

from dataclasses import replace

from tests.store.given import at, fail, failed, started, succeeded, take_all, task_ref

S1, S2 = task_ref("S1"), task_ref("S2")


def elsewhere(event):
    return replace(event, run=replace(event.run, cwd="/other"))


def test_when_a_task_went_well_last_in_an_earlier_run_of_its_folder(store):
    # given a task that went well twice, and since then others, elsewhere, in this run or not at all
    take_all(
        store,
        started("r1"),
        succeeded("r1", S1, minutes=1),
        started("r2", minutes=2),
        succeeded("r2", S1, minutes=3),
        started("r3", minutes=4),
        failed("r3", S1, minutes=5),
        succeeded("r3", S2, minutes=6),
        elsewhere(started("r4", minutes=7)),
        elsewhere(succeeded("r4", S1, minutes=8)),
        started("r5", minutes=9),
        succeeded("r5", S2, minutes=10),
    )
    # when it fails
    attempt = fail(store, "r5", S1, minutes=11)
    # and goes well in a run after that
    take_all(store, started("r6", minutes=12), succeeded("r6", S1, minutes=13))
    # then
    assert store.last_well(store.run("r5"), attempt) == at(3)


def test_a_task_that_never_went_well_has_no_such_time(store):
    take_all(store, started("r1"), failed("r1", S1, minutes=1), started("r2", minutes=2))

    assert store.last_well(store.run("r2"), fail(store, "r2", S1, minutes=3)) is None
