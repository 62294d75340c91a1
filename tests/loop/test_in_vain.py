"""Jobs that can never start while their engine waits for them, for both engines, on a scripted SLURM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.fakes.scheduler import FakeScheduler

from heal.evidence.history import History
from heal.evidence.looking import Looker
from heal.evidence.scan import Scanner
from heal.jobs import JobFacts, JobState, Limits
from heal.journal import Body, Diagnosed, Dismissed, Proposed, State, state_of
from heal.knowledge.patterns import load
from heal.loop import Loop, Parts
from heal.records import Event, Fix, FixKind, Incident, Label, RunRef, TaskRef
from heal.settings import Settings
from heal.shipped import shipped
from heal.store import Scope, Store

START = datetime(2026, 11, 30, 12, tzinfo=UTC)


def local(at: datetime) -> str:
    """A time as SLURM prints it."""
    return at.astimezone().replace(tzinfo=None).isoformat(timespec="seconds")


@dataclass
class Site:
    """Tasks of an engine on a scripted SLURM. ``alive``: whether the engine is."""

    folder: Path
    store: Store
    engine: str
    loop: Loop = field(init=False)
    parts: Parts = field(init=False)
    slurm: FakeScheduler = field(default_factory=FakeScheduler)
    now: datetime = START
    alive: bool = True
    told: list[Body] = field(default_factory=list)

    def __post_init__(self) -> None:
        library = load([shipped("patterns/time")])
        self.parts = Parts(
            store=self.store,
            spools=list,
            engines={},
            slurm=self.slurm,
            submitter=self.slurm,
            local=FakeScheduler(),
            library=library,
            reader=Scanner(library, self.folder / "cache"),
            settings_for=lambda _folder: Settings(home=self.folder),
            alive=lambda _run: self.alive,
            clock=lambda: self.now,
            tell=self.hear,
            machine=Looker(),
            history=History(),
        )
        self.reborn()
        self.store.take(Event("e:run", "run_started", self.now, self.engine, self.run))

    def reborn(self) -> None:
        """A heal that was killed, and the next one: all it knows is in the store."""
        self.loop = Loop(self.parts, Scope)

    def hear(self, _incident: Incident, body: Body) -> None:
        self.told.append(body)

    @property
    def run(self) -> RunRef:
        return RunRef("r1", self.engine, "/data", (self.engine, "run"), 4711)

    def task(self, job: str) -> TaskRef:
        return TaskRef(f"align ({job})", f"align:{job}", 1, job, "/data")

    def submitted(self, *jobs: str, reason: str = "Priority") -> None:
        for job in jobs:
            facts = {"process": "align", "executor": "slurm"}
            event = Event(f"e:{job}", "task_submitted", self.now, self.engine, self.run, self.task(job), facts)
            self.store.take(event)
            self.slurm.put(JobFacts(job, JobState.PENDING, "PENDING", reason=reason, submitted=local(self.now)))

    def says(self, kind: str, job: str) -> None:
        """The engine's own word on the end of a task."""
        self.store.take(Event(f"e:{kind}:{job}", kind, self.now, self.engine, self.run, self.task(job)))

    def waits_for(self, reason: str, *jobs: str) -> None:
        for job in jobs:
            self.slurm.put(replace(self.slurm.jobs[job], reason=reason))

    def starts(self, job: str) -> None:
        self.slurm.put(replace(self.slurm.jobs[job], state=JobState.RUNNING, state_text="RUNNING", reason="None"))

    def pass_time(self, *, minutes: int) -> None:
        for _ in range(minutes * 2):
            self.now += timedelta(seconds=30)
            self.loop.turn()

    def states(self) -> list[tuple[State, int]]:
        """Of all incidents, oldest first, each with the number of its tasks."""
        return [(state_of(bodies), one.tasks) for one, bodies in reversed(self.store.newest(100))]

    def dismissed(self) -> list[Dismissed]:
        return [body for body in self.told if isinstance(body, Dismissed)]


@pytest.fixture(params=["snakemake", "nextflow"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    store = Store.open(tmp_path / "heal.db")
    try:
        yield Site(tmp_path, store, request.param)
    finally:
        store.close()


ADVICE = {
    "snakemake": (
        "Ask for less time (scontrol update JobId=7 TimeLimit=…) or for another partition. "
        "Snakemake waits for it, and goes on once it can start. To give it up, end Snakemake (Ctrl-C), which cancels its "
        "jobs, and start it again with a request that fits: for a job that is only cancelled it may wait for ever."
    ),
    "nextflow": (
        "Ask for less time (scontrol update JobId=7 TimeLimit=…) or for another partition. "
        "Nextflow waits for it, and goes on once it can start. To give it up, cancel it (scancel 7): "
        "some minutes later Nextflow takes the task for failed, and its errorStrategy decides."
    ),
}


def test_a_job_that_its_engine_waits_for_in_vain_is_told_to_a_person(site: Site) -> None:
    # Given a job above the time that its partition allows, and its engine waits for it
    site.submitted("7", reason="PartitionTimeLimit")
    site.pass_time(minutes=1)
    assert site.states() == []
    # When it has waited for so long that nothing else can be meant
    site.pass_time(minutes=2)
    # Then a person is told what is wrong and what to do, and nothing is done
    assert site.states() == [(State.WAITING, 1)]
    [diagnosis] = [body.diagnosis for body in site.told if isinstance(body, Diagnosed)]
    assert (diagnosis.label, diagnosis.cause) == (
        Label.SCHEDULER_REJECTED,
        "The job waits and can never start: its time limit is above what the partition allows.",
    )
    [fix] = [body.fix for body in site.told if isinstance(body, Proposed)]
    assert (fix, fix.why) == (Fix(FixKind.ADVICE, "align"), ADVICE[site.engine])
    assert site.slurm.submissions == []
    # And the job is the engine's still: it has not ended, and counts once
    assert ([one.ok for one in site.store.attempts("r1", "align:7")], site.store.tasks("r1")) == ([None], 1)


def test_the_ceiling_is_told_and_who_could_raise_it(site: Site) -> None:
    site.slurm.allows = {"short": Limits(time_min=60, time_by="partition short")}
    site.submitted("7", reason="PartitionTimeLimit")
    site.slurm.put(replace(site.slurm.jobs["7"], partition="short", limit_s=7200))
    site.pass_time(minutes=3)
    [why] = [body.fix.why for body in site.told if isinstance(body, Proposed)]
    ceiling = (
        " It asks for 2.0 h, and the most that partition short allows is 60 min: another partition may allow more "
        "(slurm.partitions names those heal may use), or the site raises it."
    )
    assert why == ADVICE[site.engine] + ceiling


def test_it_is_over_once_the_job_starts_and_the_engine_tells_how_that_ends(site: Site) -> None:
    # Given a person who was told, and let it start
    site.submitted("7", reason="PartitionTimeLimit")
    site.pass_time(minutes=3)
    site.starts("7")
    site.pass_time(minutes=3)
    # Then nobody has to do anything any more
    assert site.states() == [(State.DISMISSED, 1)]
    assert site.dismissed() == [Dismissed("SLURM", "job 7 waits no longer: it is RUNNING")]
    # And its end is what its engine says of it
    site.says("task_finished", "7")
    site.slurm.end("7", JobState.COMPLETED, 0)
    site.pass_time(minutes=3)
    assert [one.ok for one in site.store.attempts("r1", "align:7")] == [True]
    assert site.states() == [(State.DISMISSED, 1)]


def test_many_of_one_process_are_one_incident_that_ends_with_the_last(site: Site) -> None:
    jobs = [str(number) for number in range(100, 140)]
    site.submitted(*jobs, reason="QOSMaxMemoryPerJob")
    site.pass_time(minutes=3)
    assert site.states() == [(State.WAITING, 40)]
    # one question about the queue at a time, whatever the number of jobs
    before = site.slurm.questions
    site.pass_time(minutes=2)
    assert site.slurm.questions - before <= 8
    # When all but one have started
    for job in jobs[:-1]:
        site.starts(job)
    site.pass_time(minutes=4)
    assert site.states() == [(State.WAITING, 40)]
    [(incident, _bodies)] = site.store.newest(1)
    assert len(site.store.home(incident.id)) == 39
    site.starts(jobs[-1])
    site.pass_time(minutes=4)
    assert site.states() == [(State.DISMISSED, 40)]


def test_it_is_told_once_whatever_is_killed_and_once_for_each_reason(site: Site) -> None:
    site.submitted("7", reason="PartitionTimeLimit")
    site.pass_time(minutes=3)
    site.reborn()
    site.pass_time(minutes=10)
    assert site.states() == [(State.WAITING, 1)]
    # When a person mends the one and another one shows
    site.waits_for("QOSMaxMemoryPerJob", "7")
    site.pass_time(minutes=10)
    # Then the first is over
    assert site.states() == [(State.DISMISSED, 1), (State.WAITING, 1)]
    assert site.dismissed() == [Dismissed("SLURM", "job 7 waits for another reason now: QOSMaxMemoryPerJob")]


def test_a_reason_that_comes_and_goes_is_one_incident_while_it_does(site: Site) -> None:
    site.submitted("7", reason="PartitionTimeLimit")
    site.pass_time(minutes=3)
    # Given a job that SLURM names another reason for, now and then
    for _ in range(4):
        site.waits_for("Priority", "7")
        site.pass_time(minutes=2)
        site.waits_for("PartitionTimeLimit", "7")
        site.pass_time(minutes=4)
    assert site.states() == [(State.WAITING, 1)]
    # When that stays so, then it may start
    site.waits_for("Priority", "7")
    site.pass_time(minutes=12)
    assert site.dismissed() == [Dismissed("SLURM", "job 7 may start by now: SLURM's reason is Priority")]
    # And when it comes back after all, it is told anew
    site.waits_for("PartitionTimeLimit", "7")
    site.pass_time(minutes=6)
    assert site.states() == [(State.DISMISSED, 1), (State.WAITING, 1)]


def test_a_job_that_is_cancelled_waits_no_longer(site: Site) -> None:
    site.submitted("7", reason="PartitionTimeLimit")
    site.pass_time(minutes=3)
    del site.slurm.jobs["7"]
    site.says("task_failed", "7")
    site.pass_time(minutes=4)
    assert Dismissed("SLURM", "job 7 has left the queue") in site.dismissed()


def test_nobody_waits_for_it_when_the_run_is_over(site: Site) -> None:
    site.submitted("7", reason="PartitionTimeLimit")
    site.pass_time(minutes=3)
    questions = site.slurm.questions
    # When the engine ends, while SLURM does not answer
    site.slurm.down = True
    site.store.take(Event("e:end", "run_finished", site.now, site.engine, site.run, None, {"ok": False, "exit": 1}))
    site.alive = False
    site.loop.turn()
    # Then that is known without a question
    assert site.dismissed() == [Dismissed(site.engine, "its run is over, and waits for it no longer")]
    assert site.slurm.questions == questions


def test_a_person_who_says_no_is_not_told_again(site: Site) -> None:
    site.submitted("7", reason="PartitionTimeLimit")
    site.pass_time(minutes=3)
    [(incident, _bodies)] = site.store.newest(1)
    site.loop.answer(incident, accept=False, by="ada", why="the site raises it")
    site.pass_time(minutes=20)
    assert site.states() == [(State.DISMISSED, 1)]


@pytest.mark.parametrize("reason", ["Priority", "AssocGrpCpuLimit"])
def test_a_job_that_may_start_is_waited_for(site: Site, reason: str) -> None:
    site.submitted("7", reason=reason)
    site.pass_time(minutes=20)
    assert site.states() == []


def test_silence_is_no_reason(site: Site) -> None:
    site.submitted("7", reason="PartitionTimeLimit")
    site.slurm.down = True
    site.pass_time(minutes=10)
    assert site.states() == []
    site.slurm.down = False
    site.pass_time(minutes=11)
    assert site.states() == [(State.WAITING, 1)]


def test_a_run_without_jobs_of_slurm_costs_no_question(site: Site) -> None:
    site.store.take(
        Event("e:7", "task_submitted", site.now, site.engine, site.run, TaskRef("align", "align"), {"process": "align"})
    )
    site.pass_time(minutes=10)
    assert site.slurm.questions == 0
