"""What a SLURM shows only where a test may do as it likes with it: few ids, nodes that change, prologs that fail."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, update
from tests.conftest import until as until_true
from tests.live.own_slurm import NO_ACCOUNTING, OwnSlurm
from tests.live.pipelines import Shadowed, outcomes
from tests.live.verdicts import Jobs

from heal.evidence.scan import Scanner
from heal.knowledge.patterns import Library, load
from heal.records import Label
from heal.shipped import shipped
from heal.store import Store
from heal.store.schema import attempt_ends, attempts

pytestmark = [
    pytest.mark.slurm,
    pytest.mark.usefixtures("slurm"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a controller of one's own is started by root"),
    pytest.mark.xdist_group("hooked"),
]

FIRST_ID, LAST_ID = 100, 109
# jobs are forgotten soon, and their ids used again
FEW_IDS = f"FirstJobId={FIRST_ID}\nMaxJobId={LAST_ID}\nMinJobAge=10\n"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSlurm]:
    if not all(map(shutil.which, ("slurmctld", "slurmd", "sacctmgr", "mysql"))):
        pytest.skip("no slurmctld on this host")
    folder = tmp_path_factory.mktemp("own")
    prolog = folder / "prolog"
    prolog.write_text(f"#!/bin/sh\n[ ! -e {folder}/broken ]\n")
    prolog.chmod(0o755)
    made = OwnSlurm(folder, until_true, f"{FEW_IDS}Prolog={prolog}\n")
    try:
        made.up()
        yield made
    finally:
        made.down()


# --- jobs that can never start ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def known(cache: Path) -> tuple[Library, Scanner]:
    library = load([shipped("patterns")], cache_dir=cache)
    return library, Scanner(library, cache)


@pytest.fixture
def jobs(cluster: OwnSlurm, tmp_path: Path, known: tuple[Library, Scanner]) -> Jobs:
    return Jobs(tmp_path, *known, str(cluster.conf))


def test_no_node_is_any_more_as_a_job_asks(cluster: OwnSlurm, jobs: Jobs) -> None:
    # Given a job that waits for nodes of a kind, which then are of another kind
    def are(kind: str) -> None:
        cluster.run("scontrol", "update", "NodeName=own", f"AvailableFeatures={kind}", f"ActiveFeatures={kind}")

    are("old")
    job = jobs.submit("--begin=now+5", "--constraint=old", "--wrap=true")
    are("new")
    # Then it can never start
    told = jobs.waiting(job, "BadConstraints")
    jobs.run("scancel", job)
    assert (told.kind, told.diagnosis.label) == ("task_failed", Label.SCHEDULER_REJECTED)
    assert told.diagnosis.cause == "The job waits and can never start: no node is as its constraints ask."


def test_a_prolog_fails(cluster: OwnSlurm, jobs: Jobs) -> None:
    # Given a node that cannot be made ready for a job: SLURM drains it, and holds the job
    broken = cluster.folder / "broken"
    broken.touch()
    job = jobs.submit("--wrap=true")
    told = jobs.waiting(job, "launch_failed_requeued_held")
    broken.unlink()
    jobs.run("scancel", job)
    cluster.run("scontrol", "update", "NodeName=own", "State=RESUME")
    assert (told.facts.restarts, told.kind, told.diagnosis.label) == (1, "task_failed", Label.SCHEDULER_REJECTED)
    assert told.diagnosis.cause == (
        "The job waits and can never start: SLURM could not start it on its node, and holds it since."
    )
    assert until_true(lambda: jobs.run("sinfo", "-h", "-o", "%t") == "idle", 30)


def test_what_the_controller_has_forgotten_is_told_with_its_log(cluster: OwnSlurm, jobs: Jobs) -> None:
    # Given a job that ended long enough ago that accounting alone knows of it, and where its output went nobody says
    job = jobs.submit("--wrap=echo MemoryError >&2; exit 1")
    assert until_true(lambda: "FAILED" in jobs.run("sacct", "-nXP", "-j", job, "-o", "State"), 60)
    assert until_true(lambda: cluster.run("scontrol", "show", "job", job).returncode, 60)
    told = jobs.now(job)
    assert (told.facts.source, told.diagnosis.label) == ("sacct", Label.OUT_OF_MEMORY)
    assert told.diagnosis.root
    assert (told.diagnosis.root.source, told.diagnosis.root.line) == (f"slurm-{job}.out", 1)


# --- ids that are used again -----------------------------------------------------------------------

JOB = """#!/bin/bash
#SBATCH --mem=60M --time=5
echo $1 >> $RAN
[ "$1" != bug ] || { echo "plink: unrecognized option '--nope'" >&2; exit 2; }
[ "$SLURM_MEM_PER_NODE" -le 60 ] || exit 0
until [ -e seen ]; do sleep 0.2; done
echo MemoryError >&2; exit 1
"""


def project(cluster: OwnSlurm, folder: Path) -> Shadowed:
    made = Shadowed(folder)
    made.conf = str(cluster.conf)
    made.file("job.sh", JOB)
    assert made.heal("init", "--yes").returncode == 0
    return made


@pytest.fixture
def pipeline(cluster: OwnSlurm, tmp_path: Path) -> Shadowed:
    return project(cluster, tmp_path)


def states(pipeline: Shadowed) -> list[str]:
    pipeline.heal("tick")
    return [incident["state"] for incident in pipeline.incidents()]


HOUR_S = 3600


def an_hour_passes(cluster: OwnSlurm, pipeline: Shadowed) -> None:
    """What was until now lies an hour back, in SLURM's books and in heal's."""
    times = (f"{name} = {name} - {HOUR_S}" for name in ("time_submit", "time_start", "time_end"))
    change = f"UPDATE {cluster.name}_job_table SET {', '.join(times)} WHERE time_start > 0 AND time_end > 0"  # noqa: S608 - our own names
    subprocess.run(["mysql", "--socket=/run/mysqld/mysqld.sock", "heal_acct", "-e", change], check=True)
    own = create_engine(f"sqlite:///{pipeline.home}/heal.db")
    with own.begin() as connection:
        hour = HOUR_S * 10**6
        connection.execute(update(attempts).values(submitted=attempts.c.submitted - hour))
        connection.execute(update(attempt_ends).values(ended=attempt_ends.c.ended - hour))
    own.dispose()


def until_the_next_is(cluster: OwnSlurm, job: str) -> None:
    """Use ids up until SLURM has forgotten this one and gives it to the next job."""
    assert until_true(lambda: cluster.run("scontrol", "show", "job", job).returncode, 60)
    for _ in range(LAST_ID - FIRST_ID):
        used = cluster.run("sbatch", "--parsable", "--hold", "--chdir=/", "--wrap=true").stdout.strip()
        cluster.run("scancel", used)
        if used == str(int(job) - 1):
            return
    raise AssertionError(f"{job} does not come again")


def followed(pipeline: Shadowed) -> list[str]:
    with Store.open(pipeline.home / "heal.db", read_only=True) as store:
        return [one.job for one in store.watched()]


def test_an_id_that_slurm_gives_out_again_is_another_job(
    cluster: OwnSlurm, pipeline: Shadowed, until: Callable[..., bool]
) -> None:
    # Given a job that failed and waits for a person
    cluster.run("scancel", pipeline.submit("--hold", "--chdir=/", "--wrap=true"))
    first = pipeline.submit("job.sh", "bug")
    assert until(lambda: states(pipeline) == ["waiting"], 60), pipeline.incidents()
    # When SLURM has forgotten it, and gives its id to another job of the same script
    an_hour_passes(cluster, pipeline)
    until_the_next_is(cluster, first)
    assert pipeline.submit("job.sh", "memory") == first
    assert until(lambda: pipeline.heal("tick") and followed(pipeline) == [first], 180)
    pipeline.file("seen", "")
    # Then that is a failure of its own, healed for its own cause, and the old one is as it was
    assert until(lambda: states(pipeline) == ["waiting", "healed"], 90), pipeline.incidents()
    old, new = pipeline.incidents()
    assert [one["label"] for one in (old, new)] == ["bad_parameter", "out_of_memory"]
    assert old["run"] != new["run"]
    assert (outcomes(old), outcomes(new), old["tasks"], new["tasks"]) == ([], ["healed"], 1, 1)
    assert [[one["job"] for one in pipeline.show(each["id"])["failed"]] for each in (old, new)] == [[first], [first]]
    assert pipeline.times_run() == {"bug": 1, "memory": 2}


# --- no accounting ---------------------------------------------------------------------------------


@pytest.fixture
def bookless(tmp_path: Path) -> Iterator[Shadowed]:
    """A project on a SLURM that keeps no accounting."""
    folder = tmp_path / "bookless"
    folder.mkdir()
    made = OwnSlurm(folder, until_true, accounting=NO_ACCOUNTING)
    try:
        made.up()
        yield project(made, tmp_path)
    finally:
        made.down()


def test_where_slurm_keeps_no_accounting_the_controllers_word_is_enough(
    bookless: Shadowed, until: Callable[..., bool]
) -> None:
    # Given a job that fails for memory, of which the controller alone will ever know
    bookless.file("seen", "")
    bookless.submit("job.sh", "memory")
    # Then it is found, healed, and home by the controller's word
    assert until(lambda: states(bookless) == ["healed"], 180), bookless.incidents()
    [incident] = bookless.incidents()
    assert (incident["label"], outcomes(incident), bookless.times_run()) == ("out_of_memory", ["healed"], {"memory": 2})
    # And whoever looks is told what that leaves unknown
    assert bookless.heal("status").stdout.splitlines()[-1] == (
        "SLURM keeps no accounting here (Slurm accounting storage is disabled): "
        "what jobs used, and how old ones ended, is unknown"
    )
