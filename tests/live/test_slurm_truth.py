"""What a real SLURM says of real failures, and what becomes of a job that is submitted again."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heal.cli.handed import handed
from heal.engines.sbatch import Sbatch
from heal.errors import CannotApply, NotOneJob
from heal.jobs import JobFacts, JobState
from heal.records import Attempt, Change, Fix, FixKind, Run
from heal.schedulers.slurm_cli import SlurmCli
from heal.schedulers.slurm_submitting import SlurmSubmitter
from heal.seams import Order, Submission

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]

# touches every page, then stays long enough for the accounting to look
EAT = (
    f"{sys.executable} -c 'x = bytearray(300 << 20); x[::4096] = b\"1\" * len(x[::4096]); import time; time.sleep(20)'"
)
MORE = Fix(FixKind.RESOURCES, "job", (Change("memory_mb", 50, 500),))


def attempt(job: str) -> Attempt:
    return Attempt(
        id=1,
        run_id="run",
        lineage="run",
        engine="sbatch",
        key=f"task {job}",
        name="task",
        process="task",
        native_id=job,
        submitted=datetime.now(UTC) - timedelta(minutes=5),
    )


class Cluster:
    """Submits into a folder of its own and waits for ends."""

    def __init__(self, folder: Path, until: Callable[..., bool]) -> None:
        self.folder = folder
        self.scheduler = SlurmCli()
        self.submitter = SlurmSubmitter(folder / "scripts")
        self._until = until

    def submit(self, *argv: str) -> str:
        answer = subprocess.run(
            ["sbatch", "--parsable", *argv], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return answer.stdout.strip()

    def facts(self, job: str) -> Mapping[str, JobFacts]:
        return self.scheduler.facts([attempt(job)])

    def ended(self, job: str, seconds: float = 180) -> Mapping[str, JobFacts]:
        """The job's facts once both the controller and accounting have its end."""

        def over() -> bool:
            facts = self.facts(job)
            return bool(facts) and all(fact.state.over and fact.final and fact.steps for fact in facts.values())

        assert self._until(over, seconds), self.facts(job)
        return self.facts(job)

    def running(self, job: str) -> None:
        assert self._until(lambda: self.facts(job)[job].state is JobState.RUNNING)

    def token(self) -> str:
        return uuid.uuid4().hex[:12]


@pytest.fixture
def cluster(tmp_path: Path, until: Callable[..., bool]) -> Cluster:
    return Cluster(tmp_path, until)


def test_an_array_is_diagnosed_by_its_failed_element_and_a_step_as_its_job(cluster: Cluster) -> None:
    # Given an array of which one element fails, and one of which two do
    one = cluster.submit("--array=1-3", "--wrap=test $SLURM_ARRAY_TASK_ID != 2")
    two = cluster.submit("--array=1-3", "--wrap=test $SLURM_ARRAY_TASK_ID = 2")
    cluster.ended(one)
    cluster.ended(two)
    # When somebody asks about the arrays, or about a step of an element
    named = [handed(word).job for word in (one, f"{one}_2.batch", f"{two}_3")]
    with pytest.raises(NotOneJob) as several:
        handed(two)
    told = subprocess.run([sys.executable, "-m", "heal", "diagnose", one], capture_output=True, text=True, check=True)
    # Then the one that failed is meant, which is told, and of several it is said which there are
    assert told.stdout.startswith(f"Of the job array {one} only {one}_2 failed:\n")
    assert [job and job.job for job in named] == [f"{one}_2", f"{one}_2", f"{two}_3"]
    assert str(several.value) == (
        f"{two} is a job array: 2 of its 3 elements failed, {two}_1, {two}_3: "
        f"ask about one of them, such as heal diagnose {two}_1"
    )


def test_an_exit_code_is_told_with_paths_and_request(cluster: Cluster) -> None:
    job = cluster.submit("-Jthree", "--mem=60M", "-t3", "--comment=my own", "--wrap=exit 3")
    facts = cluster.ended(job)[job]
    # accounting may learn the command line later than the end
    unsaid = replace(facts, submitted="", ended="", nodes="", elapsed_s=0, peak_mb=None, user="", submit_line="")
    assert unsaid == JobFacts(
        job=job,
        state=JobState.FAILED,
        state_text="FAILED",
        exit_code=3,
        reason="NonZeroExitCode",
        asked_mb=60.0,
        limit_s=180,
        elapsed_s=0,
        cpus=1,
        name="three",
        partition=facts.partition,
        nodes="",
        workdir=str(cluster.folder),
        comment="my own",
        log_paths=(str(cluster.folder / f"slurm-{job}.out"),),
        steps=facts.steps,
        source="scontrol and sacct",
        derived=(0, 0),
        restarts=0,
        account=facts.account,
        qos=facts.qos,
        cluster=facts.cluster,
    )
    assert all((facts.submitted, facts.ended, facts.nodes))
    assert facts.steps[0].text == f"{job}.batch FAILED 3:0"


def test_an_exit_code_above_127_keeps_its_128(cluster: Cluster) -> None:
    job = cluster.submit("--mem=60M", "--wrap=exit 137")
    facts = cluster.ended(job)[job]
    assert (facts.state, facts.exit_code, facts.signal) == (JobState.FAILED, 137, None)


def test_a_job_killed_for_memory_shows_its_peak_and_its_steps(cluster: Cluster) -> None:
    job = cluster.submit("--mem=50M", "-t2", f"--wrap={EAT}")
    facts = cluster.ended(job)[job]
    assert facts.state in (JobState.FAILED, JobState.OUT_OF_MEMORY)
    assert facts.asked_mb == 50
    # cgroups may leave the peak blank; polling accounting sees it
    assert facts.state is JobState.OUT_OF_MEMORY or (facts.peak_mb or 0) > 50
    assert any(step.id == f"{job}.batch" for step in facts.steps)


def test_a_cancelled_job_names_who_cancelled(cluster: Cluster) -> None:
    job = cluster.submit("--mem=60M", "--wrap=sleep 300")
    cluster.running(job)
    subprocess.run(["scancel", job], check=True)
    facts = cluster.ended(job)[job]
    me = subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()
    assert (facts.state, facts.cancelled_by) == (JobState.CANCELLED, me)
    # the signal ends the shell, or what it waits for first, whose end the shell then passes on
    assert (facts.exit_code, facts.signal) in {(None, 15), (143, None)}


def test_a_job_out_of_time_is_told_as_that(cluster: Cluster) -> None:
    job = cluster.submit("--mem=60M", "-t1", "--wrap=sleep 300")
    facts = cluster.ended(job, 300)[job]
    assert (facts.state, facts.limit_s, facts.reason) == (JobState.TIMEOUT, 60, "TimeLimit")
    # the signal ends the shell, or what it waits for first, whose end the shell then passes on
    assert facts.exit_code in {None, 143}
    assert (facts.elapsed_s or 0) >= 60


def test_an_element_is_known_by_its_index_and_by_its_id_inside_slurm(cluster: Cluster) -> None:
    job = cluster.submit(
        "--mem=60M", "--array=2,7", "-oout-%A_%a", "--wrap=echo $SLURM_JOB_ID; exit $SLURM_ARRAY_TASK_ID"
    )
    elements = cluster.ended(job)
    assert {key: fact.exit_code for key, fact in elements.items()} == {f"{job}_2": 2, f"{job}_7": 7}
    inside = (cluster.folder / f"out-{job}_2").read_text().strip()
    assert {key: fact.job for key, fact in cluster.facts(inside).items()} == {inside: f"{job}_2"}
    assert set(cluster.facts(f"{job}_7")) == {f"{job}_7"}


def test_waiting_elements_are_told_one_by_one(cluster: Cluster) -> None:
    job = cluster.submit("--mem=60M", "--begin=now+1hour", "--array=1-5:2%1", "--wrap=true")
    facts = cluster.facts(job)
    subprocess.run(["scancel", job], check=True)
    assert {key: fact.state for key, fact in facts.items()} == {
        f"{job}_{index}": JobState.PENDING for index in (1, 3, 5)
    }


def test_more_memory_heals_and_name_output_folder_and_index_stay(cluster: Cluster) -> None:
    script = cluster.folder / "my job.sh"
    script.write_text(
        "#!/bin/bash\n#SBATCH --mem-per-cpu=60M -t 2\n#SBATCH -o out/%x-%A_%a.log\n#SBATCH --comment='of the script'\n"
        '[ "$SLURM_ARRAY_TASK_ID" = 1 ] || [ "$SLURM_MEM_PER_NODE" = 500 ] || exit 3\necho "$1 in $PWD"\n'
    )
    (cluster.folder / "out").mkdir()
    argv = ("--array=1-2%1", str(script), "an argument")
    job = cluster.submit(*argv)
    assert cluster.ended(job)[f"{job}_2"].exit_code == 3
    token = cluster.token()
    run = Run("run", "run", "sbatch", str(cluster.folder), ("sbatch", *argv), datetime.now(UTC))

    applied = Sbatch(cluster.submitter).apply(run, [Order(MORE, (attempt(f"{job}_2"),))], token)

    new = applied.jobs[f"task {job}_2"]
    base = new.removesuffix("_2")
    facts = cluster.ended(base)
    assert {key: (fact.state, fact.name, fact.asked_mb, fact.comment) for key, fact in facts.items()} == {
        new: (JobState.COMPLETED, "my job.sh", 500.0, f"of the script heal:{token}.{job}")
    }
    assert (cluster.folder / f"out/my job.sh-{new}.log").read_text() == f"an argument in {cluster.folder}\n"
    assert dict(cluster.submitter.find(token)) == {f"{token}.{job}": base}
    # and applying it again submits nothing
    assert Sbatch(cluster.submitter).apply(run, [Order(MORE, (attempt(f"{job}_2"),))], token).jobs == applied.jobs


def test_a_job_whose_command_line_nobody_knows_runs_again_beside_its_old_log(cluster: Cluster) -> None:
    job = cluster.submit("-Jhand", "--mem=60M", "-t2", "-ohand-%j.log", "--wrap=echo $SLURM_MEM_PER_NODE; exit 3")
    cluster.ended(job)
    new = cluster.submitter.resubmit(Submission(job, (), str(cluster.folder), cluster.token(), MORE))
    facts = cluster.ended(new)[new]
    assert (facts.name, facts.asked_mb, facts.limit_s, facts.exit_code) == ("hand", 500.0, 120, 3)
    assert (cluster.folder / f"hand-{job}.log").read_text() == "60\n"
    assert (cluster.folder / f"hand-{new}.log").read_text() == "500\n"


def test_the_token_travels_into_the_job(cluster: Cluster) -> None:
    job = cluster.submit("--mem=60M", "-oenv-%j", "--wrap=echo token=$HEAL_TOKEN")
    cluster.ended(job)
    token = cluster.token()
    argv = ("--mem=60M", "-oenv-%j", "--wrap=echo token=$HEAL_TOKEN")
    new = cluster.submitter.resubmit(
        Submission(job, argv, str(cluster.folder), token, Fix(FixKind.RETRY, "job"), env={"PATH": "/usr/bin:/bin"})
    )
    cluster.ended(new)
    assert (cluster.folder / f"env-{new}").read_text() == f"token={token}\n"


def test_a_job_nobody_remembers_cannot_be_submitted_again(cluster: Cluster) -> None:
    with pytest.raises(CannotApply, match="script of job 66999999 is gone"):
        cluster.submitter.resubmit(Submission("66999999", ("a.sh",), str(cluster.folder), "t", MORE))


def test_a_partitions_caps_are_told(cluster: Cluster) -> None:
    tiny = cluster.scheduler.limits(None, "tiny")
    if tiny.memory_mb is None:
        pytest.skip("this site has no partition tiny (tests/live/cluster.sh makes one)")
    assert (tiny.memory_mb, tiny.time_min) == (600, 2)
    assert cluster.scheduler.limits(None, "long").time_min is None
