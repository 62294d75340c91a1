"""What is arranged for all tests: which of them exclude each other, and which cases are enough."""

from __future__ import annotations

import pytest


# xdist only arranges it for a pytest that it knows
@pytest.mark.xdist_group("alone")
def test_a_test_of_a_group_is_known_by_it(request: pytest.FixtureRequest):
    if not hasattr(request.config, "workerinput") or not request.config.getoption("loadgroup", default=False):
        pytest.skip("only where tests are dealt out")
    assert request.node.nodeid.endswith("@alone")


def test_of_every_test_whose_cases_are_picked_one_is_run(never_run: list[str]):
    assert never_run == []
