"""What ``heal status`` prints; loads neither typer nor pydantic (see ``heal.cli``)."""

from __future__ import annotations

import json
import sys
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


def _table(rows: Rows, folders: dict[str, str]) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Column, Table

    # ids and numbers are no use in two halves, and looking for where to break them takes time
    columns = [Column(name, no_wrap=True) for name in ("INCIDENT", "WHEN", "RUN", "WHAT", "TASKS", "CAUSE")]
    table = Table(*columns, "STATE", box=SIMPLE_HEAD, pad_edge=False)
    now = datetime.now(UTC)
    for one, bodies in rows:
        found = shapes.diagnosis_of(bodies)
        cause = found.label.replace("_", " ") if found and found.label else "?"
        where = f"{Path(folders.get(one.run_id, '')).name} @{one.lineage[:4]}"
        said = words.state(state_of(bodies), bodies, one.id)
        table.add_row(one.id, words.ago(one.opened, now), where, one.process, f"{one.tasks:,}", cause, said)
    # names and reasons are shown as they are: a [word] in one is no style
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False, emoji=False)
    with console.capture() as printed:
        console.print(table)
    return printed.get().rstrip("\n")
