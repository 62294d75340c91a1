"""A job that failed and that its owner put back under its own id: heal runs nothing beside it, and what waits follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.loop.test_jobs import Cluster

from heal.jobs import JobFacts, JobState
from heal.journal import Dismissed, State
from heal.loop import Loop
from heal.store import Scope

NEVER = "DependencyNeverSatisfied"


def failed(cluster: Cluster) -> None:
    """A job that failed, of which a person is asked, and another that waits for it: SLURM has written the failure there."""
    cluster.ask_first()
    cluster.submitted("100")
    cluster.watched("200")
    cluster.waits("200", "afterok:100(failed)", NEVER)
    cluster.killed("100", 100, 110)
    cluster.pass_time()
    assert cluster.states() == [State.WAITING]


def requeued(cluster: Cluster, state: JobState = JobState.RUNNING) -> None:
    """Its owner runs it again: SLURM counts that, and gives it a new time of submission."""
    now = cluster.now.astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
    cluster.slurm.put(JobFacts("100", state, state.name, asked_mb=100, name="plink", submitted=now, restarts=1))


def accept(cluster: Cluster) -> None:
    [incident] = cluster.loop.waiting()
    assert cluster.loop.answer(incident, accept=True, by="ada")


@pytest.mark.parametrize("later_s", [5, 90])
def test_what_waits_for_it_is_to_run_after_it_as_the_job_that_it_is(cluster: Cluster, later_s: float) -> None:
    failed(cluster)
    # When its owner puts it back
    cluster.pass_time(later_s)
    requeued(cluster)
    for _ in range(5):
        cluster.pass_time()
    # Then what waits is told once to wait for it anew, for SLURM itself does not look again; and nothing is submitted
    assert (cluster.slurm.repointed, cluster.slurm.submissions) == ([("200", "afterok:100")], [])
    assert cluster.states() == [State.WAITING]
    # And a yes is none to a second one beside it
    accept(cluster)
    cluster.pass_time()
    cluster.come_home("100")
    cluster.come_home("200")
    cluster.pass_time(240)
    assert (cluster.slurm.submissions, cluster.states(), cluster.loop.busy()) == ([], [State.DISMISSED], False)


def test_one_that_was_put_back_before_heal_heard_of_its_failure_is_followed(cluster: Cluster) -> None:
    # Given a job that fails and is put back between two looks
    cluster.submitted("100")
    cluster.watched("200")
    cluster.pass_time(90)
    requeued(cluster, JobState.PENDING)
    cluster.waits("200", "afterok:100(failed)", NEVER)
    for _ in range(5):
        cluster.pass_time()
    assert (cluster.slurm.repointed, cluster.states()) == ([("200", "afterok:100")], [])
    # When it fails once more and is put back once more, then that is said once more
    requeued(cluster)
    cluster.waits("200", "afterok:100(failed)", NEVER)
    cluster.pass_time(240)
    assert (cluster.slurm.repointed, cluster.slurm.submissions) == ([("200", "afterok:100")] * 2, [])


def test_one_that_came_home_before_anybody_looked_is_waited_for_no_longer(cluster: Cluster) -> None:
    cluster.submitted("100")
    cluster.watched("200")
    cluster.pass_time()
    requeued(cluster)
    cluster.come_home("100")
    cluster.waits("200", "afterok:100(failed)", NEVER)
    for _ in range(3):
        cluster.pass_time(60)
    assert (cluster.slurm.repointed, cluster.states()) == ([("200", "")], [])


def test_when_it_fails_again_what_waits_follows_the_healed_one(cluster: Cluster) -> None:
    failed(cluster)
    cluster.pass_time(90)
    requeued(cluster)
    cluster.pass_time(240)
    accept(cluster)
    cluster.pass_time()
    cluster.killed("100", 100, 120)
    cluster.slurm.put(replace(cluster.slurm.jobs["200"], dependency="afterok:100(failed)", reason=NEVER))
    for _ in range(3):
        cluster.pass_time(60)
    # (the yes still holds, and nobody is asked about the job that waits)
    assert cluster.loop.waiting() == []
    assert [submission.job for submission in cluster.slurm.submissions] == ["100"]
    assert cluster.slurm.repointed == [("200", "afterok:100"), ("200", "afterok:1001")]


def test_a_yes_right_after_it_was_put_back_submits_nothing(cluster: Cluster) -> None:
    failed(cluster)
    # Given a person who runs it again, and says yes to heal's fix a moment later
    cluster.now += timedelta(seconds=5)
    requeued(cluster)
    accept(cluster)
    cluster.pass_time(5)
    assert (cluster.slurm.submissions, cluster.states()) == ([], [State.DIAGNOSED])
    # Then what comes of it counts
    cluster.come_home("100")
    cluster.pass_time(240)
    assert (cluster.slurm.submissions, cluster.states()) == ([], [State.DISMISSED])


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_yes_after_it_came_home_submits_nothing(cluster: Cluster, *, forgotten: bool) -> None:
    failed(cluster)
    # Given that its owner put it back, and that it ended well, while nobody followed it
    cluster.now += timedelta(seconds=90)
    requeued(cluster)
    cluster.come_home("100")
    if forgotten:
        # of which accounting alone knows, and its restarts as little
        cluster.slurm.books["100"] = replace(cluster.slurm.jobs.pop("100"), restarts=None, source="sacct")
        cluster.now += timedelta(hours=8)
    cluster.loop = Loop(cluster.parts, Scope)
    accept(cluster)
    for _ in range(4):
        cluster.pass_time(90)
    assert cluster.slurm.submissions == []
    assert [body.why for body in cluster.told if isinstance(body, Dismissed)] == [
        "it came home at a later attempt of its own"
    ]


def test_what_waits_for_a_job_of_others_is_left_alone(cluster: Cluster) -> None:
    # Given one that waits for a job that heal does not follow, and that failed and runs again
    cluster.watched("200")
    requeued(cluster)
    cluster.waits("200", "afterok:100(failed)", NEVER)
    for _ in range(3):
        cluster.pass_time()
    assert cluster.slurm.repointed == []
