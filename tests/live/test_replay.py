"""A replay on a real SLURM: a job of its own with the task's resources, told to nobody, and none left behind."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.nextflow import test_replay as nextflow_replay
from tests.proving import conftest
from tests.proving.pipelines import Project, environment

from heal.engines.nextflow_replay import NextflowReplay
from heal.engines.snakemake_replay import SnakemakeReplay
from heal.jobs import JobFacts, JobState
from heal.patch import Draft
from heal.proving.enclosure import Enclosure
from heal.proving.replay import Failed, Replay, token_of
from heal.schedulers.command import Commands
from heal.schedulers.replaying import Pace, SlurmReplays
from heal.schedulers.sbatch_replay import SbatchReplay

pytestmark = [pytest.mark.slurm, pytest.mark.snakemake, pytest.mark.usefixtures("slurm")]
bubblewrap = conftest.bubblewrap
witness, place = nextflow_replay.witness, nextflow_replay.place

SNAKEFILE = """
rule count:
    input: "data.txt"
    output: "count.txt"
    log: "count.log"
    shell: "echo asked ${{SLURM_CPUS_PER_TASK:-none}} ${{SLURM_MEM_PER_NODE:-none}} $(ulimit -f) ${{MARK:-none}} > {log}; python3 count.py {input} > {output} 2>> {log}"
"""
BROKEN = "import sys\nprint(len(open(sys.argv[1]).readlins()))\n"
FACTS = JobFacts("1", JobState.FAILED, asked_mb=400.0, cpus=2, limit_s=300, partition="short", account="heal")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.of(tmp_path / "project", {"Snakefile": SNAKEFILE, "count.py": BROKEN}, {"data.txt": "1\n2\n"})


def failed(project: Project) -> Failed:
    run = project.run("snakemake", "--executor", "slurm", "--jobs", "9", "--default-resources", "slurm_partition=short")
    about = {
        "given": ("data.txt",),
        "makes": ("count.txt",),
        "log_paths": ("count.log",),
        "native_id": "1",
        "job": FACTS,
    }
    # every test an incident of its own: its jobs are found by that
    return replace(project.failed(run, "count", **about), incident=uuid.uuid4().hex[:12])


def replay(bubblewrap: Enclosure, commands: Commands, *, minutes: float = 3.0) -> Replay:
    slurm = SlurmReplays(commands, pace=Pace(look_s=0.5, ask_s=10))
    return Replay({"snakemake": SnakemakeReplay(lambda _env: bubblewrap)}, {"slurm": slurm}, minutes=minutes)


JOB = """\
#!/bin/bash -e
#SBATCH --partition=short
echo element $SLURM_ARRAY_TASK_ID of $1 > $PWD/out-$SLURM_ARRAY_TASK_ID.txt
wc -l < data.txt >> {folder}/out-$SLURM_ARRAY_TASK_ID.txt
{command}
"""


def test_a_job_by_hand_runs_again_in_a_copy_of_its_folder(tmp_path: Path, bubblewrap: Enclosure):
    # Given an element of an array whose script has a wrong word in it, and writes by its folder's full name
    folder = tmp_path / "hand"
    wrong = JOB.format(folder=folder, command="ehco done")
    project = Project.of(folder, {"job.sh": wrong}, {"data.txt": "1\n2\n"})
    run = project.run("/usr/bin/sbatch", "--array=1-4", "job.sh", "a b", engine="sbatch")
    of = replace(project.failed(run, "job", native_id="77_3", job=FACTS), incident=uuid.uuid4().hex[:12])
    before = project.fingerprint()
    slurm = SlurmReplays(Commands(env=environment()), pace=Pace(look_s=0.5, ask_s=10))
    again = Replay({"sbatch": SbatchReplay(lambda _env: bubblewrap)}, {"slurm": slurm}, minutes=2)
    # Then the script as it would be is what runs, as that element
    healed = again.tried(project.draft(**{"job.sh": JOB.format(folder=folder, command="echo done")}), of)
    assert (healed.passed, "made out-3.txt (19 bytes)" in healed.said) == (True, True), healed.said
    # one that is still wrong is shown to be, and one that starts steps of SLURM says nothing of the change
    bad = again.tried(project.draft(**{"job.sh": JOB.format(folder=folder, command="eho done")}), of)
    assert (bad.passed, "eho: command not found" in bad.said) == (False, True), bad.said
    steps = again.tried(project.draft(**{"job.sh": JOB.format(folder=folder, command="srun hostname")}), of)
    assert (steps.passed, "which would run outside of the replay" in steps.said) == (None, True), steps.said
    assert project.fingerprint() == before


@pytest.mark.nextflow
def test_a_task_of_nextflow_is_rendered_here_and_runs_as_a_job(
    place: nextflow_replay.Place, bubblewrap: Enclosure, until: Callable[..., bool]
):
    attempt = replace(place.failed.attempt, native_id="1", asked={"memory_mb": 300, "cpus": 1})
    of = replace(place.failed, attempt=attempt, job=FACTS, incident=uuid.uuid4().hex[:12])
    ran, before = place.ran.read_text(encoding="utf-8"), place.project.fingerprint()
    shown = replace(bubblewrap, options=(*bubblewrap.options, "--bind", str(place.ran.parent), str(place.ran.parent)))
    slurm = SlurmReplays(Commands(env=environment()), pace=Pace(look_s=0.5, ask_s=10))
    again = Replay({"nextflow": NextflowReplay(lambda _env: shown)}, {"slurm": slurm}, minutes=2)
    draft = place.project.draft(**{"bin/table.py": nextflow_replay.SCRIPT.replace("nmae", "name")})
    (draft.worktree / "bin/table.py").chmod(0o755)
    trial = again.tried(draft, of)
    assert (trial.passed, "made S2.tsv (9 bytes)" in trial.said) == (True, True), trial.said
    assert until(lambda: jobs(draft, of) == ["COMPLETED|heal-replay|2|300M"]), jobs(draft, of)
    # that task alone ran, and nothing of the user's has moved
    assert place.ran.read_text(encoding="utf-8") == ran + "table S2\n"
    assert place.project.fingerprint() == before


def jobs(draft: Draft, of: Failed) -> list[str]:
    """State, name, cpus and memory of the jobs that carry the token, by accounting."""
    words = ["sacct", "-nPX", "--starttime=now-1hour", "--format=State,JobName,ReqCPUS,ReqMem,Comment"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.rpartition("|")[0] for line in said if line.endswith(f"|heal:{token_of(draft, of)}")]


def test_the_failed_task_runs_again_as_a_job_with_what_it_asked_for(
    project: Project, bubblewrap: Enclosure, until: Callable[..., bool]
):
    # Given a run that had a variable of its user's
    of = failed(project)
    of = replace(of, env={**of.env, "MARK": "of the run's"})
    before, commands = project.fingerprint(), Commands(env=environment())
    # When a change that heals it is replayed, and one that does not
    good = project.draft(**{"count.py": BROKEN.replace("readlins", "readlines")})
    healed = replay(bubblewrap, commands).tried(good, of)
    bad = replay(bubblewrap, commands).tried(project.draft(**{"count.py": BROKEN.replace("readlins", "rows")}), of)
    # Then both are told apart, by what the task itself wrote, which saw the resources it was given
    assert (healed.passed, "made count.txt (2 bytes)" in healed.said) == (True, True), healed.said
    assert bad.passed is False, bad.said
    # the bound on what it may write, in KB, and the variable
    assert f"asked 2 400 {20_000 * 1024} of the run's" in bad.said, bad.said
    assert "AttributeError" in bad.said
    # and SLURM saw jobs of that size that ended well, whatever their task did, and was asked little
    assert until(lambda: jobs(good, of) == ["COMPLETED|heal-replay|2|400M"]), jobs(good, of)
    assert commands.count <= 4
    assert project.fingerprint() == before


def test_a_replay_that_takes_too_long_is_cancelled(project: Project, bubblewrap: Enclosure, until: Callable[..., bool]):
    of, commands = failed(project), Commands(env=environment())
    draft = project.draft(**{"count.py": "import time\ntime.sleep(1000)\n"})
    trial = replay(bubblewrap, commands, minutes=0.1).tried(draft, of)
    assert (trial.passed, "it did not end within 6 s" in trial.said) == (None, True), trial.said
    assert until(lambda: jobs(draft, of) and "RUNNING" not in jobs(draft, of)[0])


def test_the_job_of_a_replay_that_nobody_waits_for_is_found_and_ended(
    project: Project, bubblewrap: Enclosure, until: Callable[..., bool]
):
    # Given a heal that was killed while it submitted: there is a note without a number, and the job
    of, commands = failed(project), Commands(env=environment())
    draft = project.draft(**{"count.py": BROKEN.replace("readlins", "readlines")})
    token, root = token_of(draft, of), project.folder / ".heal" / "replay"
    root.mkdir(parents=True)
    (root / f"{token}.asked").write_text("{}", encoding="ascii")
    words = ["sbatch", "--parsable", "-p", "short", f"--comment=heal:{token}", "--output=/dev/null", "--wrap=sleep 900"]
    subprocess.run(words, check=True, capture_output=True, cwd=project.folder)
    # When the same change is replayed by the next one
    trial = replay(bubblewrap, commands).tried(draft, of)
    # Then that job is gone, and the replay is one of its own
    assert trial.passed is True, trial.said
    assert until(
        lambda: sorted(line.split("|")[0].split()[0] for line in jobs(draft, of)) == ["CANCELLED", "COMPLETED"]
    )
    assert not (root / f"{token}.asked").exists()
