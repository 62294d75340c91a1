"""Who of SLURM's sides does not answer is kept for whoever wants to know without asking: since when, and why."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.schedulers.test_slurm_cli import DISABLED, DOWN, MORE, NOW, attempt

from heal.errors import SchedulerUnreachable, SubmissionUncertain
from heal.jobs import JobFacts, JobState
from heal.schedulers.command import Commands
from heal.schedulers.courtesy import CallBook
from heal.schedulers.sides import ACCOUNTING, CONTROLLER, Sides, Silence
from heal.schedulers.slurm_cli import SlurmCli
from heal.schedulers.slurm_fusion import BOTH
from heal.schedulers.slurm_sources import Sources
from heal.schedulers.slurm_submitting import SlurmSubmitter
from heal.seams import Submission

AWAY = "Unable to contact slurm controller (connect failure)"
REFUSED = "sacct: error: Problem talking to the database: Connection refused"


class Site:
    """A folder of programs that answer as scripted, a clock, and what is kept of who answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOW
        self.commands = Commands(timeout_s=5.0, env={"PATH": f"{folder}:/usr/bin:/bin"})
        self.sides = Sides(folder / "silences", lambda: self.now)
        sources = Sources(self.commands, self.sides)
        self.scheduler = SlurmCli(self.commands, lambda: self.now, sources)
        self.submitter = SlurmSubmitter(folder / "scripts", self.commands, lambda: self.now, sources=sources)
        self.answers()

    def has(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def answers(self) -> None:
        self.has("squeue", "exit 0")
        self.has("scontrol", "echo 'Invalid job id specified' >&2; exit 1")
        self.has("sacct", "echo JobID")

    def pass_time(self, minutes: float) -> None:
        """Time passes, and both sides are asked."""
        self.now += timedelta(minutes=minutes)
        for question in (self.scheduler.queue, lambda: self.scheduler.facts([attempt("9")])):
            try:
                question()
            except SchedulerUnreachable:
                continue


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_controller_that_is_away_is_kept_until_it_answers(site: Site) -> None:
    site.pass_time(1)
    assert site.sides.silent() == ()
    # Given a controller that does not answer, twice
    for name in ("squeue", "scontrol"):
        site.has(name, f"echo '{AWAY}' >&2; exit 1")
    site.pass_time(1)
    site.pass_time(5)
    # Then it is known since when, and why
    assert site.sides.silent() == (Silence(CONTROLLER, since=at(2), asked=at(7), why=AWAY),)
    # And by another heal of the same user, which is answered
    site.answers()
    Sides(site.folder / "silences").answered(CONTROLLER)
    assert site.sides.silent() == ()


@pytest.mark.parametrize(
    ("answer", "why", "lasting"),
    [
        (DOWN, REFUSED, False),
        (DISABLED, "Slurm accounting storage is disabled", True),
        (None, "sacct is not on the PATH", True),
    ],
)
def test_accounting_that_is_down_is_told_from_none_at_all(
    site: Site, answer: str | None, why: str, lasting: bool
) -> None:
    if answer is None:
        (site.folder / "sacct").unlink()
        site.commands.env = {"PATH": str(site.folder)}
    else:
        site.has("sacct", answer)
    site.pass_time(1)
    assert site.sides.silent() == (Silence(ACCOUNTING, since=at(1), asked=at(1), why=why, lasting=lasting),)
    site.commands.env = {"PATH": f"{site.folder}:/usr/bin:/bin"}
    site.answers()
    site.pass_time(1)
    assert site.sides.silent() == ()


def test_what_heal_does_not_ask_or_wait_for_is_no_silence(site: Site) -> None:
    # Given a ceiling that is reached, and then a heal that is told to end while SLURM takes its time
    site.commands.book = CallBook(site.folder / "calls", 1)
    site.commands.book.enter("squeue")
    site.pass_time(0)
    site.commands.book, site.commands.stop = None, lambda: True
    site.has("squeue", "sleep 60")
    with pytest.raises(SchedulerUnreachable, match="heal was told to end"):
        site.scheduler.queue()
    assert site.sides.silent() == ()


# --- while a job is submitted again ----------------------------------------------------------------

HAS_SCRIPT = (
    'case "$*" in *write*) printf "#!/bin/sh\\ntrue\\n";; *) echo "Invalid job id specified" >&2; exit 1;; esac'
)


def submits(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Submit a job again of which both sides have told all but its script and its environment."""
    monkeypatch.setenv("PATH", f"{site.folder}:/usr/bin:/bin")
    known = JobFacts("9", JobState.FAILED, workdir=str(site.folder), source=BOTH)
    with suppress(SchedulerUnreachable, SubmissionUncertain):
        site.submitter.resubmit(Submission("9", ("job.sh",), str(site.folder), "t9", MORE, known=known))


@pytest.mark.parametrize(
    ("program", "side", "why"),
    [("scontrol", CONTROLLER, AWAY), ("sacct", ACCOUNTING, REFUSED), ("sbatch", CONTROLLER, f"sbatch: error: {AWAY}")],
    ids=["its script", "its environment", "itself"],
)
def test_who_does_not_answer_while_a_job_is_submitted_again_is_kept(
    site: Site, monkeypatch: pytest.MonkeyPatch, program: str, side: str, why: str
) -> None:
    # Given a side that is away for one of the questions
    site.has("scontrol", HAS_SCRIPT)
    site.has("sbatch", "echo 4711")
    answers = (site.folder / program).read_text()
    # scontrol ends with 0 whatever became of the script that it was to write (22.05)
    site.has(program, f"echo '{why}' >&2; exit {0 if program == 'scontrol' else 1}")
    submits(site, monkeypatch)
    assert site.sides.silent() == (Silence(side, since=NOW, asked=NOW, why=why),)
    # When it is asked again, and when it is back
    site.now = at(1)
    submits(site, monkeypatch)
    assert site.sides.silent() == (Silence(side, since=NOW, asked=at(1), why=why),)
    (site.folder / program).write_text(answers)
    submits(site, monkeypatch)
    # Then that is known as well
    assert site.sides.silent() == ()


def test_who_does_not_answer_while_a_lost_reply_is_looked_up_is_kept(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an sbatch that had no reply, and a controller that has gone since
    site.has("scontrol", HAS_SCRIPT)
    site.has("sbatch", "echo 'Socket timed out on send/recv operation' >&2; exit 1")
    submits(site, monkeypatch)
    site.has("squeue", f"echo '{AWAY}' >&2; exit 1")
    with pytest.raises(SchedulerUnreachable):
        site.submitter.find("t9")
    assert site.sides.silent() == (Silence(CONTROLLER, since=NOW, asked=NOW, why=AWAY),)
    # When it tells of the job
    site.has("squeue", "echo '4711|heal:t9'")
    assert dict(site.submitter.find("t9")) == {"t9": "4711"}
    assert site.sides.silent() == ()


def test_a_controller_that_is_away_while_jobs_are_re_pointed_is_kept(site: Site) -> None:
    said = f"slurm_update error: {AWAY}"
    site.has("scontrol", f"echo '{said}' >&2; exit 1")
    with pytest.raises(SchedulerUnreachable):
        site.submitter.repoint(["11"], "afterok:9")
    assert site.sides.silent() == (Silence(CONTROLLER, since=NOW, asked=NOW, why=said),)
    site.has("scontrol", "exit 0")
    site.submitter.repoint(["11"], "afterok:9")
    assert site.sides.silent() == ()


def test_that_there_is_no_accounting_stays_known_while_a_job_is_submitted_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.has("scontrol", HAS_SCRIPT)
    site.has("sbatch", "echo 4711")
    site.has("sacct", DISABLED)
    for _ in range(2):
        submits(site, monkeypatch)
    why = "Slurm accounting storage is disabled"
    assert site.sides.silent() == (Silence(ACCOUNTING, since=NOW, asked=NOW, why=why, lasting=True),)


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"controller": 1}', '{"controller": {"since": "now"}}'])
def test_what_cannot_be_read_or_kept_stops_nothing(site: Site, text: str) -> None:
    (site.folder / "silences").write_text(text)
    assert site.sides.silent() == ()
    # and where it cannot be written
    nowhere = Sides(site.folder / "squeue" / "silences", lambda: datetime.now(UTC))
    with pytest.raises(SchedulerUnreachable, match="silent"), nowhere.heard(CONTROLLER):
        raise SchedulerUnreachable("silent")
    assert nowhere.silent() == ()
