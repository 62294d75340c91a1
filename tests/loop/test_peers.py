"""What a first raise knows of others of its process: by heal's own store, and by accounting where that knows too few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.loop.test_jobs import RUN, Cluster

from heal.evidence.scan import Scanner
from heal.jobs import JobFacts, JobState
from heal.journal import Proposed
from heal.knowledge.patterns import Library
from heal.records import Event, TaskRef
from heal.store import Store


class Lab(Cluster):
    """A cluster with accounting, which remembers jobs that heal never heard of."""

    def accounted(self, job: str, peak: float, name: str = "plink", folder: str = "/data") -> None:
        """A job that ended well, a week ago."""
        at = (self.now - timedelta(days=7)).replace(tzinfo=None).isoformat()
        self.slurm.put(
            JobFacts(
                job,
                JobState.COMPLETED,
                "COMPLETED",
                0,
                peak_mb=peak,
                name=name,
                workdir=folder,
                submitted=at,
                source="fake",
            )
        )

    def dies(self, job: str) -> None:
        """A job of the run dies for its memory, early."""
        self.submitted(job)
        self.slurm.put(
            JobFacts(
                job,
                JobState.OUT_OF_MEMORY,
                "OUT_OF_MEMORY",
                asked_mb=100,
                peak_mb=99,
                name="plink",
                workdir="/data",
                submitted=self.now.replace(tzinfo=None).isoformat(),
                source="fake",
            )
        )
        self.pass_time()

    def whys(self) -> list[str]:
        return [body.fix.why for body in self.told if isinstance(body, Proposed)]


@pytest.fixture
def lab(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[Lab]:
    with Store.open(tmp_path / "heal.db") as store:
        yield Lab(tmp_path, store, *reader)


def test_accounting_tells_what_earlier_jobs_of_the_process_needed(lab: Lab) -> None:
    # Given jobs that heal never heard of: of the process, of another one, in another folder, and of no name
    for number, peak in enumerate((300.0, 390.0, 310.0, 350.0)):
        lab.accounted(f"8{number}", peak)
    lab.accounted("90", 9000, name="bwa")
    lab.accounted("91", 9000, folder="/elsewhere")
    # When the first one that heal hears of dies for its memory
    lab.dies("100")
    # Then it gets what the largest of its like needed and half of it more, and that is said
    assert lab.sizes() == [590.0]
    assert lab.whys() == ["asked 100 MB, peaked at 99 MB; 4 earlier ones peaked at 300-390 MB"]
    assert lab.slurm.looked_back == 1


def test_a_second_raise_is_told_the_same_and_asks_nobody(lab: Lab) -> None:
    lab.accounted("80", 120)
    lab.dies("100")
    lab.slurm.put(
        replace(lab.slurm.jobs["1001"], state=JobState.OUT_OF_MEMORY, peak_mb=lab.slurm.jobs["1001"].asked_mb)
    )
    lab.pass_time()
    assert lab.whys() == [
        "asked 100 MB, peaked at 99 MB; an earlier one peaked at 120 MB",
        "asked 180 MB, peaked at 180 MB; an earlier one peaked at 120 MB",
    ]
    assert lab.slurm.looked_back == 1


def test_accounting_that_is_silent_holds_nothing_up(lab: Lab) -> None:
    # Given an accounting that does not answer, or heal's ceiling
    lab.slurm.forgetful = True
    lab.accounted("80", 390)
    lab.dies("100")
    # Then the raise is what the job itself asks for
    assert (lab.sizes(), lab.whys()) == ([150.0], ["asked 100 MB, peaked at 99 MB"])


def test_nobody_is_asked_where_the_run_tells_enough_or_many_failed(lab: Lab) -> None:
    lab.accounted("80", 9000)
    jobs = lab.array(24)
    lab.come_home(*jobs[:3])
    for job in jobs[:3]:
        lab.slurm.put(
            JobFacts(
                job, JobState.COMPLETED, "COMPLETED", 0, peak_mb=120, name="plink", submitted="2026-11-24T12:00:00"
            )
        )
    for job in jobs[3:]:
        lab.killed(job, 100, 99)
    lab.pass_time()
    assert lab.slurm.looked_back == 0
    assert lab.whys() == ["asked 100 MB, peaked at 99 MB; the other 3 peaked at 120 MB"]


def test_those_with_inputs_of_its_size_count_alone(lab: Lab, tmp_path: Path) -> None:
    # Given tasks that ended well, three with a small input and three with a large one
    (tmp_path / "small.fq").write_bytes(b"x")
    (tmp_path / "large.fq").write_bytes(b"x" * 3_000_000)
    lab.store.take(Event("e:run", "run_started", lab.now, "runner", RUN))
    for number in range(6):
        small, job = number % 2 == 1, f"8{number}"
        _ended(lab, "task_finished", job, tmp_path, "small.fq" if small else "large.fq")
        lab.accounted(job, 150.0 + number if small else 900.0)
    # When one with a small input dies for its memory
    _ended(lab, "task_failed", "100", tmp_path, "small.fq")
    lab.dies("100")
    # Then the small ones tell what it needs
    assert lab.whys() == ["asked 100 MB, peaked at 99 MB; the other 3 with inputs of its size peaked at 151-155 MB"]


def _ended(lab: Lab, kind: str, job: str, folder: Path, file: str) -> None:
    task = TaskRef("plink", job, 1, job, str(folder))
    lab.store.take(Event(f"e:{job}", "task_submitted", lab.now, "runner", RUN, task, {"process": "plink"}))
    lab.store.take(Event(f"e:{job}:end", kind, lab.now, "runner", RUN, task, {"input": [file]}))
