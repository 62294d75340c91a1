"""Where the files of a run's pipeline lie, by the words that it was started with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from heal.engines.pipeline_place import PipelinePlace, pipeline_place
from heal.records import Run


def found(folder: Path, engine: str, *argv: str, **env: str) -> PipelinePlace:
    run = Run("r", "r", engine, str(folder / "launch"), argv, datetime(2026, 3, 1, tzinfo=UTC))
    place = pipeline_place(run, {"NXF_HOME": str(folder / "nxf"), **env})
    return PipelinePlace(Path(str(place.folder.resolve().relative_to(folder))), place.pulled)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("launch/sub", "clone/workflow", "nxf/assets/lab/pipe", "nxf/assets/lab/group/pipe", "other/lab/pipe"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("launch/main.nf", "launch/sub/two.nf", "clone/main.nf", "clone/workflow/Snakefile"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("main.nf",), PipelinePlace(Path("launch"))),
        ((), PipelinePlace(Path("launch"))),
        (("-",), PipelinePlace(Path("launch"))),
        (("sub/two.nf",), PipelinePlace(Path("launch/sub"))),
        (("../clone",), PipelinePlace(Path("clone"))),
        (("../clone/main.nf", "-resume"), PipelinePlace(Path("clone"))),
        (("lab/pipe", "-r", "v1"), PipelinePlace(Path("nxf/assets/lab/pipe"), "lab/pipe")),
        (("pipe",), PipelinePlace(Path("nxf/assets/lab/pipe"), "lab/pipe")),
        (("https://github.com/lab/pipe",), PipelinePlace(Path("nxf/assets/lab/pipe"), "lab/pipe")),
        (("https://git.lab.example/lab/group/pipe.git",), PipelinePlace(Path("nxf/assets/lab/group/pipe"), "lab/group/pipe")),
        (("lab/gone",), PipelinePlace(Path("launch"))),
        (("../../lab/pipe",), PipelinePlace(Path("launch"))),
    ],
)  # fmt: skip
def test_of_nextflow(folder: Path, words: tuple[str, ...], expected: PipelinePlace) -> None:
    assert found(folder, "nextflow", "nextflow", "run", *words) == expected


def test_assets_may_be_elsewhere(folder: Path) -> None:
    place = found(folder, "nextflow", "nextflow", "run", "lab/pipe", NXF_ASSETS=str(folder / "other"))
    assert place == PipelinePlace(Path("other/lab/pipe"), "lab/pipe")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("-j2",), "launch"),
        (("--snakefile", "../clone/workflow/Snakefile", "-j2"), "clone/workflow"),
        (("-s", "gone/Snakefile"), "launch"),
    ],
)
def test_of_snakemake(folder: Path, words: tuple[str, ...], expected: str) -> None:
    assert found(folder, "snakemake", "snakemake", *words) == PipelinePlace(Path(expected))


def test_of_anything_else(folder: Path) -> None:
    assert found(folder, "sbatch", "sbatch", "../clone/main.nf") == PipelinePlace(Path("launch"))
