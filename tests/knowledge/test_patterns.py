"""Each pattern against its own examples, and a library that no malformed file can stop."""

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from heal.evidence.scan import Scanner
from heal.knowledge.patterns import FixSpec, Library, Match, Pattern, load
from heal.records import FixKind, Label
from heal.shipped import shipped

FOLDER = shipped("patterns")
FILES = sorted(FOLDER.rglob("*.yaml"))
SCHEMA = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))

GOOD = """
id: disk/full
title: The disk is full
status: trial
label: disk_full
cause: '{place} is full.'
match:
  - 'no room on (?P<place>/\\w+)'
  - {regex: '^gave up$', root: false}
confidence: 0.9
rank: 40
fix: {kind: prepare, folder: '{place}'}
references: [a manual]
hits: ["x\\nno room on /tmp"]
misses: ["room on /tmp"]
"""


@pytest.fixture(scope="module")
def library() -> Library:
    return load([FOLDER])


@pytest.fixture(scope="module")
def scanner(library: Library) -> Scanner:
    return Scanner(library)


def written(folder: Path, text: str, name: str = "disk/full.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_shipped_pattern_loads(library: Library) -> None:
    assert library.broken == ()
    assert len(library.patterns) == len(FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_file_follows_the_schema(path: Path) -> None:
    jsonschema.validate(YAML(typ="safe").load(path), SCHEMA)


@pytest.mark.parametrize("name", [path.relative_to(FOLDER).with_suffix("").as_posix() for path in FILES])
def test_a_pattern_finds_its_hits_and_not_its_misses(library: Library, scanner: Scanner, name: str) -> None:
    pattern = library.get(name)
    assert pattern is not None

    lines = [[hit.line for hit in scanner.text("t", text).hits if hit.pattern == name] for text in pattern.hits]
    false = [text for text in pattern.misses if name in {hit.pattern for hit in scanner.text("t", text).hits}]

    assert all(lines), "a hit is not found"
    assert any(line > 1 for of_text in lines for line in of_text), "every hit stands on the first line"
    assert false == []


def test_a_file_becomes_a_pattern(tmp_path: Path) -> None:
    written(tmp_path, GOOD)

    library = load([tmp_path])

    assert library == Library(
        (
            Pattern(
                id="disk/full",
                title="The disk is full",
                status="trial",
                label=Label.DISK_FULL,
                cause="{place} is full.",
                match=(Match(r"no room on (?P<place>/\w+)"), Match("^gave up$", root=False)),
                confidence=0.9,
                rank=40,
                fix=FixSpec(FixKind.PREPARE, folder="{place}"),
                references=("a manual",),
                hits=("x\nno room on /tmp",),
                misses=("room on /tmp",),
            ),
        )
    )


def test_what_a_pattern_proposes_is_filled_in_from_the_line(tmp_path: Path) -> None:
    written(tmp_path, GOOD)

    pattern = load([tmp_path]).patterns[0]

    assert pattern.fitted("no room on /tmp") == FixSpec(FixKind.PREPARE, folder="/tmp")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("id: disk/full", "id: disk/empty", "id: says disk/empty, the file's place says disk/full"),
        ("status: trial", "status: sure", "status: 'sure' is none of draft, trial, trusted, retired"),
        ("label: disk_full", "label: no_such", "label: 'no_such' is none of"),
        ("rank: 40", "rank: 400", "rank: a number from 0 to 50 is needed"),
        ('misses: ["room on /tmp"]', "misses: []", "misses: at least one text is needed"),
        ('hits: ["x\\nno room on /tmp"]', "", "hits: at least one text is needed"),
        ("'^gave up$'", "'(gave up'", "does not compile"),
        ("'^gave up$'", "'(?=gave) up'", "does not compile"),
        ("references: [a manual]", "reference: [a manual]", "has a field heal does not know: reference"),
        ("'{place}'}", "'{where}'}", "{where} is used, but no regex of match names it"),
        ("kind: prepare", "kind: magic", "fix.kind: 'magic' is none of"),
        (GOOD, "- a\n- list", "holds no mapping"),
        (GOOD, "id: [", "is not YAML"),
        (GOOD, "learnt: 2026-11-31", "is not YAML"),
        pytest.param(GOOD, "[" * 5000, "is not YAML", id="a deep one"),
    ],
)
def test_a_malformed_file_is_named_and_skipped(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = written(tmp_path, GOOD.replace(old, new))
    written(tmp_path, GOOD.replace("disk/full", "disk/other"), "disk/other.yaml")

    library = load([tmp_path])

    assert [pattern.id for pattern in library.patterns] == ["disk/other"]
    assert [name for name, _ in library.broken] == [str(path)]
    assert reason in library.broken[0][1]


def test_a_later_folder_replaces_what_an_earlier_one_says(tmp_path: Path) -> None:
    written(tmp_path / "shipped", GOOD)
    written(tmp_path / "site", GOOD.replace("rank: 40", "rank: 41"))

    library = load([tmp_path / "shipped", tmp_path / "site"])

    assert [(pattern.id, pattern.rank) for pattern in library.patterns] == [("disk/full", 41)]


def test_a_retired_pattern_looks_for_nothing(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("trial", "retired"))

    assert load([tmp_path]) == Library()


def test_the_cache_changes_nothing_but_the_time(tmp_path: Path) -> None:
    path = written(tmp_path / "p", GOOD)
    first = load([tmp_path / "p"], cache_dir=tmp_path / "c")
    again = load([tmp_path / "p"], cache_dir=tmp_path / "c")
    path.write_text(GOOD.replace("rank: 40", "rank: 39"), encoding="utf-8")
    changed = load([tmp_path / "p"], cache_dir=tmp_path / "c")

    assert first == again
    assert [pattern.rank for pattern in changed.patterns] == [39]


def test_a_damaged_cache_is_made_again(tmp_path: Path) -> None:
    written(tmp_path / "p", GOOD)
    first = load([tmp_path / "p"], cache_dir=tmp_path / "c")
    for kept in (tmp_path / "c").iterdir():
        kept.write_text("{", encoding="utf-8")

    assert load([tmp_path / "p"], cache_dir=tmp_path / "c") == first


def test_a_match_may_end_where_its_line_ends(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("'no room on (?P<place>/\\w+)'", "'no room on (?P<place>/\\w*)'"))

    scanner = Scanner(load([tmp_path]))

    assert [hit.line for hit in scanner.text("t", "x\nno room on /\ny").hits] == [2]
