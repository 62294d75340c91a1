"""heal explain and heal logs: what was weighed, and the lines that matter."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.store.given import at, fail, started, task_ref
from typer.testing import CliRunner, Result

from heal.cases import Citation, Evidence, Finding, Passage, Sight
from heal.cli.app import app
from heal.home import places
from heal.journal import Consulted, Diagnosed
from heal.patch import Size, Sized
from heal.records import Account, Diagnosis, Label, Weight
from heal.store import Store

SEEN = Finding(Sight.ALONE, "S1", "Only this one of 6 tasks of use failed; 5 went well.")

Heal = Callable[..., Result]


@pytest.fixture
def heal(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Heal:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("HEAL_HOME", str(tmp_path / "heal"))
    monkeypatch.chdir(tmp_path)
    return lambda *args: CliRunner().invoke(app, args)


def test_the_ledger_shows_what_was_weighed_the_cause_first(heal: Heal) -> None:
    Path("a.log").write_text("sort: write failed: /tmp/x: No space left on device\nMemoryError was handled, retrying\n")

    told = heal("explain", "a.log").stdout.splitlines()
    shape = json.loads(heal("explain", "a.log", "--json").stdout)

    assert told[0] == "The disk is full, so the program could not write."
    assert "what was weighed" in told
    assert shape["label"] == "disk_full"
    assert shape["ledger"][0]["verdict"] == "taken for the cause"
    assert shape["ledger"][0]["citation"] == {
        "source": "a.log",
        "line": 1,
        "text": "sort: write failed: /tmp/x: No space left on device",
    }
    assert sum(weight["points"] for weight in shape["ledger"][0]["weights"]) == shape["ledger"][0]["points"]


def test_where_nothing_speaks_nothing_is_weighed(heal: Heal) -> None:
    Path("a.log").write_text("quiet\n")

    assert heal("explain", "a.log").stdout.splitlines()[-1].startswith("nothing was weighed")


def test_an_incident_is_told_with_all_that_was_kept(heal: Heal) -> None:
    # Given an incident with a ledger and what was looked up for it
    cited = Citation("S1.log", 7, "it broke")
    row = Account(Label.NETWORK, "It broke.", cited, "network/x", (Weight(30, "said so"),), "taken for the cause")
    found = Diagnosis(Label.NETWORK, "It broke.", 0.9, cited, (cited,), "network/x", "pattern", "Said so.", (row,))
    read = (Evidence("S1.log", (Passage(7, "it broke"),), lines=9),)
    with Store.open(places.database(places.home_folder())) as store:
        store.take(started("r"))
        incident, _ = store.join(fail(store, "r", task_ref("S1")), "f", at(1))
        store.append(incident.id, 1, Diagnosed(found, read, (SEEN,)), at(2))

    explained, told = heal("explain", incident.id), heal("diagnose", incident.id)
    shown, story = heal("logs", incident.id), heal("show", incident.id)
    shapes = [json.loads(heal(name, incident.id, "--json").stdout) for name in ("explain", "diagnose", "show")]

    assert explained.stdout.splitlines() == [
        "It broke.",
        "  network, sure (0.90)",
        "  Said so.",
        f"  looked up: {SEEN.text}",
        "",
        "what was weighed",
        "   30  network · taken for the cause · network/x",
        "       > it broke      S1.log:7",
        "        +30  said so",
    ]
    assert shown.stdout.splitlines() == [
        "== S1.log (9 lines)",
        "… 6 lines left out",
        "> 7: it broke",
        "… 2 lines left out",
    ]
    assert told.stdout.splitlines()[-3:] == [
        f"  looked up: {SEEN.text}",
        "  what to do: Run it again later; where it comes back, see whether this node reaches the service.",
        "  why this: Said so. `heal explain` shows all that was weighed.",
    ]
    assert story.stdout.splitlines()[2:7] == [
        "cause: It broke.",
        "  network, sure (0.90), found by pattern network/x",
        "  Said so.",
        "  > it broke      S1.log:7",
        f"  looked up: {SEEN.text}",
    ]
    seen = {"sight": "alone", "subject": "S1", "text": SEEN.text}
    assert [shape["looked_up"] for shape in shapes] == [[seen]] * 3


def test_the_story_tells_how_much_work_it_was_for_models(heal: Heal) -> None:
    asked = Consulted("the coder says NO FIX: it is the disk", size=Sized(Size.USUAL, "2 places of 9 lines"))
    with Store.open(places.database(places.home_folder())) as store:
        store.take(started("r"))
        incident, _ = store.join(fail(store, "r", task_ref("S1")), "f", at(1))
        store.append(incident.id, 1, Diagnosed(Diagnosis(Label.UNKNOWN, "It broke.", 0.2)), at(2))
        store.append(incident.id, 2, asked, at(3))
    told, shape = heal("show", incident.id).stdout, json.loads(heal("show", incident.id, "--json").stdout)
    assert [line.rpartition("  ")[2] for line in told.splitlines()[-2:]] == [
        "no patch: the coder says NO FIX: it is the disk",
        "size: usual (2 places of 9 lines)",
    ]
    assert shape["journal"][1]["size"] == {"size": "usual", "why": "2 places of 9 lines"}


def test_of_a_big_log_the_lines_that_matter_are_shown_and_the_rest_is_counted(heal: Heal) -> None:
    Path("a.log").write_text("".join(f"step {n} done\n" for n in range(5000)) + "MemoryError\n")

    told = heal("logs", "a.log", "--tokens", "200").stdout
    shape = json.loads(heal("logs", "a.log", "--tokens", "200", "--json").stdout)

    assert "> 5001: MemoryError" in told
    assert "lines left out" in told
    assert (shape["tokens"] <= 200, shape["text"] + "\n", shape["sections"][0]["source"]) == (True, told, "a.log")


def test_of_the_schedulers_facts_all_are_shown(heal: Heal) -> None:
    Path("case").mkdir()
    Path("case/facts.json").write_text('{"exit_code": 137, "slurm_state": "OUT_OF_MEMORY"}')
    Path("case/log.txt").write_text("step 1\n")

    told = heal("logs", "case").stdout

    assert told == "== scheduler\n> OUT_OF_MEMORY; exit code 137\n== log.txt (1 lines)\n1: step 1\n"


@pytest.mark.parametrize("command", ["explain", "logs"])
def test_what_is_not_there_is_an_error(heal: Heal, command: str) -> None:
    result = heal(command, "none.log")

    assert str(result.exception).startswith("none.log is no file, no folder, no job")
