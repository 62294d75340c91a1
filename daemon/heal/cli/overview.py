"""What ``heal status`` prints; loads neither typer nor pydantic (see ``heal.cli``)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from heal.cli import shapes, words
from heal.home import places
from heal.journal import state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heal.journal import Body
    from heal.records import Incident

    Rows = Sequence[tuple[Incident, tuple[Body, ...]]]

LIMIT = 100
"""How many incidents are shown where nobody says otherwise."""


def text(limit: int = LIMIT, *, as_json: bool = False) -> str:
    """The newest incidents: a table for people, or JSON (docs/cli.md)."""
    from heal.store import Store

    with Store.open(places.database(places.home_folder()), read_only=True) as store:
        rows = store.newest(limit)
        if as_json:
            return json.dumps({"incidents": [shapes.incident(one, bodies) for one, bodies in rows]}, ensure_ascii=False)
        folders = store.folders([one.run_id for one, _bodies in rows])
    return _table(rows, folders) if rows else "no incidents"


_HEADS = ("INCIDENT", "WHEN", "RUN", "WHAT", "TASKS", "CAUSE", "STATE")
_GAP = "  "


def _table(rows: Rows, folders: dict[str, str]) -> str:
    """Columns as wide as what stands in them; a table library takes a fifth of the time this command may take."""
    now = datetime.now(UTC)
    cells = [_HEADS, *(_row(one, bodies, folders.get(one.run_id, ""), now) for one, bodies in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)
    return "\n".join(lines)


def _row(one: Incident, bodies: tuple[Body, ...], folder: str, now: datetime) -> tuple[str, ...]:
    found = shapes.diagnosis_of(bodies)
    cause = found.label.replace("_", " ") if found and found.label else "?"
    where = f"{Path(folder).name} @{one.lineage[:4]}"
    said = words.state(state_of(bodies), bodies, one.id, one.tasks)
    return (one.id, words.ago(one.opened, now), where, one.process, f"{one.tasks:,}", cause, said)
