"""Honest small fixes pass: a guard that objects to them is switched off."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.guard.cases import cases, files, read

from heal.records import Verdict


@pytest.mark.parametrize("path", files("honest"), ids=lambda path: path.stem)
def test_an_honest_fix_meets_no_objection_but_those_it_names(path: Path):
    # Given a small fix of a real kind, when it is inspected
    case = read(path)
    found = case.objections()
    # Then nothing final is said, and no question but the ones that its file argues for
    assert [one for one in found if one.verdict is Verdict.REFUSE] == []
    assert sorted({one.rule for one in found}) == case.expect["objections"], found


def test_there_are_enough_honest_fixes_and_most_of_them_meet_nothing():
    honest = cases("honest")
    assert len(honest) >= 40
    assert sum(not case.expect["objections"] for case in honest) >= 0.9 * len(honest)
