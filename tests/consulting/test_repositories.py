"""Which repository a change of a run's pipeline is made in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.consulting.given import project

from heal.consulting.repositories import is_fetched, repository_for
from heal.errors import NoHistory
from heal.records import Run
from heal.settings import load


def test_where_a_fetched_pipeline_lies_elsewhere_no_file_of_the_launch_folder_is_given(tmp_path: Path) -> None:
    # Given a launch folder with a script of its own
    folder = project(tmp_path / "launch", {"main.nf": "workflow { }\n"})
    # When a pipeline ran there that heal finds nowhere
    argv = ("nextflow", "run", "file:/srv/git/no-such-pipeline-of-mine")
    run = Run("r", "r", "nextflow", str(folder), argv, datetime(2026, 3, 1, tzinfo=UTC))
    # Then there is no repository to change, and nothing is tried in that folder
    with pytest.raises(NoHistory, match=r"local/no-such-pipeline-of-mine was fetched by nextflow"):
        repository_for(run, load(folder))
    assert is_fetched(run)
