"""On a real SLURM, with replies that get lost, jobs that are put back and heals that end: each failure is retried once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.crash.test_crash import heal_to_the_end
from tests.live.pipelines import REAL_SBATCH, Shadowed

from heal.store import Store

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm"), pytest.mark.xdist_group("once")]

# fails for memory when it is told to, unless it has more than at first: then it ends well when it is told to
GATED = """#!/bin/bash
#SBATCH --mem=60M --time=5
echo $1$SLURM_ARRAY_TASK_ID >> $RAN
if [ "$SLURM_MEM_PER_NODE" -gt 60 ]; then until [ -e $1.end ]; do sleep 0.2; done; exit 0; fi
until [ -e $1.fail ]; do sleep 0.2; done
echo MemoryError >&2
exit 1
"""


class Daemon(Shadowed):
    """A registered project and a daemon that follows its jobs."""

    def tell(self, what: str) -> None:
        (self.work / what).touch()

    def states(self) -> list[str]:
        return [incident["state"] for incident in self.incidents()]

    def followed(self) -> int:
        """How many jobs heal follows now; an array whose elements run counts as one."""
        with Store.open(self.home / "heal.db", read_only=True) as store:
            return len(store.watched())

    def pid(self) -> int:
        return int(json.loads((self.home / "daemon.lock").read_text(encoding="utf-8"))["pid"])

    def log(self) -> str:
        return (self.home / "logs" / "daemon.log").read_text(encoding="utf-8")[-3000:]


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Daemon]:
    made = Daemon(tmp_path)
    made.file("job.sh", GATED)
    assert made.heal("init", "--yes").returncode == 0
    yield made
    made.heal("daemon", "stop")
    subprocess.run(["scancel", f"--name={made.name}"], check=False)


NO_REPLY = "echo 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2; exit 1\n"


def test_a_job_whose_reply_was_lost_is_found_by_its_token(pipeline: Daemon, until: Callable[..., bool]) -> None:
    # Given an sbatch whose controller takes the job, and whose reply does not arrive
    pipeline.in_sbatchs_place(f'{REAL_SBATCH} "$@" > /dev/null 2>&1\n{NO_REPLY}')
    first = pipeline.submit("job.sh", "x")
    assert pipeline.heal("daemon", "start").returncode == 0
    pipeline.tell("x.fail")
    # When heal submits the job again
    pipeline.tell("x.end")
    assert until(lambda: pipeline.states() == ["healed"], 120), (pipeline.incidents(), pipeline.log())
    # Then it was submitted once, and found
    assert pipeline.times_run() == {"x": 2}
    assert pipeline.tries() == 1
    assert len(pipeline.jobs()) == 2
    [incident] = pipeline.incidents()
    [applied] = [one for one in pipeline.show(incident["id"])["journal"] if one["kind"] == "applied"]
    assert sorted([first, *applied["jobs"].values()]) == pipeline.jobs()


def test_a_request_that_is_carried_out_late_is_waited_for(pipeline: Daemon, until: Callable[..., bool]) -> None:
    # Given a controller that carries the request out half a minute after sbatch has given up
    late = (
        f"setsid -f env -u HEAL_TOKEN {sys.executable} -c '{LATE}' {REAL_SBATCH} \"$@\" > /dev/null 2>&1 < /dev/null\n"
    )
    pipeline.in_sbatchs_place(f"{late}{NO_REPLY}")
    pipeline.submit("job.sh", "x")
    assert pipeline.heal("daemon", "start").returncode == 0
    pipeline.tell("x.fail")
    pipeline.tell("x.end")
    # Then heal has not submitted another one meanwhile
    assert until(lambda: pipeline.states() == ["healed"], 150), (pipeline.incidents(), pipeline.log())
    assert (pipeline.times_run(), pipeline.tries(), len(pipeline.jobs())) == ({"x": 2}, 1, 2)


LATE = "import os, select, sys; select.select([], [], [], 25); os.execv(sys.argv[1], sys.argv[1:])"


def test_an_sbatch_that_outlives_its_heal_is_waited_for(pipeline: Daemon, until: Callable[..., bool]) -> None:
    # Given an sbatch, a script of the site's, that hangs before it submits, and a heal that is killed meanwhile
    gate = pipeline.work / "go"
    pipeline.in_sbatchs_place(f'until [ -e {gate} ]; do sleep 0.2; done\n{REAL_SBATCH} "$@"\n')
    pipeline.submit("job.sh", "x")
    assert pipeline.heal("daemon", "start").returncode == 0
    pipeline.tell("x.fail")
    assert until((pipeline.work.parent / "site" / "tries").exists, 90), pipeline.log()
    os.kill(pipeline.pid(), signal.SIGKILL)
    # When the next heal comes, and looks the token up in vain more than once
    assert until(lambda: pipeline.heal("daemon", "start").returncode == 0, 30)
    assert not until(lambda: pipeline.tries() > 1 or pipeline.states() != ["applying"], 15)
    # And sbatch goes on
    gate.touch()
    pipeline.tell("x.end")
    # Then its job is the one that counts
    assert until(lambda: pipeline.states() == ["healed"], 180), (pipeline.incidents(), pipeline.log())
    assert (pipeline.times_run(), pipeline.tries(), len(pipeline.jobs())) == ({"x": 2}, 1, 2)


def test_an_sbatch_that_outlasts_heal_s_patience_is_cut_off_and_its_job_found(
    pipeline: Daemon, until: Callable[..., bool]
) -> None:
    # Given an sbatch that submits and then never ends, and a heal that waits ten seconds for it and not three minutes
    gone = pipeline.work.parent / "site" / "pid"
    pipeline.in_sbatchs_place(
        f'setsid -f {REAL_SBATCH} "$@" > /dev/null 2>&1 < /dev/null\necho $$ > {gone}\nexec sleep 3600\n'
    )
    first = pipeline.submit("job.sh", "x")
    pipeline.tell("x.fail")
    pipeline.tell("x.end")
    assert until(lambda: not running(pipeline), 60)
    # When it heals
    assert heal_to_the_end(pipeline, MORTAL_SUBMIT_PATIENCE_S="10") > 0
    # Then that sbatch is gone, and its job was found by its token, which is on no other one
    assert not Path("/proc", gone.read_text(encoding="utf-8").strip()).exists()
    assert (pipeline.states(), pipeline.times_run(), pipeline.tries()) == (["healed"], {"x": 2}, 1)
    [incident] = pipeline.incidents()
    [applied] = [one for one in pipeline.show(incident["id"])["journal"] if one["kind"] == "applied"]
    assert sorted([first, *applied["jobs"].values()]) == pipeline.jobs()


def test_a_job_of_heal_s_that_the_site_requeues_is_the_same_try(pipeline: Daemon, until: Callable[..., bool]) -> None:
    # Given a job that heal submitted again, and that runs
    first = pipeline.submit("job.sh", "x")
    assert pipeline.heal("daemon", "start").returncode == 0
    pipeline.tell("x.fail")
    assert until(lambda: pipeline.times_run() == {"x": 2}, 90), (pipeline.incidents(), pipeline.log())
    [second] = set(pipeline.jobs()) - {first}
    # When it is put back into the queue, and waits there
    assert pipeline.run("scontrol", "requeue", second).returncode == 0
    # Then it is still the one try, whoever asks
    assert not until(lambda: pipeline.states() != ["observing"] or len(pipeline.jobs()) != 2, 8), pipeline.incidents()
    # And when SLURM runs it again and it ends well, the failure is healed
    pipeline.run("scontrol", "update", f"JobId={second}", "StartTime=now")
    pipeline.tell("x.end")
    assert until(lambda: pipeline.states() == ["healed"], 180), (pipeline.incidents(), pipeline.log())
    assert (pipeline.times_run(), pipeline.jobs()) == ({"x": 3}, sorted([first, second]))


def test_a_heal_that_ends_twice_loses_nothing_of_three_arrays(pipeline: Daemon, until: Callable[..., bool]) -> None:
    # Given three arrays: of the first one element is tried, the second runs again, the third has not failed yet
    pipeline.file("heal.toml", "[arrays]\ncanary_from = 3\ngather_seconds = 15\n")
    for name, indices in (("a", "1-3"), ("b", "1-2"), ("c", "1-2")):
        pipeline.submit(f"--array={indices}", "job.sh", name)
    names = ["a1", "a2", "a3", "b1", "b2", "c1", "c2"]
    assert until(lambda: pipeline.times_run() == dict.fromkeys(names, 1), 60)
    assert pipeline.heal("daemon", "start").returncode == 0
    for name in ("a.fail", "b.fail"):
        pipeline.tell(name)
    tried = [["a1", "b1", "b2"], ["a2", "b1", "b2"], ["a3", "b1", "b2"]]
    assert until(lambda: twice(pipeline) in tried, 120), (pipeline.incidents(), pipeline.log())
    # When the daemon is told to end, and everything goes on without it
    assert pipeline.heal("daemon", "stop").returncode == 0
    for name in ("a.end", "b.end", "c.fail"):
        pipeline.tell(name)
    assert until(lambda: len(pipeline.jobs()) == 5 and not running(pipeline), 60)
    # And the next one is killed as soon as it has submitted something
    assert pipeline.heal("daemon", "start").returncode == 0
    assert until(lambda: len(pipeline.jobs()) > 5, 120), (pipeline.incidents(), pipeline.log())
    os.kill(pipeline.pid(), signal.SIGKILL)
    pipeline.tell("c.end")
    # Then the third one brings all of it home, and each element ran once more
    assert until(lambda: pipeline.heal("daemon", "start").returncode == 0, 30)
    # (what was being submitted at the kill may still come for five minutes, and is waited for)
    assert until(lambda: pipeline.states() == ["healed"] * 3, 420), (pipeline.incidents(), pipeline.log())
    assert pipeline.times_run() == dict.fromkeys(names, 2)
    # a: one, then two; b: two; c: two
    assert len(pipeline.jobs()) == 3 + 4


def twice(pipeline: Daemon) -> list[str]:
    return sorted(name for name, count in pipeline.times_run().items() if count == 2)


def running(pipeline: Daemon) -> bool:
    argv = ["squeue", "--noheader", f"--name={pipeline.name}"]
    return bool(subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip())


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB of its own for heal's home."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", home], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a disk that can be filled takes a mount, which is not allowed here")
    yield home
    subprocess.run(["umount", "-l", home], check=True)


def test_a_disk_that_fills_up_while_a_job_is_submitted_makes_no_second_job(
    small: Path, pipeline: Daemon, until: Callable[..., bool]
) -> None:
    # Given an sbatch during which the last bytes of heal's disk are taken
    filler = small / "filler"
    pipeline.in_sbatchs_place(f'cat /dev/zero > {filler} 2> /dev/null\n{REAL_SBATCH} "$@"\n')
    first = pipeline.submit("job.sh", "x")
    assert pipeline.heal("daemon", "start").returncode == 0
    pipeline.tell("x.fail")
    assert until(lambda: pipeline.times_run() == {"x": 2}, 90), pipeline.log()
    [second] = set(pipeline.jobs()) - {first}
    # When heal can write nothing down for a while, and the job ends meanwhile
    pipeline.tell("x.end")
    assert not until(lambda: len(pipeline.jobs()) != 2, 12), pipeline.jobs()
    # And the disk has room again
    filler.unlink()
    # Then that job is the one that counts
    assert until(lambda: pipeline.states() == ["healed"], 180), (pipeline.incidents(), pipeline.log())
    assert (pipeline.times_run(), pipeline.tries(), pipeline.jobs()) == ({"x": 2}, 1, sorted([first, second]))
