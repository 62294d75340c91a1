"""A pipeline that is driven from a job: submitted under heal, or known to a daemon by a hook."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from tests.conftest import until
from tests.live import pipelines
from tests.live.pipelines import EAT, SNAKEMAKE_SLURM, Pipeline
from tests.nextflow.heals.folder import ON_SLURM, Folder

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]

SNAKEFILE = 'rule all:\n    output: "x"\n    shell: "echo all >> $RAN; ls nosuch.fa"\n'
# it begins once heal run has gone
JOB = "#!/bin/bash\nuntil test -e go; do sleep 0.5; done\nsnakemake -c1 x\n"


@pytest.mark.snakemake
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
    assert f"SLURM job {submitted[1]} is left without heal: " in left.stdout
    # When the pipeline fails in there
    pipeline.file("go", "")
    assert until(lambda: not pipeline.run("squeue", "-h", "-j", submitted[1]).stdout.strip(), seconds=120)
    # Then the job ran it once, with heal's logger only if that is wanted, and whoever comes next knows of it
    assert pipeline.times_run() == {"all": 1}
    assert ("snakemake --logger=heal -c1 x" in (pipeline.work / "job.log").read_text()) is in_jobs
    assert pipeline.heal("tick").returncode == 0
    told = [incident["process"] for incident in pipeline.incidents() if incident["process"] != "job.sh"]
    assert told == (["all"] if in_jobs else [])


HOLDS = """
rule all:
    output: "x"
    log: "x.log"
    resources: mem_mb=100
    shell:
        "echo all >> $RAN; ulimit -v $(({resources.mem_mb} * 1024)); "
        "python3 -S -c 'held = bytearray(150 << 20)' 2> {log}; touch x"
"""


@pytest.mark.snakemake
def test_the_tasks_of_an_engine_in_a_job_are_healed_while_it_runs(tmp_path: Path):
    # Given a job that drives a pipeline, a task of which fails for memory, submitted under heal run
    pipeline = Pipeline(tmp_path)
    pipeline.file("heal.toml", "[in_flight]\nin_jobs = true\n")
    pipeline.file("Snakefile", HOLDS)
    pipeline.file("job.sh", "#!/bin/bash\nsnakemake -c1 x\n")
    ended = pipeline.heal("run", "--", "sbatch", "--mem=400", "-o", "job.log", "job.sh")
    # Then it comes home in that one run, with more of it
    assert ended.returncode == 0, ended.stdout
    assert (pipeline.work / "job.log").read_text().count("Building DAG") == 1
    assert pipeline.times_run() == {"all": 2}
    [incident] = pipeline.incidents()
    assert (incident["process"], incident["label"], incident["state"]) == ("all", "out_of_memory", "healed")


@pytest.mark.snakemake
def test_a_snakemake_in_a_job_that_one_line_armed_is_healed_by_a_daemon(tmp_path: Path):
    # Given a daemon, and a job of the user's whose Snakemake has heal's one line in its profile
    pipeline = Pipeline(tmp_path)
    pipeline.file("eat.py", EAT)
    pipeline.file("Snakefile", pipelines.GREEDY % {"mem_mb": 450, "eats": 420})
    profile = pipeline.file("profiles/default/config.yaml", "latency-wait: 15\n")
    hook = pipeline.heal("hook", "install", "snakemake", "--edit-conf", str(profile))
    assert profile.read_text().count("logger: heal") == 1, hook.stdout
    # (with the plugin that the hook keeps, as where heal is not in Snakemake's own environment)
    [found] = [line for line in hook.stdout.splitlines() if line.startswith("export ")]
    pipeline.file("job.sh", f"#!/bin/bash\n{found}\n{shlex.join(SNAKEMAKE_SLURM)}\n")
    assert pipeline.heal("daemon", "start").returncode == 0
    try:
        # When it runs, with nothing else of heal's
        ended = pipeline.run("sbatch", "--wait", "--mem=1000", "-o", "job.log", "job.sh")
        said = (pipeline.work / "job.log").read_text(encoding="utf-8")
        # Then what SLURM killed comes home in that one run, and the daemon tells of it
        assert (ended.returncode, said.count("Building DAG")) == (0, 1), said
        assert pipeline.heal("wait", "--timeout", "60").returncode == 0
    finally:
        pipeline.heal("daemon", "stop")
    [incident] = pipeline.incidents()
    told = (incident["process"], incident["label"], incident["state"])
    assert told == ("greedy", "out_of_memory", "healed")
    assert pipeline.times_run() == {"before": 1, "greedy": 1 + len(incident["remedies"]), "report": 1}


GREEDY = """
process BEFORE { output: path 'b.txt'; script: "echo BEFORE >> \\$RAN; touch b.txt" }
process GREEDY {
    input: path b
    output: path 'g.txt'
    script: "echo GREEDY >> \\$RAN; eat.py 120 3; touch g.txt"
}
process REPORT { input: path g; script: "echo REPORT >> \\$RAN" }
workflow { BEFORE(); GREEDY(BEFORE.out); REPORT(GREEDY.out) }
"""


@pytest.mark.nextflow
def test_a_nextflow_in_a_job_that_a_hook_armed_is_healed_by_a_daemon(
    nextflow: Path, nextflow_plugin: Path, tmp_path: Path
):
    # Given a daemon, a pipeline with the one line of heal's hook in its configuration, and a job that starts Nextflow
    folder = Folder(tmp_path, nextflow)
    folder.more["NXF_PLUGINS_DIR"] = str(tmp_path / "plugins")
    folder.program_file("eat.py", f"#!/usr/bin/env python3\n{EAT}")
    hook = folder.run("heal", "hook", "install", "nextflow").stdout.splitlines()
    [armed] = [line for line in hook if line.startswith("plugins {")]
    folder.prepare(GREEDY, f"{armed}\n{ON_SLURM}")
    folder.file("job.sh", "#!/bin/bash\nnextflow run main.nf\n")
    assert folder.heal("daemon", "start").returncode == 0
    try:
        # When it runs, with nothing else of heal's
        ended = folder.run("sbatch", "--wait", "--mem=1000", "-o", "job.log", "job.sh")
        said = (folder.work / "job.log").read_text(encoding="utf-8")
        # Then what SLURM killed comes home in that one run, and the daemon tells of it
        assert (ended.returncode, said.count("Launching ")) == (0, 1), said
        assert folder.heal("wait", "--timeout", "60").returncode == 0
    finally:
        folder.heal("daemon", "stop")
    [incident] = folder.incidents()
    told = (incident["process"], incident["label"], incident["state"])
    assert told == ("GREEDY", "out_of_memory", "healed")
    assert folder.times_run() == {"BEFORE": 1, "GREEDY": 1 + len(incident["remedies"]), "REPORT": 1}
