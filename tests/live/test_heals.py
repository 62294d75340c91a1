"""The promise of heal on a real SLURM: what was killed is understood, given what it needs, and comes home."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.live.pipelines import DEPOT, EAT, GREEDY, SNAKEMAKE_SLURM, Pipeline, outcomes

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def jobs_in(pipeline: Pipeline) -> list[str]:
    """Of all jobs ever submitted from the pipeline's folder: their ids, oldest first; accounting may tell them late."""
    said = pipeline.run("sacct", "-X", "-n", "-P", "-S", "now-1hours", "-E", "now", "-o", "JobID,WorkDir")
    rows = [line.split("|") for line in said.stdout.splitlines()]
    return [row[0] for row in rows if len(row) == 2 and row[1] == str(pipeline.work)]


# twelve jobs of which one needs more, a download that fails once, and a job that Snakemake tries again by itself
MANY = """
rule report:
    input: expand("out/{n}.txt", n=range(12)), "fetched.txt", "again.txt"
    output: "report.txt"
    resources: mem_mb=400
    shell: "echo report >> $RAN; touch {output}"
rule light:
    output: "out/{n}.txt"
    resources: mem_mb=lambda wildcards: 450 if wildcards.n == "7" else 400
    shell: "echo n{wildcards.n} >> $RAN; [ {wildcards.n} != 7 ] || python3 eat.py 420 4; touch {output}"
rule fetch:
    output: "fetched.txt"
    resources: mem_mb=400
    shell: "echo fetch >> $RAN; [ -e tried ] || {{ touch tried; echo 'the depot is busy'; exit 6; }}; touch {output}"
rule again:
    output: "again.txt"
    retries: 1
    resources: mem_mb=lambda wildcards, attempt: attempt * 450
    shell: "echo again >> $RAN; python3 eat.py 420 4; touch {output}"
"""


def test_of_twelve_jobs_only_those_that_failed_run_twice(pipeline: Pipeline):
    # Given a rule of which SLURM kills one job for memory, and what else passes by itself or with a second try
    pipeline.file("eat.py", EAT)
    pipeline.knows("network/depot", DEPOT)
    pipeline.file("Snakefile", MANY)
    # When the pipeline runs under heal
    ended = pipeline.heal("run", "--", *SNAKEMAKE_SLURM[:-1], "--jobs=12", "--keep-going")
    # Then it ends well in the one launch it was started as, and nothing ran twice but those three; what Snakemake tries
    # again by itself it tries again in the job as well
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("Building DAG of jobs") == 1
    assert pipeline.times_run() == {f"n{n}": 1 + (n == 7) for n in range(12)} | {"fetch": 2, "again": 3, "report": 1}
    # And what Snakemake healed by its own retries is no incident
    fetch, incident = sorted(pipeline.incidents(), key=lambda one: str(one["process"]))
    assert (fetch["state"], fetch["label"], outcomes(fetch)) == ("healed", "network", ["healed"])
    assert (incident["state"], incident["label"], incident["process"]) == ("healed", "out_of_memory", "light")
    assert outcomes(incident) == ["healed"]
    [change] = incident["fix"]["changes"]
    assert (change["name"], change["old"]) == ("memory_mb", 450)
    assert change["new"] >= 600
    # And the diagnosis cites the line that proves it
    root = pipeline.show(incident["id"])["diagnosis"]["root"]
    assert re.search("(?i)exceeded (job )?memory limit", root["text"])
    assert root["source"].startswith(".snakemake/slurm_logs/rule_light/")
    assert root["line"] > 0


def test_a_rule_with_too_little_time_is_healed(pipeline: Pipeline):
    # Given a rule that runs for longer than the minute it asked for
    pipeline.file(
        "Snakefile",
        """
rule slow:
    output: "slow.txt"
    resources: mem_mb=400, runtime=1
    shell: "echo slow >> $RAN; sleep 95; touch {output}"
""",
    )
    ended = pipeline.heal("run", "--", *SNAKEMAKE_SLURM)
    assert ended.returncode == 0, ended.stdout
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["label"], outcomes(incident)) == ("healed", "time_limit", ["healed"])
    assert incident["fix"]["changes"] == [{"name": "time_min", "old": 1.0, "new": 2.0}]
    assert "DUE TO TIME LIMIT" in pipeline.show(incident["id"])["diagnosis"]["root"]["text"]


def test_a_rule_that_needs_memory_twice_gets_it_twice(pipeline: Pipeline):
    # Given a rule whose need is beyond the first step
    pipeline.file("eat.py", EAT)
    pipeline.file("Snakefile", GREEDY % {"mem_mb": 400, "eats": 700})
    ended = pipeline.heal("run", "--", *SNAKEMAKE_SLURM)
    # Then it is one incident with two remedies, the second a larger one
    assert ended.returncode == 0, ended.stdout
    [incident] = pipeline.incidents()
    assert (incident["state"], outcomes(incident)) == ("healed", ["same_failure", "healed"])
    first, second = (remedy["fix"]["changes"][0] for remedy in incident["remedies"])
    assert second["old"] == first["new"]
    assert second["new"] >= 2 * first["new"]
    assert pipeline.times_run() == {"before": 1, "greedy": 3, "report": 1}


def test_a_bare_job_is_healed(pipeline: Pipeline, until: Callable[..., bool]):
    # Given a script that submits a job by hand and does not wait for it
    pipeline.file("eat.py", EAT)
    pipeline.file(
        "job.sh", "#!/bin/bash\n#SBATCH --job-name=plink\necho plink >> $RAN\npython3 eat.py 300 4\ntouch done.txt\n"
    )
    pipeline.file("submit.sh", "sbatch --mem=100M --time=5 --partition=short job.sh\n")
    # When it is started under heal
    ended = pipeline.heal("run", "--", "bash", "submit.sh")
    # Then heal stays until the job is home, submitted again with more memory and the same name
    assert ended.returncode == 0, ended.stdout
    assert (pipeline.work / "done.txt").exists()
    assert set(pipeline.times_run()) == {"plink"}
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["label"], incident["engine"]) == ("healed", "out_of_memory", "sbatch")
    assert pipeline.times_run() == {"plink": 1 + len(incident["remedies"])}
    assert until(lambda: len(jobs_in(pipeline)) == 1 + len(incident["remedies"]))


def test_a_bug_in_a_script_waits_for_a_person(pipeline: Pipeline, until: Callable[..., bool]):
    # Given a script with a name that does not exist
    pipeline.file("plot.py", "import sys\n\n\ndef main():\n    print(figure)\n\n\nmain()\n")
    pipeline.file("job.sh", "#!/bin/bash\npython3 plot.py\n")
    pipeline.file("submit.sh", "sbatch --mem=100M --time=5 job.sh\n")
    # When its job fails under heal
    ended = pipeline.heal("run", "--", "bash", "submit.sh")
    # Then the cause is named with file and line, nothing was submitted again, and a person is waited for
    assert ended.returncode == 3, ended.stdout
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["label"], incident["remedies"]) == ("waiting", "script_error", [])
    diagnosis = pipeline.show(incident["id"])["diagnosis"]
    assert diagnosis["root"]["text"] == "NameError: name 'figure' is not defined"
    assert any('plot.py", line 5' in cited["text"] for cited in diagnosis["citations"])
    assert until(lambda: len(jobs_in(pipeline)) == 1)
    assert pipeline.heal("wait").returncode == 3


def test_a_job_that_its_owner_cancelled_stays_cancelled(pipeline: Pipeline, until: Callable[..., bool]):
    # Given a running job that heal follows
    pipeline.file("job.sh", "#!/bin/bash\necho sleeper >> $RAN\nsleep 300\n")
    pipeline.file("submit.sh", "sbatch --parsable --mem=100M --time=10 job.sh | tee id.txt\n")
    following = subprocess.Popen(["heal", "run", "--", "bash", "submit.sh"], cwd=pipeline.work, env=pipeline.env)
    assert until(lambda: pipeline.times_run() == {"sleeper": 1}, 60)
    # When its owner cancels it
    job = (pipeline.work / "id.txt").read_text(encoding="utf-8").strip()
    pipeline.run("scancel", job)
    # Then heal says so and leaves it at that
    following.wait(120)
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["label"], incident["remedies"]) == ("dismissed", "cancelled", [])
    assert until(lambda: jobs_in(pipeline) == [job])


def test_what_fails_the_same_way_whatever_it_is_given_is_given_up(pipeline: Pipeline, until: Callable[..., bool]):
    # Given a job that complains about memory however much it has
    pipeline.file("job.sh", "#!/bin/bash\necho try >> $RAN\nsleep 3\necho MemoryError >&2\nexit 1\n")
    pipeline.file("submit.sh", "sbatch --mem=100M --time=5 job.sh\n")
    ended = pipeline.heal("run", "--", "bash", "submit.sh")
    # Then heal stops after it saw that memory makes no difference, and says so
    assert ended.returncode == 4, ended.stdout
    [incident] = pipeline.incidents()
    assert incident["state"] == "given_up"
    assert set(outcomes(incident)) == {"same_failure"}
    assert 1 <= len(incident["remedies"]) <= 2
    assert until(lambda: len(jobs_in(pipeline)) == 1 + len(incident["remedies"]))
    assert "heal stops here" in ended.stdout


def test_the_partition_is_the_limit_and_is_named(pipeline: Pipeline, until: Callable[..., bool]):
    # Given a job that already asks for all that its partition gives
    pipeline.file("eat.py", EAT)
    pipeline.file("job.sh", "#!/bin/bash\npython3 eat.py 900 4\n")
    pipeline.file("submit.sh", "sbatch --mem=600M --time=1 --partition=tiny job.sh\n")
    ended = pipeline.heal("run", "--", "bash", "submit.sh")
    assert ended.returncode == 4, ended.stdout
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["remedies"]) == ("given_up", [])
    assert "tiny" in ended.stdout
    assert until(lambda: len(jobs_in(pipeline)) == 1)


@pytest.fixture
def daemon(pipeline: Pipeline):
    assert pipeline.heal("daemon", "start").returncode == 0
    yield
    assert pipeline.heal("daemon", "stop").returncode == 0


@pytest.mark.usefixtures("daemon")
def test_the_daemon_heals_a_run_that_announces_itself(pipeline: Pipeline):
    # Given a profile that names heal as a logger, in a project that wants nothing tried again while its run goes on
    pipeline.file("heal.toml", "[in_flight]\nwait_seconds = 0\n")
    pipeline.file("eat.py", EAT)
    pipeline.file("Snakefile", GREEDY % {"mem_mb": 450, "eats": 420})
    pipeline.file("profiles/default/config.yaml", "logger: heal\n")
    # When the run fails
    ended = pipeline.run(*SNAKEMAKE_SLURM)
    assert ended.returncode == 1, ended.stdout
    # Then the daemon brings it home
    assert pipeline.heal("wait", "--timeout", "240").returncode == 0
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["label"]) == ("healed", "out_of_memory")
    assert (pipeline.work / "report.txt").exists()
    assert pipeline.times_run() == {"before": 1, "greedy": 2, "report": 1}


@pytest.mark.usefixtures("daemon")
def test_the_daemon_heals_jobs_of_a_registered_project_and_no_others(pipeline: Pipeline, until: Callable[..., bool]):
    # Given a registered project and a folder beside it, with the same greedy job in both
    elsewhere = pipeline.work.parent / "elsewhere"
    elsewhere.mkdir()
    job = "#!/bin/bash\npython3 eat.py 300 4\ntouch done.txt\n"
    for folder in (pipeline.work, elsewhere):
        (folder / "eat.py").write_text(EAT, encoding="utf-8")
        (folder / "job.sh").write_text(job, encoding="utf-8")
    assert pipeline.heal("init", "--yes").returncode == 0
    # When both jobs fail for memory
    for folder in (pipeline.work, elsewhere):
        pipeline.run("sbatch", "--mem=100M", "--time=5", f"--chdir={folder}", str(folder / "job.sh"))
    # Then the project's own job comes home, and the other is left alone
    assert until((pipeline.work / "done.txt").exists, 180)
    assert pipeline.heal("wait", "--timeout", "120").returncode == 0
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["engine"]) == ("healed", "sbatch")
    assert not (elsewhere / "done.txt").exists()


def test_a_missing_folder_for_the_output_is_made(pipeline: Pipeline):
    # Given a job whose output goes to a folder that nobody made: SLURM ends it without a word
    pipeline.file("job.sh", "#!/bin/bash\n#SBATCH --output=logs/deep/%j.out\necho job >> $RAN\n")
    ended = pipeline.heal("run", "--", "sbatch", "--wait", "--mem=100M", "--time=5", "job.sh")
    # Then the folder is made, and the job runs; sbatch itself ended with 1, for the job that failed
    assert ended.returncode == 0, ended.stdout
    assert pipeline.times_run() == {"job": 1}
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["label"], incident["fix"]["kind"]) == ("healed", "missing_input", "prepare")
