"""What ``heal status`` prints; loads neither typer nor pydantic (see ``heal.cli``)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from heal.cli import shapes, words
from heal.home import places
from heal.journal import state_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from heal.journal import Body
    from heal.records import Incident
    from heal.store import Warned

    Rows = Sequence[tuple[Incident, tuple[Body, ...]]]

LIMIT = 100
"""How many incidents are shown where nobody says otherwise."""
# what nobody has to answer is told for a while, and to people a few of them
_WARNED_DAYS, _WARNED = 7, 5
_WIDTH = 160


def text(limit: int = LIMIT, *, as_json: bool = False) -> str:
    """The newest incidents: a table for people, or JSON (docs/cli.md)."""
    from heal.store import Store

    now = datetime.now(UTC)
    with Store.open(places.database(places.home_folder()), read_only=True) as store:
        rows = store.newest(limit)
        count, warned = store.warnings(limit if as_json else _WARNED, since=now - timedelta(days=_WARNED_DAYS))
        if as_json:
            incidents = [shapes.incident(one, bodies) for one, bodies in rows]
            found = {"incidents": incidents, "warnings": [shapes.warning(one) for one in warned]}
            return json.dumps(found, ensure_ascii=False)
        folders = store.folders([*(one.run_id for one, _bodies in rows), *(one.lineage for one in warned)])
    return "\n".join([_table(rows, folders, now) if rows else "no incidents", *_warnings(count, warned, folders, now)])


_HEADS = ("INCIDENT", "WHEN", "RUN", "WHAT", "TASKS", "CAUSE", "STATE")
_GAP = "  "


def _warnings(count: int, newest: Sequence[Warned], folders: dict[str, str], now: datetime) -> Iterator[str]:
    """What ended well by its own word, and nobody has to answer for."""
    if not count:
        return
    yield ""
    yield f"{ended_well_but(count, f' of the last {_WARNED_DAYS} days')}:"
    for one in newest:
        job = f" · job {one.job}" if one.job else ""
        where = f"{Path(folders.get(one.lineage, '')).name} @{one.lineage[:4]}"
        yield f"  {one.task}{job} · {where} · {words.ago(one.at, now)} · {first_line(one)}"
    if count > len(newest):
        yield f"  and {count - len(newest):,} more: heal status --json"


def ended_well_but(count: int, of: str = "") -> str:
    """Say of so many tasks that their success is not the whole truth."""
    return f"{count:,} task{'s' if count != 1 else ''}{of} ended with 0 and may still not be well"


def first_line(one: Warned) -> str:
    """What did not go well, for one line of a terminal."""
    return one.said.partition("\n")[0][:_WIDTH]


def _table(rows: Rows, folders: dict[str, str], now: datetime) -> str:
    """Columns as wide as what stands in them; a table library takes a fifth of the time this command may take."""
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
