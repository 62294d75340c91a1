"""A user's folder for each test; one Nextflow test runs at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.nextflow.heals.folder import Folder


@pytest.fixture
def folder(request: pytest.FixtureRequest, nextflow: Path, nextflow_plugin: Path, tmp_path: Path) -> Folder:
    """A folder to start pipelines in under heal; the plugin is built, and may be used unless ``log`` is asked for."""
    made = Folder(tmp_path, nextflow)
    if getattr(request, "param", "plugin") == "log":
        made.leave_to_the_log()
    return made
