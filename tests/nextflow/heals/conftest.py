"""A user's folder for each test; one Nextflow test runs at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.nextflow.heals.folder import ON_SLURM, Folder


@pytest.fixture
def folder(request: pytest.FixtureRequest, nextflow: Path, nextflow_plugin: Path, tmp_path: Path) -> Folder:
    """A folder to start pipelines in under heal; the plugin is built, and may be used unless ``log`` is asked for.

    ``slurm``: with the plugin, and the pipelines' tasks are jobs; ``slurm-log``: by the log, as jobs.
    """
    made = Folder(tmp_path, nextflow)
    kind = getattr(request, "param", "plugin")
    if kind.endswith("log"):
        made.leave_to_the_log()
    if kind.startswith("slurm"):
        request.getfixturevalue("slurm")
        made.site = ON_SLURM
    return made
