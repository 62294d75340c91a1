"""Logs that another host wrote and that are seen here later: what a job died of is not told before they had their time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.loop.test_jobs import RUN, Cluster

from heal.jobs import JobFacts, JobState
from heal.journal import Diagnosed, State
from heal.records import Event, Label, TaskRef
from heal.settings import Settings

DIED = "MemoryError\n"


def fails(cluster: Cluster, log: Path, state: JobState = JobState.FAILED) -> None:
    """A job ends on a node, whose output goes to a log."""
    cluster.submitted("100")
    ended = cluster.now.astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
    over = replace(cluster.slurm.jobs["100"], state=state, state_text=state.name, exit_code=1, elapsed_s=9)
    cluster.slurm.put(replace(over, nodes="n1", ended=ended, log_paths=(str(log),)))


def causes(cluster: Cluster) -> list[Label | None]:
    return [body.diagnosis.label for body in cluster.told if isinstance(body, Diagnosed)]


@pytest.mark.parametrize("there", [False, True])
def test_a_log_that_comes_late_is_waited_for(cluster: Cluster, tmp_path: Path, there: bool) -> None:
    # Given a job that failed, whose log is not there yet, or holds nothing yet
    log = tmp_path / "job.log"
    if there:
        log.touch()
    fails(cluster, log)
    for _ in range(5):
        cluster.pass_time(5)
    # Then it is not said why it failed, and heal goes on looking
    assert (causes(cluster), cluster.states(), cluster.loop.busy()) == ([], [], True)
    # When the log is seen
    log.write_text(DIED)
    cluster.pass_time(5)
    # Then it tells, and the job runs again for that
    assert (causes(cluster), cluster.states()) == ([Label.OUT_OF_MEMORY], [State.OBSERVING])


def test_a_log_that_never_comes_is_waited_for_a_minute(cluster: Cluster, tmp_path: Path) -> None:
    fails(cluster, tmp_path / "job.log")
    for _ in range(5):
        cluster.pass_time(10)
    assert causes(cluster) == []
    cluster.pass_time(10)
    assert (causes(cluster), len(cluster.states())) == ([Label.UNKNOWN], 1)


def test_nobody_else_waits_for_it(cluster: Cluster, tmp_path: Path) -> None:
    # Given a job whose log is not there yet
    fails(cluster, tmp_path / "job.log")
    # When another one fails, of which SLURM says why
    cluster.watched("200")
    cluster.killed("200", 100, 110)
    cluster.pass_time(5)
    # Then that one is healed at once
    assert [submission.job for submission in cluster.slurm.submissions] == ["200"]


@pytest.mark.parametrize("state", [JobState.TIMEOUT, JobState.NODE_FAIL, JobState.CANCELLED])
def test_where_slurm_says_why_no_log_is_waited_for(cluster: Cluster, tmp_path: Path, state: JobState) -> None:
    fails(cluster, tmp_path / "job.log", state)
    cluster.pass_time(5)
    assert len(causes(cluster)) == 1


def test_an_end_of_long_ago_is_explained_at_once(cluster: Cluster, tmp_path: Path) -> None:
    # Given a job that ended while no heal ran
    fails(cluster, tmp_path / "job.log")
    cluster.now += timedelta(hours=1)
    cluster.pass_time(5)
    assert causes(cluster) == [Label.UNKNOWN]


def test_what_is_no_file_is_not_waited_for(cluster: Cluster) -> None:
    fails(cluster, Path("/dev/null"))
    cluster.pass_time(5)
    assert causes(cluster) == [Label.UNKNOWN]


def test_an_engine_that_is_held_back_is_not_kept_beyond_its_time(cluster: Cluster, tmp_path: Path) -> None:
    # Given an engine that waits twenty seconds for an answer about a job whose log is not there yet
    cluster.settings = Settings(home=tmp_path, in_flight={"wait_seconds": 20})
    cluster.store.take(Event("e:run", "run_started", cluster.now, "runner", RUN))
    task = TaskRef("align", "align", 1, "7", "/data", (str(tmp_path / "7.log"),))
    facts = {"process": "align", "asks": "a1", "asks_until": (cluster.now + timedelta(seconds=20)).isoformat()}
    cluster.slurm.put(JobFacts("7", JobState.FAILED, "FAILED", exit_code=1, nodes="n1", elapsed_s=9))
    cluster.store.take(Event("e:7", "task_failed", cluster.now, "snakemake", RUN, task, facts))
    cluster.pass_time(5)
    assert causes(cluster) == []
    cluster.pass_time(5)
    assert causes(cluster) == [Label.UNKNOWN]
