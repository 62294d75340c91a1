"""kill -9 is a normal event: wherever heal dies, the next one finishes the heal, and nothing happens twice."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.live.pipelines import EAT, GREEDY_HERE, Pipeline

ROOT = Path(__file__).resolve().parents[2]


def mortal(pipeline: Pipeline, *death: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Heal until quiet, or until the death that was asked for; ``more`` is added to its environment."""
    argv = [sys.executable, "-m", "tests.crash.mortal", str(pipeline.home), *death]
    env = pipeline.env | more
    return subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)


def heal_to_the_end(pipeline: Pipeline, **more: str) -> int:
    """Heal without dying; how many transactions that took."""
    ended = mortal(pipeline, **more)
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout.split()[-1])


# a heal writes this many transactions: joined, diagnosed, proposed, applying, applied, observed
TRANSACTIONS = 6
DEATHS = [(n, when) for n in range(1, TRANSACTIONS + 1) for when in ("before", "inside", "after")]


@pytest.fixture(scope="module")
def failed_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline that has failed and spoken to a spool that nobody has read yet."""
    folder = tmp_path_factory.mktemp("failed")
    pipeline = Pipeline(folder)
    pipeline.file("Snakefile", GREEDY_HERE)
    ended = pipeline.run("snakemake", "--cores=1", "--logger=heal")
    assert ended.returncode == 1, ended.stdout
    return folder


def as_it_was(failed_run: Path) -> Pipeline:
    """The failed run, from a copy: its paths are in its events, so it has to lie where it lay."""
    kept = failed_run.with_name(f"{failed_run.name}-kept")
    if not kept.exists():
        shutil.copytree(failed_run, kept, symlinks=True)
    shutil.rmtree(failed_run)
    shutil.copytree(kept, failed_run, symlinks=True)
    pipeline = Pipeline.__new__(Pipeline)
    pipeline.work, pipeline.home, pipeline.ran = failed_run / "work", failed_run / "home", failed_run / "ran.log"
    return pipeline


@pytest.mark.snakemake
@pytest.mark.xdist_group("crash")
def test_a_heal_takes_as_many_transactions_as_are_killed_here(failed_run: Path):
    pipeline = as_it_was(failed_run)
    assert heal_to_the_end(pipeline) == TRANSACTIONS
    assert [incident["state"] for incident in pipeline.incidents()] == ["healed"]


@pytest.mark.snakemake
@pytest.mark.xdist_group("crash")
@pytest.mark.parametrize(("transaction", "when"), DEATHS)
def test_a_killed_heal_is_finished_by_the_next_one(failed_run: Path, transaction: int, when: str):
    # Given a run that failed, and a heal that is killed at one of its transactions
    pipeline = as_it_was(failed_run)
    died = mortal(pipeline, str(transaction), when)
    assert died.returncode == -signal.SIGKILL, died.stderr
    # When the next heal comes
    heal_to_the_end(pipeline)
    # Then the run is home, each task ran as often as without the death, and it was launched once
    assert [incident["state"] for incident in pipeline.incidents()] == ["healed"]
    assert pipeline.times_run() == {"before": 1, "greedy": 2, "report": 1}
    assert len(list((pipeline.home / "launches").iterdir())) == 1


SLURM_DEATHS = [(4, "before"), (4, "after"), (5, "before"), (5, "inside"), (5, "after"), (6, "before")]


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
@pytest.mark.parametrize(("transaction", "when"), SLURM_DEATHS)
def test_a_job_is_never_submitted_twice(tmp_path: Path, transaction: int, when: str):
    # Given a job that failed for memory under a heal that was killed before it could see that
    pipeline = Pipeline(tmp_path)
    pipeline.file("eat.py", EAT)
    pipeline.file("job.sh", "#!/bin/bash\necho job >> $RAN\npython3 eat.py 250 3\ntouch done.txt\n")
    assert pipeline.heal("init", "--yes").returncode == 0
    pipeline.heal("tick")
    pipeline.run("sbatch", "--wait", "--mem=150M", "--time=5", "job.sh")
    # When a heal is killed on its way
    died = mortal(pipeline, str(transaction), when)
    assert died.returncode == -signal.SIGKILL, died.stderr
    # Then the next one finishes it, and there is one job for each remedy beside the failed one
    heal_to_the_end(pipeline)
    [incident] = pipeline.incidents()
    assert incident["state"] == "healed", pipeline.heal("show", incident["id"]).stdout
    assert pipeline.times_run() == {"job": 1 + len(incident["remedies"])}
    assert (pipeline.work / "done.txt").exists()
