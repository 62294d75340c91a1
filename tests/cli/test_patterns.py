"""heal patterns as people use it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.store.given import at, fail, started, succeeded, task_ref
from typer.testing import CliRunner, Result

from heal.cases import Citation, Evidence, Passage
from heal.cli.app import app
from heal.home import places
from heal.journal import Applied, Applying, Body, Diagnosed, Observed, Proposed
from heal.records import Change, Diagnosis, Fix, FixKind, Label, Outcome
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
    return lambda *args, said=b"": CliRunner().invoke(app, ["patterns", *args], input=said)


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


def known(*bodies: Body, well: str = "") -> str:
    """An incident that a pattern named the cause of, with what came of it; the log of a task beside it that went well."""
    found = Diagnosis(
        Label.NETWORK, "It broke.", 0.9, Citation("log", 2, "link 7 lost"), pattern="network/x", by="pattern"
    )
    with Store.open(places.database(places.home_folder())) as store:
        store.take(started("r"))
        if well:
            Path("well.log").write_text(well)
            store.take(succeeded("r", replace(task_ref("S2"), log_paths=(str(Path("well.log").absolute()),))))
        incident, _ = store.join(fail(store, "r", task_ref("S1")), "f", at(1))
        told = Diagnosed(found, (Evidence("log", (Passage(1, "go\nlink 7 lost"),)),))
        for seq, body in enumerate((told, *bodies), start=1):
            store.append(incident.id, seq, body, at(2))
    return incident.id


AGAIN = Fix(FixKind.RETRY, "a", (Change("delay_s", None, 30.0),))
HEALED: tuple[Body, ...] = (Proposed(AGAIN), Applying("t", AGAIN), Applied("t"), Observed("t", Outcome.HEALED))


def test_the_store_tells_what_a_pattern_was_good_for_and_what_a_new_one_would_find(heal: Heal) -> None:
    incident = known(*HEALED)

    stats, new = heal("stats", "--json"), heal("new", "link 12 lost")

    assert json.loads(stats.stdout) == {
        "patterns": [{"pattern": "network/x", "incidents": 1, "outcomes": {"healed": 1}, "only_asks": None}]
    }
    assert heal("stats").stdout == "    1  network/x  (1 healed)\n"
    assert new.stdout.splitlines()[-2:] == ["# in the store it finds 1 line(s):", f"#   {incident}  link 7 lost"]


def test_a_pattern_is_learnt_from_what_was_healed(heal: Heal) -> None:
    incident = known(*HEALED)

    path = Path("site", "site", "link_lost.yaml")
    path.parent.mkdir(parents=True)
    path.write_text(heal("new", incident).stdout)

    row = YAML(typ="safe").load(path)
    assert (row["label"], row["match"], row["fix"]) == (
        "network",
        [r"link\s+[\d.]+\s+lost"],
        {"kind": "retry", "delay_s": 30.0},
    )
    assert (row["status"], row["learnt"]) == ("draft", datetime.now(UTC).date().isoformat())
    assert heal("test", str(path)).stdout == f"{path}: good\n"


def test_of_what_was_not_healed_nothing_is_learnt(heal: Heal) -> None:
    incident = known(*HEALED[:-1], Observed("t", Outcome.SAME_FAILURE))

    assert str(heal("new", incident).exception) == (
        f"incident {incident} was not healed: nothing is learnt from it; give the line itself"
    )


def test_what_a_success_says_too_is_refused(heal: Heal) -> None:
    # Given a task that went well, and said the same
    known(well="start\nlink 3 lost\nretried\ndone\n")
    said = f"store: a task that went well says it: {Path('well.log').absolute()}:2  link 3 lost"

    # Then no pattern is begun from it, and one that was is refused
    assert str(heal("new", "link 12 lost").exception) == f"nothing is begun: {said}"
    path = written(
        GOOD.replace("no room on (?P<place>/\\w+)", "(?P<place>link) \\d+ lost").replace(
            "no room on /tmp", "link 1 lost"
        )
    )
    assert heal("test", str(path)).stdout == f"{path}: good\n"
    path.write_text(path.read_text().replace("label:", "learnt: 2026-11-01\nlabel:"))
    for tried in (heal("test", str(path)), heal("lint", "site")):
        assert (tried.exit_code, said in tried.stdout) == (1, True)


def test_what_healed_for_another_cause_is_refused(heal: Heal) -> None:
    incident = known(*HEALED)

    assert str(heal("new", "link 12 lost", "--label", "disk_full").exception) == (
        f"nothing is begun: store: incident {incident} was healed as network: link 7 lost"
    )


def test_a_day_that_is_none_is_said(heal: Heal) -> None:
    path = written(GOOD.replace("label:", "learnt: lately\nlabel:"))

    assert heal("test", str(path)).stdout == f"{path}: learnt: 'lately' is no day such as 2026-11-30\n"


def test_why_a_learnt_pattern_only_asks_is_said(heal: Heal) -> None:
    # Given a trusted pattern of the user's own that was learnt, and did not help the last time
    incident = known(*HEALED[:-1], Observed("t", Outcome.SAME_FAILURE))
    own = places.home_folder() / "patterns" / "network" / "x.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(
        GOOD.replace("disk/full", "network/x").replace("draft\nlabel:", "trusted\nlearnt: 2020-01-01\nlabel:")
    )

    assert heal("stats").stdout == (
        "    1  network/x  (1 same failure) · the pattern network/x did not help with incident "
        f"{incident}, and may only ask until it does\n"
    )


@pytest.mark.parametrize("by", ["standard input", "an argument"])
def test_a_line_in_another_encoding_begins_a_pattern_that_finds_it(heal: Heal, by: str) -> None:
    # Given a log in Latin-1, and a pattern begun from its line
    line = "Datei f\u00fcr Lauf 7 fehlt".encode("latin-1")
    Path("a.log").write_bytes(b"start\n" + line + b"\n")
    begun = heal("new", "-", said=line + b"\nnot this\n") if by == "standard input" else heal("new", os.fsdecode(line))
    assert (begun.exit_code, begun.exception) == (0, None)
    # When it is put where the site's are
    folder = places.home_folder() / "patterns/site"
    folder.mkdir(parents=True)
    (folder / "datei_lauf_fehlt.yaml").write_text(begun.stdout.replace("status: draft", "status: trial"))
    # Then it finds the line, in the log as it is and in one that is UTF-8
    assert "a.log:2  site/datei_lauf_fehlt" in heal("test", "a.log").stdout
    Path("b.log").write_bytes(b"start\n" + line.decode("latin-1").encode() + b"\n")
    assert "b.log:2  site/datei_lauf_fehlt" in heal("test", "b.log").stdout


def test_of_a_line_without_an_end_only_the_beginning_is_read(heal: Heal) -> None:
    begun = heal("new", "-", said=b"no room on device " + b"x" * 3_000_000)
    assert (begun.exit_code, len(begun.stdout) < 100_000) == (0, True)
