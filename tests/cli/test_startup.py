"""``heal status`` is typed all day: it loads only what it shows, and its short way prints what the long way prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from heal.cases import Citation
from heal.cli import overview
from heal.errors import SchedulerUnreachable
from heal.home import places
from heal.journal import Decided, Diagnosed, Proposed
from heal.records import Change, Diagnosis, Event, Fix, FixKind, Label, RunRef, TaskRef, Verdict
from heal.schedulers.command import NotInstalled
from heal.schedulers.sides import Sides
from heal.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROOT = Citation("a.log", 3, "MemoryError")
FOUND = Diagnosis(Label.OUT_OF_MEMORY, "It needed more memory.", 0.98, ROOT, (ROOT,))
MORE = Fix(FixKind.RESOURCES, "align", (Change("memory_mb", 400, 800),), "peaked at its limit")
SLOW = {"alembic", "apscheduler", "hyperscan", "pydantic", "ruamel", "structlog", "typer", "watchdog"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home whose only incident waits for a person; its process has a name that looks like a style."""
    monkeypatch.setenv("HEAL_HOME", str(tmp_path))
    run = RunRef("r1", "snakemake", "/data/[red]rnaseq", ("snakemake",), 1)
    task = TaskRef("align (sample=S7)", "align:sample=S7", 1, None, None, ())
    with Store.open(places.database(tmp_path)) as store:
        store.take(Event("1", "run_started", NOON, "snakemake", run, None, {}, "{}"))
        store.take(Event("2", "task_failed", NOON, "snakemake", run, task, {"process": "align"}, "{}"))
        incident, _new = store.join(store.unexplained()[0], "memory", NOON)
        told = (Diagnosed(FOUND), Proposed(MORE), Decided(Verdict.ASK, "policy"))
        store.append_many([(incident.id, seq, body) for seq, body in enumerate(told, start=1)], NOON)
    return incident.id


def heal(*args, stdout=subprocess.PIPE):
    return subprocess.run([sys.executable, "-m", "heal", *args], stdout=stdout, stderr=subprocess.PIPE, check=False)


def loaded(*args):
    program = "import sys\nfrom heal.cli import main\nmain()\nsys.stderr.write(' '.join(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", program, *args], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in ended.stderr.split()}


@pytest.mark.parametrize(
    ("args", "unwanted"), [(("status",), SLOW | {"rich"}), (("status", "--json"), SLOW | {"rich"})]
)
def test_status_loads_only_what_it_shows(home, args, unwanted):
    assert loaded(*args) & unwanted == set()


@pytest.mark.parametrize("args", [("status",), ("status", "--json")])
def test_the_short_way_prints_what_the_long_way_prints(home, args):
    short, long = heal(*args), heal(*args, "--limit", "100")

    assert (short.stdout, short.stderr, short.returncode) == (long.stdout, long.stderr, 0)


def test_more_incidents_than_any_database_counts_are_all(home):
    every, shown = heal("status", "--limit", str(10**30)), heal("status")

    assert (every.stdout, every.stderr, every.returncode) == (shown.stdout, b"", 0)


def test_status_tells_what_waits_and_where(home):
    table, found = heal("status").stdout.decode(), json.loads(heal("status", "--json").stdout)

    assert all(
        word in table
        for word in (home, "[red]rnaseq @r1", "align", "out of memory", f"waiting for you · heal accept {home}")
    )
    assert [(one["id"], one["state"], one["label"]) for one in found["incidents"]] == [
        (home, "waiting", "out_of_memory")
    ]


def test_where_nothing_happened_nothing_is_said_to_be_wrong(tmp_path, monkeypatch):
    monkeypatch.setenv("HEAL_HOME", str(tmp_path / "new"))

    assert (heal("status").stdout, json.loads(heal("status", "--json").stdout)) == (
        b"no incidents\n",
        {"incidents": [], "warnings": [], "unanswered": []},
    )


def refused(home, side, error, *times):
    """What is kept of a side that was asked in vain at these times."""
    for at in times:
        with suppress(SchedulerUnreachable), Sides(places.silences(home), lambda at=at: at).heard(side):
            raise error


def noon():
    """Of today, on this host's clock."""
    return datetime.now().astimezone().replace(hour=12, minute=4, second=0, microsecond=0)


def test_status_tells_that_slurm_does_not_answer_and_asks_nobody(tmp_path, monkeypatch):
    monkeypatch.setenv("HEAL_HOME", str(tmp_path))
    # Given what the heal that runs has kept, and a SLURM that must not be asked
    (tmp_path / "squeue").write_text("#!/bin/sh\nexec sleep 600\n")
    (tmp_path / "squeue").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    now, before = noon(), noon() - timedelta(days=2)
    refused(tmp_path, "controller", SchedulerUnreachable("Unable to contact slurm controller"), before, now)
    refused(tmp_path, "accounting", NotInstalled("sacct is not on the PATH"), now)
    # Then it is said to people, with what follows
    since = f"since {before:%Y-%m-%d %H:%M} (Unable to contact slurm controller)"
    assert overview.text(now=now + timedelta(minutes=3)).splitlines() == [
        "no incidents",
        "",
        f"SLURM does not answer {since}: what it would say is unknown",
        "SLURM keeps no accounting here (sacct is not on the PATH): what jobs used, and how old ones ended, is unknown",
    ]
    # And to programs
    assert json.loads(overview.text(as_json=True, now=now))["unanswered"] == [
        {
            "side": "controller",
            "state": "silent",
            "since": before.isoformat(),
            "asked": now.isoformat(),
            "why": "Unable to contact slurm controller",
        },
        {
            "side": "accounting",
            "state": "none",
            "since": now.isoformat(),
            "asked": now.isoformat(),
            "why": "sacct is not on the PATH",
        },
    ]


def test_status_says_when_slurm_was_last_asked_in_vain_and_forgets_it_after_a_day(tmp_path, monkeypatch):
    monkeypatch.setenv("HEAL_HOME", str(tmp_path))
    now = noon()
    refused(tmp_path, "accounting", SchedulerUnreachable("Connection refused"), now)
    said = "SLURM's accounting does not answer since 12:04 (Connection refused), last asked 3h ago"
    last = overview.text(now=now + timedelta(hours=3)).splitlines()[-1]
    assert last == f"{said}: what jobs used, and how old ones ended, is unknown"
    assert overview.text(now=now + timedelta(hours=25)) == "no incidents"


def test_status_tells_what_ended_well_but_for_something_in_it(home, tmp_path):
    # Given seven jobs of a run whose scripts ended with 0 though a step failed, and one of long ago
    now = datetime.now(UTC)
    why = "its script ended with 0, but its step 0 failed with exit code 3"
    with Store.open(places.database(tmp_path)) as store:
        for n, age in enumerate([timedelta(hours=n, minutes=1) for n in range(7)] + [timedelta(days=8)]):
            facts = {"task": f"plink #{n}", "job": f"815_{n}", "said": f"{why}\nand more"}
            told = RunRef("r1"), None, facts, json.dumps({"facts": facts})
            store.take(Event(f"warning:{n}", "warning", now - age, "heal", *told))
    # Then the newest are told, below what failed, with how many there are
    lines = heal("status").stdout.decode().splitlines()
    assert lines[2:4] == ["", "7 tasks of the last 7 days ended with 0 and may still not be well:"]
    assert lines[4] == f"  plink #0 · job 815_0 · [red]rnaseq @r1 · 1m ago · {why}"
    assert (len(lines), lines[-1]) == (10, "  and 2 more: heal status --json")
    # And all of them to programs
    [first, *rest] = json.loads(heal("status", "--json").stdout)["warnings"]
    assert (len(rest), set(first), first["why"]) == (6, {"time", "run", "task", "job", "why"}, f"{why}\nand more")
    assert (first["run"], first["task"], first["job"]) == ("r1", "plink #0", "815_0")


def test_a_broken_database_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("HEAL_HOME", str(tmp_path))
    places.database(tmp_path).write_bytes(b"no database at all, but long enough to look at" * 100)

    ended = heal("status")

    assert (ended.returncode, ended.stdout, ended.stderr.count(b"\n")) == (2, b"", 1)


def test_a_reader_that_went_away_is_no_trouble(home):
    reader, writer = os.pipe()
    os.close(reader)

    ended = heal("status", "--json", stdout=writer)

    os.close(writer)
    assert (ended.returncode, ended.stderr) == (1, b"")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("diagnose - <&-", 0),
        ("diagnose --each - <&-", 0),
        ("explain - <&-", 0),
        ("logs - <&-", 0),
        ("patterns new - <&-", 2),
        ("init <&-", 1),
        ("status >&-", 0),
        ("show none 2>&-", 2),
        ("run -- true <&- >&- 2>&-", 0),
    ],
)
def test_what_has_no_standard_streams_does_without(tmp_path, monkeypatch, command, code):
    monkeypatch.setenv("HEAL_HOME", str(tmp_path / "home"))
    shell = ["bash", "-c", f"{sys.executable} -m heal {command}"]
    ended = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (ended.returncode, "Traceback" in ended.stderr) == (code, False), ended


def test_a_command_finds_its_streams_closed_where_heal_did():
    shell = ["bash", "-c", f"{sys.executable} -m heal run -- cat <&-"]
    assert b"cat: -: Bad file descriptor" in subprocess.run(shell, capture_output=True, check=False).stderr
