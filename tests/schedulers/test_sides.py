"""Who of SLURM's sides does not answer is kept for whoever wants to know without asking: since when, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.schedulers.test_slurm_cli import DISABLED, DOWN, NOW, attempt

from heal.errors import SchedulerUnreachable
from heal.schedulers.command import Commands
from heal.schedulers.courtesy import CallBook
from heal.schedulers.sides import ACCOUNTING, CONTROLLER, Sides, Silence
from heal.schedulers.slurm_cli import SlurmCli
from heal.schedulers.slurm_sources import Sources

AWAY = "Unable to contact slurm controller (connect failure)"
REFUSED = "sacct: error: Problem talking to the database: Connection refused"


class Site:
    """A folder of programs that answer as scripted, a clock, and what is kept of who answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOW
        self.commands = Commands(timeout_s=5.0, env={"PATH": f"{folder}:/usr/bin:/bin"})
        self.sides = Sides(folder / "silences", lambda: self.now)
        self.scheduler = SlurmCli(self.commands, lambda: self.now, Sources(self.commands, self.sides))
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


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"controller": 1}', '{"controller": {"since": "now"}}'])
def test_what_cannot_be_read_or_kept_stops_nothing(site: Site, text: str) -> None:
    (site.folder / "silences").write_text(text)
    assert site.sides.silent() == ()
    # and where it cannot be written
    nowhere = Sides(site.folder / "squeue" / "silences", lambda: datetime.now(UTC))
    with pytest.raises(SchedulerUnreachable, match="silent"), nowhere.heard(CONTROLLER):
        raise SchedulerUnreachable("silent")
    assert nowhere.silent() == ()
