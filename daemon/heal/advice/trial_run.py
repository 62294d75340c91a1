"""Where an engine's own validator runs: a folder of heal's, in which the project is found by links.

The engine writes beside the links; code of the pipeline's own that writes through one writes to the project.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from heal.proving.surroundings import without_shims

# what engines leave in a folder and look for again: locks, caches, what a run was
_LEFT = (".snakemake", ".nextflow", ".nextflow.log", ".heal")


def linked(project: Path, place: Path) -> Path:
    """Make ``place`` a folder in which everything of the project is found by the same relative names."""
    place.mkdir()
    for entry in project.iterdir():
        if entry.name not in _LEFT:
            (place / entry.name).symlink_to(entry.absolute())
    return place


def quiet_env(env: Mapping[str, str]) -> dict[str, str]:
    """The environment for a validator: heal is not told of it, no shim of heal's is met, no bytecode is left."""
    kept = {name: value for name, value in env.items() if not name.startswith("HEAL_")}
    return kept | {"PATH": without_shims(kept), "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
