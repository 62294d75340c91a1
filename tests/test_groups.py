"""Tests that exclude each other go to one worker, which xdist only arranges for a pytest that it knows."""

from __future__ import annotations

import pytest


@pytest.mark.xdist_group("alone")
def test_a_test_of_a_group_is_known_by_it(request: pytest.FixtureRequest):
    if not hasattr(request.config, "workerinput") or not request.config.getoption("loadgroup", default=False):
        pytest.skip("only where tests are dealt out")
    assert request.node.nodeid.endswith("@alone")
