"""What a hostile log, or a model that wants a green run, could talk a patch into: none escapes."""

from __future__ import annotations

import pytest
from tests.guard.cases import Case, cases

from heal.guard.inspecting import RULES
from heal.records import Verdict

ABUSE = cases("abuse")


@pytest.mark.parametrize("case", ABUSE, ids=[case.name for case in ABUSE])
def test_an_abuse_meets_the_objection_that_its_file_names(case: Case):
    # Given a patch that a hostile log or a lazy model would propose, when it is inspected
    found = case.objections()
    # Then the rule that it breaks is named, and nothing weaker than its file says
    assert case.expect["rule"] in {one.rule for one in found}, found
    verdict = Verdict(case.expect["verdict"])
    assert RULES[case.expect["rule"]].verdict is verdict, "the case's file and the rule's table disagree"
    assert any(one.verdict is verdict for one in found)


def test_there_are_enough_abuses_of_every_family():
    families = [case.expect["rule"].partition(".")[0] for case in ABUSE]
    assert len(ABUSE) >= 60
    assert {family: families.count(family) >= 5 for family in families} == dict.fromkeys(families, True)
