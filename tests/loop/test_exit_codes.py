"""Jobs of SLURM that Nextflow follows: heal asks about them, tells Nextflow what it cannot see, and ends none itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.fakes.scheduler import FakeScheduler

from heal.engines.nextflow_exitcode import NextflowExit
from heal.evidence.history import History
from heal.evidence.looking import Looker
from heal.evidence.scan import Scanner
from heal.home.spool import Spool
from heal.jobs import JobFacts, JobState
from heal.knowledge.patterns import load
from heal.loop import Loop, Parts
from heal.records import Event, RunRef, TaskRef
from heal.sections import Nextflow
from heal.settings import Settings
from heal.shipped import shipped
from heal.store import Scope, Store

START = datetime(2026, 11, 29, 12, tzinfo=UTC)
RUN = RunRef("s.name", "nextflow", "/data", ("nextflow", "run", "main.nf"), 4711)


def local(at: datetime) -> str:
    """A time as SLURM prints it."""
    return at.astimezone().replace(tzinfo=None).isoformat(timespec="seconds")


@dataclass
class Site:
    """One task of a Nextflow on a scripted SLURM. ``alive``: whether Nextflow is."""

    workdir: Path
    store: Store
    loop: Loop = field(init=False)
    slurm: FakeScheduler = field(default_factory=FakeScheduler)
    now: datetime = START
    alive: bool = True
    ends_while_heal_reads: bool = False
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.settings = Settings(home=self.workdir)
        library = load([shipped("patterns/time")])
        parts = Parts(
            store=self.store,
            spools=self.spools,
            engines={},
            slurm=self.slurm,
            submitter=self.slurm,
            local=FakeScheduler(),
            library=library,
            reader=Scanner(library, self.workdir / "cache"),
            settings_for=lambda _folder: self.settings,
            alive=lambda _run: self.alive,
            clock=lambda: self.now,
            tell=lambda _incident, _body: None,
            machine=Looker(),
            history=History(),
            exits=NextflowExit(),
        )
        self.loop = Loop(parts, Scope)
        (self.workdir / ".command.run").write_text("#!/bin/bash\n")

    def spools(self) -> list[Spool]:
        self.alive = self.alive and not self.ends_while_heal_reads
        return []

    def submitted(self, executor: str = "slurm") -> None:
        self.store.take(Event("e:run", "run_started", self.now, "nextflow", RUN))
        task = TaskRef("A", "A", 1, "7", str(self.workdir))
        facts = {"process": "A", "executor": executor}
        self.store.take(Event("e:task", "task_submitted", self.now, "nextflow", RUN, task, facts))
        self.slurm.put(JobFacts("7", JobState.RUNNING, "RUNNING", submitted=local(self.now)))

    def killed(self) -> None:
        job = replace(self.slurm.jobs["7"], state=JobState.FAILED, state_text="FAILED", signal=9)
        self.slurm.put(replace(job, ended=local(self.now), source="scontrol and sacct"))

    def turn(self, later_s: float = 0.0) -> None:
        self.now += timedelta(seconds=later_s)
        self.loop.turn()

    @property
    def written(self) -> str | None:
        file = self.workdir / ".exitcode"
        return file.read_text() if file.exists() else None

    @property
    def ended(self) -> list[bool | None]:
        return [one.ok for one in self.store.attempts(RUN.id, "A")]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    store = Store.open(tmp_path / "heal.db")
    try:
        yield Site(tmp_path, store)
    finally:
        store.close()


def test_nextflow_is_told_how_a_killed_job_ended(site: Site):
    site.submitted()
    site.turn()
    site.now += timedelta(seconds=60)
    site.killed()
    # Not at once: the node may still be about to write it
    site.turn(2)
    assert site.written is None
    # Then once it is due
    site.turn(16)
    assert site.written == "137"
    # And it was noted ahead, and the end is left to Nextflow to tell
    assert site.store.last_event("heal", "exitcode_written") == site.now
    assert site.ended == [None]


def test_of_a_nextflow_that_is_gone_heal_tells_the_end_itself(site: Site):
    site.submitted()
    site.turn()
    site.alive = False
    site.turn(60)
    site.killed()
    site.turn(600)
    assert site.written is None
    assert site.ended == [False]


def test_what_a_nextflow_said_last_is_read_before_slurm_is_believed(site: Site):
    # Given a Nextflow that tells of a job and ends, after heal has read what there was and before SLURM is asked
    site.submitted()
    site.turn()
    site.killed()
    site.ends_while_heal_reads = True
    site.turn(60)
    # Then heal reads on first, and takes SLURM's word when there was nothing
    assert (site.alive, site.ended) == (False, [None])
    site.turn(600)
    assert site.ended == [False]


def test_what_slurm_cannot_prove_yet_is_asked_about_again(site: Site):
    site.submitted()
    site.turn()
    site.now += timedelta(seconds=60)
    # Given a SLURM one of whose sides lags behind
    site.killed()
    proven = site.slurm.jobs["7"]
    site.slurm.put(replace(proven, final=False))
    site.turn(2)
    site.turn(30)
    assert site.written is None
    # When it has caught up
    site.slurm.put(proven)
    site.turn(30)
    assert site.written == "137"


def test_a_setting_turns_it_off(site: Site):
    site.settings = site.settings.model_copy(update={"nextflow": Nextflow(write_exitcode=False)})
    site.submitted()
    site.killed()
    site.turn(60)
    site.turn(60)
    assert (site.written, site.ended) == (None, [None])


def test_what_nextflow_has_told_meanwhile_is_left_alone(site: Site):
    site.submitted()
    site.killed()
    site.turn(5)
    task = TaskRef("A", "A", 1, "7", str(site.workdir))
    site.store.take(Event("e:end", "task_failed", site.now, "nextflow", RUN, task, {"will_retry": True}))
    asked = site.slurm.questions
    site.turn(200)
    site.turn(200)
    assert site.slurm.questions == asked
    assert (site.written, site.ended) == (None, [False])


def test_tasks_of_this_machine_are_not_asked_about(site: Site):
    site.submitted(executor="local")
    assert site.store.watched() == ()
