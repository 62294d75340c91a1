"""The golden files are what every writer produces; the intake reads each line of them, and the store keeps it."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from heal.home.slurm_site import Site
from heal.shipped import shipped
from heal.steps.intake import parse
from heal.store import Store

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.json"))


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_intake_reads_what_writers_write(path: Path):
    for number, line in enumerate(lines(path)):
        said, event = json.loads(line), parse(f"{path.stem}-{number}", line)
        assert (event.kind, event.source, event.facts, event.body) == (
            said["kind"],
            said["source"],
            said["facts"],
            line,
        )
        assert (event.run.id if event.run else None) == said.get("run", {}).get("id")
        assert (event.task.key if event.task else None) == said.get("task", {}).get("key")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_store_knows_every_task_that_failed(path: Path, tmp_path: Path):
    # but for those that were only stopped with others, and those that the engine itself made good
    told = [json.loads(line) for line in lines(path)]
    home = {said["task"]["key"] for said in told if said["kind"] == "task_finished"}
    failed = {
        (said["task"]["key"], said["task"]["attempt"])
        for said in told
        if said["kind"] == "task_failed"
        and not said["facts"].get("aborted")
        and not (said["facts"].get("will_retry") and said["task"]["key"] in home)
    }
    with Store.open(tmp_path / "heal.db") as store:
        for number, line in enumerate(lines(path)):
            store.take(parse(f"{path.stem}-{number}", line))
        assert {(attempt.key, attempt.number) for attempt in store.unexplained()} == failed


# --- the writers between a user and what they started --------------------------------------------


def spoken(spool: Path, here: Path) -> list[str]:
    """What is in a spool, with what differs from place to place and time to time taken out."""
    return [
        json.dumps(_still(json.loads(path.read_text(encoding="utf-8")), here)) for path in sorted(spool.glob("*.json"))
    ]


def _still(said: dict[str, Any], here: Path) -> dict[str, Any]:
    text = json.dumps({**said, "time": "2026-01-02T03:04:05+00:00"}).replace(str(here), "/data")
    still: dict[str, Any] = json.loads(text)
    if "run" in still:
        still["run"] |= {"pid": 4711}
    for name, text in (("host", "login1"), ("user", "ada")):
        if name in still["facts"]:
            still["facts"][name] = text
    return still


def check(name: str, found: list[str]) -> None:
    """Compare with the golden file; HEAL_GOLDEN=write makes it."""
    path = HERE / f"{name}.json"
    if os.environ.get("HEAL_GOLDEN") == "write":
        path.write_text("\n".join(found) + "\n", encoding="utf-8")
    assert found == lines(path)


def test_the_launcher_writes_its_golden_file(tmp_path: Path):
    launch = shipped("hooks") / "launch.py"
    argv = [sys.executable, "-I", str(launch), "--id", "run-1", "--home", str(tmp_path), "--parent", "run-0", "--"]
    subprocess.run([*argv, "sh", "-c", "exit 3"], cwd=tmp_path, check=False, timeout=60)
    check("runner", spoken(tmp_path / "spool", tmp_path))


def test_the_sbatch_shim_writes_its_golden_file(tmp_path: Path):
    # Given an sbatch that answers as SLURM's does
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    sbatch = bin_folder / "sbatch"
    sbatch.write_text("#!/bin/sh\necho Submitted batch job 81723\n", encoding="utf-8")
    sbatch.chmod(0o755)
    shim = shipped("hooks") / "shim.py"
    env = {"PATH": f"{bin_folder}:/usr/bin:/bin", "HEAL_SPOOL": str(tmp_path / "spool"), "HEAL_RUN": "run-1"}
    argv = [sys.executable, "-I", "-S", str(shim), "sbatch", str(tmp_path / "attach")]
    ran = subprocess.run(
        [*argv, "--job-name=plink", "--array=1-4%2", "job.sh", "a b"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout == "Submitted batch job 81723\n"
    # Then it tells of the run and its job; the run's own id is made anew each time
    found = spoken(tmp_path / "spool", tmp_path)
    own = json.loads(found[0])["run"]["id"]
    check("sbatch-shim", [line.replace(own, "run-2") for line in found])


# --- the writers in sh -----------------------------------------------------------------------------

JOB = {"SLURM_JOB_ID": "81725", "SLURM_ARRAY_JOB_ID": "81723", "SLURM_ARRAY_TASK_ID": "3", "SLURM_JOB_NAME": 'a "b" ü'}
JOBCOMP = {"JOBID": "81725", "ARRAYJOBID": "81723", "ARRAYTASKID": "3", "JOBNAME": 'a "b" ü', "JOBSTATE": "TIMEOUT"}


def test_slurms_hooks_write_their_golden_file(tmp_path: Path):
    # Given a site's hooks, and the environment that slurmctld gives them
    user = pwd.getpwuid(os.geteuid()).pw_name
    site = Site(tmp_path / "etc", tmp_path / "site", user)
    site.install()
    site.admit(user)
    epilog = {**JOB, "SLURM_JOB_USER": user, "SLURM_JOB_EXIT_CODE2": "3:0", "SLURM_JOB_RESTART_COUNT": "1"}
    epilog |= {"SLURM_JOB_WORK_DIR": str(tmp_path), "SLURM_CLUSTER_NAME": "lab", "SLURM_JOB_COMMENT": "heal:t0k3n"}
    jobcomp = {**JOBCOMP, "USERNAME": user, "EXITCODE": "0:15", "SUBMIT": "1767323045", "WORK_DIR": str(tmp_path)}
    jobcomp |= {"CLUSTER": "lab", "PARTITION": "short", "STDOUT": f"{tmp_path}/%x-%A_%a.log"}
    found = []
    for hook, env in (("epilog", epilog), ("jobcomp", jobcomp)):
        subprocess.run([tmp_path / "etc" / f"slurm_{hook}.sh"], env=env, check=True, timeout=30)
        found += spoken(tmp_path / "site" / user, tmp_path)
        next((tmp_path / "site" / user).iterdir()).unlink()
    check("slurm-hooks", found)


def test_the_wrapper_of_a_job_writes_its_golden_file(tmp_path: Path):
    (tmp_path / "spool").mkdir()
    env = {**JOB, "PATH": os.environ["PATH"], "HEAL_HOME": str(tmp_path), "SLURM_SUBMIT_DIR": str(tmp_path)}
    for words in (["--started"], ["--ended", "3"]):
        subprocess.run(["sh", str(shipped("hooks") / "job.sh"), *words], env=env, check=True, timeout=30)
    check("job", spoken(tmp_path / "spool", tmp_path))


def test_the_line_in_a_workflow_writes_its_golden_file(tmp_path: Path):
    (tmp_path / "spool").mkdir()
    env = {"PATH": os.environ["PATH"], "HEAL_HOME": str(tmp_path)}
    argv = ["sh", str(shipped("hooks") / "failed.sh"), "nextflow", ".nextflow.log"]
    subprocess.run(argv, env=env, cwd=tmp_path, input=b"Missing output", check=True, timeout=30)
    found = spoken(tmp_path / "spool", tmp_path)
    own = json.loads(found[0])["run"]["id"]
    check("failed", [line.replace(own, "run-3") for line in found])


def golden(name: str, kind: str) -> list[dict[str, Any]]:
    return [said for line in lines(HERE / f"{name}.json") if (said := json.loads(line))["kind"] == kind]


def shape(value: object) -> object:
    """The names and kinds of what is said, without the values."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    return [shape(one) for one in value] if isinstance(value, list) else type(value).__name__


def is_part(some: object, whole: object) -> bool:
    """True where all that is in the one is in the other, by the same names and of the same kinds."""
    if isinstance(some, dict) and isinstance(whole, dict):
        return all(name in whole and is_part(one, whole[name]) for name, one in some.items())
    return some == whole


@pytest.mark.parametrize(
    ("name", "kind", "other"),
    [
        ("failed", "run_started", "runner"),
        ("failed", "task_failed", "nextflow-engine-failure"),
        ("failed", "task_failed", "snakemake-engine-failure"),
        ("failed", "run_finished", "runner"),
        ("job", "job_ended", "slurm-hooks"),
    ],
)
def test_writers_in_sh_say_what_others_say_and_no_more(name: str, kind: str, other: str) -> None:
    [ours], [theirs, *_] = golden(name, kind), golden(other, kind)
    assert is_part(shape(ours), shape(theirs))


def test_what_is_one_thing_has_one_value_whoever_tells_of_it() -> None:
    # Given one element of an array that ended, as its own wrapper, its epilog and the book of completed jobs tell
    tasks = [said["task"] for name in ("job", "slurm-hooks") for said in golden(name, "job_ended")]
    assert tasks == [tasks[0]] * 3
    # and an engine that failed as a whole, as its plugin and the line in a workflow tell
    names = ("failed", "nextflow-engine-failure", "snakemake-engine-failure")
    failed = [said for name in names for said in golden(name, "task_failed")]
    whole = [(one["run"]["engine"], "", 1, one["run"]["engine"]) for one in failed]
    told = [
        (one["task"]["name"], one["task"]["key"], one["task"]["attempt"], one["facts"]["process"]) for one in failed
    ]
    assert told == whole
