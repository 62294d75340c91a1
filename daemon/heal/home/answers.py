"""What an engine that asks is told: a file in its project that it waits for and removes (docs/in-flight.md)."""

from __future__ import annotations

import json
import os
import re
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from heal import whole_file
from heal.home import places

_FOLDER = "answers"
# a question's name becomes a file's
_NAME = re.compile(r"[A-Za-z0-9_.-]{8,80}")
# no engine waits longer for an answer; what is being written is written in a moment, whatever the clocks say
_KEPT_S = 86_400.0
_WRITTEN_S = 3_600.0


def is_question(ask: object) -> bool:
    """Tell whether this can be the name of a question."""
    return isinstance(ask, str) and bool(_NAME.fullmatch(ask)) and not ask.startswith(".")


def withdraw(cwd: str, ask: str) -> None:
    """Take away an answer that nobody has read; harmless where it was."""
    with suppress(OSError):
        _path(cwd, ask).unlink()


def give(cwd: str, ask: str, answer: Mapping[str, Any]) -> None:
    """Put an answer where the engine that works in ``cwd`` looks for it, whole or not at all. Raises OSError.

    Giving the same answer twice is harmless.
    """
    if not is_question(ask):
        raise OSError(f"{ask!r} is no name of a question")
    _made(cwd)
    whole_file.put(_path(cwd, ask), json.dumps({"v": 1, **answer}), mode=0o644)


def try_to_give(cwd: str) -> None:
    """Raise OSError where no answer could be given to an engine that works in ``cwd``; nothing is left behind."""
    project = Path(cwd) / ".heal"
    before = [folder.exists() for folder in (project, project / _FOLDER)]
    try:
        trial = _made(cwd) / f".trial.{uuid.uuid4().hex}"
        whole_file.put(trial, json.dumps({"v": 1, "answer": "none"}), mode=0o644)
        trial.unlink()
    finally:
        # another heal may have begun to use them: then they are not empty
        with suppress(OSError):
            if not before[1]:
                (project / _FOLDER).rmdir()
            if not before[0]:
                (project / ".gitignore").unlink(missing_ok=True)
                project.rmdir()


def sweep(cwd: str, now: float | None = None) -> None:
    """Take away what no engine waits for any more, by its age: answers, and what a kill left half written."""
    at = time.time() if now is None else now
    with suppress(OSError):
        for entry in os.scandir(_path(cwd, "").parent):
            with suppress(OSError):
                age = at - entry.stat(follow_symlinks=False).st_mtime
                if age > (_WRITTEN_S if entry.name.startswith(".") else _KEPT_S):
                    Path(entry.path).unlink()


def _path(cwd: str, ask: str) -> Path:
    return Path(cwd) / ".heal" / _FOLDER / f"{ask}.json"


def _made(cwd: str) -> Path:
    folder = places.of_project(Path(cwd)) / _FOLDER
    folder.mkdir(exist_ok=True)
    return folder
