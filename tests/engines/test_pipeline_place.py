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
    return PipelinePlace(Path(str(place.folder.resolve().relative_to(folder))), place.pulled, place.known)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("launch/sub", "clone/workflow", "nxf/assets/lab/pipe", "other/lab/pipe"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("lab/group/pipe", "local/mine"):
        (tmp_path / "nxf/assets" / name).mkdir(parents=True)
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
        (("HTTPS://me@git.lab.example:8443/lab/pipe/",), PipelinePlace(Path("nxf/assets/lab/pipe"), "lab/pipe")),
        (("https://git.lab.example/scm/lab/pipe.git",), PipelinePlace(Path("nxf/assets/lab/pipe"), "lab/pipe")),
        (("git@git.lab.example:lab/pipe.git",), PipelinePlace(Path("nxf/assets/lab/pipe"), "lab/pipe")),
        (("ssh://git@git.lab.example/lab/pipe.git",), PipelinePlace(Path("nxf/assets/lab/pipe"), "lab/pipe")),
        (("file:/srv/git/mine.git",), PipelinePlace(Path("nxf/assets/local/mine"), "local/mine")),
        (("file:///srv/git/mine",), PipelinePlace(Path("nxf/assets/local/mine"), "local/mine")),
        (("File:/mine/",), PipelinePlace(Path("nxf/assets/local/mine"), "local/mine")),
        # fetched, and not where heal would look: a main.nf beside it is another's; no password is told of
        (("lab/gone",), PipelinePlace(Path("launch"), "lab/gone", known=False)),
        (("gone",), PipelinePlace(Path("launch"), "gone", known=False)),
        (("file:/srv/git/gone",), PipelinePlace(Path("launch"), "local/gone", known=False)),
        (("git@git.lab.example:lab/gone.git",), PipelinePlace(Path("launch"), "lab/gone", known=False)),
        (("https://me:secret@git.lab.example/lab/gone",), PipelinePlace(Path("launch"), "lab/gone", known=False)),
        (("https://me:secret@git.lab.example/lab/pipe?at=1",), PipelinePlace(Path("launch"), "a project", known=False)),
        (("https://git.lab.example/../../lab/pipe",), PipelinePlace(Path("launch"), "a project", known=False)),
        (("https://git.lab.example/pipe",), PipelinePlace(Path("launch"), "a project", known=False)),
        (("file:lab/pipe",), PipelinePlace(Path("launch"), "a project", known=False)),
        # a script that is gone
        (("gone.nf",), PipelinePlace(Path("launch"))),
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
