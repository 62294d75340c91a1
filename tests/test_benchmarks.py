"""The scripts behind docs/performance.md: what they use of heal is still there."""

from __future__ import annotations

import importlib

import pytest
from benchmarks.all import SCRIPTS


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_figure_s_script_can_still_be_run(name: str):
    assert importlib.import_module(f"benchmarks.{name}").__doc__
