"""kill -9 in the middle of an array's heal, and of a chain's: every job runs as often as without the death."""

from __future__ import annotations

import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.crash.test_crash import heal_to_the_end, mortal
from tests.live.pipelines import Pipeline

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm"), pytest.mark.xdist_group("crash arrays")]

# fails for memory until it has more than it was given
STEP = """#!/bin/bash
#SBATCH --mem=60M --time=5
echo ${SLURM_ARRAY_TASK_ID:-$1} >> $RAN
[ "$1" = B ] || [ "$SLURM_MEM_PER_NODE" -gt 60 ] || { echo MemoryError >&2; exit 1; }
"""
ALL = range(1, 13)


class Quick(Pipeline):
    """A pipeline whose heal asks every second. ``name`` is that of all its jobs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        # other workers run the same tests, under the same folder's name
        self.name = f"crash-{uuid.uuid4().hex[:8]}"

    @property
    def env(self) -> dict[str, str]:
        return {**super().env, "HEAL_SLURM__POLL_SECONDS": "1"}


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Quick]:
    made = Quick(tmp_path)
    made.file("step.sh", STEP)
    assert made.heal("init", "--yes").returncode == 0
    yield made
    subprocess.run(["scancel", f"--name={made.name}"], check=False)


def submit(pipeline: Quick, *argv: str) -> str:
    ended = pipeline.run("sbatch", "--parsable", f"--job-name={pipeline.name}", *argv)
    assert ended.returncode == 0, ended.stdout
    return ended.stdout.strip()


def states(job: str) -> set[str]:
    argv = ["squeue", "--noheader", f"--jobs={job}", "--states=all", "--format=%T"]
    return set(subprocess.run(argv, capture_output=True, text=True, check=False).stdout.split())


def accounted(job: str) -> int:
    """How many of its elements accounting calls failed: it learns of each in its own time, and heal hears of them there."""
    argv = ["sacct", "--noheader", "--allocations", f"--jobs={job}", "--format=State"]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.split().count("FAILED")


# what surrounds an effect: the first submission (the canary), the word that it came home, the second (the rest)
ARRAY_DEATHS = [
    ("join:5", "inside"),
    ("Applying:1", "after"),
    ("Applied:1", "before"),
    ("followed:1", "before"),
    ("Proven:1", "before"),
    ("Proven:1", "after"),
    ("Applied:2", "before"),
    ("followed:2", "inside"),
]


@pytest.mark.parametrize(("transaction", "when"), ARRAY_DEATHS)
def test_each_element_runs_once_more_and_the_canary_first(
    pipeline: Quick, until: Callable[..., bool], transaction: str, when: str
) -> None:
    # Given an array of twelve that all fail for memory
    job = submit(pipeline, "--array=1-12", "step.sh")
    assert until(lambda: states(job) == {"FAILED"} and accounted(job) == len(ALL), 60), states(job)
    # When a heal is killed on its way, and the next one comes
    died = mortal(pipeline, transaction, when)
    assert died.returncode == -signal.SIGKILL, (died.stdout, died.stderr)
    heal_to_the_end(pipeline)
    # Then there is one incident, healed, and each element ran once more
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["tasks"]) == ("healed", 12), pipeline.heal("show", incident["id"]).stdout
    assert pipeline.times_run() == {str(index): 2 for index in ALL}
    # And one of them ran alone before the others
    again = pipeline.ran.read_text().split()[12:]
    applied = [entry["jobs"] for entry in pipeline.show(incident["id"])["journal"] if entry["kind"] == "applied"]
    assert [len(jobs) for jobs in applied] == [1, 11]
    [canary] = applied[0].values()
    assert again[0] == canary.partition("_")[2]


CHAIN_DEATHS = [("Applied:1", "before"), ("repointed:1", "before"), ("repointed:1", "after")]


@pytest.mark.parametrize(("transaction", "when"), CHAIN_DEATHS)
def test_what_waits_runs_once_after_the_healed_one(
    pipeline: Quick, until: Callable[..., bool], transaction: str, when: str
) -> None:
    # Given A -> B, of which A fails
    first = submit(pipeline, "step.sh", "A")
    second = submit(pipeline, f"--dependency=afterok:{first}", "step.sh", "B")
    assert until(lambda: states(first) == {"FAILED"}, 60)
    died = mortal(pipeline, transaction, when)
    assert died.returncode == -signal.SIGKILL, (died.stdout, died.stderr)
    heal_to_the_end(pipeline)
    # Then B ran once, after the healed A, as the job that it was
    assert until(lambda: states(second) == {"COMPLETED"}, 60)
    assert pipeline.ran.read_text().split() == ["A", "A", "B"]
    assert [incident["state"] for incident in pipeline.incidents()] == ["healed"]


def test_a_dependent_that_slurm_cancelled_runs_once(pipeline: Quick, until: Callable[..., bool]) -> None:
    # Given A -> B, where SLURM cancels B as soon as A has failed
    first = submit(pipeline, "step.sh", "A")
    second = submit(pipeline, f"--dependency=afterok:{first}", "--kill-on-invalid-dep=yes", "step.sh", "B")
    assert until(lambda: states(second) == {"CANCELLED"}, 60)
    # When a heal is killed once B is submitted again, before it could write that down
    died = mortal(pipeline, "Applied:2", "before")
    assert died.returncode == -signal.SIGKILL, (died.stdout, died.stderr)
    heal_to_the_end(pipeline)
    # Then both ran, in order, and no more often
    assert until(lambda: [incident["state"] for incident in pipeline.incidents()] == ["healed"] * 2, 30)
    assert pipeline.ran.read_text().split() == ["A", "A", "B"]
