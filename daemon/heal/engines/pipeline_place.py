"""Where the files of a run's pipeline lie: often in another folder than the one it was started in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from heal.engines import nextflow_argv, snakemake_argv
from heal.errors import CannotApply
from heal.records import Run

# a URL, or what scp takes
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:.+|[^/:]+:.+", re.IGNORECASE | re.DOTALL)
_LOCAL = re.compile(r"file:/(?:.*/)?(?P<project>[^/?#]+?)(?:\.git)?/*", re.IGNORECASE)
_REMOTE = re.compile(
    r"(?!file:)(?:[a-z][a-z0-9+.-]*://[^/]+/|[^/:]+:(?!//)/?)(?P<project>[^?#]+?)(?:\.git)?/*", re.IGNORECASE
)
_PROJECT = re.compile(r"[\w.-]+(?:/[\w.-]+)*")


@dataclass(frozen=True, slots=True)
class PipelinePlace:
    """The folder of the script that a run was started with.

    ``pulled``: the project that an engine fetched into that folder, which is the engine's own; else empty. Where it is
    not ``known`` what folder that is, this is the one that the run was started in, whose files are others.
    """

    folder: Path
    pulled: str = ""
    known: bool = True


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
    projects = tuple(_projects(given))
    if not projects:
        return PipelinePlace(Path(run.cwd), *(("a project", False) if _ADDRESS.fullmatch(given) else ()))
    assets = _assets(env)
    for project in projects:
        # Nextflow takes a name alone for the one project of that name which was pulled
        folders = sorted(assets.glob(f"*/{project}")) if "/" not in project else [assets / project]
        if there := [folder for folder in folders if folder.is_dir()]:
            return PipelinePlace(there[0], str(there[0].relative_to(assets)))
    return PipelinePlace(Path(run.cwd), projects[0], known=False)


def _projects(given: str) -> Iterator[str]:
    """The names, the likeliest first, by which Nextflow may keep what is no file here; none where it is no project.

    A server may serve its projects below a path of its own (``https://host/scm/lab/pipe``), which is no part of a name.
    """
    if local := _LOCAL.fullmatch(given):
        names = [f"local/{local['project']}"]
    elif remote := _REMOTE.fullmatch(given):
        parts = remote["project"].split("/")
        names = ["/".join(parts), "/".join(parts[-2:])] if len(parts) > 1 else []
    else:
        names = [] if given.endswith(".nf") else [given]
    # a name that leads out of the folder is none
    if all(_PROJECT.fullmatch(name) and not {".", ".."} & set(name.split("/")) for name in names):
        yield from dict.fromkeys(names)


def _assets(env: Mapping[str, str]) -> Path:
    """``$NXF_ASSETS``, else ``$NXF_HOME/assets``, else ``~/.nextflow/assets``, as Nextflow has it."""
    home = env.get("NXF_HOME") or str(Path(env.get("HOME") or Path.home()) / ".nextflow")
    return Path(env.get("NXF_ASSETS") or f"{home}/assets").absolute()


def _there(folder: Path, run: Run) -> Path:
    return folder if folder.is_dir() else Path(run.cwd)
