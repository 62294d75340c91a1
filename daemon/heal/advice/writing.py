"""Puts a planned test into a project: new files only, all of them or none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from heal.advice.regression import Plan
from heal.errors import NoTest


def written(made: Plan) -> None:
    """Write the files and copy the inputs. Raises ``NoTest`` where one is there already, or tests/ leads elsewhere."""
    targets = [made.project / file.path for file in made.files]
    copies = [(one.source, made.project / made.data / one.name) for one in made.kept]
    every = [*targets, *(to for _source, to in copies)]
    _check(made.project, every)
    for file, path in zip(made.files, targets, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        # x: whatever is made there meanwhile is not written over
        with path.open("x", encoding="utf-8") as new:
            new.write(file.text)
        if file.executable:
            path.chmod(path.stat().st_mode | 0o111)
    for source, path in copies:
        path.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as old, path.open("xb") as new_copy:
            shutil.copyfileobj(old, new_copy)


def _check(project: Path, paths: list[Path]) -> None:
    for path in paths:
        if os.path.lexists(path):
            raise NoTest(f"{path} is there already: move it away, or keep the test that it is")
        there = next(folder for folder in path.parents if folder.exists())
        if not there.resolve().is_relative_to(project.resolve()):
            raise NoTest(f"{there} leads out of {project}: nothing is written there")
