"""Where the files of a run's pipeline lie: often in another folder than the one it was started in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from heal.engines import nextflow_argv, snakemake_argv
from heal.errors import CannotApply
from heal.records import Run

_ADDRESS = re.compile(r"[a-z]+://[^/]+/(?P<project>[^?#]+?)(?:\.git)?/?")
_PROJECT = re.compile(r"[\w.-]+(?:/[\w.-]+)*")


@dataclass(frozen=True, slots=True)
class PipelinePlace:
    """The folder of the script that a run was started with.

    ``pulled``: the project that an engine fetched into that folder, which is the engine's own; else empty.
    """

    folder: Path
    pulled: str = ""


def pipeline_place(run: Run, env: Mapping[str, str]) -> PipelinePlace:
    """Tell by the run's words; its own folder where they do not say. ``env`` is the environment of the run."""
    try:
        match run.engine:
            case "nextflow":
                return _of_nextflow(run, env)
            case "snakemake":
                named = snakemake_argv.value_of(snakemake_argv.read(run.argv).options, "--snakefile", "-s")
                return PipelinePlace(_there((Path(run.cwd) / (named or "Snakefile")).parent, run))
    except (CannotApply, OSError):
        pass
    return PipelinePlace(Path(run.cwd))


def _of_nextflow(run: Run, env: Mapping[str, str]) -> PipelinePlace:
    given = nextflow_argv.read(run.argv).script or "main.nf"
    path = Path(run.cwd) / given
    if given == "-" or path.exists():
        return PipelinePlace(_there(path if path.is_dir() else path.parent, run))
    address = _ADDRESS.fullmatch(given)
    project = address["project"] if address else given
    # a name that leads out of the folder is none
    if not _PROJECT.fullmatch(project) or ".." in project.split("/"):
        return PipelinePlace(Path(run.cwd))
    assets = _assets(env)
    folder = assets / project
    if "/" not in project:
        # Nextflow takes a name alone for the one project of that name which was pulled
        folder = next(iter(sorted(assets.glob(f"*/{project}"))), folder)
    known = folder.is_dir()
    return PipelinePlace(folder, str(folder.relative_to(assets))) if known else PipelinePlace(Path(run.cwd))


def _assets(env: Mapping[str, str]) -> Path:
    """``$NXF_ASSETS``, else ``$NXF_HOME/assets``, else ``~/.nextflow/assets``, as Nextflow has it."""
    home = env.get("NXF_HOME") or str(Path(env.get("HOME") or Path.home()) / ".nextflow")
    return Path(env.get("NXF_ASSETS") or f"{home}/assets").absolute()


def _there(folder: Path, run: Run) -> Path:
    return folder if folder.is_dir() else Path(run.cwd)
