"""The job that waits for others and tells of their end."""

from __future__ import annotations

import subprocess
from pathlib import Path

from heal.schedulers.slurm_sentinel import sentinel_argv
from heal.steps.heard import word
from heal.steps.intake import parse


def test_it_waits_for_each_job_once_and_bears_heals_mark(tmp_path: Path) -> None:
    argv = sentinel_argv(["900_1", "900_2", "901"], tmp_path, "t9")
    assert argv[:-1] == [
        "sbatch",
        "--parsable",
        "--job-name=heal-sentinel",
        "--comment=heal:t9.sentinel",
        "--dependency=afterany:900,afterany:901",
        "--kill-on-invalid-dep=yes",
        "--ntasks=1",
        "--mem=16M",
        "--time=1",
        "--output=/dev/null",
        "--export=NONE",
    ]


def test_what_it_runs_tells_heal_of_the_ends(tmp_path: Path) -> None:
    # Given a spool with a name that a shell would take apart
    spool = tmp_path / "a spool's $HOME"
    spool.mkdir()
    # When the job runs
    wrap = sentinel_argv(["900_1", "900_2", "901"], spool, "t9")[-1].removeprefix("--wrap=")
    subprocess.run(["sh", "-ec", wrap], check=True)
    # Then there is a word for an element of the array and one for the job, and nothing half written
    files = sorted(spool.iterdir())
    assert [path.name for path in files] == ["sentinel-t9-0.json", "sentinel-t9-1.json"]
    words = [word(parse(path.stem, path.read_text())) for path in files]
    assert sorted(one.job for one in words) == ["900_1", "901"]
