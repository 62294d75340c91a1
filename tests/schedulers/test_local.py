"""What the machine knows: exit codes, signals, and whom the kernel killed."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heal.jobs import JobFacts, JobState
from heal.records import Attempt
from heal.schedulers.local import Kill, Local, parse_kills

BOOT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
# /dev/kmsg of Linux 6.1 and 5.4 (before UID:), and of a cgroup that was full
KMSG = """6,901,100000000,-;eth0: link up
3,902,3600000000,-;Out of memory: Killed process 4242 (samtools) total-vm:9000000kB, anon-rss:8388608kB, file-rss:4kB, shmem-rss:0kB, UID:0 pgtables:100kB oom_score_adj:0
3,903,4600000000,-;Memory cgroup out of memory: Killed process 77 (R (x)) total-vm:200kB, anon-rss:1024kB, file-rss:0kB, shmem-rss:0kB
3,904,4600000001,-;oom_reaper: reaped process 77 (R), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB
6,905,5600000000,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=task_0,mems_allowed=0,oom_memcg=/system.slice/slurmstepd.scope/job_31,task_memcg=/system.slice/slurmstepd.scope/job_31/step_batch/user/task_0,task=STAR,pid=88,uid=0
3,906,5600000001,-;Memory cgroup out of memory: Killed process 88 (STAR) total-vm:200kB, anon-rss:2048kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:100kB oom_score_adj:0
"""


def attempt(exit_code: int, start: timedelta, *, ok: bool = False, **facts: object) -> Attempt:
    return Attempt(
        id=5,
        run_id="run",
        lineage="run",
        engine="snakemake",
        key="sort:1",
        name="sort (1)",
        process="sort",
        log_paths=("logs/sort.log",),
        asked={"memory_mb": 4000, "time_min": 30, "cpus": 2},
        submitted=BOOT + start,
        ended=BOOT + start + timedelta(minutes=5),
        ok=ok,
        facts={"exit": exit_code, **facts},
    )


@pytest.fixture
def machine(tmp_path: Path) -> Local:
    (tmp_path / "kmsg").write_text(KMSG)
    return Local(tmp_path / "kmsg", BOOT)


def test_kills_are_read_with_time_and_resident_memory() -> None:
    assert parse_kills(KMSG, BOOT) == (
        Kill(BOOT + timedelta(hours=1), 4242, "samtools", 8192.0, 0),
        Kill(BOOT + timedelta(seconds=4600), 77, "R (x)", 1.0, None),
        Kill(BOOT + timedelta(seconds=5600, microseconds=1), 88, "STAR", 2.0, 0, slurm_job="31"),
    )


@pytest.mark.skipif(os.getuid() != 0, reason="the recorded kill is root's")
def test_a_task_killed_for_memory_is_out_of_memory(machine: Local) -> None:
    assert machine.facts([attempt(137, timedelta(minutes=58))])["local:5"] == JobFacts(
        job="local:5",
        state=JobState.OUT_OF_MEMORY,
        state_text="killed by the kernel: out of memory",
        exit_code=137,
        signal=9,
        asked_mb=4000,
        peak_mb=8192.0,
        limit_s=1800,
        elapsed_s=300,
        cpus=2,
        name="sort (1)",
        submitted="2026-11-24T12:58:00+00:00",
        log_paths=("logs/sort.log",),
        source="kernel log",
    )


def test_another_tasks_kill_is_not_this_ones(machine: Local) -> None:
    facts = machine.facts([attempt(137, timedelta(minutes=10))])["local:5"]
    assert (facts.state, facts.signal, facts.peak_mb, facts.source) == (JobState.FAILED, 9, None, "event")


@pytest.mark.parametrize(("exit_code", "signal"), [(139, 11), (6, None), (1, None)])
def test_a_task_that_ended_in_another_way_was_not_the_one_killed(
    machine: Local, exit_code: int, signal: int | None
) -> None:
    facts = machine.facts([attempt(exit_code, timedelta(minutes=58))])["local:5"]
    assert (facts.state, facts.exit_code, facts.signal) == (JobState.FAILED, exit_code, signal)


@pytest.mark.skipif(os.getuid() != 0, reason="the recorded kill is root's")
def test_a_kill_in_a_job_of_slurm_is_no_local_tasks_unless_heal_is_in_that_job(
    machine: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = attempt(137, timedelta(seconds=5500))
    monkeypatch.setenv("SLURM_JOB_ID", "31")
    inside = machine.facts([killed])["local:5"].state
    monkeypatch.setenv("SLURM_JOB_ID", "32")
    elsewhere = machine.facts([killed])["local:5"].state
    monkeypatch.delenv("SLURM_JOB_ID")
    outside = machine.facts([killed])["local:5"].state
    assert (inside, elsewhere, outside) == (JobState.OUT_OF_MEMORY, JobState.FAILED, JobState.FAILED)


def test_a_task_that_came_home_is_completed(machine: Local) -> None:
    facts = machine.facts([attempt(0, timedelta(minutes=58), ok=True, peak_mb=12.5)])["local:5"]
    assert (facts.state, facts.exit_code, facts.signal, facts.peak_mb) == (JobState.COMPLETED, 0, None, 12.5)


@pytest.mark.parametrize(
    ("exit_code", "expected"), [(-9, (137, 9)), (1, (1, None)), (192, (192, 64)), (255, (255, None))]
)
def test_exit_codes_and_signals(tmp_path: Path, exit_code: int, expected: tuple[int, int | None]) -> None:
    facts = Local(tmp_path / "unreadable", BOOT).facts([attempt(exit_code, timedelta(0))])["local:5"]
    assert (facts.exit_code, facts.signal) == expected
