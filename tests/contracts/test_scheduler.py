"""What every scheduler promises, asked of the fake, of the machine and of a real SLURM."""

from __future__ import annotations

import subprocess
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.conftest import until
from tests.fakes.scheduler import FakeScheduler

from heal.errors import CannotApply, SubmissionRefused
from heal.jobs import JobFacts, JobState
from heal.records import Attempt, Change, Fix, FixKind
from heal.schedulers.local import Local
from heal.schedulers.slurm_cli import SlurmCli
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

    def failed(self, name: str) -> str:
        self.scheduler.put(self._facts("7", name, JobState.FAILED))
        return "7"

    def failed_array(self, name: str) -> str:
        self.scheduler.put(self._facts("8_1", name, JobState.COMPLETED))
        self.scheduler.put(self._facts("8_3", name, JobState.FAILED))
        return "8"

    def refuse(self) -> Fix:
        self.scheduler.refuses = "Memory specification can not be satisfied"
        return MORE_MEMORY

    @staticmethod
    def _facts(job: str, name: str, state: JobState) -> JobFacts:
        code = 3 if state is JobState.FAILED else 0
        submitted = datetime.now(UTC).isoformat()
        return JobFacts(job, state, state.name, code, asked_mb=60.0, name=name, comment="mine", submitted=submitted)


@dataclass
class RealCluster:
    scheduler: SlurmCli
    folder: Path

    def failed(self, name: str) -> str:
        return self._submitted(name, "--wrap=exit 3")

    def failed_array(self, name: str) -> str:
        return self._submitted(name, "--array=1,3", "--wrap=test $SLURM_ARRAY_TASK_ID = 1 || exit 3")

    def refuse(self) -> Fix:
        return Fix(FixKind.RESOURCES, "task", (Change("memory_mb", 60, 10**9),))

    def _submitted(self, name: str, *options: str) -> str:
        argv = ["sbatch", "--parsable", f"--job-name={name}", "--mem=60M", "--comment=mine", *options]
        job = subprocess.run(argv, cwd=self.folder, check=True, capture_output=True, text=True).stdout.strip()
        assert until(lambda: _over(self.scheduler, job), 60), f"job {job} does not end"
        return job


def _over(scheduler: Scheduler, job: str) -> bool:
    facts = scheduler.facts([attempt(job)])
    return bool(facts) and all(fact.state.over for fact in facts.values())


@pytest.fixture(params=["fake", "local", pytest.param("slurm", marks=pytest.mark.slurm)])
def scheduler(request: pytest.FixtureRequest, tmp_path: Path) -> Scheduler:
    if request.param == "slurm":
        request.getfixturevalue("slurm")
        return SlurmCli(tmp_path / "scripts")
    return FakeScheduler() if request.param == "fake" else Local()


@pytest.fixture(params=["fake", pytest.param("slurm", marks=pytest.mark.slurm)])
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> FakeCluster | RealCluster:
    if request.param == "slurm":
        request.getfixturevalue("slurm")
        return RealCluster(SlurmCli(tmp_path / "scripts"), tmp_path)
    return FakeCluster()


class TestEveryScheduler:
    def test_nothing_is_said_of_no_attempts(self, scheduler: Scheduler) -> None:
        assert dict(scheduler.facts([])) == {}

    def test_a_token_that_was_never_used_is_found_nowhere(self, scheduler: Scheduler) -> None:
        assert dict(scheduler.find(token())) == {}

    def test_limits_are_amounts_and_name_their_source(self, scheduler: Scheduler) -> None:
        limits = scheduler.limits(None)
        assert limits.source
        assert limits.memory_mb is None or limits.memory_mb > 1
        assert limits.time_min is None or limits.time_min > 0

    def test_nothing_is_recent_in_the_future(self, scheduler: Scheduler) -> None:
        assert scheduler.recent(datetime.now(UTC) + timedelta(days=2)) == ()


class TestTheMachine:
    def test_an_attempt_has_what_its_event_said(self) -> None:
        facts = Local().facts([attempt(None)])["local:1"]
        assert (facts.state, facts.exit_code, facts.signal, facts.source) == (JobState.FAILED, 3, None, "event")

    def test_submitting_is_the_engines_business(self) -> None:
        with pytest.raises(CannotApply):
            Local().resubmit(Submission("local:1", (), "/", token(), MORE_MEMORY))


class TestEveryCluster:
    def test_a_failed_job_is_told_with_its_exit_code(self, cluster: FakeCluster | RealCluster) -> None:
        job = cluster.failed("contract")
        facts = cluster.scheduler.facts([attempt(job)])
        assert {key: (fact.state, fact.exit_code, fact.name) for key, fact in facts.items()} == {
            job: (JobState.FAILED, 3, "contract")
        }

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

    def test_a_job_submitted_again_keeps_its_name_and_is_found_by_its_token(
        self, cluster: FakeCluster | RealCluster, tmp_path: Path
    ) -> None:
        job, mark = cluster.failed("contract"), token()
        argv = ("--job-name=contract", "--mem=60M", "--comment=mine", "--wrap=exit 3")
        new = cluster.scheduler.resubmit(Submission(job, argv, str(tmp_path), mark, MORE_MEMORY))
        facts = cluster.scheduler.facts([attempt(new)])[new]
        assert (facts.name, facts.asked_mb, facts.comment) == ("contract", 120.0, f"mine heal:{mark}")
        assert dict(cluster.scheduler.find(mark)) == {mark: new}
        assert dict(cluster.scheduler.find(mark[:-1])) == {}

    def test_parts_of_a_remedy_are_found_by_the_remedys_token(
        self, cluster: FakeCluster | RealCluster, tmp_path: Path
    ) -> None:
        job, mark = cluster.failed("contract"), token()
        argv = ("--job-name=contract", "--wrap=exit 3")
        new = cluster.scheduler.resubmit(Submission(job, argv, str(tmp_path), f"{mark}.2", MORE_MEMORY))
        assert dict(cluster.scheduler.find(mark)) == {f"{mark}.2": new}

    def test_a_refused_submission_says_why(self, cluster: FakeCluster | RealCluster, tmp_path: Path) -> None:
        job, fix = cluster.failed("contract"), cluster.refuse()
        with pytest.raises(SubmissionRefused, match="Memory specification can not be satisfied"):
            cluster.scheduler.resubmit(Submission(job, ("--wrap=exit 3",), str(tmp_path), token(), fix))


@pytest.mark.slurm
def test_the_watching_of_many_jobs_costs_few_requests(slurm: None, tmp_path: Path) -> None:
    scheduler = SlurmCli(tmp_path)
    scheduler.facts([attempt(str(number)) for number in range(1, 500)])
    assert scheduler.requests <= 3
