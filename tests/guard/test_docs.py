"""docs/guard.md names every rule, with its verdict and its sentence."""

from __future__ import annotations

import re
from pathlib import Path

from tests.guard.cases import cases

from heal.guard.inspecting import RULES
from heal.records import Verdict

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


def test_what_a_case_asks_for_is_argued_in_its_file():
    unargued = [
        case.name for case in cases("abuse") if case.expect["verdict"] == "ask" and "why:" not in text_of(case.name)
    ]
    assert unargued == []


def text_of(name: str) -> str:
    return (Path(__file__).parent / "abuse" / f"{name}.yaml").read_text(encoding="utf-8")
