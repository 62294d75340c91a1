"""heal's hooks in the slurm.conf of a real SLURM: ends arrive, jobs are healed by them, and nothing waits for heal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cli.place import Place
from tests.conftest import until as until_true
from tests.live.own_slurm import Hooked
from tests.live.pipelines import EAT

pytestmark = [
    pytest.mark.slurm,
    pytest.mark.usefixtures("slurm"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a controller of one's own is started by root"),
    # one controller, on ports of its own
    pytest.mark.xdist_group("hooked"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hooked]:
    if not all(map(shutil.which, ("slurmctld", "slurmd", "sacctmgr"))):
        pytest.skip("no slurmctld on this host")
    made = Hooked(tmp_path_factory.mktemp("hooked"), until_true)
    before = made.conf.read_bytes()
    try:
        made.up()
        yield made
    finally:
        made.down()
    # taken away, nothing of it stays
    made.install("--uninstall")
    assert (made.conf.read_bytes(), made.scripts.exists()) == (before, False)


class Jobs:
    """Jobs submitted to that cluster, and what its hooks left for their owner."""

    def __init__(self, cluster: Hooked) -> None:
        self.cluster = cluster
        self.folder = cluster.spool / "root"

    def submit(self, *argv: str) -> str:
        ran = self.cluster.run("sbatch", "--parsable", "--mem=60M", *argv)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def state(self, job: str) -> str:
        return self._told(job, "JobState")

    def exit_code(self, job: str) -> str:
        return self._told(job, "ExitCode")

    def since_end(self, job: str) -> float:
        """Seconds since it ended by the controller's word, which counts whole ones."""
        return time.time() - datetime.fromisoformat(self._told(job, "EndTime")).timestamp()

    def _told(self, job: str, field: str) -> str:
        said = self.cluster.run("scontrol", "--oneliner", "show", "job", job).stdout
        return said.partition(f" {field}=")[2].partition(" ")[0]

    def words(self) -> dict[tuple[str, str], dict[str, Any]]:
        """What was said, by job and hook."""
        found = [json.loads(path.read_text(encoding="utf-8")) for path in self.folder.glob("*.json")]
        return {(one["task"]["native_id"], one["facts"]["by"]): one for one in found}


@pytest.fixture
def jobs(cluster: Hooked) -> Jobs:
    made = Jobs(cluster)
    for path in made.folder.glob("*.json"):
        path.unlink()
    return made


def test_each_end_is_told_by_the_hook_that_sees_it(jobs: Jobs, until: Callable[..., bool]):
    # Given a job that fails, an array of two, a job and an array that are cancelled while they wait, a requeued one
    name = 'a "name" ü $(x)'
    failed = jobs.submit("-J", name, "--comment=mine\nown", "--wrap=exit 137")
    array = jobs.submit("--array=0,4", "-o", "out-%A_%a", "--wrap=exit $SLURM_ARRAY_TASK_ID")
    waiting = jobs.submit("--begin=now+1hour", "--wrap=true")
    waiting_array = jobs.submit("--begin=now+1hour", "--array=1-3", "--wrap=true")
    requeued = jobs.submit("--wrap=sleep 300")
    assert until(lambda: jobs.state(requeued) == "RUNNING")
    jobs.cluster.run("scancel", waiting, waiting_array)
    jobs.cluster.run("scontrol", "requeue", requeued)
    # Then the epilog tells of each that had a node, and jobcomp of each that has ended
    both = {(job, by) for job in (failed, f"{array}_0", f"{array}_4") for by in ("epilog", "jobcomp")}
    ended = {*both, (waiting, "jobcomp"), (waiting_array, "jobcomp"), (requeued, "epilog")}
    assert until(lambda: set(jobs.words()) == ended, 60), jobs.words()
    words = jobs.words()
    told = words[failed, "epilog"]
    assert (told["task"]["name"], told["facts"]["exit"], told["facts"]["comment"]) == (name, 137, "mine\nown")
    told = words[failed, "jobcomp"]["facts"]
    assert (told["state"], told["exit"], told["user"], told["submitted"] > 0) == ("FAILED", 137, "root", True)
    assert words[f"{array}_0", "jobcomp"]["facts"]["state"] == "COMPLETED"
    assert words[f"{array}_4", "jobcomp"]["facts"]["stdout"] == f"{jobs.cluster.folder}/out-%A_%a"
    assert {words[job, "jobcomp"]["facts"]["state"] for job in (waiting, waiting_array)} == {"CANCELLED"}
    assert words[requeued, "epilog"]["facts"]["restarts"] == 1
    jobs.cluster.run("scancel", requeued)


@pytest.fixture
def spool(cluster: Hooked) -> Iterator[Path]:
    """The spool, to be broken; whole again afterwards."""
    script = cluster.scripts / "slurm_ended.sh"
    text = script.read_text(encoding="utf-8")
    aside = cluster.spool.with_name("aside")
    yield cluster.spool
    script.write_text(text, encoding="utf-8")
    subprocess.run(["umount", str(cluster.spool / ".new")], capture_output=True, check=False)
    if aside.exists():
        aside.rename(cluster.spool)
    (cluster.spool / ".next" / "root").unlink(missing_ok=True)


# what hooks/slurm_epilog.sh gives itself
HOOK_MAY_TAKE_S = 2


@pytest.mark.parametrize("broken", ["full", "missing", "unwritable", "hanging"])
def test_a_broken_spool_holds_up_no_job(jobs: Jobs, spool: Path, until: Callable[..., bool], broken: str):
    # Given a spool that cannot take an event
    if broken == "full":
        script = jobs.cluster.scripts / "slurm_ended.sh"
        script.write_text(script.read_text(encoding="utf-8").replace("\nmost=10000\n", "\nmost=1\n"), encoding="utf-8")
        (jobs.folder / "0.json").write_text("{}")
    elif broken == "missing":
        spool.rename(spool.with_name("aside"))
    elif broken == "unwritable":
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", str(spool / ".new")], check=False)
        if mounted.returncode:
            pytest.skip("nothing may be mounted here")
    else:
        (spool / ".next" / "root").unlink(missing_ok=True)
        os.mkfifo(spool / ".next" / "root")
    log = len(jobs.cluster.log())
    # When jobs end
    ids = [jobs.submit("--wrap=exit 3") for _ in range(4)]
    held: dict[str, float] = {}

    def over() -> bool:
        # until the epilog has ended a job counts as completing
        held.update({job: jobs.since_end(job) for job in ids if job not in held and jobs.state(job) == "FAILED"})
        return len(held) == len(ids)

    # Then they end as ever, none of them is held up for much longer than a hook may take, and slurmctld has nothing to
    # complain of
    assert until(over, 60), [jobs.state(job) for job in ids]
    assert max(held.values()) < 5 * HOOK_MAY_TAKE_S, held
    said = jobs.cluster.log()[log:]
    assert [line for line in said.splitlines() if "error" in line and ("pilog" in line or "jobcomp" in line)] == []
    if broken == "full":
        # two hooks for each; those that count at the same time may count as one
        assert until(lambda: int((spool / ".dropped" / "root").read_text() or 0) >= 1)
        (jobs.folder / "0.json").unlink()


def test_a_job_around_one_command_tells_its_beginning_and_its_end(
    jobs: Jobs, tmp_path: Path, until: Callable[..., bool]
):
    # Given a job whose command is started by heal's, and a user whose heal listens
    spool = tmp_path / "home" / "spool"
    spool.mkdir(parents=True)
    job = jobs.submit(
        "-J", "plink", f"--export=ALL,HEAL_HOME={tmp_path}/home", "--wrap=heal hook job -- sh -c 'exit 3'"
    )
    # Then both are there in the job's own words, and SLURM has the command's exit code
    assert until(lambda: len(list(spool.glob("*.json"))) == 2, 60), jobs.state(job)
    told = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(spool.glob("*.json"))]
    task = {"name": "plink", "key": job, "native_id": job, "workdir": str(jobs.cluster.folder)}
    facts = {"host": "own", "cluster": jobs.cluster.name}
    assert [(one["kind"], one["task"], one["facts"]) for one in told] == [
        ("job_started", task, facts),
        ("job_ended", task, {"exit": 3, **facts}),
    ]
    assert until(lambda: jobs.state(job) == "FAILED")
    assert jobs.exit_code(job) == "3:0"


# --- healed by a hook's word ---------------------------------------------------------------------


@pytest.fixture
def place(cluster: Hooked, tmp_path: Path, until: Callable[..., bool]) -> Iterator[Place]:
    """A registered project and a daemon that looks for strangers, by itself, once an hour and not again."""
    made = Place(tmp_path)
    made.more = {
        "SLURM_CONF": str(cluster.conf),
        "HEAL_SLURM__SITE_SPOOL": str(cluster.spool),
        "HEAL_SLURM__POLL_SECONDS": "3600",
        "HEAL_SLURM__CALLS_PER_MINUTE": "60",
    }
    for name in ("squeue", "sacct", "scontrol"):
        real = shutil.which(name)
        made.program(
            name,
            f'[ ! -e {tmp_path}/silent ] || {{ echo "Unable to contact slurm controller" >&2; exit 1; }}\nexec {real} "$@"',
        )
    made.file("eat.py", EAT)
    assert made.heal("init", "--yes").returncode == 0
    assert made.heal("daemon", "start").returncode == 0
    calls = made.home / "scheduler-calls"
    assert until(lambda: calls.exists() and "< " in calls.read_text() and " sacct " in calls.read_text(), 60)
    yield made
    (tmp_path / "silent").unlink(missing_ok=True)
    assert made.heal("daemon", "stop").returncode == 0


def test_a_job_that_nobody_announced_is_healed_by_a_hooks_word(place: Place, jobs: Jobs, until: Callable[..., bool]):
    # Given a daemon that has looked for jobs and will not look again for an hour
    # When a job of the project is killed for its memory
    place.file("job.sh", "#!/bin/bash\necho greedy >> $RAN\npython3 eat.py 300 4\ntouch done.txt\n")
    place.run("sbatch", "--mem=100M", "--time=5", "job.sh")
    # Then the hook's word leads to it, and it comes home with more
    assert until((place.work / "done.txt").exists, 240), place.incidents()
    assert place.heal("wait", "--timeout", "120").returncode == 0
    [incident] = place.incidents()
    assert (incident["state"], incident["label"], incident["engine"]) == ("healed", "out_of_memory", "sbatch")
    # And nothing is left in the spool
    assert until(lambda: list(jobs.folder.glob("*.json")) == [], 90)


def test_an_element_and_a_job_cancelled_while_it_waited_are_heard_of(
    place: Place, jobs: Jobs, until: Callable[..., bool]
):
    place.file(
        "array.sh", '#!/bin/bash\n[ "$SLURM_ARRAY_TASK_ID" != 2 ] || { echo "no such option: -x" >&2; exit 2; }\n'
    )
    place.file("wait.sh", "#!/bin/bash\ntrue\n")
    place.run("sbatch", "--mem=60M", "--array=1-3", "array.sh")
    waiting = jobs.submit("--begin=now+1hour", f"--chdir={place.work}", str(place.work / "wait.sh"))
    announce(place, waiting, "wait.sh")
    jobs.cluster.run("scancel", waiting)

    def told() -> list[tuple[str, str]]:
        return sorted((one["process"], one["state"]) for one in place.incidents())

    assert until(lambda: told() == [("array.sh", "waiting"), ("wait.sh", "dismissed")], 180), told()
    assert until(lambda: list(jobs.folder.glob("*.json")) == [], 90)


def announce(place: Place, job: str, script: str) -> None:
    """Tell heal of a submission, as the shim of sbatch does under heal run."""
    run = {"id": f"r{job}", "engine": "sbatch", "cwd": str(place.work), "argv": ["sbatch", script]}
    task = {"name": script, "key": job, "attempt": 1, "native_id": job, "workdir": str(place.work)}
    line = {"v": 1, "time": datetime.now(UTC).isoformat(), "source": "runner", "run": run}
    told = ({"kind": "run_started"}, {"kind": "task_submitted", "task": task, "facts": {"process": script}})
    for n, more in enumerate(told):
        hidden = place.home / "spool" / f".{n}"
        hidden.write_text(json.dumps({**line, **more}), encoding="utf-8")
        hidden.rename(hidden.with_name(f"{time.time_ns():020d}-1-{n}.json"))


def test_a_job_with_two_lines_in_its_script_is_healed_wherever_it_lies(
    place: Place, jobs: Jobs, until: Callable[..., bool]
):
    # Given a job outside any project whose script has the lines that heal prints, and no hooks of SLURM's for its user
    jobs.folder.rename(jobs.folder.with_name("aside"))
    elsewhere = place.work.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "eat.py").write_text(EAT, encoding="utf-8")
    lines = place.heal("hook", "install", "job").stdout.partition("# or around")[0]
    script = f"#!/bin/bash\n{lines}\npython3 eat.py 300 12\ntouch done.txt\n"
    (elsewhere / "job.sh").write_text(script, encoding="utf-8")
    try:
        place.run("sbatch", "--mem=100M", "--time=5", f"--chdir={elsewhere}", str(elsewhere / "job.sh"))
        # Then it is followed from its start, and comes home with more memory
        assert until((elsewhere / "done.txt").exists, 240), place.incidents()
        assert place.heal("wait", "--timeout", "120").returncode == 0
    finally:
        jobs.folder.with_name("aside").rename(jobs.folder)
    [incident] = place.incidents()
    assert (incident["state"], incident["label"]) == ("healed", "out_of_memory")


def test_while_slurm_is_silent_the_hooks_word_is_what_is_known(place: Place, jobs: Jobs, until: Callable[..., bool]):
    # Given a job that heal follows, and a SLURM whose commands stop answering
    place.file(
        "job.sh",
        "#!/bin/bash\nuntil test -e go; do sleep 0.2; done\necho 'Error: no space left on device' >&2\nexit 1\n",
    )
    job = place.run("sbatch", "--parsable", "--mem=60M", "job.sh").stdout.strip()
    assert until(lambda: jobs.state(job) == "RUNNING")
    (place.work.parent / "silent").touch()
    announce(place, job, "job.sh")
    # When it fails
    (place.work / "go").touch()
    # Then heal knows by the hook alone, and reads its log for the cause
    assert until(lambda: [one["label"] for one in place.incidents()] == ["disk_full"], 480), place.incidents()
