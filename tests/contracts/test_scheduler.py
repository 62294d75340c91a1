"""What every scheduler promises, asked of the fake, of the machine and of a real SLURM, by its commands and by pyslurm.

pyslurm is asked for real where there is one for the running SLURM: heal's own, or that of the Python which
``HEAL_TEST_PYSLURM`` names. Else, with CI=true too, those are skipped: PyPI has pyslurm for two releases of SLURM only.
"""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.conftest import until
from tests.fakes.pyslurm import PyslurmSite
from tests.fakes.scheduler import FakeScheduler

from heal.errors import SubmissionRefused
from heal.jobs import JobFacts, JobState
from heal.records import Attempt, Change, Fix, FixKind
from heal.schedulers.command import Commands
from heal.schedulers.local import Local
from heal.schedulers.pyslurm_process import NoReply, PyslurmProcess
from heal.schedulers.slurm_cli import SlurmCli
from heal.schedulers.slurm_pyslurm import SlurmPy, interpreter, program
from heal.schedulers.slurm_submitting import SlurmSubmitter
from heal.seams import Scheduler, Submission

MORE_MEMORY = Fix(FixKind.RESOURCES, "task", (Change("memory_mb", 60, 120),))


def attempt(job: str | None) -> Attempt:
    return Attempt(
        id=1,
        run_id="run",
        lineage="run",
        engine="sbatch",
        key="task",
        name="task",
        process="task",
        native_id=job,
        submitted=datetime.now(UTC) - timedelta(minutes=5),
        ended=datetime.now(UTC),
        ok=False,
        facts={"exit": 3},
    )


def token() -> str:
    return uuid.uuid4().hex[:12]


@dataclass
class FakeCluster:
    scheduler: FakeScheduler = field(default_factory=FakeScheduler)

    @property
    def submitter(self) -> FakeScheduler:
        return self.scheduler

    def failed(self, name: str) -> str:
        self.submitter.put(self._facts("7", name, JobState.FAILED))
        return "7"

    def failed_array(self, name: str) -> str:
        self.submitter.put(self._facts("8_1", name, JobState.COMPLETED))
        self.submitter.put(self._facts("8_3", name, JobState.FAILED))
        return "8"

    def greedy(self, name: str) -> str:
        facts = self._facts("12", name, JobState.COMPLETED)
        self.submitter.put(replace(facts, peak_mb=90.0, workdir="/data"))
        return "12"

    def held(self, name: str) -> str:
        self.submitter.put(self._facts("9", name, JobState.PENDING))
        return "9"

    def waiting(self, name: str, other: str) -> str:
        self.submitter.put(replace(self._facts("10", name, JobState.PENDING), dependency=f"afterok:{other}(failed)"))
        return "10"

    def waiting_array(self, name: str, other: str) -> str:
        for job in ("11_1", "11_3"):
            facts = self._facts(job, name, JobState.PENDING)
            self.submitter.put(replace(facts, dependency=f"afterok:{other}(failed)"))
        return "11"

    def refuse(self) -> Fix:
        self.submitter.refuses = "Memory specification can not be satisfied"
        return MORE_MEMORY

    @staticmethod
    def _facts(job: str, name: str, state: JobState) -> JobFacts:
        code = 3 if state is JobState.FAILED else 0
        submitted = datetime.now(UTC).isoformat()
        return JobFacts(job, state, state.name, code, asked_mb=60.0, name=name, comment="mine", submitted=submitted)


class RecordedPyslurm(FakeCluster):
    """The same jobs, told by a program that answers as pyslurm does."""

    def __init__(self, folder: Path) -> None:
        self.submitter_ = FakeScheduler()
        self.site = PyslurmSite(folder)

    @property
    def submitter(self) -> FakeScheduler:
        return self.submitter_

    @property
    def scheduler(self) -> SlurmPy:
        self.site.knows(self.submitter.jobs)
        return self.site.scheduler


@dataclass
class RealCluster:
    scheduler: SlurmCli | SlurmPy
    submitter: SlurmSubmitter
    folder: Path
    waits: list[str] = field(default_factory=list)

    def failed(self, name: str) -> str:
        return self._submitted(name, "--wrap=exit 3")

    def failed_array(self, name: str) -> str:
        return self._submitted(name, "--array=1,3", "--wrap=test $SLURM_ARRAY_TASK_ID = 1 || exit 3")

    def greedy(self, name: str) -> str:
        # long enough for SLURM to see it, once a second
        return self._submitted(name, "--wrap=exec python3 -S -c 'import time; x = bytearray(40 << 20); time.sleep(4)'")

    def held(self, name: str) -> str:
        return self._queued(name, "--hold", "--wrap=true")

    def waiting(self, name: str, other: str) -> str:
        return self._queued(name, f"--dependency=afterok:{other}", "--wrap=true")

    def waiting_array(self, name: str, other: str) -> str:
        return self._queued(name, f"--dependency=afterok:{other}", "--array=1,3", "--wrap=true")

    def refuse(self) -> Fix:
        return Fix(FixKind.RESOURCES, "task", (Change("memory_mb", 60, 10**9),))

    def _submitted(self, name: str, *options: str) -> str:
        job = self._sent(name, *options)
        assert until(lambda: _over(self.scheduler, job), 60), f"job {job} does not end"
        return job

    def _queued(self, name: str, *options: str) -> str:
        job = self._sent(name, *options)
        self.waits.append(job)
        return job

    def _sent(self, name: str, *options: str) -> str:
        argv = ["sbatch", "--parsable", f"--job-name={name}", "--mem=60M", "--comment=mine", *options]
        return subprocess.run(argv, cwd=self.folder, check=True, capture_output=True, text=True).stdout.strip()


def _over(scheduler: Scheduler, job: str) -> bool:
    facts = scheduler.facts([attempt(job)])
    return bool(facts) and all(fact.state.over for fact in facts.values())


REAL = [pytest.param(name, marks=pytest.mark.slurm) for name in ("slurm", "pyslurm")]


@pytest.fixture(scope="session")
def pyslurm(slurm: None) -> SlurmPy:
    """A real pyslurm that answers; without one the test is skipped."""
    python = os.environ.get("HEAL_TEST_PYSLURM") or interpreter("auto")
    if python is None:
        pytest.skip("no pyslurm here, and PyPI has none for most SLURMs (docs/pyslurm.md says how to build it)")
    commands = Commands()
    process = PyslurmProcess(program(python), commands)
    try:
        process.ask({"ask": "queue", "uid": os.geteuid()})
    except NoReply as why:
        pytest.skip(f"no pyslurm for the running SLURM: {why}")
    return SlurmPy(process, commands)


def real(request: pytest.FixtureRequest) -> SlurmCli | SlurmPy:
    request.getfixturevalue("slurm")
    return SlurmCli() if request.param == "slurm" else request.getfixturevalue("pyslurm")


@pytest.fixture(params=["fake", "local", "recorded pyslurm", *REAL])
def scheduler(request: pytest.FixtureRequest, tmp_path: Path) -> Scheduler:
    match request.param:
        case "fake":
            return FakeScheduler()
        case "local":
            return Local()
        case "recorded pyslurm":
            return PyslurmSite(tmp_path).scheduler
        case _:
            return real(request)


@pytest.fixture(params=["fake", "recorded pyslurm", *REAL])
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeCluster | RealCluster]:
    match request.param:
        case "fake":
            yield FakeCluster()
        case "recorded pyslurm":
            yield RecordedPyslurm(tmp_path)
        case _:
            there = RealCluster(real(request), SlurmSubmitter(tmp_path / "scripts"), tmp_path)
            yield there
            for job in there.waits:
                subprocess.run(["scancel", job], check=True)


class TestEveryScheduler:
    def test_nothing_is_said_of_no_attempts(self, scheduler: Scheduler) -> None:
        assert dict(scheduler.facts([])) == {}

    def test_limits_are_amounts_and_name_their_source(self, scheduler: Scheduler) -> None:
        limits = scheduler.limits(None)
        assert limits.memory_by
        assert limits.memory_mb is None or limits.memory_mb > 1
        assert limits.time_min is None or limits.time_min > 0

    def test_nothing_is_recent_in_the_future(self, scheduler: Scheduler) -> None:
        assert scheduler.recent(datetime.now(UTC) + timedelta(days=2)) == ()


class TestTheMachine:
    def test_an_attempt_has_what_its_event_said(self, tmp_path: Path) -> None:
        facts = Local(kernel_log=tmp_path / "nothing was killed").facts([attempt(None)])["local:1"]
        assert (facts.state, facts.exit_code, facts.signal, facts.source) == (JobState.FAILED, 3, None, "event")


class TestEveryCluster:
    def test_a_failed_job_is_told_with_its_exit_code(self, cluster: FakeCluster | RealCluster) -> None:
        job = cluster.failed("contract")
        facts = cluster.scheduler.facts([attempt(job)])
        assert {key: (fact.state, fact.exit_code, fact.name) for key, fact in facts.items()} == {
            job: (JobState.FAILED, 3, "contract")
        }

    def test_a_token_that_was_never_used_is_found_nowhere(self, cluster: FakeCluster | RealCluster) -> None:
        assert dict(cluster.submitter.find(token())) == {}

    def test_the_queue_tells_how_each_job_stands(self, cluster: FakeCluster | RealCluster) -> None:
        job, array = cluster.failed("contract"), cluster.failed_array("contract")
        queue = cluster.scheduler.queue()
        states = {key: queue[key].state for key in (job, f"{array}_1", f"{array}_3")}
        assert states == {job: JobState.FAILED, f"{array}_1": JobState.COMPLETED, f"{array}_3": JobState.FAILED}

    def test_a_job_that_waits_for_a_failed_one_is_told_to_wait_for_another(
        self, cluster: FakeCluster | RealCluster
    ) -> None:
        failed, other = cluster.failed("contract"), cluster.held("contract")
        job, array = cluster.waiting("contract", failed), cluster.waiting_array("contract", failed)
        jobs = (job, f"{array}_1", f"{array}_3")
        cluster.submitter.repoint(jobs, f"afterok:{other}")
        queue = cluster.scheduler.queue()
        assert {one: (queue[one].state, queue[one].dependency.partition("(")[0]) for one in jobs} == dict.fromkeys(
            jobs, (JobState.PENDING, f"afterok:{other}")
        )

    def test_a_job_that_has_ended_cannot_be_re_pointed(self, cluster: FakeCluster | RealCluster) -> None:
        with pytest.raises(SubmissionRefused):
            cluster.submitter.repoint([cluster.failed("contract")], "")

    def test_a_job_nobody_knows_is_absent(self, cluster: FakeCluster | RealCluster) -> None:
        assert dict(cluster.scheduler.facts([attempt("66999999")])) == {}

    def test_an_arrays_elements_come_one_by_one(self, cluster: FakeCluster | RealCluster) -> None:
        job = cluster.failed_array("contract")
        facts = cluster.scheduler.facts([attempt(job)])
        assert {key: (fact.job, fact.state, fact.exit_code) for key, fact in facts.items()} == {
            f"{job}_1": (f"{job}_1", JobState.COMPLETED, 0),
            f"{job}_3": (f"{job}_3", JobState.FAILED, 3),
        }

    def test_a_failed_job_is_recent(self, cluster: FakeCluster | RealCluster) -> None:
        started = datetime.now(UTC) - timedelta(minutes=1)
        job = cluster.failed("contract")
        # accounting may be some seconds behind the controller
        assert until(lambda: job in [facts.job for facts in cluster.scheduler.recent(started)])

    def test_what_a_job_held_that_ended_well_is_told_of_its_process(self, cluster: FakeCluster | RealCluster) -> None:
        name = f"contract-{token()}"
        job = cluster.greedy(name)
        like = cluster.scheduler.facts([attempt(job)])[job]
        since = datetime.now(UTC) - timedelta(minutes=5)
        # accounting may be some seconds behind the controller
        assert until(lambda: cluster.scheduler.peaks(like, since))
        [(told, peak)] = cluster.scheduler.peaks(like, since).items()
        assert told == job
        assert 40 < peak < 200
        assert dict(cluster.scheduler.peaks(replace(like, name="nobody's"), since)) == {}

    def test_a_job_submitted_again_keeps_its_name_and_is_found_by_its_token(
        self, cluster: FakeCluster | RealCluster, tmp_path: Path
    ) -> None:
        job, mark = cluster.failed("contract"), token()
        argv = ("--job-name=contract", "--mem=60M", "--comment=mine", "--wrap=exit 3")
        new = cluster.submitter.resubmit(Submission(job, argv, str(tmp_path), mark, MORE_MEMORY))
        facts = cluster.scheduler.facts([attempt(new)])[new]
        assert (facts.name, facts.asked_mb, facts.comment) == ("contract", 120.0, f"mine heal:{mark}")
        assert dict(cluster.submitter.find(mark)) == {mark: new}
        assert dict(cluster.submitter.find(mark[:-1])) == {}

    def test_parts_of_a_remedy_are_found_by_the_remedys_token(
        self, cluster: FakeCluster | RealCluster, tmp_path: Path
    ) -> None:
        job, mark = cluster.failed("contract"), token()
        argv = ("--job-name=contract", "--wrap=exit 3")
        new = cluster.submitter.resubmit(Submission(job, argv, str(tmp_path), f"{mark}.2", MORE_MEMORY))
        assert dict(cluster.submitter.find(mark)) == {f"{mark}.2": new}

    def test_a_refused_submission_says_why(self, cluster: FakeCluster | RealCluster, tmp_path: Path) -> None:
        job, fix = cluster.failed("contract"), cluster.refuse()
        with pytest.raises(SubmissionRefused, match="Memory specification can not be satisfied"):
            cluster.submitter.resubmit(Submission(job, ("--wrap=exit 3",), str(tmp_path), token(), fix))


@pytest.mark.slurm
def test_pyslurm_and_the_commands_say_the_same(pyslurm: SlurmPy, tmp_path: Path) -> None:
    there = RealCluster(SlurmCli(), SlurmSubmitter(tmp_path / "scripts"), tmp_path)
    jobs = [attempt(there.failed("contract")), attempt(there.failed_array("contract"))]
    jobs.append(attempt(there._submitted("contract", "--array=0", "--wrap=exit 137")))
    cli = there.scheduler
    # only accounting tells the cluster, and it may be some seconds behind
    assert until(lambda: all(one.final and one.cluster for one in cli.facts(jobs).values()))
    assert dict(pyslurm.facts(jobs)) == dict(cli.facts(jobs))
    assert [fact.exit_code for job, fact in pyslurm.facts(jobs).items() if job.endswith("_0")] == [137]


@pytest.mark.slurm
def test_the_watching_of_many_jobs_costs_few_requests(slurm: None) -> None:
    scheduler = SlurmCli()
    scheduler.facts([attempt(str(number)) for number in range(1, 500)])
    assert scheduler.requests <= 3
