"""Reads a healing chain from its file, and says what is wrong with it: file, line, and the nearest word there is."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from heal.chain.plan import Plan
from heal.errors import BadChain
from heal.shipped import shipped

FILE_NAME = "default.yaml"
_MOST_BYTES = 256 * 1024


def default_file() -> Path:
    """The chain that heal ships."""
    return shipped("chains") / FILE_NAME


def load(file: Path | None = None) -> Plan:
    """The chain of a file; None: heal's own.

    Raises BadChain, naming file and line, and the nearest key that exists.
    """
    file = file or default_file()
    rows = _read(file)
    try:
        return Plan.model_validate(_plain(rows))
    except ValidationError as error:
        # a misspelt key is also one that lacks, and says more
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        path = [str(part) for part in first["loc"]]
        line = _line_of(rows, first["loc"])
        where = f"{file}:{line}" if line else str(file)
        if first["type"] == "extra_forbidden":
            raise BadChain(f"{where}: unknown key '{'.'.join(path)}'{_suggestion(path)}") from error
        said = first["msg"].removeprefix("Value error, ")
        field = f"'{'.'.join(path)}': " if path else ""
        raise BadChain(f"{where}: {field}{said}.") from error


def _read(file: Path) -> Any:
    # slow to import, and needed only where a chain is used
    from ruamel.yaml import YAML  # noqa: PLC0415
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        with file.open("rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise BadChain(f"{file}: the healing chain cannot be read: {error.strerror or error}.") from error
    if len(data) > _MOST_BYTES:
        raise BadChain(f"{file}: a healing chain has at most {_MOST_BYTES // 1024} KiB.")
    try:
        rows = YAML(typ="rt").load(data.decode("utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise BadChain(f"{file}: is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(rows, dict):
        raise BadChain(f"{file}: holds no mapping; `heal chain show` prints heal's own chain.")
    return rows


def _plain(value: Any) -> Any:
    """The values alone, without what the reader keeps of the file's looks."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def _line_of(rows: Any, path: Sequence[int | str]) -> int | None:
    """The line of the innermost key of the path that the file has."""
    line: int | None = None
    for part in path:
        if not isinstance(rows, dict | list) or not hasattr(rows, "lc"):
            break
        if isinstance(rows, dict) and part in rows:
            line = rows.lc.key(part)[0] + 1
        elif isinstance(rows, list) and isinstance(part, int) and part < len(rows):
            line = rows.lc.item(part)[0] + 1
        else:
            break
        rows = rows[part]
    return line


def _suggestion(path: list[str]) -> str:
    known = _keys_at(path[:-1])
    near = difflib.get_close_matches(path[-1], known, n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else f"; known keys: {', '.join(known)}."


def _keys_at(path: Sequence[str]) -> list[str]:
    """The keys that may stand at the end of the path. What is between (a role's name, a place in a list) is no key."""
    model: type[BaseModel] = Plan
    for part in path:
        inner = next((_model_in(info.annotation) for key, info in _fields(model) if key == part), None)
        model = inner or model
    return [key for key, _info in _fields(model)]


def _fields(model: type[BaseModel]) -> list[tuple[str, Any]]:
    return [(info.alias or name, info) for name, info in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in typing.get_args(annotation) if (found := _model_in(inner))), None)
