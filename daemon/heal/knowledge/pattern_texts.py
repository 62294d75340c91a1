"""A pattern as the YAML a person reads and writes."""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import Any

from heal.knowledge.patterns import Pattern


def dump(row: dict[str, Any]) -> str:
    """The mapping as YAML, in its own order, with long lines left whole."""
    # slow to import, and not needed to diagnose
    from ruamel.yaml import YAML  # noqa: PLC0415

    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(row, out)
    return out.getvalue()


def row_of(pattern: Pattern) -> dict[str, Any]:
    """The mapping a pattern file holds, without what it leaves unsaid."""
    row: dict[str, Any] = _said(asdict(pattern))
    row["match"] = [entry["regex"] if entry["root"] else entry for entry in row["match"]]
    return row if pattern.label else {**row, "label": None}


def _said(value: Any) -> Any:
    match value:
        case dict():
            return {name: _said(each) for name, each in value.items() if _said(each) not in (None, "", [], {})}
        case list() | tuple():
            return [_said(each) for each in value]
        case str():
            # an enum is its word
            return str(value)
        case _:
            return value
