"""Looks up on this machine what a log names. Reads only, a bounded amount, in a bounded time, and changes nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from heal.cases import Finding, Sight
from heal.evidence.contents import opened
from heal.evidence.paths import look_at
from heal.evidence.patience import Patience
from heal.evidence.programs import look_for
from heal.knowledge.included import included
from heal.knowledge.naming import Kind, Named
from heal.knowledge.surroundings import Surroundings

MOST_NAMES = 12
_SECONDS = 6.0
_SOURCE_BYTES = 1 << 20
_MOST_SOURCES = 24
_WORKFLOWS = ("Snakefile", "workflow/Snakefile", "main.nf", "nextflow.config")
_OF_A_TASK = (".command.sh", ".command.run")
_SAVED = re.compile(
    r"(?i)\.(?:ckpt|cpt|chk|checkpoint|restart|rst7|dmtcp)(?:\.\w+)?$|^(?:checkpoint|restart|resume|snapshot)[\w.-]*$"
    r"|^(?:last|latest|epoch)\b[\w.=-]*\.(?:pt|pth|ckpt|h5)$|^CHGCAR$|^WAVECAR$"
)
_NOT_SAVED = frozenset({".snakemake", ".nextflow", ".git", ".ipynb_checkpoints", "node_modules"})
_MOST_ENTRIES = 5000


class Looker:
    """Looks things up, for so many ``seconds`` at a time.

    A file system that does not answer holds a thread that is left behind, and is told of.
    """

    def __init__(self, *, seconds: float = _SECONDS) -> None:
        self._names: Patience[Named, list[Finding]] = Patience(seconds)
        self._folders: Patience[Surroundings, list[Finding]] = Patience(seconds)
        self._files: Patience[str, tuple[str, str]] = Patience(seconds)

    def look(self, names: Sequence[Named], around: Surroundings) -> tuple[Finding, ...]:
        """What is seen of the first dozen names, in their order."""
        wanted = [one for one in names if one.kind in _LOOKS][:MOST_NAMES]
        made, hung = self._names.each(wanted, lambda named: _seen(named, around))
        found = [finding for findings in made for finding in findings]
        if hung is not None:
            text = f"Looking for {hung.text} did not come back within {self._names.seconds:.0f} s: "
            found.append(Finding(Sight.UNANSWERED, hung.text, f"{text}its file system does not answer."))
        return tuple(dict.fromkeys(found))

    def saved(self, around: Surroundings) -> tuple[Finding, ...]:
        """The newest checkpoint in the task's folder that was written since it started."""
        if not around.roots:
            return ()
        made, _hung = self._folders.each([around], _checkpoint)
        return tuple(made[0]) if made else ()

    def sources(self, around: Surroundings) -> Mapping[str, str]:
        """The texts of the task's script and the workflow's sources, with all that these include, by their paths.

        What can be read of them, and at most two dozen.
        """
        of_task = [os.path.join(around.workdir, name) for name in _OF_A_TASK if around.workdir]  # noqa: PTH118 - texts
        own = [os.path.join(around.cwd, name) for name in (*around.sources, *_WORKFLOWS) if around.cwd]  # noqa: PTH118
        wanted, known = list(dict.fromkeys([*of_task, *(own or around.sources)])), dict[str, str]()
        while new := [path for path in wanted if path not in known][: _MOST_SOURCES - len(known)]:
            made, _hung = self._files.each(new, _text)
            known |= dict.fromkeys(new, "") | dict(made)
            wanted = [name for path in new for name in included(path, known[path], around.cwd)]
        return {path: text for path, text in known.items() if text}


_LOOKS = {
    Kind.PATH: lambda named, around: look_at(named.text, named.part, around),
    Kind.PROGRAM: look_for,
    Kind.MODULE: look_for,
    Kind.LIBRARY: look_for,
}


def _seen(named: Named, around: Surroundings) -> list[Finding]:
    try:
        return _LOOKS[named.kind](named, around)
    except (OSError, ValueError):
        # too long a name, a folder that went away meanwhile: nothing is seen
        return []


def _text(path: str) -> tuple[str, str]:
    try:
        with opened(path) as file:
            return path, file.read(_SOURCE_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return path, ""


def _checkpoint(around: Surroundings) -> list[Finding]:
    since = around.started.timestamp() if around.started else 0.0
    found = [(seen.st_mtime, path, seen.st_size) for path, seen in _marked(around.roots[0]) if seen.st_mtime >= since]
    if not found:
        return []
    written, path, size = max(found)
    text = f"{path} ({size} bytes, written {_when(written, around.ended)}) may let it go on from where it was"
    more = f"; {len(found) - 1} more like it" if len(found) > 1 else ""
    return [Finding(Sight.RESUMABLE, path, f"{text}{more}.")]


def _marked(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Files and folders that are named like checkpoints, down to the folders' folders."""
    count = 0
    for where, folders, names in os.walk(folder):
        deep = len(Path(where).relative_to(folder).parts)
        marked = [name for name in (*names, *folders) if _SAVED.search(name)]
        folders[:] = [name for name in folders if name not in _NOT_SAVED and name not in marked] if deep < 2 else []  # noqa: PLR2004
        for name in marked:
            with suppress(OSError):
                path = os.path.join(where, name)  # noqa: PTH118 - as a text
                yield path, os.lstat(path)
        count += len(names) + len(folders)
        if count > _MOST_ENTRIES:
            return


def _when(written: float, ended: datetime | None) -> str:
    if ended is None:
        return f"{datetime.fromtimestamp(written).astimezone():%Y-%m-%d %H:%M}"
    earlier = ended.timestamp() - written
    return f"{abs(earlier) / 60:.0f} min {'before' if earlier >= 0 else 'after'} the end"
