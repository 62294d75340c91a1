"""What a failed task read: what of it is small enough to be kept with a test, with checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

# a test is kept in a repository
_LARGEST, _MOST_BYTES, _MOST_FILES = 1_000_000, 10_000_000, 100


@dataclass(frozen=True, slots=True)
class Kept:
    """A small input: where it is, the name it is kept under in the test's folder, its sha256 and size."""

    source: Path
    name: str
    sha256: str
    size: int


@dataclass(slots=True)
class Inputs:
    """What is kept, what is named only (with why), and what a person should know."""

    kept: list[Kept] = field(default_factory=list)
    elsewhere: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def sums(self) -> dict[str, str]:
        """Checksums by the names that inputs are kept under."""
        return {one.name: one.sha256 for one in self.kept}


def inputs(paths: Iterable[str], folder: Path, failed: datetime | None) -> Inputs:
    """Look at the inputs of a task, which are relative to ``folder`` or absolute. Nothing large is read."""
    found = Inputs()
    total = 0
    for path in dict.fromkeys(paths):
        name = relative(path, folder)
        why = "" if name and not name.startswith("../") else "outside this project"
        file = folder / path
        size = _size(file)
        if size is None:
            found.notes.append(f"{path} is not there any more: without it the test cannot run")
        why = why or _too_much(file, size, total, len(found.kept))
        if why or name is None or size is None:
            found.elsewhere[name or path] = why
            continue
        content = file.read_bytes()
        total += len(content)
        found.kept.append(Kept(file, name, hashlib.sha256(content).hexdigest(), len(content)))
        if failed and file.stat().st_mtime > failed.timestamp():
            found.notes.append(f"{path} has changed since the task failed: the test may not fail on it")
    return found


def relative(path: str, folder: Path) -> str | None:
    """A path as seen from a folder, without ``.`` and ``..``; None where it lies outside."""
    full = PurePosixPath(folder, path)
    parts: list[str] = []
    for part in full.parts:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    try:
        return PurePosixPath(*parts).relative_to(folder).as_posix()
    except ValueError:
        return None


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except OSError:
        return None


def _too_much(file: Path, size: int | None, total: int, count: int) -> str:
    if size is None:
        return "not there any more"
    if file.is_dir():
        return "a folder"
    if size > _LARGEST:
        return f"too large to keep ({size / 1e6:,.1f} MB)"
    if total + size > _MOST_BYTES or count >= _MOST_FILES:
        return "one too many to keep"
    return ""
