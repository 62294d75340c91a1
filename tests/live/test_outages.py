"""Parts of SLURM that are gone in the middle of a heal: nothing is lost, nothing happens twice, silence is no failure."""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.live.pipelines import Pipeline

from heal.store import Store

PAIR = Path(__file__).parent / "pair.sh"
pytestmark = [pytest.mark.slurm, pytest.mark.xdist_group("endings")]

# fails for memory when it is told to, unless it has more than at first: then it ends well when it is told to
GATED = """#!/bin/bash
echo job >> $RAN
[ "$SLURM_MEM_PER_NODE" -gt 60 ] && well=1
if [ -n "$well" ]; then until [ -e end ]; do sleep 0.2; done; touch done.txt; exit 0; fi
until [ -e fail ]; do sleep 0.2; done
echo MemoryError >&2
exit 1
"""
# a program of SLURM's that waited for the end of an outage took long: heal then leaves SLURM alone for up to three minutes
PATIENCE = 240
# long enough that heal asks in vain; without munge the nodes count as lost after 25 seconds (SlurmdTimeout)
SECONDS_OUT = {"controller": 6, "accounting": 6, "munge": 3}
# who heal must say does not answer; the other side may be silent with it
SILENT = {"controller": "controller", "accounting": "accounting", "munge": "controller"}
# the rest of the time that pair.sh leaves a part away (LONGEST_OUT), less what the tests themselves take
STILL_OUT = {"controller": 30, "accounting": 30, "munge": 12}
# what heal may say of a job that it knows nothing new of
OPEN = {"open", "diagnosed", "applying", "observing", "waiting"}


class PairPipeline(Pipeline):
    """A pipeline whose commands reach the second cluster."""

    conf = ""
    impatient = "1"
    shadow = ""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        # accounting remembers jobs of an earlier run of this test by their name
        self.name = f"outage-{uuid.uuid4().hex[:8]}"

    @property
    def env(self) -> dict[str, str]:
        own = super().env
        path = f"{self.shadow}{own['PATH']}"
        return {**own, "SLURM_CONF": self.conf, "HEAL_SLURM__POLL_SECONDS": self.impatient, "PATH": path}

    def tell(self, what: str) -> None:
        (self.work / what).touch()

    def states(self) -> list[str]:
        return [incident["state"] for incident in self.incidents()]

    def unanswered(self) -> set[str]:
        """The sides of SLURM of which heal status says that what they would say is unknown."""
        told = json.loads(self.heal("status", "--json").stdout)["unanswered"]
        return {one["side"] for one in told if one["state"] == "silent"}


@pytest.fixture
def pipeline(tmp_path: Path, pair: str) -> Iterator[PairPipeline]:
    made = PairPipeline(tmp_path)
    made.conf = pair
    made.file("job.sh", GATED)
    yield made
    made.heal("daemon", "stop")
    made.run("scancel", f"--name={made.name}")


@contextmanager
def without(part: str) -> Iterator[None]:
    """That part of SLURM is down within; the script starts it again even if this process is killed."""
    script = subprocess.Popen(
        ["bash", PAIR, "outage", part], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert script.stdout
    assert script.stdin
    assert script.stdout.readline() == "out\n"
    try:
        yield
    finally:
        script.stdin.close()
        said = script.stdout.read()
        assert said.endswith("back\n"), script.stderr.read() if script.stderr else ""
        script.wait(30)


def submitted(pipeline: PairPipeline, until: Callable[..., bool], *, ask: bool = False) -> str:
    """A job in a registered project that runs, and a daemon that follows it."""
    pipeline.file("heal.toml", f'[policy]\nresources = "{"ask" if ask else "auto"}"\n')
    assert pipeline.heal("init", "--yes").returncode == 0
    ended = pipeline.run(
        shutil.which("sbatch") or "", "--parsable", f"--job-name={pipeline.name}", "--mem=60M", "--time=5", "job.sh"
    )
    assert ended.returncode == 0, ended.stdout
    assert until(lambda: pipeline.times_run() == {"job": 1}, 60)
    assert pipeline.heal("daemon", "start").returncode == 0
    job = ended.stdout.strip()
    assert until(lambda: followed(pipeline) == 1, 60), "the daemon does not follow the job"
    return job


def followed(pipeline: PairPipeline) -> int:
    """How many jobs heal follows now."""
    with Store.open(pipeline.home / "heal.db", read_only=True) as store:
        return len(store.watched())


def jobs_of(pipeline: PairPipeline) -> list[str]:
    """All jobs ever submitted under this test's name, by accounting."""
    said = pipeline.run(
        "sacct", "-XnP", f"--name={pipeline.name}", "--starttime=now-1hours", "--endtime=now", "--format=JobID"
    )
    return said.stdout.split()


def watched_meanwhile(pipeline: PairPipeline, until: Callable[..., bool], seconds: float) -> set[str]:
    """All states that heal status gives meanwhile."""
    seen: set[str] = set()

    def look() -> bool:
        seen.update(pipeline.states())
        return False

    until(look, seconds, every=0.5)
    return seen


def says_so(pipeline: PairPipeline, until: Callable[..., bool], part: str) -> bool:
    """Whether heal status, and its JSON, say before the part is back that nobody knows what it would say."""
    if not until(lambda: SILENT[part] in pipeline.unanswered(), STILL_OUT[part]):
        return False
    side = "SLURM's accounting" if SILENT[part] == "accounting" else "SLURM"
    page = pipeline.heal("status").stdout.splitlines()
    return any(line.startswith(f"{side} does not answer since ") and line.endswith("is unknown") for line in page)


@pytest.mark.parametrize("part", ["controller", "accounting", "munge"])
def test_a_heal_goes_through_three_outages(pipeline: PairPipeline, until: Callable[..., bool], part: str) -> None:
    # Given a job that heal follows, whose fix needs a yes
    first = submitted(pipeline, until, ask=True)
    # When a part of SLURM is gone while the job fails
    with without(part):
        pipeline.tell("fail")
        seen = watched_meanwhile(pipeline, until, SECONDS_OUT[part])
        # Then what it would say is unknown
        assert says_so(pipeline, until, part), pipeline.heal("status").stdout
    # And nothing was called a failure of another kind, and the failure is seen as what it is
    assert seen <= {"waiting"}, seen
    assert until(lambda: pipeline.states() == ["waiting"], PATIENCE), (pipeline.incidents(), daemon_log(pipeline))
    [incident] = pipeline.incidents()
    assert incident["label"] == "out_of_memory"
    # When it is gone while the job should be submitted again
    with without(part):
        assert pipeline.heal("accept", incident["id"]).returncode == 0
        seen = watched_meanwhile(pipeline, until, SECONDS_OUT[part])
        assert pipeline.times_run() == {"job": 1} or part == "accounting"
        # Then that is said although no job is followed
        assert says_so(pipeline, until, part), pipeline.heal("status").stdout
    # And the remedy was in the open meanwhile, and the job runs again afterwards
    assert seen <= OPEN, seen
    assert until(lambda: pipeline.times_run() == {"job": 2}, 120), (pipeline.incidents(), daemon_log(pipeline))
    assert until(lambda: pipeline.states() == ["observing"], 60), pipeline.incidents()
    # When it is gone while that job ends
    with without(part):
        pipeline.tell("end")
        seen = watched_meanwhile(pipeline, until, SECONDS_OUT[part])
        # Then that is said
        assert says_so(pipeline, until, part), pipeline.heal("status").stdout
    # And it was observed meanwhile, and came home; there was one job for the failed one and one for the remedy
    assert seen <= {"observing", "healed"}, seen
    assert until(lambda: pipeline.states() == ["healed"], PATIENCE), (pipeline.incidents(), daemon_log(pipeline))
    # accounting is asked again when there is a reason, ten minutes later at the latest
    if part != "accounting":
        assert until(lambda: SILENT[part] not in pipeline.unanswered(), PATIENCE), pipeline.heal("status").stdout
    assert (pipeline.work / "done.txt").exists()
    assert until(lambda: len(jobs_of(pipeline)) == 2), jobs_of(pipeline)
    assert first in jobs_of(pipeline)
    assert pipeline.times_run() == {"job": 2}
    assert len(pipeline.incidents()) == 1


def test_a_lost_reply_while_accounting_is_away_is_looked_up(pipeline: PairPipeline, until: Callable[..., bool]) -> None:
    # Given an sbatch whose replies get lost
    real = shutil.which("sbatch")
    site = pipeline.file("site/sbatch", f'#!/bin/bash\n{real} "$@" > /dev/null 2>&1\necho {LOST} >&2\nexit 1\n')
    site.chmod(0o755)
    pipeline.shadow = f"{site.parent}:"
    first = submitted(pipeline, until, ask=True)
    pipeline.tell("fail")
    assert until(lambda: pipeline.states() == ["waiting"], 60), (pipeline.incidents(), daemon_log(pipeline))
    # When the job is submitted again while accounting is away
    with without("accounting"):
        assert pipeline.heal("accept", pipeline.incidents()[0]["id"]).returncode == 0
        assert until(lambda: pipeline.times_run() == {"job": 2}, 15)
        # and ends meanwhile
        pipeline.tell("end")
    # Then it was submitted once, and found, and what was not known for a moment was told
    assert until(lambda: pipeline.states() == ["healed"], 90), (pipeline.incidents(), daemon_log(pipeline))
    story = pipeline.show(pipeline.incidents()[0]["id"])
    told = [one["why"] for one in story["journal"] if one["kind"] == "delayed"]
    assert "Socket timed out on send/recv operation" in told[0], told
    assert pipeline.times_run() == {"job": 2}
    assert until(lambda: len(jobs_of(pipeline)) == 2), jobs_of(pipeline)
    assert first in jobs_of(pipeline)


LOST = "'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation'"


def daemon_log(pipeline: PairPipeline) -> str:
    return (pipeline.home / "logs" / "daemon.log").read_text(encoding="utf-8")[-3000:]
