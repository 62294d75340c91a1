"""A pipeline that is driven from a job which its user submitted under heal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.conftest import until
from tests.live.pipelines import Pipeline

pytestmark = [pytest.mark.slurm, pytest.mark.snakemake, pytest.mark.usefixtures("slurm")]

SNAKEFILE = 'rule all:\n    output: "x"\n    shell: "echo all >> $RAN; ls nosuch.fa"\n'
# it begins once heal run has gone
JOB = "#!/bin/bash\nuntil test -e go; do sleep 0.5; done\nsnakemake -c1 x\n"


@pytest.mark.parametrize("in_jobs", [True, False])
def test_an_engine_in_a_job_is_followed_where_its_user_wants_that(tmp_path: Path, in_jobs: bool):
    # Given a job that drives a pipeline, submitted by a heal run that does not stay for it
    pipeline = Pipeline(tmp_path)
    pipeline.file("heal.toml", f"[in_flight]\nin_jobs = {str(in_jobs).lower()}\n")
    pipeline.file("Snakefile", SNAKEFILE)
    pipeline.file("job.sh", JOB)
    left = pipeline.heal("run", "--timeout", "3", "--", "sbatch", "--mem=400", "-o", "job.log", "job.sh")
    assert left.returncode == 124, left.stdout
    submitted = re.search(r"Submitted batch job (\d+)", left.stdout)
    assert submitted
    assert f"SLURM job {submitted[1]} goes on without heal" in left.stdout
    # When the pipeline fails in there
    pipeline.file("go", "")
    assert until(lambda: not pipeline.run("squeue", "-h", "-j", submitted[1]).stdout.strip(), seconds=120)
    # Then the job ran it once, with heal's logger only if that is wanted, and whoever comes next knows of it
    assert pipeline.times_run() == {"all": 1}
    assert ("snakemake --logger=heal -c1 x" in (pipeline.work / "job.log").read_text()) is in_jobs
    assert pipeline.heal("tick").returncode == 0
    told = [incident["process"] for incident in pipeline.incidents() if incident["process"] != "job.sh"]
    assert told == (["all"] if in_jobs else [])
