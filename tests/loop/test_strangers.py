"""Jobs that nobody announced: found soon, and hardly a question where there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.loop.test_jobs import Cluster, registered

from heal.jobs import JobFacts, JobState
from heal.loop import Loop
from heal.store import Scope


def project(cluster: Cluster, path: str = "/data") -> None:
    cluster.store.take(registered(path, cluster.now))


@pytest.fixture
def looks(cluster: Cluster) -> list[datetime]:
    """When accounting was asked for all of the user's jobs, of a heal that looks for jobs in ``/data``."""
    cluster.parts = replace(cluster.parts, discovers=True)
    cluster.loop = Loop(cluster.parts, Scope)
    project(cluster)
    found: list[datetime] = []
    recent = cluster.slurm.recent

    def counted(since: datetime, known: Mapping[str, str] = {}) -> tuple[JobFacts, ...]:
        found.append(cluster.now)
        return recent(since, known)

    cluster.slurm.recent = counted  # type: ignore[method-assign]
    return found


def runs(cluster: Cluster, job: str, folder: str = "/data", state: JobState = JobState.RUNNING) -> None:
    """A job that the user has just submitted there."""
    at = cluster.now.astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
    cluster.slurm.put(JobFacts(job, state, state.name, name="plink", workdir=folder, submitted=at))


def follows(cluster: Cluster) -> list[str]:
    return [one.job for one in cluster.store.watched()]


def test_where_nothing_is_new_accounting_is_asked_every_ten_minutes(cluster: Cluster, looks: list[datetime]) -> None:
    # Given jobs of the project and others, which are found
    for job, folder in (("7", "/data"), ("8_1", "/data/in"), ("8_2", "/data/in"), ("9", "/else")):
        runs(cluster, job, folder)
    cluster.pass_time(60)
    assert (follows(cluster), len(looks)) == (["7", "8_1", "8_2"], 1)
    # When two hours pass in which nothing is submitted
    for _ in range(720):
        cluster.pass_time(10)
    # Then accounting was asked twelve times at most, and nothing was followed twice
    assert 8 <= len(looks) - 1 <= 12
    assert follows(cluster) == ["7", "8_1", "8_2"]


def test_a_new_job_is_found_with_the_next_look_at_the_queue(cluster: Cluster, looks: list[datetime]) -> None:
    runs(cluster, "7")
    for _ in range(30):
        cluster.pass_time(60)
    # Given a job that is submitted while another one runs
    runs(cluster, "8")
    since = cluster.now
    for _ in range(4):
        cluster.pass_time(60)
    # Then it is followed within three minutes, and that took a question
    assert follows(cluster) == ["7", "8"]
    assert [at - since < timedelta(minutes=3, seconds=1) for at in looks if at > since] == [True]


def test_a_job_that_came_and_went_between_two_looks_is_found_in_ten_minutes(
    cluster: Cluster, looks: list[datetime]
) -> None:
    runs(cluster, "7")
    for _ in range(30):
        cluster.pass_time(60)
    # Given a job that failed, and that the controller forgot at once
    runs(cluster, "8", state=JobState.FAILED)
    forgotten = cluster.slurm.jobs["8"]
    queue = cluster.slurm.queue
    cluster.slurm.queue = lambda: {job: one for job, one in queue().items() if job != "8"}  # type: ignore[method-assign]
    for _ in range(14):
        cluster.pass_time(60)
    # Then it is known
    assert [(one.job, one.ok) for one in cluster.store.of_job("8")] == [(forgotten.job, False)]


def test_what_heal_submits_itself_is_no_reason_to_ask(cluster: Cluster, looks: list[datetime]) -> None:
    # Given an array of a heal run in the project, of which all fail
    for job in cluster.array(12):
        cluster.slurm.put(replace(cluster.slurm.jobs[job], workdir="/data"))
    cluster.pass_time(60)
    before = len(looks)
    for job in [*cluster.slurm.jobs]:
        cluster.killed(job, 100, 110)
        cluster.slurm.put(replace(cluster.slurm.jobs[job], workdir="/data"))
    # When one of it runs again, comes home, and the rest follows
    for _ in range(4):
        cluster.pass_time(60)
    [first] = cluster.slurm.submissions
    cluster.come_home(f"1001_{first.array[0]}")
    for _ in range(3):
        cluster.pass_time(60)
    # Then all of that was known, and accounting was not asked for strangers
    assert (len(cluster.slurm.submissions), len(looks)) == (2, before)
    assert {job.partition("_")[0] for job in follows(cluster)} == {"1002"}


def test_a_project_that_is_registered_later_has_its_own_jobs(cluster: Cluster, looks: list[datetime]) -> None:
    # Given a job that lies elsewhere, which was seen, and one that was put back there later
    runs(cluster, "7", "/else")
    cluster.pass_time(60)
    project(cluster, "/else")
    cluster.pass_time(60)
    assert follows(cluster) == []
    # When it is put back, and another one is submitted
    runs(cluster, "7", "/else")
    runs(cluster, "8", "/else")
    for _ in range(4):
        cluster.pass_time(60)
    assert follows(cluster) == ["7", "8"]


@pytest.mark.parametrize("again", ["/data", "/else"])
def test_what_is_registered_later_forgets_no_job_of_a_project(
    cluster: Cluster, looks: list[datetime], again: str
) -> None:
    # Given a job of a project that heal has not come upon, and beside it one of a folder that is no project
    runs(cluster, "7")
    runs(cluster, "8", "/else")
    cluster.now += timedelta(seconds=3)
    # When the project is registered once more, or another one is
    project(cluster, again)
    for _ in range(4):
        cluster.pass_time(60)
    # Then the job is followed, and what nobody had asked heal to look after is not
    assert follows(cluster) == ["7"]


def test_a_project_in_a_project_counts_from_when_the_outer_one_was_registered(
    cluster: Cluster, looks: list[datetime]
) -> None:
    runs(cluster, "7", "/data/in")
    cluster.now += timedelta(seconds=3)
    project(cluster, "/data/in")
    cluster.pass_time(60)
    assert follows(cluster) == ["7"]


def test_registering_a_project_again_costs_no_question(cluster: Cluster, looks: list[datetime]) -> None:
    runs(cluster, "7")
    cluster.pass_time(60)
    before = len(looks)
    project(cluster)
    for _ in range(6):
        cluster.pass_time(60)
    assert (follows(cluster), len(looks)) == (["7"], before)


def test_a_job_that_was_put_back_is_asked_about_once(cluster: Cluster, looks: list[datetime]) -> None:
    runs(cluster, "7")
    cluster.pass_time(60)
    # Given a job that is followed, and that the site puts back an hour later
    cluster.pass_time(3600)
    runs(cluster, "7")
    cluster.slurm.put(replace(cluster.slurm.jobs["7"], restarts=1))
    for _ in range(4):
        cluster.pass_time(60)
    asked, before = cluster.slurm.questions, len(looks)
    # When more time passes
    for _ in range(6):
        cluster.pass_time(60)
    # Then it is known that it is the same, and only the queue is asked
    assert (follows(cluster), len(looks)) == (["7"], before)
    assert cluster.slurm.questions - asked <= 8


def test_what_was_found_before_heal_began_anew_is_followed_once(cluster: Cluster, looks: list[datetime]) -> None:
    for job in ("7", "8_1", "8_2"):
        runs(cluster, job)
    cluster.pass_time(60)
    cluster.loop = Loop(cluster.parts, Scope)
    for _ in range(3):
        cluster.pass_time(60)
    assert follows(cluster) == ["7", "8_1", "8_2"]
