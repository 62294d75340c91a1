"""A folder that stands for another: the same names, as links to what is there, with a change laid over them.

What is made in it stays in it: folders are real ones, and what a task is to make is not linked. A folder beyond the
first so many entries is one link as a whole. What the change may belong to is copied: Python, and much else, looks for
what lies beside a program where that really is, and by a link would find it as it was.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

_MOST_ENTRIES = 5_000
# heal's own working files, and what an engine keeps of its runs
LEFT_OUT = (".heal", ".snakemake", ".nextflow")
# linked as a whole, for who asks git about the version
_WHOLE = (".git",)
_COPIED_BYTES, _COPIED_FILES = 256 * 1024, 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a shadow shows of ``origin``. Paths are relative to it, with ``/``.

    ``changed`` is what lies over it: a file to copy, or None for one that is not to be there. ``fresh`` are files and
    folders that are to be made, with the folders they lie in. ``seen`` is the path by which the links find the origin
    (the origin itself, or where it can be seen read-only). ``copied``: small files are copies, so that nothing that
    writes into one reaches the original. ``own`` tells of each name whether it is one of the pipeline's own: its small
    files are copies, and links from one to another lead to what lies here. ``deep``: a folder of very many folders, and
    how many levels of it are real.
    """

    origin: Path
    changed: Mapping[str, Path | None] = field(default_factory=dict)
    fresh: frozenset[str] = frozenset()
    seen: Path | None = None
    copied: bool = False
    own: Callable[[str], bool] = lambda _name: False
    left_out: Sequence[str] = LEFT_OUT
    deep: tuple[str, int] | None = None


def cast(plan: Plan, folder: Path) -> tuple[str, ...]:
    """Make the shadow in ``folder``, which is made as well; the paths that are links, files and whole folders.

    A link has the time of what it leads to: an engine that compares times sees them as they are. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    caster = _Caster(plan, folder)
    caster.walk()
    for name, source in plan.changed.items():
        _lay(folder / name, source)
    for name in plan.fresh:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    return tuple(caster.links)


def written(plan: Plan, links: Sequence[str], before: Mapping[str, tuple[int, int, int]]) -> tuple[str, ...]:
    """Those originals that are no longer as they were (``marks`` told how)."""
    after = marks(plan, links)
    return tuple(name for name in links if before.get(name) != after.get(name))


def marks(plan: Plan, links: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """Size, time of change and number of each original: whatever is written into one moves its time of change."""
    found = {}
    for name in links:
        with suppress(OSError):
            said = (plan.origin / name).stat()
            found[name] = (said.st_size, said.st_ctime_ns, said.st_ino)
    return found


class _Caster:
    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._seen = plan.seen or plan.origin
        self._left = _MOST_ENTRIES
        self._copies = _COPIED_FILES if plan.copied else 0
        self.links: list[str] = []
        # what must be a folder of its own, however much there is beside it
        self._real = {
            str(parent) for name in (*plan.changed, *plan.fresh) for parent in PurePosixPath(name).parents
        } | {"."}

    def walk(self) -> None:
        waiting: list[tuple[str, os.DirEntry[str] | None]] = [(".", None)]
        times: list[tuple[Path, os.stat_result]] = []
        while waiting:
            place, itself = waiting.pop(0)
            entries = self._entries(place)
            if itself and place not in self._real and len(entries) > self._left:
                self._give(place, itself)
                continue
            self._left -= len(entries)
            if itself:
                (self._folder / place).mkdir()
                times.append((self._folder / place, itself.stat(follow_symlinks=False)))
            for name, entry in entries:
                if entry.is_dir(follow_symlinks=False) and self._is_real(name, entry.name):
                    waiting.append((name, entry))
                else:
                    self._give(name, entry)
        for made, said in reversed(times):
            os.utime(made, ns=(said.st_atime_ns, said.st_mtime_ns))

    def _entries(self, place: str) -> list[tuple[str, os.DirEntry[str]]]:
        with suppress(PermissionError, FileNotFoundError), os.scandir(self._plan.origin / place) as found:
            named = [(entry.name if place == "." else f"{place}/{entry.name}", entry) for entry in found]
            hidden = self._plan.fresh | frozenset(self._plan.changed)
            shown = [each for each in named if each[1].name not in self._plan.left_out and each[0] not in hidden]
            return sorted(shown, key=lambda each: each[0])
        return []

    def _is_real(self, name: str, base: str) -> bool:
        return name in self._real or (base not in _WHOLE and not self._too_deep(name))

    def _too_deep(self, name: str) -> bool:
        if self._plan.deep is None:
            return False
        top, levels = self._plan.deep
        inner = name if top == "." else name.removeprefix(f"{top}/")
        return (top == "." or inner != name) and inner.count("/") >= levels

    def _give(self, name: str, entry: os.DirEntry[str]) -> None:
        said = entry.stat(follow_symlinks=False)
        if not (stat.S_ISREG(said.st_mode) or stat.S_ISDIR(said.st_mode) or stat.S_ISLNK(said.st_mode)):
            return
        target = self._folder / name
        if stat.S_ISREG(said.st_mode) and said.st_size <= _COPIED_BYTES and self._is_copied(name):
            with suppress(PermissionError):
                shutil.copy2(entry.path, target)
                return
        within = self._within(name, entry)
        target.symlink_to(within or self._seen / name)
        os.utime(target, ns=(said.st_atime_ns, said.st_mtime_ns), follow_symlinks=False)
        if not within:
            self.links.append(name)

    def _is_copied(self, name: str) -> bool:
        if self._plan.own(name):
            return True
        self._copies -= 1
        return self._copies >= 0

    def _within(self, name: str, entry: os.DirEntry[str]) -> str:
        """Where a link of the pipeline's own leads, when that is its own too; empty for all else."""
        if not entry.is_symlink() or not self._plan.own(name):
            return ""
        leads = Path(entry.path).readlink()
        return str(leads) if self._plan.own(os.path.normpath(PurePosixPath(name).parent / leads)) else ""


def _lay(target: Path, source: Path | None) -> None:
    if source is not None and (source.is_file() or source.is_symlink()):
        target.parent.mkdir(parents=True, exist_ok=True)
        # content and the right to be run; its time is that of the change
        shutil.copy(source, target, follow_symlinks=False)
