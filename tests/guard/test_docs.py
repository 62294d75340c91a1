"""docs/guard.md names every rule, with its verdict and its sentence."""

from __future__ import annotations

import re
from pathlib import Path

from tests.guard.cases import cases, files

from heal.guard.inspecting import RULES
from heal.records import Verdict

HERE = Path(__file__).parent
NAMED = re.compile(r'"([a-z]+\.[a-z_]+)"')
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "guard.md").read_text(encoding="utf-8")


def test_the_page_and_the_tables_name_the_same_rules():
    rows = re.findall(r"^\| `([a-z_.]+)` \| (\w+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(name, rule.verdict.value, rule.why) for name, rule in in_order()]


def in_order():
    families = ("place", "text", "shape", "hide", "power")
    return [(name, rule) for family in families for name, rule in RULES.items() if name.startswith(f"{family}.")]


def test_every_rule_belongs_to_a_family_and_either_asks_or_refuses():
    assert len(in_order()) == len(RULES)
    assert {rule.verdict for rule in RULES.values()} == {Verdict.ASK, Verdict.REFUSE}
    assert [name for name, rule in RULES.items() if name != rule.id] == []


def test_every_rule_has_a_case():
    # Given the rules that a case's file expects, and those that a test of this folder names as what is to be said
    of_files = {
        named for folder in ("abuse", "tempting", "honest") for path in files(folder) for named in expected(path)
    }
    others = sorted(set(HERE.glob("test_*.py")) - {Path(__file__)})
    of_tests = {named for path in others for named in NAMED.findall(path.read_text(encoding="utf-8"))}
    # Then none is left
    assert set(RULES) - of_files - of_tests == set()


def expected(path: Path) -> list[str]:
    """The rules that the last lines of a case's file name: its text before them is not read as YAML, which takes long."""
    _, _, after = path.read_text(encoding="utf-8").rpartition("\nexpect:\n")
    return re.findall(r"^  (?:rule:|  -|-) ([a-z_.]+)$", after, re.MULTILINE)


def test_what_a_case_asks_for_is_argued_in_its_file():
    unargued = [
        case.name for case in cases("abuse") if case.expect["verdict"] == "ask" and "why:" not in text_of(case.name)
    ]
    assert unargued == []


def text_of(name: str) -> str:
    return (Path(__file__).parent / "abuse" / f"{name}.yaml").read_text(encoding="utf-8")
