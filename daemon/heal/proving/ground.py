"""Where a task runs again: shadows of the pipeline's and the work folder, in their place where that can be done."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from heal.errors import NotReplayable
from heal.patch import Draft
from heal.proving.enclosure import Enclosure, Over, lacking, seen
from heal.proving.shadow import Plan, cast, marks, written

# so near the root no folder is one pipeline's own
_LEAST_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Ground:
    """Shadows, each with what it shows and the links it has. ``own`` is the temporary folder of the task."""

    own: Path
    enclosure: Enclosure | None
    shadows: tuple[tuple[Path, Plan], ...]
    links: tuple[tuple[str, ...], ...] = ()
    before: tuple[Mapping[str, tuple[int, int, int]], ...] = field(default=(), repr=False)

    @property
    def temporary(self) -> str:
        """The temporary folder, as the task names it."""
        return "/tmp" if self.enclosure else str(self.own)  # noqa: S108 - its own one, mounted there

    def outside(self, path: Path) -> Path:
        """Where a file that the task makes is found. Raises ``NotReplayable`` for one that it cannot make here."""
        real = _resolved(path)
        for shadow, plan in self.shadows:
            if real.is_relative_to(plan.origin):
                return shadow / real.relative_to(plan.origin)
        raise NotReplayable(f"{path} lies neither in the pipeline's folder nor in the task's: it cannot be made aside")

    def words(self, argv: Sequence[str], cwd: str, path: str) -> tuple[str, ...]:
        """The command line by which ``argv`` runs in ``cwd`` on this ground."""
        if self.enclosure:
            over = [Over(shadow, plan.origin) for shadow, plan in self.shadows]
            return (*self.enclosure.words(over, self.own, cwd, path), *argv)
        return tuple(self._moved(word) for word in argv)

    def cwd(self, cwd: str) -> Path:
        """The folder in which that command line is started."""
        return self.own if self.enclosure else Path(self._moved(cwd))

    def lacking(self, path: str, text: str) -> str:
        """Why what ran here may have failed for its enclosure alone, by what it said; ``path``: its PATH."""
        return lacking(text, [plan.origin for _shadow, plan in self.shadows], self.own, path) if self.enclosure else ""

    def touched(self) -> tuple[str, ...]:
        """Originals that were written to although they were only to be read; of an enclosure, none can be."""
        if self.enclosure:
            return ()
        return tuple(
            str(plan.origin / name)
            for (_shadow, plan), links, before in zip(self.shadows, self.links, self.before, strict=True)
            for name in written(plan, links, before)
        )

    def _moved(self, word: str) -> str:
        """A path into an origin as one into its shadow; any other word as it is."""
        for shadow, plan in self.shadows:
            if word == str(plan.origin) or word.startswith(f"{plan.origin}/"):
                return str(shadow) + word[len(str(plan.origin)) :]
        return word


def laid(
    folder: Path,
    draft: Draft,
    workdir: Path,
    makes: Iterable[Path],
    enclosure: Enclosure | None,
    *,
    beside: Sequence[Path] = (),
    deep: tuple[Path, int] | None = None,
) -> Ground:
    """Make the ground in ``folder``: the changed state of the pipeline, what the task is to make left out.

    ``makes``: files in full. ``beside``: other folders that are written to. ``deep``: as in a ``Plan``, in full. Raises
    ``NotReplayable`` where a file would be made in a place that cannot be shadowed.
    """
    made = [_resolved(path) for path in makes]
    places = [draft.repository.resolve(), workdir.resolve(), *(path.resolve() for path in beside)]
    if enclosure:
        # a folder of results is often a link to another file system
        places += [_standing(path) for path in made]
    origins = _outermost(places, [draft.repository.resolve(), workdir.resolve()])
    plans = [
        _plan(draft, origin, made, seen(number) if enclosure else None, deep) for number, origin in enumerate(origins)
    ]
    shadows = tuple((folder / f"work{number}", plan) for number, plan in enumerate(plans))
    own = folder / "tmp"
    own.mkdir(mode=0o700)
    ground = Ground(own, enclosure, shadows)
    for path in made:
        ground.outside(path)
    links = tuple(cast(plan, shadow) for shadow, plan in shadows)
    before = tuple(marks(plan, names) for plan, names in zip(plans, links, strict=True)) if not enclosure else ()
    return replace(ground, links=links, before=before)


def _plan(draft: Draft, origin: Path, made: Sequence[Path], shown: Path | None, deep: tuple[Path, int] | None) -> Plan:
    changed = {draft.repository.resolve() / name: _changed(draft, name) for name in draft.files}
    return Plan(
        origin,
        {path.relative_to(origin).as_posix(): to for path, to in changed.items() if path.is_relative_to(origin)},
        frozenset(path.relative_to(origin).as_posix() for path in made if path.is_relative_to(origin)),
        shown,
        copied=shown is None,
        own=partial(_own, draft, origin),
        deep=_deep(deep, origin),
    )


def _own(draft: Draft, origin: Path, name: str) -> bool:
    """True for what the change may belong to: the draft has it as well. Where nothing is changed nothing does."""
    path, root = origin / name, draft.repository.resolve()
    if not draft.files or Path(name).is_absolute() or name.startswith("../") or not path.is_relative_to(root):
        return False
    return os.path.lexists(draft.worktree / path.relative_to(root))


def _deep(deep: tuple[Path, int] | None, origin: Path) -> tuple[str, int] | None:
    if deep is None or not deep[0].resolve().is_relative_to(origin):
        return None
    return deep[0].resolve().relative_to(origin).as_posix(), deep[1]


def _changed(draft: Draft, name: str) -> Path | None:
    path = draft.worktree / name
    return path if os.path.lexists(path) else None


def _resolved(path: Path) -> Path:
    """The file itself, where its folder really is; it need not be there, nor need that."""
    return path.parent.resolve() / path.name


def _standing(path: Path) -> Path:
    """The innermost folder above a file that is there."""
    return next(parent for parent in path.parents if parent.is_dir())


def _outermost(places: Sequence[Path], needed: Sequence[Path]) -> list[Path]:
    """Those of the folders that lie in no other. Raises ``NotReplayable`` for one that is nobody's own."""
    found = [
        place
        for place in dict.fromkeys(places)
        if not any(place != other and place.is_relative_to(other) for other in places)
    ]
    for place in found:
        if len(place.parts) < _LEAST_DEPTH and place not in needed:
            raise NotReplayable(f"the task makes something in {place}, which is no folder of its own")
        if len(place.parts) < _LEAST_DEPTH - 1:
            raise NotReplayable(f"the task works in {place}, which cannot be stood in for")
    return found
