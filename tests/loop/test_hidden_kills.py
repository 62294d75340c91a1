"""Jobs that SLURM calls completed and whose log alone tells of a kill: a warning, once, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.loop.test_jobs import Cluster, registered

from heal.evidence.scan import Scanner
from heal.jobs import JobFacts, JobState, Step
from heal.knowledge.patterns import load
from heal.loop import Loop, hidden_kills
from heal.settings import Settings, Slurm
from heal.shipped import shipped
from heal.store import Scope, Store

SAID = "its script ended with 0, but a program of it was killed, says its log: job.sh: line 2: 7 Killed star"
LINE = "job.sh: line 2: 7 Killed                  star\n"


@pytest.fixture
def cluster(tmp_path: Path, cache: Path) -> Iterator[Cluster]:
    library = load([shipped("patterns")], cache_dir=cache)
    with Store.open(tmp_path / "heal.db") as store:
        yield Cluster(tmp_path, store, library, Scanner(library, cache))


def goes_well(cluster: Cluster, job: str, log: Path, *steps: Step) -> None:
    """SLURM says that the job ended with 0, and where its log is."""
    known = replace(cluster.slurm.jobs[job], log_paths=(str(log),), steps=steps, source="scontrol and sacct")
    cluster.slurm.put(replace(known, state=JobState.COMPLETED, state_text="COMPLETED", exit_code=0))


def told(cluster: Cluster) -> list[tuple[str, str]]:
    return [(one.job, one.said) for one in reversed(cluster.store.warnings(100)[1])]


def test_a_kill_that_its_log_alone_tells_of_is_a_warning(cluster: Cluster, tmp_path: Path) -> None:
    # Given a job whose script minds no killed child
    cluster.submitted("7")
    log = tmp_path / "7.out"
    log.write_text(f"aligning\n{LINE}done\n", encoding="utf-8")
    goes_well(cluster, "7", log)
    before = cluster.slurm.questions
    cluster.pass_time()
    asked = cluster.slurm.questions - before
    # Then that is told, it is no failure, and heal is done
    assert told(cluster) == [("7", SAID)]
    assert (cluster.states(), cluster.slurm.submissions, cluster.loop.busy()) == ([], [], False)
    assert [(one.ok, one.ended is not None) for one in cluster.store.attempts("r1", "7")] == [(True, True)]
    # And neither a later turn nor another heal tells it again, or asks anybody for it
    cluster.pass_time()
    cluster.loop = Loop(cluster.parts, Scope)
    cluster.pass_time()
    assert (told(cluster), cluster.slurm.questions - before) == ([("7", SAID)], asked)


def test_of_a_job_that_heal_found_ended_the_log_is_where_its_controller_says(cluster: Cluster, tmp_path: Path) -> None:
    # Given a job that heal comes upon once it has ended, and where accounting alone takes its log to be
    log, guess = tmp_path / "a b.log", str(tmp_path / "slurm-7.out")
    log.write_text(LINE, encoding="utf-8")
    cluster.parts = replace(cluster.parts, discovers=True)
    cluster.loop = Loop(cluster.parts, Scope)
    cluster.store.take(registered("/data", cluster.now))
    at = cluster.now.astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
    job = JobFacts("7", JobState.COMPLETED, "COMPLETED", exit_code=0, name="star", workdir="/data", submitted=at)
    cluster.slurm.put(replace(job, log_paths=(str(log),), source="scontrol and sacct"))
    cluster.slurm.recent = lambda _since, _known={}: (  # type: ignore[method-assign]
        replace(job, log_paths=(guess,), source="sacct"),
    )
    # When it is found, and its end is asked about
    for _ in range(3):
        cluster.pass_time(60)
    # Then the log that the controller names is read
    assert [one.log_paths for one in cluster.store.of_job("7")] == [(str(log),)]
    assert told(cluster) == [("7", SAID)]


def test_by_no_rule_of_a_project_it_is_a_failure(cluster: Cluster, tmp_path: Path) -> None:
    cluster.settings = Settings(home=tmp_path, slurm=Slurm(failed_step_fails=True))
    cluster.submitted("7")
    (tmp_path / "7.out").write_text(LINE, encoding="utf-8")
    goes_well(cluster, "7", tmp_path / "7.out")
    cluster.pass_time()
    assert (told(cluster), cluster.states()) == ([("7", SAID)], [])


def test_what_the_books_told_of_is_not_told_again_by_the_log(cluster: Cluster, tmp_path: Path) -> None:
    cluster.submitted("7")
    (tmp_path / "7.out").write_text(LINE, encoding="utf-8")
    goes_well(cluster, "7", tmp_path / "7.out", Step("7.0", JobState.FAILED, "FAILED", 137, None))
    cluster.pass_time()
    assert told(cluster) == [("7", "its script ended with 0, but its step 0 failed with exit code 137")]


def test_the_log_of_a_job_that_failed_is_not_looked_at_here(cluster: Cluster, tmp_path: Path) -> None:
    cluster.submitted("7")
    (tmp_path / "7.out").write_text(LINE, encoding="utf-8")
    goes_well(cluster, "7", tmp_path / "7.out")
    cluster.slurm.end("7", JobState.FAILED, 137)
    cluster.pass_time()
    assert told(cluster) == []


def test_an_array_that_goes_well_is_read_in_portions(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an array of more elements than are read in a turn, one of the last of which hides a kill
    monkeypatch.setattr(hidden_kills, "_MOST", 10)
    jobs = cluster.array(25)
    for job in jobs:
        (tmp_path / job).write_text(LINE if job == "100_24" else "done\n", encoding="utf-8")
        goes_well(cluster, job, tmp_path / job)
    # When they end all at once, then heal stays until the last is read
    cluster.pass_time()
    assert (told(cluster), cluster.loop.busy()) == ([], True)
    cluster.pass_time(1)
    assert cluster.loop.busy()
    cluster.pass_time(1)
    assert (told(cluster), cluster.loop.busy()) == ([("100_24", SAID)], False)


def test_a_line_of_a_log_that_elements_share_is_told_once(cluster: Cluster, tmp_path: Path) -> None:
    jobs = cluster.array(5)
    (tmp_path / "all.out").write_text(LINE, encoding="utf-8")
    for job in jobs:
        goes_well(cluster, job, tmp_path / "all.out")
    cluster.pass_time()
    assert told(cluster) == [("100_1", SAID)]


def test_logs_on_a_file_system_that_hangs_hold_nobody_up(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a log whose reading does not come back
    answers = threading.Event()
    monkeypatch.setattr(hidden_kills, "_PATIENCE_S", 0.01)
    monkeypatch.setattr(hidden_kills, "_kill_in", lambda _attempt: answers.wait(600))
    cluster.loop = Loop(cluster.parts, Scope)
    cluster.submitted("7")
    goes_well(cluster, "7", tmp_path / "7.out")
    # When its job ends, then that is known, and heal is done
    cluster.pass_time()
    ends = [one.ok for one in cluster.store.attempts("r1", "7")]
    busy = cluster.loop.busy()
    answers.set()
    assert (ends, busy) == ([True], False)
