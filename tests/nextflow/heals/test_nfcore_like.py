"""A pipeline in the shape of nf-core's under heal: its own ladder is climbed first, its own strategy has the last word."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.nextflow.heals.folder import UNDER_HEAL, Folder, heals_words
from tests.nextflow.launches import FAST

pytestmark = [pytest.mark.nextflow, pytest.mark.xdist_group("nextflow-heals")]

ASSEMBLE, REPORT = "LAB_DEMO:DEMO:ASSEMBLY:ASSEMBLE", "LAB_DEMO:DEMO:REPORT"
TRIMMED = {"TRIM-S1": 1, "TRIM-S2": 1, "TRIM-S3": 1}
# the third sample needs 450 MB, and the pipeline's own two tries give 200 and 400
ASSEMBLED = {f"ASSEMBLE-{try_}": 1 for try_ in ("S1-200", "S2-200", "S3-200", "S3-400", "S3-800")}
WORDS = ("-profile", "test", "-c", "fast.config")


@pytest.fixture(name="folder")
def _demo(folder: Folder) -> Folder:
    """The pipeline, and intervals of seconds beside it."""
    shutil.copytree(Path(__file__).parents[1] / "nfcore-like", folder.work, dirs_exist_ok=True)
    folder.file("fast.config", FAST)
    return folder


@pytest.mark.parametrize("folder", ["plugin", "log"], indirect=True)
def test_a_pipeline_with_a_ladder_of_its_own(folder: Folder) -> None:
    folder.file("plain.json", json.dumps({"title": "plain"}))
    folder.file("long.json", json.dumps({"title": "long"}))
    # Given a sample that needs more than the pipeline's retries ever give
    words = (*WORDS, "-params-file")
    ended = folder.run(*UNDER_HEAL, *words, "plain.json")
    # Then the retries come first, heal's answer brings it home, and it is one incident
    assert ended.returncode == 0, ended.stdout
    assert folder.times_run() == TRIMMED | ASSEMBLED | {"REPORT": 1}
    assert folder.told() == [(ASSEMBLE, "out_of_memory", "healed", 1)]
    assert (folder.work / "results/report.html").exists()
    # And a bug in its last step, found by other parameters, ends the run as the pipeline wants, and nothing is done again
    ended = folder.run(*UNDER_HEAL, *words, "long.json", "-resume")
    assert ended.returncode == 1, ended.stdout
    assert "Execution cancelled -- Finishing pending tasks before exit" in ended.stdout
    assert folder.times_run() == TRIMMED | ASSEMBLED | {"REPORT": 2}
    assert (REPORT, "script_error", "waiting", 1) in folder.told()
    assert any('bin/report.py", line 9' in line for line in folder.cited(REPORT))


@pytest.mark.parametrize("folder", ["plugin", "log"], indirect=True)
def test_what_the_pipeline_allows_at_most_holds(folder: Folder) -> None:
    # Given a sample that needs 1500 MB, in a pipeline that lets no task ask for more than 1 GB
    folder.file("samples.csv", "sample,size\nS1,150\nS3,1500\n")
    ended = folder.run(*UNDER_HEAL, *WORDS, "--input", "samples.csv")
    # Then it is given that and no more, and heal says who allows no more
    assert ended.returncode == 1, ended.stdout
    assert folder.times_run() == {"TRIM-S1": 1, "TRIM-S3": 1, "ASSEMBLE-S1-200": 1} | {
        f"ASSEMBLE-S3-{memory}": 1 for memory in (200, 400, 800, 1024)
    }
    assert folder.told() == [(ASSEMBLE, "out_of_memory", "unhealed", 1)]
    assert "MB is beyond the 1024 MB of params.max_memory; raise it there first" in heals_words(ended.stdout)[-2]
