"""Makes a folder that a task needs and nobody made, inside the run's own folders and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from heal.errors import CannotApply
from heal.records import Fix


def wanted(fix: Fix, roots: Sequence[str]) -> list[Path]:
    """The folders that the fix names, each inside one of ``roots``; a relative one lies in the first.

    Raises ``CannotApply`` for one outside of them all.
    """
    inside = [Path(root).resolve() for root in roots if root]
    found = []
    for change in fix.changes:
        folder = (inside[0] / str(change.new)).resolve()
        if not any(folder.is_relative_to(root) for root in inside):
            raise CannotApply(f"{folder} is outside of the run's own folder {inside[0]}")
        found.append(folder)
    return found


def prepare(fix: Fix, roots: Sequence[str]) -> str:
    """Make them, and say so. A folder that is there already is left as it is. Raises ``CannotApply``."""
    folders = wanted(fix, roots)
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotApply(f"the folder {folder} cannot be made: {error}") from error
    return f"made {', '.join(map(str, folders))}"
