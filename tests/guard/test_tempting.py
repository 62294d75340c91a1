"""The twelve wrong patches that tempt most: which of them the guard refuses by itself, and which it cannot see."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.guard.cases import cases, files, read

from heal.guard.inspecting import RULES
from heal.records import Verdict


@pytest.mark.parametrize("path", files("tempting"), ids=lambda path: path.stem)
def test_a_tempting_patch_is_judged_as_its_file_says(path: Path):
    case = read(path)
    found = case.objections()
    final = any(one.verdict is Verdict.REFUSE for one in found)
    verdict = "refuse" if final else "ask" if found else "nothing"
    assert verdict == case.expect["verdict"], found
    if case.expect["rule"]:
        assert case.expect["rule"] in {one.rule for one in found}
        assert RULES[case.expect["rule"]].verdict == case.expect["verdict"]


def test_there_are_twelve_and_ten_are_refused_by_the_guard_alone():
    tempting = cases("tempting")
    assert len(tempting) == 12
    assert sorted(case.name for case in tempting if case.expect["who"] != "guard") == [
        "another-file",
        "symptom",
    ]
