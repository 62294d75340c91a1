"""The daemon: one per user, gone when it is told to go, and heir to what a killed heal was doing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.place import ASK, GREEDY, Place

from heal.patch import Edit, Patch
from heal.patches.repository import Repository

HOST = socket.gethostname()


def pid_of(place: Place) -> int:
    """By what the lock says of its holder."""
    return int(json.loads((place.home / "daemon.lock").read_text())["pid"])


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_it_is_started_looked_at_and_ended(place: Place, until: Callable[..., bool]):
    # Given a daemon
    started = place.tells("daemon", "start")
    pid, log = pid_of(place), place.home / "logs" / "daemon.log"
    assert (started.returncode, started.stdout.decode()) == (0, f"the daemon runs: pid {pid}, log {log}\n")
    status = place.tells("daemon", "status")
    assert (status.returncode, status.stdout.decode()) == (0, f"the daemon runs: pid {pid} on {HOST}\n")
    # When a second one comes
    again, second = place.tells("daemon", "start"), place.tells("daemon", "run")
    # Then the first is named, and stays
    assert (again.returncode, again.stdout.decode()) == (0, f"the daemon is there: pid {pid} on {HOST}\n")
    assert (second.returncode, second.stderr.count(b"\n")) == (2, 1)
    assert f"pid {pid} on {HOST}" in second.stderr.decode()
    # And it ends when told so
    assert place.tells("daemon", "stop").stdout == b"the daemon has ended\n"
    assert until(lambda: gone(pid), seconds=5)
    assert [place.tells("daemon", word).stdout for word in ("stop", "status")] == [b"no daemon runs\n"] * 2
    assert place.tells("daemon", "status").returncode == 1


def test_one_that_does_not_start_says_why(place: Place):
    # Given a log with what an earlier one said, and a setting that there is not
    log = place.home / "logs" / "daemon.log"
    log.parent.mkdir()
    log.write_text("heal: something else, last week\n")
    settings = place.file("heal.toml", "[budget]\nper_taskk = 5\n")
    # When a daemon is to start
    started = place.tells("daemon", "start")
    # Then what is wrong is said at once
    why = f"{settings}:2: unknown key 'budget.per_taskk'; did you mean 'budget.per_task'?"
    assert (started.returncode, started.stderr.decode()) == (
        2,
        f"heal: the daemon did not start: {why}; its log: {log}\n",
    )


def test_a_killed_one_is_in_nobodys_way(place: Place, until: Callable[..., bool]):
    # Given a daemon that was killed
    place.tells("daemon", "start")
    first = pid_of(place)
    os.kill(first, signal.SIGKILL)
    assert until(lambda: gone(first), seconds=10)
    # Then none runs, and the next one starts
    assert place.tells("daemon", "status").returncode == 1
    assert place.tells("daemon", "start").returncode == 0
    assert pid_of(place) != first


def test_it_ends_in_five_seconds_even_while_it_waits_for_an_answer(place: Place, until: Callable[..., bool]):
    # Given a scheduler that does not answer, and a daemon that asks it for jobs of a project
    place.tells("init", "--yes")
    asked = place.work / "asked"
    for name in ("squeue", "sacct", "scontrol"):
        place.program(name, f"echo $$ > {asked}.new; mv {asked}.new {asked}; exec sleep 100")
    with place.begins("daemon", "run") as daemon:
        assert until(asked.exists, seconds=30)
        # When it is told to end
        told = time.monotonic()
        daemon.send_signal(signal.SIGTERM)
        # Then it does, and so does what it asked
        assert daemon.wait(20) == 0
        assert time.monotonic() - told < 5
    assert until(lambda: gone(int(asked.read_text())), seconds=5)
    assert place.tells("daemon", "status").returncode == 1


def test_it_removes_what_was_kept_for_too_long_and_patches_that_nobody_waits_with(
    place: Place, until: Callable[..., bool]
):
    # Given a pipeline in git that had an incident, a patch that a chain run by hand left there, and an old script
    place.file("Snakefile", GREEDY)
    place.file("heal.toml", f"{ASK}[patches]\nexpire_days = 1e-9\n")
    user = ("git", "-c", "user.name=A", "-c", "user.email=a@lab.example")
    for words in (["init", "-q"], ["add", "--all"], ["commit", "-q", "-m", "The pipeline"]):
        assert place.run(*user, *words).returncode == 0
    place.fails("greedy")
    place.tells("tick")
    repository = Repository.at(place.work, place.work / ".heal")
    edit = Edit("Snakefile", GREEDY.replace("mem_mb=200", "mem_mb=400"))
    draft = repository.draft(Patch((edit,), "Give it more", "It asks for too little."), incident="7f3a", slug="more")
    script = place.home / "scripts" / "old.sh"
    script.parent.mkdir(exist_ok=True)
    script.touch()
    os.utime(script, (time.time() - 31 * 86_400,) * 2)
    # When a daemon comes
    place.tells("daemon", "start")
    # Then both go, the patch into a file
    assert until(lambda: not (repository.drafts() or draft.worktree.exists() or script.exists()), seconds=60)
    [kept] = (place.work / ".heal/rejected").glob("*.patch")
    assert kept.read_text().splitlines()[1] == "X-Heal-Rejected: nobody answered within 1e-09 days"
    assert place.states() == ["waiting"]


@pytest.mark.snakemake
def test_it_adopts_the_run_of_a_killed_heal_run(place: Place, until: Callable[..., bool]):
    # Given a pipeline whose heal run was killed before the task failed
    place.file("Snakefile", GREEDY)
    argv = ("snakemake", "--cores=1", "report.txt", "--config", "waits_for=go")
    with place.begins("run", "--", *argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as ran:
        assert until(lambda: place.times_run() == {"greedy": 1}, seconds=60)
        ran.kill()
    place.file("go", "")
    # When a daemon runs
    place.tells("daemon", "start")
    # Then the failure is found and healed there
    assert until(lambda: place.states() == ["healed"], seconds=90, every=1)
    assert place.times_run() == {"greedy": 2, "report": 1}
    # And each line of its log is JSON, those of the incident with its id
    [incident] = place.incidents()
    lines = [json.loads(line) for line in (place.home / "logs" / "daemon.log").read_text().splitlines()]
    told = ["diagnosed", "proposed", "decided", "applying", "applied", "observed"]
    assert [(line["event"], line["incident"]) for line in lines] == [(event, incident["id"]) for event in told]
    assert {line["level"] for line in lines} == {"info"}
