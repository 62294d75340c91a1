"""What the guard is told beside the texts: it looks nothing up itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UserChange:
    """Consecutive lines that a person changed lately: ``old`` went, ``new`` came. ``committed`` False: only on disk."""

    path: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    committed: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the repository and of the failure; all paths are relative to its root, with ``/``.

    ``tracked`` are the files of the base. ``links`` are symbolic links (files or folders), ``submodules`` the roots of
    submodules, ``outside`` paths that lead out of the repository when they are resolved. ``odd_modes`` are files whose
    git mode is none of 100644 and 100755. ``aimed`` are the files that the failure points to; empty: not known.
    ``names`` are what tells the failed task from others of its process (a sample, a chromosome). ``changes`` are what
    a person changed lately.
    """

    tracked: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    submodules: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()
    odd_modes: frozenset[str] = frozenset()
    aimed: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    changes: tuple[UserChange, ...] = ()
