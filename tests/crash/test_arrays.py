"""kill -9 in the middle of an array's heal, and of a chain's: every job runs as often as without the death."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.crash.test_crash import heal_to_the_end, mortal
from tests.live.pipelines import REAL_SBATCH, Shadowed

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm"), pytest.mark.xdist_group("crash arrays")]

# fails for memory until it has more than it was given
STEP = """#!/bin/bash
#SBATCH --mem=60M --time=5
echo ${SLURM_ARRAY_TASK_ID:-$1} >> $RAN
[ "$1" = B ] || [ "$SLURM_MEM_PER_NODE" -gt 60 ] || { echo MemoryError >&2; exit 1; }
"""
ALL = range(1, 13)
EFFECT = ("Applying:1", "Applied:1", "followed:1")


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Shadowed]:
    made = Shadowed(tmp_path)
    made.file("step.sh", STEP)
    assert made.heal("init", "--yes").returncode == 0
    yield made
    subprocess.run(["scancel", f"--name={made.name}"], check=False)


def states(job: str) -> set[str]:
    argv = ["squeue", "--noheader", f"--jobs={job}", "--states=all", "--format=%T"]
    return set(subprocess.run(argv, capture_output=True, text=True, check=False).stdout.split())


def accounted(job: str) -> int:
    """How many of its elements accounting calls failed: it learns of each in its own time, and heal hears of them there."""
    argv = ["sacct", "--noheader", "--allocations", f"--jobs={job}", "--format=State"]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.split().count("FAILED")


# what an array's heal writes, in order: the first submission is the canary, the second the rest
STORY = ("join:1", "join:2", "Diagnosed:1", "Decided:1", *EFFECT, "Proven:1", *EFFECT, "Observed:1")

# kills the heal that runs it, before it submits or after that, as the file beside it says: once
DEADLY = """word=$(cat {mode} 2> /dev/null); rm -f {mode}
[ "$word" != before ] || kill -9 $PPID
[ "$word" = after ] || exec {real} "$@"
{real} "$@" > /dev/null; kill -9 $PPID
"""


def dies(pipeline: Shadowed, *death: str) -> list[str]:
    """The kinds of the transactions that it came to before it died."""
    died = mortal(pipeline, *death)
    assert died.returncode == -signal.SIGKILL, (death, died.stdout, died.stderr)
    return died.stdout.split()


def test_an_array_is_healed_by_a_heal_that_is_killed_at_every_transition(
    pipeline: Shadowed, until: Callable[..., bool]
) -> None:
    # Given an array of twelve that all fail for memory, and an sbatch during which heal can be killed as well
    mode = pipeline.work.parent / "mode"
    pipeline.in_sbatchs_place(DEADLY.format(mode=mode, real=REAL_SBATCH))
    job = pipeline.submit("--array=1-12", "step.sh")
    assert until(lambda: states(job) == {"FAILED"} and accounted(job) == len(ALL), 60), states(job)
    # When heal is killed before, inside and after each transaction and while it submits, and another one comes each time
    during, committed = iter(("before", "after")), list[str]()
    for transaction in STORY:
        for when in ("before", "inside", "after"):
            committed += dies(pipeline, transaction, when)
        if transaction == "Applying:1":
            mode.write_text(next(during))
            committed += dies(pipeline)
    # Then there were no others: beside them the other elements joined one by one, and nothing is left to be written
    kinds = [transaction.partition(":")[0] for transaction in STORY]
    assert once_each(committed) == once_each(kinds)
    assert (set(committed), committed.count("join")) == (set(kinds), len(ALL))
    assert heal_to_the_end(pipeline) == 0
    # And there is one incident, healed, and each element ran once more, one of them alone before the others
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["tasks"]) == ("healed", 12), pipeline.heal("show", incident["id"]).stdout
    assert pipeline.times_run() == {str(index): 2 for index in ALL}
    applied = [entry["jobs"] for entry in pipeline.show(incident["id"])["journal"] if entry["kind"] == "applied"]
    assert [len(jobs) for jobs in applied] == [1, 11]
    [canary] = applied[0].values()
    assert pipeline.ran.read_text().split()[12] == canary.partition("_")[2]
    # And nothing else was submitted, nor tried
    assert pipeline.tries() == 2
    new = (job.partition("_")[0] for jobs in applied for job in jobs.values())
    assert set(pipeline.jobs()) == {job, *new}


def once_each(kinds: list[str]) -> list[str]:
    """Without what is written for each element, and what is told anew by each heal: which jobs it follows."""
    return [kind for kind in kinds if kind not in ("join", "followed")]


CHAIN_DEATHS = [("Applied:1", "before"), ("repointed:1", "before"), ("repointed:1", "after")]


@pytest.mark.parametrize(("transaction", "when"), CHAIN_DEATHS)
def test_what_waits_runs_once_after_the_healed_one(
    pipeline: Shadowed, until: Callable[..., bool], transaction: str, when: str
) -> None:
    # Given A -> B, of which A fails
    first = pipeline.submit("step.sh", "A")
    second = pipeline.submit(f"--dependency=afterok:{first}", "step.sh", "B")
    assert until(lambda: states(first) == {"FAILED"}, 180)
    died = mortal(pipeline, transaction, when)
    assert died.returncode == -signal.SIGKILL, (died.stdout, died.stderr)
    heal_to_the_end(pipeline)
    # Then B ran once, after the healed A, as the job that it was
    assert until(lambda: states(second) == {"COMPLETED"}, 60)
    assert pipeline.ran.read_text().split() == ["A", "A", "B"]
    assert [incident["state"] for incident in pipeline.incidents()] == ["healed"]


def test_a_dependent_that_slurm_cancelled_runs_once(pipeline: Shadowed, until: Callable[..., bool]) -> None:
    # Given A -> B, where SLURM cancels B as soon as A has failed
    first = pipeline.submit("step.sh", "A")
    second = pipeline.submit(f"--dependency=afterok:{first}", "--kill-on-invalid-dep=yes", "step.sh", "B")
    assert until(lambda: states(second) == {"CANCELLED"}, 60)
    # When a heal is killed once B is submitted again, before it could write that down
    died = mortal(pipeline, "Applied:2", "before")
    assert died.returncode == -signal.SIGKILL, (died.stdout, died.stderr)
    heal_to_the_end(pipeline)
    # Then both ran, in order, and no more often
    assert until(lambda: [incident["state"] for incident in pipeline.incidents()] == ["healed"] * 2, 30)
    assert pipeline.ran.read_text().split() == ["A", "A", "B"]
