"""What Nextflow is told of a job that was killed: only what is proven, only where nothing is, only after a while."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heal.engines.nextflow_exitcode import SETTLES, NextflowExit, proven
from heal.jobs import JobFacts, JobState

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
EARLIER = (NOW - timedelta(minutes=1)).astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
KILLED = JobFacts("7", JobState.FAILED, "FAILED", signal=9, ended=EARLIER, source="scontrol and sacct")


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    (tmp_path / ".command.run").write_text("#!/bin/bash\n")
    return tmp_path


@pytest.mark.parametrize(
    ("job", "code"),
    [
        (KILLED, 137),
        (replace(KILLED, signal=11), 139),
        (replace(KILLED, state=JobState.OUT_OF_MEMORY, signal=125), 137),
        (replace(KILLED, signal=125), 137),
        (replace(KILLED, state=JobState.TIMEOUT, signal=None), 140),
        (replace(KILLED, signal=None, exit_code=3), 3),
        (replace(KILLED, signal=None, exit_code=9, source="sacct"), None),
        (replace(KILLED, signal=53), None),
        (replace(KILLED, signal=None), None),
        (replace(KILLED, final=False), None),
        (replace(KILLED, state=JobState.NODE_FAIL), None),
        (replace(KILLED, state=JobState.CANCELLED, signal=15), None),
        (replace(KILLED, state=JobState.PREEMPTED, signal=15), None),
        (replace(KILLED, state=JobState.COMPLETED, signal=None, exit_code=0), None),
        (replace(KILLED, state=JobState.RUNNING, signal=None), None),
        (replace(KILLED, state=JobState.UNKNOWN), None),
    ],
)
def test_only_an_end_that_the_books_prove_has_a_code(job: JobFacts, code: int | None):
    assert proven(job) == code


def test_it_is_written_once_and_whole(workdir: Path):
    exits = NextflowExit()
    # Given a killed job, and a folder without its exit code
    assert exits.owed(str(workdir), KILLED, NOW) == 137
    assert exits.write(str(workdir), 137) == f"wrote 137 to {workdir}/.exitcode"
    # Then it is there as Nextflow's wrapper writes it, and nothing is left beside it
    assert (workdir / ".exitcode").read_text() == "137"
    assert {path.name for path in workdir.iterdir()} == {".command.run", ".exitcode"}
    assert exits.owed(str(workdir), KILLED, NOW) is None


def test_never_over_one_that_is_there(workdir: Path):
    (workdir / ".exitcode").write_text("0")
    exits = NextflowExit()
    assert exits.owed(str(workdir), KILLED, NOW) is None
    # Not even where it came between the look and the writing
    assert exits.write(str(workdir), 137) == f"{workdir}/.exitcode is there by now"
    assert (workdir / ".exitcode").read_text() == "0"
    # Nor where what is there is a link that leads nowhere
    (workdir / ".exitcode").unlink()
    (workdir / ".exitcode").symlink_to("/nowhere/at/all")
    assert exits.write(str(workdir), 137) == f"{workdir}/.exitcode is there by now"
    assert {path.name for path in workdir.iterdir()} == {".command.run", ".exitcode"}


def test_not_before_the_node_had_the_time_to_write_it(workdir: Path):
    over = datetime.fromisoformat(EARLIER).astimezone()
    exits = NextflowExit()
    assert exits.owed(str(workdir), KILLED, over + SETTLES - timedelta(seconds=1)) is None
    assert exits.owed(str(workdir), KILLED, over + SETTLES) == 137
    assert exits.owed(str(workdir), replace(KILLED, ended=""), NOW) is None


def test_only_in_a_work_folder_of_nextflow_that_is_ones_own(workdir: Path, tmp_path_factory: pytest.TempPathFactory):
    exits = NextflowExit()
    other = tmp_path_factory.mktemp("no-task")
    assert exits.owed(str(other), KILLED, NOW) is None
    assert exits.owed(str(other / "gone"), KILLED, NOW) is None
    assert exits.owed("relative", KILLED, NOW) is None
    (other / "link").symlink_to(workdir)
    assert exits.owed(str(other / "link"), KILLED, NOW) is None
    (workdir / ".command.run").unlink()
    (workdir / ".command.run").symlink_to("/bin/true")
    assert exits.owed(str(workdir), KILLED, NOW) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_not_in_somebody_elses_folder(workdir: Path):
    os.chown(workdir, 12345, 12345)
    assert NextflowExit().owed(str(workdir), KILLED, NOW) is None


def test_what_cannot_be_written_is_said_and_raises_nothing(tmp_path: Path):
    said = NextflowExit().write(str(tmp_path / "gone"), 137)
    assert said.startswith(f"{tmp_path}/gone/.exitcode cannot be written: ")
