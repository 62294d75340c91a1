"""Events become runs and attempts: once, in any order, under the right lineage."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest
from tests.store.given import at, fail, failed, finished, seen, started, submitted, succeeded, take_all, task_ref

from heal.journal import Applying
from heal.records import Attempt, Fix, FixKind, Run, RunRef, TaskRef

RUN = Run("r1", "r1", "snakemake", "/work", ("snakemake", "-j", "4"), at(0), pid=4242)
ATTEMPT = Attempt(
    id=1,
    run_id="r1",
    lineage="r1",
    engine="snakemake",
    key="align:sample=S1",
    name="align (sample=S1)",
    process="align",
    native_id="77",
    workdir="/work",
    log_paths=("S1.log",),
)


def test_a_run_is_told_from_its_start_and_its_end(store):
    # given, when
    take_all(
        store,
        started("r1", parent="launch", host="login1", env_file="/state/env/1.json"),
        finished("r1", minutes=9, ok=False, exit=137),
    )
    # then
    whole = replace(RUN, parent="launch", host="login1", env_file="/state/env/1.json", ended=at(9), exit_code=137)
    assert (store.run("r1"), store.open_runs()) == (whole, ())


def test_the_work_folders_of_many_runs_are_found_at_once(store):
    # given
    take_all(store, started("r1"), started("r2"))
    # when, then
    assert store.folders(["r1", "none", "r2", *(f"none{n}" for n in range(2500))]) == {"r1": "/work", "r2": "/work"}
    assert store.folders([]) == {}


def test_an_event_counts_once(store):
    # given
    event = failed("r1", task_ref("S1"))
    # when
    taken = take_all(store, event, event, replace(event, kind="task_finished"))
    # then
    assert (taken, len(store.attempts("r1", "align:sample=S1"))) == ([True, False, False], 1)


def test_a_second_start_of_a_run_changes_nothing(store):
    # given, when
    take_all(store, started("r1"), started("r1", minutes=5, parent="other", host="elsewhere"))
    # then
    assert store.run("r1") == RUN


def test_the_first_end_counts(store):
    # given, when
    task = task_ref("S1", native_id="77")
    take_all(
        store,
        started("r1"),
        failed("r1", task, minutes=3, exit=1),
        succeeded("r1", task, minutes=4),
        finished("r1", minutes=5, exit=1),
        finished("r1", minutes=6, exit=0),
    )
    # then
    facts = {"process": "align", "exit": 1}
    assert store.attempts("r1", "align:sample=S1") == (replace(ATTEMPT, ended=at(3), ok=False, facts=facts),)
    assert store.run("r1") == replace(RUN, ended=at(5), exit_code=1)


def test_a_story_is_the_same_in_whatever_order_it_is_told(store):
    # given
    orders = list(itertools.permutations(["start", "submit", "fail", "end"]))
    for run_id, order in zip(map(str, range(len(orders))), orders, strict=True):
        task = task_ref("S1", native_id="77")
        story = {
            "start": started(run_id, parent="launch", host="login1"),
            "submit": submitted(run_id, task, minutes=1, asked={"memory_mb": 400}),
            "fail": failed(run_id, task, minutes=3, exit=1),
            "end": finished(run_id, minutes=5, exit=1),
        }
        # when
        take_all(store, *(story[part] for part in order))
    # then
    for run_id in map(str, range(len(orders))):
        whole = replace(RUN, id=run_id, lineage=run_id, parent="launch", host="login1", ended=at(5), exit_code=1)
        (attempt,) = store.attempts(run_id, "align:sample=S1")
        assert store.run(run_id) == whole
        assert attempt == replace(
            ATTEMPT,
            id=attempt.id,
            run_id=run_id,
            lineage=run_id,
            asked={"memory_mb": 400},
            submitted=at(1),
            ended=at(3),
            ok=False,
            facts={"process": "align", "exit": 1},
        )


@pytest.mark.parametrize("order", [(None, "77", "77"), ("77", None, "77"), ("77", "77", None), (None, None, "77")])
def test_the_schedulers_id_may_be_learnt_late(store, order):
    # given a writer that does not always know the scheduler's id
    first, second, last = (task_ref("S1", native_id=native) for native in order)
    # when
    take_all(
        store,
        started("r1"),
        submitted("r1", first, minutes=1),
        submitted("r1", second, minutes=2),
        failed("r1", last, minutes=3),
    )
    # then it is one attempt
    ended = replace(ATTEMPT, submitted=at(1), ended=at(3), ok=False, facts={"process": "align"})
    assert store.attempts("r1", "align:sample=S1") == (ended,)


def test_tries_with_other_numbers_or_ids_are_other_attempts(store):
    # given, when
    take_all(
        store,
        started("r1"),
        failed("r1", task_ref("S1", 1, "77")),
        failed("r1", task_ref("S1", 2, "77")),
        failed("r1", task_ref("S1", 2, "78")),
        submitted("r1", task_ref("S1", 3)),
    )
    # then
    told = [(one.number, one.native_id) for one in store.attempts("r1", "align:sample=S1")]
    assert (told, len(store.attempts("r1", "align:sample=S1"))) == ([(1, "77"), (2, "77"), (2, "78"), (3, None)], 4)


@pytest.mark.parametrize("how", ["one by one", "at once"])
def test_a_job_that_heal_found_before_it_was_announced_is_followed_once(store, how):
    # given a job that heal came upon in the scheduler's books
    job = TaskRef("wait.sh", "27", 1, "27", "/work")
    found, said = "slurm:27:2026-11-24T12:00:00", "r27"
    take_all(store, started(found, engine="sbatch"), submitted(found, job, engine="sbatch"))
    # when the command that submitted it tells of it, and of another one with a longer number
    other = replace(job, key="270", native_id="270")
    told = [
        started(said, engine="sbatch"),
        *(replace(submitted(said, one, engine="sbatch"), source="runner") for one in (job, other)),
    ]
    if how == "at once":
        store.take_many(told)
    else:
        take_all(store, *told)
    # then it is one job
    assert [(one.run_id, one.native_id) for one in store.watched()] == [(found, "27"), (said, "270")]


def test_a_job_whose_number_was_another_ones_long_ago_is_followed(store):
    # given
    job = TaskRef("wait.sh", "27", 1, "27", "/work")
    found = "slurm:27:2026-11-24T12:00:00"
    take_all(store, started(found, engine="sbatch"), failed(found, job, engine="sbatch"))
    # when, two days later
    again = submitted("r27", job, engine="sbatch", minutes=2 * 24 * 60)
    take_all(store, started("r27", engine="sbatch"), replace(again, source="runner"))
    # then
    assert [one.run_id for one in store.watched()] == ["r27"]


def test_a_run_that_only_ended_is_not_a_run(store):
    # given, when
    store.take(finished("r1", exit=0))
    # then
    assert (store.run("r1"), store.open_runs()) == (None, ())


def test_the_engines_own_failure_is_an_attempt_without_a_key(store):
    # given, when
    store.take(seen("task_failed", RunRef("r1", "snakemake"), TaskRef("snakemake", ""), message="locked"))
    # then
    assert store.unexplained() == (
        Attempt(
            id=1,
            run_id="r1",
            lineage="r1",
            engine="snakemake",
            key="",
            name="snakemake",
            process="snakemake",
            ended=at(0),
            ok=False,
            facts={"message": "locked"},
        ),
    )


def test_projects_are_kept_once_and_what_is_not_known_only_as_events(store):
    # given, when
    take_all(
        store,
        seen("project", path="/b", source="person"),
        seen("project", path="/a", source="person", minutes=1),
        seen("project", path="/b", source="person", minutes=2),
        seen("project", path=7, source="person", minutes=3),
        seen("moon_phase", source="nextflow", minutes=4),
    )
    # then
    assert store.projects() == ("/a", "/b")
    told = [("person", None), ("person", "project"), ("nextflow", None), ("person", "approval"), ("poll", None)]
    assert [store.last_event(*one) for one in told] == [at(3), at(3), at(4), None, None]


def test_a_project_counts_from_the_first_time_that_a_person_named_it(store):
    def named(path, minutes, source="person"):
        return replace(seen("project", source=source, minutes=minutes), body=json.dumps({"facts": {"path": path}}))

    # when it is told in another order, again, by somebody else, and of what is no folder
    take_all(store, named("/b", 2), named("/a", 5), named("/b", 1), named("/a", 9), named("/b", 0, "poll"), named(7, 3))
    # then
    assert store.registered() == {"/b": at(1), "/a": at(5)}


def test_what_no_database_can_hold_is_kept_as_an_escape(store):
    # given names that came from broken file names, and numbers out of all bounds
    run = RunRef("r\udcff", "snakemake", "/work\0", ("a\udcff",), 2**70)
    # when
    store.take(seen("run_started", run))
    store.take(seen("run_finished", run, exit=float("inf")))
    # then
    told = Run(r"r\udcff", r"r\udcff", "snakemake", r"/work\x00", ("a\udcff",), at(0), ended=at(0))
    assert store.run("r\udcff") == told


# --- lineage -----------------------------------------------------------------------------------


def begin_remedy(store, token):
    attempt = fail(store, "r1", task_ref("S1"))
    incident, _ = store.join(attempt, "out of memory", at(1))
    store.append(incident.id, 1, Applying(token, Fix(FixKind.RETRY, "align"), (attempt.key,)), at(2))


def test_a_run_continues_the_run_that_launched_it(store):
    # given, when
    take_all(store, started("r1"), started("r2", parent="r1", minutes=1), started("r3", parent="r2", minutes=2))
    # then
    told = [(one.id, one.lineage, one.parent) for one in store.runs("r1")]
    assert told == [("r1", "r1", None), ("r2", "r1", "r1"), ("r3", "r1", "r2")]


def test_a_run_whose_launcher_is_not_known_begins_a_lineage(store):
    # given, when
    store.take(started("r1", parent="launch"))
    # then
    assert store.runs("r1") == (replace(RUN, parent="launch"),)


def test_what_a_remedy_started_continues_its_incident(store):
    # given
    store.take(started("r1"))
    begin_remedy(store, "t1")
    # when a run has the token as its id, and another as its parent
    take_all(store, started("t1", parent="unheard", minutes=3), started("r2", parent="t1", minutes=4))
    # then
    told = [(one.id, one.lineage, one.parent) for one in store.runs("r1")]
    assert told == [("r1", "r1", None), ("t1", "r1", "unheard"), ("r2", "r1", "t1")]


def test_the_token_of_a_remedy_counts_even_where_its_run_is_not_announced(store):
    # given
    store.take(started("r1"))
    begin_remedy(store, "t1")
    # when
    store.take(started("r2", parent="t1", minutes=3))
    # then
    assert [one.id for one in store.runs("r1")] == ["r1", "r2"]


def test_a_lineage_learnt_late_takes_along_what_was_filed_before(store):
    # given a task of a run, its incident and a remedy, all before the start of the run is heard of
    store.take(started("r0"))
    begin_remedy(store, "t1")
    # when
    store.take(started("r1", parent="r0", minutes=4))
    # then
    (incident,) = store.unsettled()
    told = (
        [one.id for one in store.runs("r0")],
        store.runs("r1"),
        len(store.attempts("r0", "align:sample=S1")),
        incident.lineage,
        store.remedies(lineage="r0"),
        store.remedies_for("r0", ["align:sample=S1"]),
    )
    assert told == (["r0", "r1"], (), 1, "r0", 1, 1)


def test_launches_are_found_by_id_and_by_parent(store):
    # given
    take_all(store, started("r1"), started("r2", parent="r1", minutes=1), started("r3", parent="r2", minutes=2))
    # when, then
    assert [one.id for one in store.launched_by("r1")] == ["r1", "r2"]
    assert store.launched_by("nobody") == ()
