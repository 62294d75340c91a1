"""Answers written down beforehand, for tests and demonstrations: which is given to which question."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from heal.errors import BadSettings

WINDOW = 32768
_KEYS = {"role", "asked", "text", "file", "times", "wait", "pace", "finish", "status"}
_NUMBERED = re.compile(r"(?P<role>.+?)(?:-(?P<number>\d+))?")


@dataclass(frozen=True, slots=True)
class Line:
    """One answer. It is given to a question of its ``role`` whose text the regex ``asked`` finds; empty: to any.

    ``times``: so often, then never again; None: always. ``wait``: seconds before it begins, ``pace``: between its
    pieces. ``finish``: why it ends. ``status``: the HTTP status of a server that refuses, with ``text`` as the reason.
    """

    text: str
    role: str = ""
    asked: str = ""
    times: int | None = None
    wait: float = 0.0
    pace: float = 0.0
    finish: str = "stop"
    status: int = 200


class Script:
    """Lines in order: a question gets the first that fits it and is not used up. May be shared by threads."""

    def __init__(self, *lines: Line, window: int = WINDOW) -> None:
        self.window = window
        self._lines = lines
        self._left = [line.times for line in lines]
        self._lock = threading.Lock()

    def line(self, role: str, text: str) -> Line | None:
        """The line for a question, which is then used once more; None where none is left."""
        with self._lock:
            for number, line in enumerate(self._lines):
                left = self._left[number]
                if left != 0 and line.role in ("", role) and re.search(line.asked, text, re.DOTALL):
                    self._left[number] = None if left is None else left - 1
                    return line
        return None


def read(path: Path) -> Script:
    """A script from a YAML file, or from a folder of answers by role. Raises ``BadSettings``, naming the place.

    In a folder ``coder-1.txt`` and ``coder-2.txt`` are the coder's answers, in order; the last one is repeated.
    """
    try:
        return _folder(path) if path.is_dir() else _file(path)
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"the script {path} cannot be read: {error}") from error


def _folder(path: Path) -> Script:
    found: dict[str, list[tuple[int, str]]] = {}
    for file in sorted(path.iterdir()):
        name = _NUMBERED.fullmatch(file.stem)
        if file.is_file() and name and not file.name.startswith("."):
            found.setdefault(name["role"], []).append((int(name["number"] or 0), file.read_text(encoding="utf-8")))
    lines: list[Line] = []
    for role, texts in found.items():
        *once, last = [text for _number, text in sorted(texts)]
        lines += [*(Line(text, role, times=1) for text in once), Line(last, role)]
    return Script(*lines)


def _file(path: Path) -> Script:
    from ruamel.yaml import YAML  # noqa: PLC0415 - a tenth of a second, for the few who play a script
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        loaded = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise BadSettings(f"the script {path} is no YAML: {error}") from error
    rows = loaded.get("answers") if isinstance(loaded, Mapping) else None
    if not isinstance(rows, list):
        raise BadSettings(f"the script {path} has no list of answers")
    lines = [_line(row, f"{path}: answer {number}", path.parent) for number, row in enumerate(rows, 1)]
    return Script(*lines, window=int(loaded.get("window", WINDOW)))


def _line(row: Any, where: str, folder: Path) -> Line:
    if not isinstance(row, Mapping):
        raise BadSettings(f"{where} is no mapping")
    if unknown := sorted(set(row) - _KEYS):
        raise BadSettings(f"{where}: unknown key {unknown[0]!r}; known keys: {', '.join(sorted(_KEYS))}")
    if ("text" in row) == ("file" in row) and row.get("status", 200) == 200:  # noqa: PLR2004 - HTTP's "OK"
        raise BadSettings(f"{where} needs a text or a file")
    try:
        re.compile(row.get("asked", ""))
    except (re.error, TypeError) as error:
        raise BadSettings(f"{where}: asked is no regex: {error}") from error
    text = (folder / row["file"]).read_text(encoding="utf-8") if "file" in row else str(row.get("text", ""))
    named = {each.name for each in fields(Line)} - {"text"}
    return Line(text, **{key: value for key, value in row.items() if key in named})
