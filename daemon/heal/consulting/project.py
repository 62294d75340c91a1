"""Which runs are of one project: of what heal knows of others nothing is told to a model that is asked about this one.

The settings of each project say what may leave this machine, and what is hidden in it; they cannot say it for another.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from heal.settings import settings_file


def same_project(folder: Path, root: Path) -> Callable[[str], bool]:
    """Whether a run's work folder is of the project of ``folder``: at or below the root, under the same heal.toml.

    ``root`` is where the pipeline's repository begins; where the folder is not in it the project begins with itself.
    """
    own = _plain(folder)
    top = _plain(root) if own.is_relative_to(_plain(root)) else own
    rules = settings_file(own)

    def same(other: str) -> bool:
        there = _plain(Path(other))
        # of a folder that is gone nobody can tell any more which settings it had
        return there == own or (there.is_relative_to(top) and there.is_dir() and settings_file(there) == rules)

    return same


def _plain(folder: Path) -> Path:
    # by name, as settings are looked for: what a link leads to has the rules of where the link lies
    return Path(os.path.normpath(folder.absolute()))
