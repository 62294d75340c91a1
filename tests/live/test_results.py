"""On a real SLURM: results that a check refuses, and what jobs used by its accounting."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.live.pipelines import EAT, Pipeline

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def accounted(pipeline: Pipeline) -> list[str]:
    """The states of the jobs submitted from the pipeline's folder, as accounting has them."""
    said = pipeline.run("sacct", "-X", "-n", "-P", "-S", "now-1hours", "-E", "now", "-o", "State,WorkDir")
    rows = [line.split("|") for line in said.stdout.splitlines()]
    return [row[0] for row in rows if len(row) == 2 and row[1] == str(pipeline.work)]


def test_a_job_that_ended_with_0_and_an_empty_output_is_an_incident(pipeline: Pipeline, until: Callable[..., bool]):
    # Given a job that ends with 0 and leaves its output empty, and a check that looks
    pipeline.file("heal.toml", '[check."plink*"]\noutputs = "not_empty"\nfiles = ["out/*.bed"]\n')
    job = ("sbatch", "--mem=60M", "--time=5", "--job-name=plink_chr7", "--wrap", "mkdir -p out; : > out/chr7.bed")
    ended = pipeline.heal("run", "--", *job)
    # Then it is an incident that waits for a person, with the check's own line
    assert ended.returncode == 3, ended.stdout
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["label"], incident["process"]) == ("waiting", "missing_output", "plink_chr7")
    root = pipeline.show(incident["id"])["diagnosis"]["root"]
    assert root["source"] == "check.plink*"
    assert root["text"].endswith("refuses the result of plink_chr7: out/chr7.bed is empty")
    # And nothing was submitted again
    assert until(lambda: accounted(pipeline) == ["COMPLETED"])


def test_a_job_whose_output_is_good_is_none(pipeline: Pipeline):
    pipeline.file("heal.toml", '[check."*"]\ncommand = "test -s out.txt"\n')
    ended = pipeline.heal("run", "--", "sbatch", "--mem=60M", "--time=5", "--wrap", "echo well > out.txt")
    assert (ended.returncode, pipeline.incidents()) == (0, [])


def test_what_jobs_used_is_told_by_accounting(pipeline: Pipeline, until: Callable[..., bool]):
    # Given four jobs that take 60 MB of the 400 they ask for
    pipeline.file("eat.py", EAT)
    pipeline.file("heal.toml", "[sizing]\njobs = 4\n")
    array = ("sbatch", "--array=1-4", "--mem=400M", "--time=60", "--job-name=eat", "--wrap", "python3 -S eat.py 60 3")
    assert pipeline.run(*array).returncode == 0
    assert until(lambda: accounted(pipeline) == ["COMPLETED"] * 4, 120)
    # When heal is asked what they used
    said = pipeline.heal("resources", "--since", "1h", "--json")
    assert said.returncode == 0, said.stdout
    [row] = json.loads(said.stdout)["resources"]
    # Then it proposes what they need and a fifth, and a time to go with it
    assert (row["engine"], row["process"], row["pipeline"]) == ("sbatch", "eat", str(pipeline.work))
    assert (row["jobs"], row["well"], row["failed"]) == (4, 4, 0)
    assert row["memory_mb"]["asked"] == 400
    assert 60 < row["memory_mb"]["most"] < 100
    assert row["memory_mb"]["most"] <= row["memory_mb"]["proposed"] < 140
    assert (row["time_min"]["asked"], row["time_min"]["proposed"]) == (60, 1)
    assert row["wasted_gb_hours"] > 0
