"""A pattern that was learnt from a failure here acts by itself until it was wrong, and again once a yes to it healed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.live.pipelines import DEPOT
from tests.loop.test_jobs import RUN, Cluster

from heal.evidence.scan import Scanner
from heal.jobs import JobState
from heal.journal import State
from heal.knowledge.patterns import load
from heal.records import Event, TaskRef
from heal.store import Store


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    own = tmp_path / "patterns" / "network" / "depot.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(DEPOT.replace("label:", "learnt: 2026-11-01\nlabel:"))
    library = load([tmp_path / "patterns"])
    with Store.open(tmp_path / "heal.db") as store:
        yield Cluster(tmp_path, store, library, Scanner(library, tmp_path / "cache"))


def fails(cluster: Cluster, job: str) -> None:
    """A job that is known ends, and its log says what the pattern knows."""
    log = cluster.folder / f"{job}.log"
    log.write_text("hello\nthe depot is busy, come again\n")
    over = replace(cluster.slurm.jobs[job], state=JobState.FAILED, state_text="FAILED", exit_code=1)
    cluster.slurm.put(replace(over, log_paths=(str(log),)))
    for _ in range(3):
        cluster.pass_time()


def submitted(cluster: Cluster, job: str) -> None:
    """A job of a run of its own."""
    run = replace(RUN, id=f"r{job}")
    task = TaskRef("plink", job, 1, job, "/data")
    cluster.store.take(Event(f"e:{job}:run", "run_started", cluster.now, "runner", run))
    cluster.store.take(Event(f"e:{job}", "task_submitted", cluster.now, "runner", run, task, {"process": "plink"}))
    cluster.run(job)


def test_a_learnt_pattern_that_was_wrong_only_asks(cluster: Cluster) -> None:
    # Given a job that was tried again for what a learnt pattern says, and failed the same way
    submitted(cluster, "100")
    fails(cluster, "100")
    assert (cluster.states(), len(cluster.slurm.submissions)) == ([State.OBSERVING], 1)
    fails(cluster, "1001")
    assert (cluster.states(), len(cluster.slurm.submissions)) == ([State.GIVEN_UP], 1)
    # Then another one that fails that way is not tried again without a yes
    submitted(cluster, "300")
    fails(cluster, "300")
    assert (cluster.states(), len(cluster.slurm.submissions)) == ([State.GIVEN_UP, State.WAITING], 1)
    # When a person says yes, and it comes home
    [incident] = cluster.loop.waiting()
    assert cluster.loop.answer(incident, accept=True, by="ada")
    cluster.pass_time()
    cluster.come_home("1002")
    cluster.pass_time()
    # Then the next one is tried again without asking
    submitted(cluster, "400")
    fails(cluster, "400")
    assert (cluster.states(), len(cluster.slurm.submissions)) == (
        [State.GIVEN_UP, State.HEALED, State.OBSERVING],
        3,
    )
