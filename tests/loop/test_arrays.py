"""Arrays that are followed as a whole: nobody is asked about what runs, and no element's end is lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from tests.loop.test_jobs import START, Cluster, registered

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, JobState
from heal.journal import State
from heal.loop import Loop
from heal.records import Attempt
from heal.store import Scope

Asked = list[tuple[datetime, tuple[str, ...]]]


@pytest.fixture
def asked(cluster: Cluster) -> Asked:
    """When accounting and the controller's records were asked, and about whom."""
    found: Asked = []
    known = cluster.slurm.facts

    def facts(attempts: Sequence[Attempt], besides: Collection[str] | None = None) -> Mapping[str, JobFacts]:
        found.append((cluster.now, tuple(sorted(one.job for one in attempts))))
        return known(attempts, besides)

    cluster.slurm.facts = facts  # type: ignore[method-assign]
    return found


def books_alone(cluster: Cluster, job: str, state: JobState = JobState.COMPLETED) -> None:
    """The controller has forgotten the job, whose end accounting has."""
    cluster.slurm.end(job, state, 0 if state is JobState.COMPLETED else 1)
    cluster.slurm.books[job] = cluster.slurm.jobs.pop(job)


def ends(cluster: Cluster) -> dict[str, bool | None]:
    """How each job ended that is known to have, and the array itself."""
    return {one.job: one.ok for one in cluster.store.of_job("100")}


def test_nobody_is_asked_about_elements_that_run(cluster: Cluster, asked: Asked) -> None:
    # Given an array whose elements run, of which heal cannot know at first what became of it before
    cluster.array(3)
    # When two hours pass
    for _ in range(720):
        cluster.pass_time(10)
    # Then it was asked about once, as a whole
    assert [jobs for _at, jobs in asked] == [("100",)]


def test_elements_that_the_controller_forgets_are_asked_about_every_five_minutes(
    cluster: Cluster, asked: Asked
) -> None:
    # Given an array of which an element ends every two minutes, and is forgotten before the queue could tell of it
    jobs = cluster.array(60)
    cluster.pass_time(10)
    # When two hours pass
    for step in range(720):
        if step % 12 == 0 and step // 12 < 59:
            books_alone(cluster, jobs[step // 12])
        cluster.pass_time(10)
    # Then it is asked about those that left, every five minutes, or with the next look at the queue after that
    gaps = [after - before for (before, _), (after, _) in pairwise(asked)]
    assert timedelta(minutes=5) <= min(gaps)
    assert max(gaps) <= timedelta(minutes=8, seconds=10)
    # And about each once
    assert sorted(one for _at, some in asked[1:] for one in some) == sorted(jobs[:59])
    assert {job: ok for job, ok in ends(cluster).items() if ok} == dict.fromkeys(jobs[:59], True)


def test_an_array_is_over_when_each_of_its_ends_is_known(cluster: Cluster, asked: Asked) -> None:
    # Given an array of three that has told one end, and of which accounting lags with another
    first, second, third = cluster.array(3)
    cluster.pass_time(60)
    books_alone(cluster, first)
    cluster.pass_time(400)
    assert ends(cluster) == {"100": None, first: True}
    cluster.slurm.jobs.pop(second)
    books_alone(cluster, third)
    for _ in range(3):
        cluster.pass_time(60)
    # Then it is not over while nobody knows how that one ended
    assert ends(cluster) == {"100": None, first: True, third: True}
    # When accounting has it
    failed = replace(cluster.slurm.books[third], job=second, state=JobState.FAILED, state_text="FAILED", exit_code=1)
    cluster.slurm.books[second] = failed
    cluster.pass_time(90)
    # Then it is, and nobody was asked twice about what was stored
    assert ends(cluster) == {"100": True, first: True, third: True, second: False}
    assert sum(first in jobs for _at, jobs in asked) == 1


def test_an_element_that_nobody_knows_any_more_is_unknown_and_waits_for_a_person(cluster: Cluster) -> None:
    first, second = cluster.array(2)
    cluster.pass_time(60)
    # Given an element that vanishes while it runs, and another that comes home
    cluster.slurm.jobs.pop(first)
    for _ in range(4):
        cluster.pass_time(60)
    books_alone(cluster, second)
    for _ in range(10):
        cluster.pass_time(60)
    # Then that is told of the one, and the array is over
    assert ends(cluster) == {"100": True, first: False, second: True}
    assert (cluster.states(), cluster.slurm.submissions, cluster.loop.busy()) == ([State.WAITING], [], False)


def test_while_accounting_is_away_an_array_is_not_over(cluster: Cluster) -> None:
    # Given an array of three, of which two have ended unseen, and the third fails while accounting does not answer
    first, second, third = cluster.array(3)
    cluster.pass_time(60)
    books_alone(cluster, first)
    books_alone(cluster, second, JobState.FAILED)
    known = cluster.slurm.facts

    def silent(attempts: Sequence[Attempt], besides: Collection[str] | None = None) -> Mapping[str, JobFacts]:
        raise SchedulerUnreachable("sacct: error: Problem talking to the database: Connection refused")

    cluster.slurm.facts = silent  # type: ignore[method-assign]
    cluster.slurm.end(third, JobState.FAILED, 1)
    for _ in range(10):
        cluster.pass_time(60)
    # Then what the queue says is taken, and the array is still followed
    assert ends(cluster) == {"100": None, third: False}
    # And when it answers, nothing is lost
    cluster.slurm.facts = known  # type: ignore[method-assign]
    for _ in range(10):
        cluster.pass_time(60)
    assert {job: ends(cluster)[job] for job in ("100", first, second, third)} == {
        "100": True,
        first: True,
        second: False,
        third: False,
    }


def test_a_heal_that_begins_anew_asks_for_what_it_did_not_see(cluster: Cluster, asked: Asked) -> None:
    # Given an array of four, of which one end is stored
    jobs = cluster.array(4)
    cluster.pass_time(60)
    books_alone(cluster, jobs[0])
    cluster.pass_time(400)
    # When two more end while no heal runs, one of them failed, and the controller has forgotten both
    books_alone(cluster, jobs[1])
    books_alone(cluster, jobs[2], JobState.FAILED)
    cluster.loop = Loop(cluster.parts, Scope)
    asked.clear()
    cluster.pass_time(600)
    # Then it asks about the array as a whole, once, and knows them
    assert [some for _at, some in asked if "100" in some] == [("100",)]
    assert ends(cluster) | {} == {"100": None, jobs[0]: True, jobs[1]: True, jobs[2]: False}


def test_an_element_that_the_site_put_back_does_not_hide_the_ends_of_others(cluster: Cluster) -> None:
    # Given an array of three of which the site has put one back, long after it was submitted
    first, second, third = cluster.array(3)
    cluster.pass_time(3600)
    later = (START + timedelta(hours=1)).astimezone().replace(tzinfo=None).isoformat()
    again = replace(cluster.slurm.jobs[first], submitted=later, restarts=None)
    cluster.slurm.put(again)
    # When another one fails
    cluster.slurm.end(second, JobState.FAILED, 1)
    cluster.pass_time(180)
    # Then that is told at once, and of the one nothing is concluded
    assert {job: ok for job, ok in ends(cluster).items() if ok is not None} == {second: False}
    # And when it is known to be the same, it is told as well, and the array is over
    cluster.slurm.put(replace(again, state=JobState.COMPLETED, state_text="COMPLETED", exit_code=0, restarts=1))
    cluster.come_home(third)
    for _ in range(3):
        cluster.pass_time(180)
    assert {job: ends(cluster)[job] for job in ("100", first, second, third)} == {
        "100": True,
        first: True,
        second: False,
        third: True,
    }


def test_an_array_that_was_announced_is_not_found_again_element_by_element(cluster: Cluster) -> None:
    # Given a registered project, and an array there whose submission was told of
    cluster.parts = replace(cluster.parts, discovers=True)
    cluster.loop = Loop(cluster.parts, Scope)
    cluster.store.take(registered("/data", START - timedelta(days=30)))
    for job in cluster.array(3):
        facts = cluster.slurm.jobs[job]
        cluster.slurm.put(replace(facts, workdir="/data", submitted="2026-11-24T12:00:00"))
    for _ in range(5):
        cluster.pass_time(120)
    # Then it is followed once
    assert [one.job for one in cluster.store.watched()] == ["100"]
