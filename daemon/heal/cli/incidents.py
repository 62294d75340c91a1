"""heal status, show, accept, reject: read what heal knows, and answer what it asks."""

from __future__ import annotations

import getpass
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heal.cli import overview
from heal.home import places
from heal.jobs import base_of

if TYPE_CHECKING:
    from heal.records import Incident
    from heal.store import Store

_EVERY_S = 2.0
# another command that is at work (an accept of something else) is waited for this long
_PATIENT_S = 3600.0
# to the top left, and everything below it away (ECMA-48 CUP, ED)
_CLEAR = "\x1b[H\x1b[J"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status")(status)
    app.command("show")(show)
    app.command("accept")(accept)
    app.command("reject")(reject)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Print again every two seconds until interrupted.")] = False,
    limit: Annotated[int, typer.Option(help="How many incidents, newest first.", min=1)] = overview.LIMIT,
) -> None:
    """What failed, why, and what heal did or wants."""
    while True:
        # of a larger number no database takes note
        page = overview.text(min(limit, sys.maxsize), as_json=as_json)
        if watch and not as_json and sys.stdout.isatty():
            sys.stdout.write(_CLEAR)
        typer.echo(page)
        if not watch:
            return
        time.sleep(_EVERY_S)


def show(
    incident: Annotated[str, typer.Argument(help="The incident's id, or the start of it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False,
) -> None:
    """The whole story of an incident, with the lines that prove it."""
    from heal.cli import shapes, story

    with reading() as store:
        one = store.incident(incident)
        entries, attempts = store.journal(one.id), store.members(one.id)
        followers = store.repointed({base_of(attempt.job) for attempt in attempts})
    if as_json:
        _echo_json(shapes.story(one, entries, attempts, followers))
    else:
        for line in story.lines(one, entries, attempts, followers):
            typer.echo(line)


def accept(
    incident: Annotated[str, typer.Argument(help="The incident's id, or the start of it.")],
    edit: Annotated[bool, typer.Option("--edit", help="Change the patch in your editor first.")] = False,
) -> None:
    """Say yes to what heal proposes; where it asked you to change something yourself: say that it is done."""
    _answer(incident, accepted=True, why="", edit=edit)


def reject(
    incident: Annotated[str, typer.Argument(help="The incident's id, or the start of it.")],
    why: Annotated[str, typer.Option(help="The reason, kept with the incident.")],
) -> None:
    """Say no: the incident is dismissed, and nothing is changed."""
    _answer(incident, accepted=False, why=why)


def reading() -> Store:
    """What heal knows, to be read."""
    from heal.store import Store

    return Store.open(places.database(places.home_folder()), read_only=True)


def _echo_json(value: object) -> None:
    import json

    typer.echo(json.dumps(value, ensure_ascii=False))


def _answer(prefix: str, *, accepted: bool, why: str, edit: bool = False) -> None:
    from heal.cli.patching import edited
    from heal.home.lock import holder
    from heal.service import Service, deliver, tended
    from heal.settings import load

    settings = load(Path.cwd())
    with reading() as store:
        one = store.incident(prefix)
        standing = _standing(store, one, accepted=accepted)
        amended = edited(store, one) if edit and not standing else None
    if standing:
        typer.echo(f"incident {one.id}: {standing}")
        return
    if who := tended(settings, one.lineage):
        deliver(settings, one, accepted=accepted, by=getpass.getuser(), why=why, amended=amended)
        typer.echo(f"incident {one.id}: your answer is on its way to {who}")
        return
    from heal.cli.narrator import Narrator

    if other := holder(places.lock(settings.home)):
        typer.echo(f"waiting for another heal to be done: {other.role}, pid {other.pid} on {other.host}")
    with Service(
        settings, Narrator, role="heal accept", foreground=True, lineage=one.lineage, patient=_PATIENT_S
    ) as service:
        service.answer(one, accepted=accepted, by=getpass.getuser(), why=why, amended=amended)
        service.until_quiet(None)
    if accepted:
        raise typer.Exit(_came_to(one))


def _came_to(one: Incident) -> int:
    from heal.cli import codes

    with reading() as store:
        state, _moved_on = codes.standing(store, one)
    return codes.verdict([state])


def _standing(store: Store, one: Incident, *, accepted: bool) -> str:
    """Why there is nothing to answer (any more); empty where there is."""
    from heal.journal import State, standing

    where = standing(store.last(one.id))
    if where is State.WAITING:
        return ""
    if accepted and (where.moving or where is State.HEALED):
        return f"already on its way, it is {where}"
    return f"nothing to answer, it is {where.replace('_', ' ')}"
