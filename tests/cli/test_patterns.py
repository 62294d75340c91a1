"""heal patterns as people use it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.store.given import at, fail, started, task_ref
from typer.testing import CliRunner, Result

from heal.cases import Citation, Evidence, Passage
from heal.cli.app import app
from heal.home import places
from heal.journal import Applying, Diagnosed, Observed
from heal.records import Diagnosis, Fix, FixKind, Label, Outcome
from heal.store import Store

Heal = Callable[..., Result]

GOOD = """
id: disk/full
title: The disk is full
status: draft
label: disk_full
cause: '{place} is full.'
match: ['no room on (?P<place>/\\w+)']
confidence: 0.9
rank: 40
references: [a manual]
hits: ["x\\nno room on /tmp"]
misses: ["room on /tmp"]
"""


@pytest.fixture
def heal(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Heal:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("HEAL_HOME", str(tmp_path / "heal"))
    monkeypatch.chdir(tmp_path)
    return lambda *args: CliRunner().invoke(app, ["patterns", *args])


def written(text: str) -> Path:
    path = Path("site", "disk", "full.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_all_patterns_are_listed_with_what_they_mean(heal: Heal) -> None:
    lines = heal("list").stdout.splitlines()
    rows = json.loads(heal("list", "--json").stdout)["patterns"]

    assert len(lines) == len(rows) > 100
    assert [line.split()[:2] for line in lines if line.startswith("memory/java_heap ")] == [
        ["memory/java_heap", "out_of_memory"]
    ]


def test_what_is_shown_of_a_pattern_is_a_pattern_file(heal: Heal) -> None:
    path = Path("site", "memory", "java_heap.yaml")
    path.parent.mkdir(parents=True)
    path.write_text(heal("show", "memory/java_heap").stdout)

    assert heal("test", str(path)).stdout == f"{path}: good\n"


def test_a_pattern_nobody_knows_is_an_error_that_says_where_to_look(heal: Heal) -> None:
    result = heal("show", "memory/none")

    assert (result.exit_code, str(result.exception)) == (
        1,
        "no pattern is called memory/none; heal patterns list names them all",
    )


@pytest.mark.parametrize(
    ("old", "new", "trouble"),
    [
        ("x\\nno room", "x\\nroom", "hits: is not found: 'x\\nroom on /tmp'"),
        ("x\\nno room", "no room", "hits: in at least one the line must not be the first"),
        ('misses: ["room', 'misses: ["no room', "misses: is found: 'no room on /tmp'"),
        ("rank: 40", "rank: high", "rank: a number from 0 to 50 is needed"),
        ("no room on (", "(?=no) room on (", "does not compile"),
        ("'no room on (", "'(", "has no word of 3 letters that must be there"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(heal: Heal, old: str, new: str, trouble: str) -> None:
    path = written(GOOD.replace(old, new))

    tested, linted = heal("test", str(path)), heal("lint", "site")

    assert (tested.exit_code, linted.exit_code) == (1, 1)
    assert trouble in tested.stdout
    assert trouble in linted.stdout


def test_a_log_is_tried_against_all_patterns(heal: Heal) -> None:
    Path("a.log").write_text("start\nMemoryError\n")

    assert "a.log:2  memory/python_memory_error  MemoryError" in heal("test", "a.log").stdout.splitlines()


def test_a_new_pattern_begins_with_a_line_and_is_a_good_file(heal: Heal) -> None:
    line = "2025-11-03 04:05:06 aligner: contig 'chr7' of /data/ref.fa has no index at 0x7f12 (code 17)"

    result = heal("new", line, "--label", "missing_input")

    path = Path("site", "site", "aligner_contig_chr_data.yaml")
    path.parent.mkdir(parents=True)
    path.write_text(result.stdout)
    assert heal("test", str(path)).stdout == f"{path}: good\n"
    assert "# in the store it finds 0 line(s)" in result.stdout


def test_the_label_of_a_new_pattern_is_what_its_words_sound_like_where_that_is_plain(heal: Heal) -> None:
    plain, vague = (
        heal("new", "zork: license server refused token 0123abcd4567ef89").stdout,
        heal("new", "link 12 lost"),
    )

    assert "\nlabel: auth\n" in plain
    assert "refused\\s+token\\s+[0-9a-f]+\n" in plain
    assert plain.splitlines()[-2].startswith("# the label is what its words sound like (0.8")
    assert "\nlabel: unknown\n" in vague.stdout


def test_a_label_nobody_knows_is_refused(heal: Heal) -> None:
    result = heal("new", "x went wrong", "--label", "bad_luck")

    assert str(result.exception).startswith("no label is called bad_luck; the labels are out_of_memory, ")


def test_the_store_tells_what_a_pattern_was_good_for_and_what_a_new_one_would_find(heal: Heal) -> None:
    # Given an incident that a pattern named the cause of, and that was healed
    fix = Fix(FixKind.RETRY, "a")
    found = Diagnosis(
        Label.NETWORK, "It broke.", 0.9, Citation("log", 2, "link 7 lost"), pattern="network/x", by="pattern"
    )
    with Store.open(places.database(places.home_folder())) as store:
        store.take(started("r"))
        incident, _ = store.join(fail(store, "r", task_ref("S1")), "f", at(1))
        store.append(incident.id, 1, Diagnosed(found, (Evidence("log", (Passage(1, "go\nlink 7 lost"),)),)), at(2))
        store.append(incident.id, 2, Applying("t", fix), datetime.now(UTC))
        store.append(incident.id, 3, Observed("t", Outcome.HEALED), datetime.now(UTC))

    stats, new = heal("stats", "--json"), heal("new", "link 12 lost")

    assert json.loads(stats.stdout) == {
        "patterns": [{"pattern": "network/x", "incidents": 1, "outcomes": {"healed": 1}}]
    }
    assert heal("stats").stdout == "    1  network/x  (1 healed)\n"
    assert new.stdout.splitlines()[-2:] == ["# in the store it finds 1 line(s):", f"#   {incident.id}  link 7 lost"]
