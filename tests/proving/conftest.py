"""What the tests of replays share."""

from __future__ import annotations

import os

import pytest

from heal.proving.enclosure import Enclosure, enclosure


@pytest.fixture(scope="session")
def bubblewrap() -> Enclosure:
    """A bubblewrap that works: without one the test is skipped at home and fails where CI=true."""
    found = enclosure(os.environ)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("no bubblewrap that works, and CI must have one: apt-get install bubblewrap")
    if found is None:
        pytest.skip("no bubblewrap that works here")
    return found
