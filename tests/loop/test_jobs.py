"""Jobs submitted by hand, from their failure home: on a real store and the real sbatch engine, with a scripted SLURM."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.fakes.scheduler import FakeScheduler

from heal.engines.sbatch import Sbatch
from heal.evidence.history import History
from heal.evidence.looking import Looker
from heal.evidence.scan import Scanner
from heal.jobs import JobFacts, JobState
from heal.journal import Body, State, state_of
from heal.knowledge.patterns import Library, load
from heal.loop import Loop, Parts
from heal.records import Event, Incident, RunRef, TaskRef
from heal.settings import Settings
from heal.shipped import shipped
from heal.store import Scope, Store

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
RUN = RunRef("r1", "sbatch", "/data", ("/usr/bin/sbatch", "--mem=100M", "job.sh"))


class Cluster:
    """A user's jobs on a scripted SLURM, and a heal that follows them."""

    def __init__(self, folder: Path, store: Store, library: Library, reader: Scanner) -> None:
        self.now = START
        self.store = store
        self.slurm = FakeScheduler()
        self.told: list[Body] = []
        self.parts = Parts(
            store=store,
            spools=list,
            engines={"sbatch": Sbatch(self.slurm)},
            slurm=self.slurm,
            local=FakeScheduler(),
            library=library,
            reader=reader,
            settings_for=lambda _folder: Settings(home=folder),
            alive=lambda _run: False,
            clock=lambda: self.now,
            tell=self.hear,
            machine=Looker(),
            history=History(),
        )
        self.loop = Loop(self.parts, Scope)

    def hear(self, incident: Incident, body: Body) -> None:
        self.told.append(body)

    def submitted(self, *jobs: str, array: str | None = None) -> None:
        """What the shim says of a submission; the jobs are running."""
        self.store.take(Event("e:run", "run_started", self.now, "runner", RUN))
        base = jobs[0].split("_")[0]
        task = TaskRef("plink", base, 1, base, "/data")
        facts = {"process": "plink", "asked": {"memory_mb": 100}, "array": array}
        self.store.take(Event("e:task", "task_submitted", self.now, "runner", RUN, task, facts))
        for job in jobs:
            self.run(job)

    def run(self, job: str) -> None:
        self.slurm.put(
            JobFacts(job, JobState.RUNNING, "RUNNING", asked_mb=100, name="plink", submitted="2026-11-24T12:00:00")
        )

    def killed(self, job: str, asked: float, peak: float) -> None:
        """SLURM killed it for memory: the steps say so."""
        self.slurm.put(
            JobFacts(
                job,
                JobState.OUT_OF_MEMORY,
                "OUT_OF_MEMORY",
                signal=9,
                asked_mb=asked,
                peak_mb=peak,
                name="plink",
                submitted="2026-11-24T12:00:00",
                source="sacct",
            )
        )

    def pass_time(self, seconds: float = 40) -> None:
        self.now += timedelta(seconds=seconds)
        self.loop.turn()

    def states(self) -> list[State]:
        return [state_of(bodies) for _one, bodies in reversed(self.store.newest(100))]

    def sizes(self) -> list[object]:
        """The memory of each submission so far."""
        return [submission.fix.changes[0].new for submission in self.slurm.submissions]


@pytest.fixture(scope="module")
def reader(cache: Path) -> tuple[Library, Scanner]:
    library = load([shipped("patterns")], cache_dir=cache)
    return library, Scanner(library, cache)


@pytest.fixture
def cluster(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[Cluster]:
    with Store.open(tmp_path / "heal.db") as store:
        yield Cluster(tmp_path, store, *reader)


def test_a_job_that_lacked_memory_is_submitted_again_and_comes_home(cluster: Cluster):
    # Given a job that SLURM killed for memory
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.pass_time()
    # Then it is submitted again with what it was seen to need and a half more
    assert (cluster.sizes(), cluster.states()) == ([170.0], [State.OBSERVING])
    # When the new job ends well
    cluster.slurm.end("1001", JobState.COMPLETED, 0)
    cluster.pass_time()
    # Then the incident is healed and nothing is left to do
    assert cluster.states() == [State.HEALED]
    assert not cluster.loop.busy()


def test_memory_that_is_needed_twice_is_given_twice(cluster: Cluster):
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.pass_time()
    cluster.killed("1001", 170, 180)
    cluster.pass_time()
    assert cluster.sizes() == [170.0, 340.0]


def test_a_lost_reply_is_looked_up_and_nothing_is_submitted_twice(cluster: Cluster):
    # Given a SLURM that takes a submission but whose reply never arrives
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.slurm.loses = True
    cluster.pass_time()
    assert cluster.states() == [State.APPLYING]
    # When it answers again
    cluster.slurm.loses = False
    cluster.pass_time()
    # Then the job that was taken is found by its token
    assert (len(cluster.slurm.submissions), cluster.states()) == (1, [State.OBSERVING])


def test_a_refused_submission_is_told_and_not_repeated(cluster: Cluster):
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.slurm.refuses = "sbatch: error: Memory specification can not be satisfied"
    cluster.pass_time()
    cluster.pass_time()
    assert (cluster.slurm.submissions, cluster.states()) == ([], [State.UNHEALED])


def test_a_scheduler_that_does_not_answer_is_unknown_and_nothing_is_done(cluster: Cluster):
    # Given a job that failed while SLURM does not answer
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.slurm.down = True
    before = cluster.slurm.questions
    # When an hour passes
    for _ in range(120):
        cluster.pass_time(30)
    # Then nothing was concluded, and it was asked no more than politeness allows
    assert (cluster.states(), cluster.slurm.submissions) == ([], [])
    assert cluster.slurm.questions - before <= 120
    # And when it answers again, the job is healed
    cluster.slurm.down = False
    cluster.pass_time()
    assert cluster.sizes() == [170.0]


def test_a_cancelled_job_stays_cancelled(cluster: Cluster):
    cluster.submitted("100")
    cluster.slurm.put(
        JobFacts(
            "100",
            JobState.CANCELLED,
            "CANCELLED by 1000",
            cancelled_by="ada",
            asked_mb=100,
            submitted="2026-11-24T12:00:00",
        )
    )
    cluster.pass_time()
    assert (cluster.states(), cluster.slurm.submissions) == ([State.DISMISSED], [])


def test_of_an_array_only_the_failed_elements_run_again(cluster: Cluster):
    # Given an array of four of which two were killed for memory
    cluster.submitted("100_1", "100_2", "100_3", "100_4", array="1-4")
    cluster.slurm.end("100_1", JobState.COMPLETED, 0)
    cluster.slurm.end("100_3", JobState.COMPLETED, 0)
    cluster.killed("100_2", 100, 110)
    cluster.killed("100_4", 100, 120)
    cluster.pass_time()
    # Then they are one incident, submitted again as one array of two
    [submission] = cluster.slurm.submissions
    assert (submission.array, cluster.sizes(), cluster.states()) == ((2, 4), [180.0], [State.OBSERVING])
    # When both come home
    cluster.slurm.end("1001_2", JobState.COMPLETED, 0)
    cluster.slurm.end("1001_4", JobState.COMPLETED, 0)
    cluster.pass_time()
    assert cluster.states() == [State.HEALED]
    assert not cluster.loop.busy()


def test_a_job_that_nobody_knows_any_more_is_unknown_and_waits_for_a_person(cluster: Cluster):
    cluster.submitted("100")
    cluster.slurm.jobs.clear()
    for _ in range(12):
        cluster.pass_time(60)
    assert (cluster.states(), cluster.slurm.submissions) == ([State.WAITING], [])


def test_a_job_that_can_never_start_is_told_and_not_waited_for(cluster: Cluster):
    # Given a job that waits for one that has failed
    cluster.submitted("100")
    cluster.slurm.put(
        JobFacts("100", JobState.PENDING, "PENDING", reason="DependencyNeverSatisfied", submitted="2026-11-24T12:00:00")
    )
    # When it has waited long enough that nothing else can be meant
    cluster.pass_time(30)
    assert cluster.loop.busy()
    cluster.pass_time(60)
    cluster.pass_time(60)
    # Then a person is told, and nobody waits for it
    assert (cluster.states(), cluster.slurm.submissions) == ([State.WAITING], [])
    assert not cluster.loop.busy()
