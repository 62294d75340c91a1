"""Whether a script around a pipeline had more to do than what heal brought home."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from heal.cli.wrapper import undone, unseen
from heal.records import Run

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


def root(folder: Path, *argv: str, code: int = 1) -> Run:
    return Run("r0", "r0", "command", str(folder), argv, START, pid=100, exit_code=code)


def engine(pid: int) -> Run:
    return Run(f"e{pid}", "r0", "snakemake", "/w", ("snakemake",), START, parent="r0", pid=pid)


@pytest.mark.parametrize(
    ("script", "calls", "missing"),
    [
        ("snakemake -j2\n", 1, False),
        ('#!/bin/bash\nset -e\nmodule load x\nexec snakemake --executor slurm \\\n  -j 30 "$@"\n', 1, False),
        ("if true; then\n  snakemake -j2\nfi\n", 1, False),
        ("snakemake -j2  # the pipeline\n# then nothing\nexit $?\n", 1, False),
        ("set -e\nsnakemake a\nsnakemake b\n", 1, True),
        ("set -e\nsnakemake a\nsnakemake b\n", 2, False),
        ("set -e\nsnakemake -j2\npython publish.py\n", 1, True),
        ("snakemake -j2 && python publish.py\n", 1, True),
        ("python drive.py\n", 1, True),
        ("sbatch --wait job.sh\n", 1, False),
        ("cp Snakefile.snakemake x\n", 1, True),
        ("nextflow run main.nf -resume\n", 1, False),
        ("nextflow pull me/it\n./bin/nextflow -log x.log run me/it \\\n  -profile x\n", 1, False),
        ("nextflow run a\nnextflow run b\n", 1, True),
        ("nextflow run a; python publish.py\n", 1, True),
        ("nextflow run a\nnextflow log | tail\n", 1, True),
    ],
)
def test_a_script_is_read_for_what_comes_after_the_pipeline(tmp_path: Path, script: str, calls: int, missing: bool):
    (tmp_path / "run.sh").write_text(script, encoding="utf-8")
    engines = [engine(200 + n) for n in range(calls)]
    assert undone(root(tmp_path, "bash", "run.sh"), engines) == ("bash run.sh" if missing else None)
    assert undone(root(tmp_path, "bash", "-c", script), engines) == ("bash -c" if missing else None)


def test_a_script_that_became_the_pipeline_has_nothing_after_it(tmp_path: Path):
    assert undone(root(tmp_path, "anything"), [engine(100)]) is None


def test_a_script_that_went_on_to_its_end_has_nothing_undone(tmp_path: Path):
    assert undone(root(tmp_path, "make", code=0), [engine(200)]) is None


def test_what_cannot_be_read_may_have_had_more_to_do(tmp_path: Path):
    assert undone(root(tmp_path, "make", "all"), [engine(200)]) == "make all"
    assert undone(root(tmp_path, "./missing.sh"), [engine(200)]) == "./missing.sh"


@pytest.mark.parametrize(
    ("argv", "script", "seen"),
    [
        (("bash", "run.sh"), "python3 -m snakemake -j2\n", False),
        (("bash", "run.sh"), "/opt/nf/nextflow run main.nf\n", False),
        (("bash", "run.sh"), "java -cp 'lib/*' nextflow.cli.Launcher run x\n", False),
        (("bash", "run.sh"), "java -jar nextflow-25.04.4-one.jar run x\n", False),
        (("bash", "run.sh"), "python drive.py # snakemake\n", True),
        (("conda", "run", "-n", "smk", "snakemake", "-j2"), "", False),
        (("bash", "-l", "run.sh"), "snakemake -j2\n", False),
        (("./run.sh",), "#!/bin/bash -l\nnextflow run x\n", False),
        (("make", "all"), "", True),
        # called by its name heal would have been told of it
        (("bash", "run.sh"), "snakemake -j2\n", True),
        (("bash", "run.sh"), "sbatch job.sh\n", True),
        # what these began heal was told of, or they began nothing
        (("snakemake", "--lint"), "", True),
        (("nextflow", "config"), "", True),
    ],
)
def test_an_engine_that_nothing_was_seen_of_is_missed(tmp_path: Path, argv: tuple[str, ...], script: str, seen: bool):
    (tmp_path / "run.sh").write_text(script, encoding="utf-8")
    assert unseen(root(tmp_path, *argv), []) == (None if seen else " ".join(argv[:2]))
    assert unseen(root(tmp_path, *argv), [engine(200)]) is None
    assert unseen(root(tmp_path, *argv, code=0), []) is None
