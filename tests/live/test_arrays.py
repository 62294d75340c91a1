"""Arrays and chains of jobs on a real SLURM: what failed runs again, what waits for it follows."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from tests.live.pipelines import IMPATIENT, Pipeline

from heal.store import Store

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]

# an element named in $FAILS fails for memory until it has more than it was given
ELEMENT = """#!/bin/bash
#SBATCH --mem=60M --time=5
echo $SLURM_ARRAY_TASK_ID >> $RAN
echo $SLURM_ARRAY_TASK_ID $FAILS $SAMPLE >> handed_over
case ":$FAILS:" in *:$SLURM_ARRAY_TASK_ID:*) [ "$SLURM_MEM_PER_NODE" -gt 60 ] || { echo MemoryError >&2; exit 1; };; esac
"""
STEP = """#!/bin/bash
#SBATCH --mem=60M --time=5
echo $1 >> $RAN
[ "$1" != A ] || [ "$SLURM_MEM_PER_NODE" -gt 60 ] || { sleep 3; echo MemoryError >&2; exit 1; }
"""
# fails, and goes on when it is run once more, until it is told to end
AGAIN = """#!/bin/bash
#SBATCH --mem=60M --time=5
echo A >> $RAN
[ "${SLURM_RESTART_COUNT:-0}" -gt 0 ] || { echo MemoryError >&2; exit 1; }
until [ -e end ]; do sleep 0.2; done
"""
# minds no child that is killed, and writes where it says itself
CARELESS = """#!/bin/bash
#SBATCH --mem=60M --time=5 --output=said-%j.txt
echo B >> $RAN
bash -c 'kill -9 $$'
true
"""


class Unhurried(Pipeline):
    """A user's own heal, which spares the cluster; its nodes are this host, as the tests' are."""

    @property
    def env(self) -> dict[str, str]:
        return {name: value for name, value in super().env.items() if name not in IMPATIENT} | {
            "HEAL_SLURM__LOG_WAIT_S": "0"
        }

    def calls(self) -> list[list[str]]:
        """The book of what it asked the scheduler."""
        return [line.split() for line in (self.home / "scheduler-calls").read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    made = Pipeline(tmp_path)
    made.file("element.sh", ELEMENT)
    made.file("step.sh", STEP)
    assert made.heal("init", "--yes").returncode == 0
    made.heal("tick")
    yield made
    subprocess.run(["scancel", f"--name={name_of(made)}"], check=False)


def name_of(pipeline: Pipeline) -> str:
    """A job name that no other worker's test has: it is cancelled by."""
    return "-".join(pipeline.work.parent.parts[-2:])


def submit(pipeline: Pipeline, *argv: str, **env: str) -> str:
    """Submit under a name of this test's own, with ``env`` in the environment; the job's id."""
    given = (f"{name}={value}" for name, value in env.items())
    ended = pipeline.run("env", *given, "sbatch", "--parsable", f"--job-name={name_of(pipeline)}", *argv)
    assert ended.returncode == 0, ended.stdout
    return ended.stdout.strip()


def accounted(job: str, *fields: str) -> list[tuple[str, ...]]:
    argv = ["sacct", "-nXP", "-j", job, "-o", ",".join(fields)]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    return [tuple(line.split("|")) for line in said.splitlines()]


def waiting(job: str) -> bool:
    said = subprocess.run(
        ["squeue", "-h", "-j", job, "-t", "all", "-o", "%T"], capture_output=True, text=True, check=False
    )
    return "PENDING" in said.stdout or "RUNNING" in said.stdout


def healed(pipeline: Pipeline) -> list[str]:
    return [incident["state"] for incident in pipeline.incidents()]


def test_three_elements_of_twenty_run_again_as_one_submission(pipeline: Pipeline, until: Callable[..., bool]):
    # Given an array of twenty of which three fail for memory, and of whose environment heal knows nothing
    job = submit(pipeline, "--export=ALL,FAILS=3:7:9", "--array=1-20%6", "element.sh", SAMPLE="S7")
    assert until(lambda: not waiting(job), 120)
    # When heal looks after it
    pipeline.heal("wait", "--timeout=120")
    # Then just these ran again, as one job with its own throttle, and all is well
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["tasks"]) == ("healed", 3), pipeline.heal("show", incident["id"]).stdout
    jobs = {one["job"] for one in pipeline.show(incident["id"])["failed"]}
    assert jobs == {f"{job}_3", f"{job}_7", f"{job}_9"}
    again = [entry for entry in pipeline.show(incident["id"])["journal"] if entry["kind"] == "applied"]
    assert len(again) == 1
    [new] = {one.split("_")[0] for one in again[0]["jobs"].values()}
    assert until(lambda: len(accounted(new, "JobID", "State")) == 3)
    assert sorted(accounted(new, "JobID", "State")) == [(f"{new}_{index}", "COMPLETED") for index in (3, 7, 9)]
    [said] = {line for (line,) in accounted(new, "SubmitLine")}
    assert "--array=3,7,9%6" in said.split()
    counts = pipeline.times_run()
    assert counts == {str(index): 2 if index in (3, 7, 9) else 1 for index in range(1, 21)}
    # And they were handed over what the others were
    handed_over = Counter((pipeline.work / "handed_over").read_text().splitlines())
    assert handed_over == {f"{index} 3:7:9 S7": count for index, count in counts.items()}


# it waits for minutes, and does next to nothing
@pytest.mark.xdist_group("unhurried")
def test_with_its_own_rhythm_heal_never_asks_more_than_its_ceiling_allows(tmp_path: Path) -> None:
    # Given heal as people have it: six calls a minute, and its own time between two of them
    pipeline = Unhurried(tmp_path)
    pipeline.file("element.sh", ELEMENT)
    # When it looks after an array of which two fail
    submitted = ("sbatch", "--parsable", "--export=ALL,FAILS=2:3", "--array=1-4", "element.sh")
    ended = pipeline.heal("run", "--", *submitted, timeout=600)
    assert ended.returncode == 0, ended.stdout
    # Then these came home
    [incident] = pipeline.incidents()
    assert (incident["state"], incident["tasks"]) == ("healed", 2)
    assert pipeline.times_run() == {"1": 1, "2": 2, "3": 2, "4": 1}
    # and in no minute were there more calls than that
    begun = [float(words[1]) for words in pipeline.calls() if words[0] == ">"]
    assert len(begun) >= 4
    assert max(sum(start <= other < start + 60 for other in begun) for start in begun) <= 6


def test_what_waits_in_a_chain_runs_after_the_healed_one_with_its_own_id(
    pipeline: Pipeline, until: Callable[..., bool]
):
    # Given A -> B -> C, of which A fails; of its command line SLURM keeps no quotes
    first = submit(pipeline, "--comment=two words", "--signal=USR1@10", "step.sh", "A")
    second = submit(pipeline, f"--dependency=afterok:{first}", "step.sh", "B")
    third = submit(pipeline, f"--dependency=afterok:{second}", "step.sh", "C")
    assert until(lambda: ("FAILED",) in accounted(first, "State"), 60)
    # When heal is to ask before it does anything
    pipeline.file("heal.toml", '[policy]\nresources = "ask"\n')
    assert until(lambda: pipeline.heal("tick") and healed(pipeline) == ["waiting"], 180)
    # Then whoever is asked sees what hangs on it
    [incident] = pipeline.incidents()
    story = pipeline.show(incident["id"])
    assert story["dependents"] == [
        {"job": second, "name": name_of(pipeline), "waits_for": f"afterok:{first}(failed)", "cancelled": False},
        {"job": third, "name": name_of(pipeline), "waits_for": f"afterok:{second}(unfulfilled)", "cancelled": False},
    ]
    named = f"wait for it: SLURM {second} ({name_of(pipeline)}), {third} ({name_of(pipeline)})"
    assert named in pipeline.heal("show", incident["id"]).stdout
    assert (pipeline.ran.read_text().split(), story["repointed"]) == (["A"], [])
    # And after a yes A ran again, and B and C ran once, after it, as the jobs that they were
    assert pipeline.heal("accept", incident["id"]).returncode == 0
    assert until(lambda: accounted(third, "State") == [("COMPLETED",)], 60)
    assert accounted(second, "State") == [("COMPLETED",)]
    assert pipeline.ran.read_text().split() == ["A", "A", "B", "C"]
    assert healed(pipeline) == ["healed"]
    [again] = [entry for entry in pipeline.show(incident["id"])["journal"] if entry["kind"] == "applied"]
    [new] = again["jobs"].values()
    # (of a short job accounting may have the end, for a moment, before what was told of its beginning)
    assert until(lambda: accounted(new, "SubmitLine") != [("",)])
    [[line]] = accounted(new, "SubmitLine")
    assert "--signal=USR1@10" in line.split()
    assert "--comment=two words heal:" in line


def test_what_waits_for_a_job_that_its_owner_requeued_runs_after_it_with_its_own_id(
    pipeline: Pipeline, until: Callable[..., bool]
):
    # Given A -> B, of which A fails, and a person is asked
    pipeline.file("heal.toml", '[policy]\nresources = "ask"\n')
    first = submit(pipeline, str(pipeline.file("again.sh", AGAIN)))
    second = submit(pipeline, f"--dependency=afterok:{first}", str(pipeline.file("careless.sh", CARELESS)))
    assert until(lambda: pipeline.heal("tick") and healed(pipeline) == ["waiting"], 120)
    # When its owner runs it again under its own id (a requeued job begins after two minutes, if nobody asks for less)
    pipeline.run("scontrol", "requeue", first)
    pipeline.run("scontrol", "update", f"JobId={first}", "StartTime=now")
    assert until(lambda: pipeline.times_run() == {"A": 2}, 30)
    # And a yes is said to heal's fix all the same
    accepting = pipeline.start("heal", "accept", pipeline.incidents()[0]["id"])
    queue = ("squeue", "-h", "-j", second, "-o", "%E")
    assert until(lambda: pipeline.run(*queue).stdout.strip() == f"afterok:{first}(unfulfilled)", 60)
    pipeline.file("end", "")
    said, _ = accepting.communicate(timeout=60)
    # Then heal submitted nothing: both ran as the jobs that they were, one after the other
    assert (accepting.returncode, healed(pipeline)) == (0, ["dismissed"]), said
    assert until(lambda: accounted(second, "State") == [("COMPLETED",)], 30)
    assert pipeline.ran.read_text().split() == ["A", "A", "B"]
    mine = pipeline.run("squeue", "-h", "-t", "all", "-n", name_of(pipeline), "-o", "%i").stdout.split()
    assert sorted(mine) == [first, second]
    # And of the kill that B hides, its log tells, which B's script alone names
    assert pipeline.heal("wait", "--timeout=60").returncode == 0
    [warned] = json.loads(pipeline.heal("status", "--json").stdout)["warnings"]
    assert (warned["job"], "a program of it was killed, says its log" in warned["why"]) == (second, True)


def test_a_job_that_slurm_cancels_for_its_dependency_runs_after_the_healed_one(
    pipeline: Pipeline, until: Callable[..., bool]
):
    # Given a job that SLURM cancels as soon as the one that it waits for has failed
    first = submit(pipeline, "step.sh", "A")
    second = submit(pipeline, f"--dependency=afterok:{first}", "--kill-on-invalid-dep=yes", "step.sh", "B")
    assert until(lambda: not waiting(second), 60)
    # When heal is to ask before it does anything
    pipeline.file("heal.toml", '[policy]\nresources = "ask"\nretry = "ask"\n')
    # (it ends with 3 once all that is left waits for a person)
    assert until(lambda: pipeline.heal("wait", "--timeout=60").returncode == 3 and "waiting" in healed(pipeline), 120)
    # Then it asks once, and names the job that is cancelled already
    [asked] = [incident["id"] for incident in pipeline.incidents() if incident["state"] == "waiting"]
    named = {"job": second, "name": name_of(pipeline), "waits_for": f"afterok:{first}(failed)", "cancelled": True}
    assert pipeline.show(asked)["dependents"] == [named]
    # And after that one yes both ran to their end, in order
    assert pipeline.heal("accept", asked).returncode == 0
    assert until(lambda: pipeline.heal("tick") and healed(pipeline) == ["healed", "healed"], 120), pipeline.heal(
        "status"
    ).stdout
    assert pipeline.ran.read_text().split() == ["A", "A", "B"]


def test_a_sentinel_tells_of_the_end_of_what_heal_submitted(pipeline: Pipeline, until: Callable[..., bool]):
    # Given a heal that lets a small job tell of the end of the jobs that it submits
    job = submit(pipeline, "step.sh", "A")
    assert until(lambda: ("FAILED",) in accounted(job, "State"), 60)
    # which asks so seldom that nothing else tells it
    env = {**pipeline.env, "HEAL_SLURM__SENTINEL": "true", "HEAL_SLURM__POLL_SECONDS": "60"}
    subprocess.run(["heal", "wait", "--timeout=120"], cwd=pipeline.work, env=env, check=True, capture_output=True)
    # Then the failed job is healed, and its end was told by another one
    assert healed(pipeline) == ["healed"]
    with Store.open(pipeline.home / "heal.db", read_only=True) as store:
        said = store.last_event("runner", "job_ended")
    [incident] = pipeline.incidents()
    done = [entry for entry in pipeline.show(incident["id"])["journal"] if entry["kind"] == "observed"]
    assert said is not None
    assert said <= datetime.fromisoformat(done[-1]["at"])
