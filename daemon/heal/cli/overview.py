"""What ``heal status`` prints; loads neither typer nor pydantic (see ``heal.cli``)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from heal.cli import shapes, words
from heal.cli.visible import visible
from heal.home import places
from heal.journal import state_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from heal.journal import Body
    from heal.records import Incident
    from heal.schedulers.sides import Silence
    from heal.store import Warned

    Rows = Sequence[tuple[Incident, tuple[Body, ...]]]

LIMIT = 100
"""How many incidents are shown where nobody says otherwise."""
# what nobody has to answer is told for a while, and to people a few of them
_WARNED_DAYS, _WARNED = 7, 5
_WIDTH = 160
# a scheduler that is silent is asked every ten minutes at least while there is anything to ask; what nobody asked
# again for a day is no news
_LATELY, _KNOWN_FOR = timedelta(minutes=15), timedelta(days=1)


def text(limit: int = LIMIT, *, as_json: bool = False, now: datetime | None = None) -> str:
    """The newest incidents, and what else is to be known: a table for people, or JSON (docs/cli.md). Asks nobody."""
    from heal.store import Store

    now = now or datetime.now(UTC)
    unanswered = _unanswered(now)
    with Store.open(places.database(places.home_folder()), read_only=True) as store:
        rows = store.newest(limit)
        count, warned = store.warnings(limit if as_json else _WARNED, since=now - timedelta(days=_WARNED_DAYS))
        if as_json:
            incidents = [shapes.incident(one, bodies) for one, bodies in rows]
            found = {
                "incidents": incidents,
                "warnings": [shapes.warning(one) for one in warned],
                "unanswered": [shapes.silence(one) for one in unanswered],
            }
            return json.dumps(found, ensure_ascii=False)
        folders = store.folders([*(one.run_id for one, _bodies in rows), *(one.lineage for one in warned)])
    table = _table(rows, folders, now) if rows else "no incidents"
    return "\n".join([table, *_warnings(count, warned, folders, now), *_silences(unanswered, now)])


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


def _unanswered(now: datetime) -> list[Silence]:
    """Who of SLURM did not answer lately; what was last asked long ago says nothing of today."""
    from heal.schedulers.sides import Sides

    kept = Sides(places.silences(places.home_folder())).silent()
    return [one for one in kept if now - one.asked < _KNOWN_FOR]


def _silences(unanswered: Sequence[Silence], now: datetime) -> Iterator[str]:
    if unanswered:
        yield ""
    for one in unanswered:
        controller = one.side == "controller"
        unknown = "what it would say" if controller else "what jobs used, and how old ones ended,"
        who = "SLURM" if controller else "SLURM's accounting"
        said = f"{who} does not answer since {_clock(one.since, now)}"
        if one.lasting:
            said = "SLURM keeps no accounting here"
        asked = f", last asked {words.ago(one.asked, now)}" if now - one.asked > _LATELY and not one.lasting else ""
        yield f"{said} ({one.why}){asked}: {unknown} is unknown"


def _clock(then: datetime, now: datetime) -> str:
    """The time of this host; with the day where that is another one."""
    local = then.astimezone()
    return f"{local:%H:%M}" if local.date() == now.astimezone().date() else f"{local:%Y-%m-%d %H:%M}"


def ended_well_but(count: int, of: str = "") -> str:
    """Say of so many tasks that their success is not the whole truth."""
    return f"{count:,} task{'s' if count != 1 else ''}{of} ended with 0 and may still not be well"


def first_line(one: Warned) -> str:
    """What did not go well, for one line of a terminal."""
    return visible(one.said.partition("\n")[0][:_WIDTH])


def _table(rows: Rows, folders: dict[str, str], now: datetime) -> str:
    """Columns as wide as what stands in them; a table library takes a fifth of the time this command may take."""
    told = (_row(one, bodies, folders.get(one.run_id, ""), now) for one, bodies in rows)
    # a job's name, a folder's and a log's words are other people's
    cells = [_HEADS, *(tuple(map(visible, row)) for row in told)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)
    return "\n".join(lines)


def _row(one: Incident, bodies: tuple[Body, ...], folder: str, now: datetime) -> tuple[str, ...]:
    found = shapes.diagnosis_of(bodies)
    cause = found.label.replace("_", " ") if found and found.label else "?"
    where = f"{Path(folder).name} @{one.lineage[:4]}"
    said = words.state(state_of(bodies), bodies, one.id, one.tasks)
    said += words.waiting_for(shapes.dependent_jobs(bodies))
    return (
        one.id,
        words.ago(one.opened, now),
        visible(where),
        visible(one.process),
        f"{one.tasks:,}",
        cause,
        visible(said),
    )
