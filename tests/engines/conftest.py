"""What the tests of engines share."""

from __future__ import annotations

import uuid

import pytest


@pytest.fixture
def token() -> str:
    """A launch of this test's own: another test, or another suite on this host, may have one running."""
    return uuid.uuid4().hex[:12]
