"""What only the second cluster shows, healed from end to end under ``heal run``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.live.pipelines import EAT, REAL_SBATCH, SNAKEMAKE_SLURM, Pipeline, Shadowed, outcomes

pytestmark = [pytest.mark.slurm, pytest.mark.xdist_group("endings")]


@pytest.fixture
def pipeline(tmp_path: Path, pair: str) -> Pipeline:
    made = Pipeline(tmp_path)
    made.conf = pair
    made.file("eat.py", EAT)
    made.file("heal.toml", "[slurm]\nstuck_after_s = 5\n")
    return made


def test_a_job_whose_script_does_not_notice_that_it_ran_out_of_memory_is_healed(pipeline: Pipeline) -> None:
    # Given a script that ends with 0 whatever becomes of its program, and too little memory for that
    pipeline.file("job.sh", "#!/bin/bash\necho plink >> $RAN\npython3 eat.py 150 1 && touch done.txt\nexit 0\n")
    pipeline.file("submit.sh", "sbatch --job-name=plink --mem=100M --time=5 job.sh\n")
    # When it is started under heal
    ended = pipeline.heal("run", "--", "bash", "submit.sh")
    # Then SLURM's word counted, and it came home with more
    assert ended.returncode == 0, ended.stdout
    assert (pipeline.work / "done.txt").exists()
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["label"], outcomes(incident)[-1]) == ("healed", "out_of_memory", "healed")
    assert pipeline.times_run() == {"plink": 1 + len(incident["remedies"])}


class OwnSrun(Pipeline):
    """A pipeline whose jobs start their steps with a program of its own."""

    @property
    def env(self) -> dict[str, str]:
        env = super().env
        return {**env, "PATH": f"{self.work}/bin:{env['PATH']}"}


# one ends with 0 whatever becomes of its program, and has too little memory for that; one makes what it is to make all
# the same; one asks for two hours where the partition gives one
THREE = """
rule all:
    input: "x.txt", "y.txt", "z.txt"

rule crunch:
    output: "x.txt"
    resources: mem_mb=250
    shell: "echo crunch >> $RAN; (python3 eat.py 220 1 && touch {output}) & wait"

rule hides:
    output: "y.txt"
    resources: mem_mb=500
    shell: "echo hides >> $RAN; srun --overlap --mem=100M python3 eat.py 200 1 || touch {output}"

rule long:
    output: "z.txt"
    resources: mem_mb=200, runtime=120
    shell: "echo long >> $RAN; touch {output}"
"""


@pytest.mark.snakemake
def test_a_run_in_which_slurm_kills_a_part_of_a_job_hides_another_and_never_starts_a_third(
    tmp_path: Path, pair: str, until: Callable[..., bool]
) -> None:
    # Given a cluster with limits by cgroups, where a job above the time of its partition waits for ever
    pipeline = OwnSrun(tmp_path)
    pipeline.conf = pair
    pipeline.file("eat.py", EAT)
    pipeline.file("Snakefile", THREE)
    pipeline.file("heal.toml", "[slurm]\nstuck_after_s = 5\n")
    # its job starts a step, and SLURM lets no job know of another configuration than the usual one
    pipeline.file("bin/srun", f'#!/bin/sh\nSLURM_CONF={pipeline.conf} exec /usr/bin/srun "$@"\n').chmod(0o755)
    run = pipeline.start("heal", "run", "--", *(word.replace("short", "normal") for word in SNAKEMAKE_SLURM[:-1]))
    # When a person is told of the job that can never start, and lets it
    assert until(lambda: _waits(pipeline, "long"), 180), pipeline.incidents()
    [told] = _waits(pipeline, "long")
    advice = str(told["fix"]["why"])
    job = advice.partition("JobId=")[2].partition(" ")[0]
    assert (told["label"], told["tasks"], "Snakemake waits for it" in advice) == ("scheduler_rejected", 1, True)
    pipeline.run("scontrol", "update", f"JobId={job}", "TimeLimit=5")
    said, _ = run.communicate(timeout=300)
    # Then the run goes on to its end, and nobody has to do anything any more
    assert run.returncode == 0, said
    found = {incident["process"]: incident for incident in pipeline.incidents()}
    assert (found["long"]["state"], found["long"]["remedies"]) == ("dismissed", [])
    assert f"long waits in vain · SLURM {job}" in said
    # And of the job of which SLURM fails a step that it saw run out of memory, the missing output is made with more
    assert (found["crunch"]["state"], found["crunch"]["label"]) == ("healed", "out_of_memory")
    assert outcomes(found["crunch"])[-1] == "healed"
    assert "oom-kill event(s) in StepId=" in pipeline.show(found["crunch"]["id"])["diagnosis"]["root"]["text"]
    # And what hid such a step is told, and no failure
    assert "1 task ended with 0 and may still not be well: hides (" in said
    assert "): its script ended with 0, but its step 1 was killed for its memory · heal status" in said
    assert set(found) == {"long", "crunch"}
    assert pipeline.times_run() == {"crunch": 1 + len(found["crunch"]["remedies"]), "hides": 1, "long": 1}
    assert said.count("Building DAG of jobs") == 1
    assert "4 tasks, 2 incidents, 1 healed" in said


def _waits(pipeline: Pipeline, process: str) -> list[dict[str, Any]]:
    """The incidents of a process that wait for a person."""
    return [one for one in pipeline.incidents() if (one["process"], one["state"]) == (process, "waiting")]


def test_a_job_that_can_never_start_waits_for_a_person(pipeline: Pipeline) -> None:
    # Given a job that asks for two hours where the partition gives one
    pipeline.file("submit.sh", "sbatch --job-name=long --time=120 --wrap=true\n")
    ended = pipeline.heal("run", "--", "bash", "submit.sh")
    job = pipeline.run("squeue", "--me", "--noheader", "--name=long", "--format=%i").stdout.strip()
    pipeline.run("scancel", job)
    # Then it is told what is wrong and what to do, and nobody waits for the job
    assert ended.returncode == 3, ended.stdout
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["label"], incident["remedies"]) == ("waiting", "scheduler_rejected", [])
    why = pipeline.show(incident["id"])["fix"]["why"]
    assert f"scontrol update JobId={job} TimeLimit=" in why
    assert "It asks for 2.0 h, and the most that partition normal allows is 60 min: another partition may allow" in why


# says on which partition it runs; takes as many MB as its name is told to, and needs no more
ASKING = "#!/bin/bash\necho $SLURM_JOB_NAME@$SLURM_JOB_PARTITION >> $RAN\nexec python3 -S eat.py $1 1\n"


def test_what_the_site_gives_is_the_end_of_it_and_who_gives_it_is_named(pipeline: Pipeline) -> None:
    # Given jobs that run out of memory: with all that their QOS gives, with all that their account gives to all its jobs
    # (one of two has a QOS that gives more), with all that their partition gives, and one on two nodes that both have to
    # do with what its QOS gives; and of three other partitions one that takes such jobs
    pipeline.file("heal.toml", '[slurm]\npartitions = ["down", "closed", "normal"]\n')
    pipeline.file("job.sh", ASKING)
    pipeline.file(
        "submit.sh",
        "sbatch --job-name=full --qos=strict --time=2 --mem=500M job.sh 700\n"
        "sbatch --job-name=shares --account=little --time=2 --mem=300M job.sh 400\n"
        "sbatch --job-name=spared --account=little --qos=roomy --time=2 --mem=300M job.sh 330\n"
        "sbatch --job-name=moves --partition=narrow --time=2 --mem=150M job.sh 170\n"
        "sbatch --job-name=wide --qos=strict --time=2 --nodes=2 --mem=200M job.sh 400\n",
    )
    # (one like the third ended well before heal was there)
    earlier = pipeline.run("sbatch", "--wait", "--job-name=moves", "--mem=250M", "--wrap=exec python3 -S eat.py 170 4")
    assert earlier.returncode == 0, earlier.stdout
    ended = pipeline.heal("run", "--", "bash", "submit.sh")
    found = {incident["process"]: incident for incident in pipeline.incidents()}
    # Then nothing is asked for that the QOS must refuse, and it is said who could raise it
    assert (found["full"]["state"], found["full"]["remedies"]) == ("given_up", []), ended.stdout
    why = pipeline.show(found["full"]["id"])["journal"][-1]["why"]
    assert why.startswith("asked 500 MB, peaked at ")
    assert why.endswith(
        ", which is the most that QOS strict allows: the site's SLURM administrators can raise it, or allow another QOS; "
        "partition down is down; partition closed is not for account pair"
    )
    assert (found["shares"]["state"], found["shares"]["remedies"]) == ("given_up", []), ended.stdout
    why = pipeline.show(found["shares"]["id"])["journal"][-1]["why"]
    assert "the most that account little allows: the site's SLURM administrators can raise it" in why
    # And one more of that account is given what its QOS allows instead
    assert (found["spared"]["state"], outcomes(found["spared"])) == ("healed", ["healed"]), ended.stdout
    # And another one runs where the settings let it and the site too
    assert (found["moves"]["state"], outcomes(found["moves"])) == ("healed", ["healed"]), ended.stdout
    assert ("partition", "narrow", "normal") in [tuple(one.values()) for one in found["moves"]["fix"]["changes"]]
    # with what the earlier one needed, as accounting tells
    [proposed] = [one for one in pipeline.show(found["moves"]["id"])["journal"] if one["kind"] == "proposed"]
    assert "; an earlier one peaked at " in proposed["fix"]["why"]
    # And the last gets on each node half of what its QOS gives
    assert (found["wide"]["state"], outcomes(found["wide"])) == ("given_up", ["same_failure"])
    assert "the most that QOS strict allows" in pipeline.show(found["wide"]["id"])["journal"][-1]["why"]
    ran = {
        "full@normal": 1,
        "shares@normal": 1,
        "spared@normal": 2,
        "moves@narrow": 1,
        "moves@normal": 1,
        "wide@normal": 2,
    }
    assert pipeline.times_run() == ran
    assert ended.returncode == 4, ended.stdout


@pytest.fixture
def secretive(tmp_path: Path, pair: str) -> Iterator[Shadowed]:
    """A project on a site that shows nobody what accounts and QOS allow; what sbatch says is kept."""
    made = Shadowed(tmp_path)
    made.conf = pair
    made.file(
        "job.sh",
        "#!/bin/bash\n#SBATCH --time=1\necho $1 >> $RAN\n"
        '[ "$SLURM_MEM_PER_NODE" -gt $1 ] || { echo MemoryError >&2; exit 1; }\n',
    )
    assert made.heal("init", "--yes").returncode == 0
    said = tmp_path / "said"
    made.in_sbatchs_place(f'exec 3>&1\n{REAL_SBATCH} "$@" 2>&1 >&3 | tee -a {said} >&2\nexit ${{PIPESTATUS[0]}}\n')
    (tmp_path / "site" / "sacctmgr").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "site" / "sacctmgr").chmod(0o755)
    yield made
    made.heal("daemon", "stop")
    made.run("scancel", f"--name={made.name}")


def test_a_submit_limit_is_waited_for_and_a_size_is_not(secretive: Shadowed, until: Callable[..., bool]) -> None:
    # Given a failed job of an account that may have two jobs at a time, and has two others by now; and a failed job that
    # cannot have any more by its QOS, which heal cannot know
    waits = secretive.submit("--account=capped", "--mem=60M", "job.sh", "60")
    ends = secretive.submit("--qos=strict", "--mem=400M", "job.sh", "400")
    both = f"{waits},{ends}"
    assert until(lambda: secretive.run("sacct", "-nXP", "-j", both, "-o", "State").stdout.count("FAILED") == 2, 60)
    others = [secretive.submit("-Acapped", "--chdir=/", "--begin=now+1hour", "--wrap=true") for _ in range(2)]
    said = secretive.work.parent / "said"
    # When heal submits both again, and is told twice that it may not submit the first now
    assert secretive.heal("daemon", "start").returncode == 0
    assert until(lambda: said.exists() and said.read_text().count("AssocGrpSubmitJobsLimit") == 2, 90)
    # Then the first is told as that, and the second is over, each in the site's words
    found = {secretive.show(one["id"])["failed"][0]["job"]: one for one in secretive.incidents()}
    story = secretive.show(found[waits]["id"])
    [delayed] = [one["why"] for one in story["journal"] if one["kind"] == "delayed"]
    assert story["state"] == "applying"
    assert delayed.startswith(f"SLURM does not take job {waits} now: sbatch: error: AssocGrpSubmitJobsLimit")
    assert (found[ends]["state"], outcomes(found[ends])) == ("unhealed", ["refused"])
    last = secretive.show(found[ends]["id"])["journal"][-1]["detail"]
    assert last.startswith(f"SLURM refuses job {ends}: sbatch: error: QOSMaxMemoryPerJob")
    # And when the account has room again, the first goes on, with one job
    secretive.run("scancel", *others)
    assert until(lambda: secretive.show(found[waits]["id"])["state"] == "healed", 120), secretive.incidents()
    assert (secretive.times_run(), said.read_text().count("QOSMaxMemoryPerJob")) == ({"60": 2, "400": 1}, 1)
    [applied] = [one for one in secretive.show(found[waits]["id"])["journal"] if one["kind"] == "applied"]
    assert set(secretive.jobs()) == {waits, ends, *others, *applied["jobs"].values()}
