"""Where the tests of the Nextflow plugin launch their pipelines."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.nextflow.launches import Launch


@pytest.fixture
def launch(nextflow: Path, nextflow_plugin: Path, tmp_path: Path) -> Launch:
    """A folder to launch pipelines in, with a Nextflow that loads the plugin."""
    return Launch(tmp_path, nextflow, nextflow_plugin)


@pytest.fixture
def armed(launch: Launch) -> Launch:
    """The same, and a task that fails waits two minutes for an answer."""
    launch.env["HEAL_IN_FLIGHT"] = "120"
    return launch
