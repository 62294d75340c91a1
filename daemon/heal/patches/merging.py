"""Three versions of a file joined into one, by git merge-file, which runs no driver of the user's."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from heal.errors import GitFailed
from heal.patches.running import Git

_FAILED = 128


@dataclass(frozen=True, slots=True)
class Joined:
    """The content (None: no file), or a ``conflict`` and what can be shown of it."""

    data: bytes | None
    conflict: bool = False
    shown: bytes = b""


def joined(git: Git, before: bytes | None, yours: bytes | None, heals: bytes | None) -> Joined:
    """What ``yours`` is with the change that leads from ``before`` to ``heals``."""
    if before == yours:
        return Joined(heals)
    if heals in (before, yours):
        return Joined(yours)
    if before is None or yours is None or heals is None:
        return Joined(None, conflict=True, shown=yours or heals or b"")
    with tempfile.TemporaryDirectory(prefix="heal-merge-") as name:
        files = [Path(name) / part for part in ("yours", "before", "heal")]
        for file, data in zip(files, (yours, before, heals), strict=True):
            file.write_bytes(data)
        labels = [word for label in ("yours", "before", "heal") for word in ("-L", label)]
        answer = git.ask("merge-file", "-p", "--diff3", *labels, *(str(file) for file in files))
    if answer.code >= _FAILED and "binary" not in answer.complaint:
        raise GitFailed(f"git merge-file failed: {answer.complaint}")
    return Joined(answer.out, conflict=answer.code != 0, shown=answer.out) if answer.code < _FAILED else _no_text(yours)


def _no_text(yours: bytes) -> Joined:
    return Joined(None, conflict=True, shown=yours)
