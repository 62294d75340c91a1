"""Which repository a change of a run's pipeline is made in: where its files are, which may be another folder's."""

from __future__ import annotations

from pathlib import Path

from heal.engines.checking import environment
from heal.engines.pipeline_place import pipeline_place
from heal.errors import NoHistory
from heal.home import places
from heal.model_settings import Patches
from heal.patches.pulled import of_pulled
from heal.patches.repository import Repository
from heal.records import Run
from heal.settings import Settings


def repository_in(folder: Path, settings: Settings) -> Repository:
    """The repository that holds a folder, or heal's own history of it; nothing is written yet. Raises NoHistory."""
    return Repository.at(folder, folder / places.PROJECT, settings.patches)


def is_fetched(run: Run) -> bool:
    """True where an engine fetched the pipeline from a git revision: its folder is the engine's."""
    return bool(pipeline_place(run, environment(run.env_file)).pulled)


def repository_for(run: Run, settings: Settings) -> Repository:
    """The repository that holds the pipeline of a run: of the folder it was started in, of another folder, or a copy.

    Raises NoHistory, and GitFailed where the copy for a fetched pipeline cannot be made.
    """
    folder = Path(run.cwd)
    place = pipeline_place(run, environment(run.env_file))
    if not place.known:
        raise NoHistory(f"{place.pulled} was fetched by {run.engine}, and it is not known into which folder")
    if place.pulled:
        return of_pulled(place.folder, place.pulled, folder / places.PROJECT, settings.patches)
    if place.folder.resolve() == folder.resolve():
        return repository_in(folder, settings)
    here, there = _around(folder, settings.patches), _around(place.folder, settings.patches)
    inside = here is not None and place.folder.resolve().is_relative_to(here.root.resolve())
    if there is None or there.shadow:
        if inside:
            return repository_in(folder, settings)
        raise NoHistory(
            f"the pipeline lies in {place.folder}, which no git repository tracks: git init there, and commit"
        )
    if here is not None and here.root == there.root:
        return repository_in(folder, settings)
    return repository_in(place.folder, settings)


def _around(folder: Path, settings: Patches) -> Repository | None:
    """The repository around a folder."""
    try:
        return Repository.at(folder, folder / places.PROJECT, settings)
    except NoHistory:
        return None
