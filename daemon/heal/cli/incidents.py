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
    from collections.abc import Callable
    from typing import NoReturn

    from heal.journal import State
    from heal.records import Incident
    from heal.service import Service
    from heal.settings import Settings
    from heal.store import Store

_EVERY_S = 2.0
# another command that is at work (an accept of something else) is waited for this long
_PATIENT_S = 3600.0
# how often whoever waits for another heal to write down a no looks whether it did
_AGAIN_S = 0.2
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
    from heal.journal import State, standing
    from heal.service import deliver, tended
    from heal.settings import load

    settings = load(Path.cwd())
    with reading() as store:
        one = store.incident(prefix)
        where = standing(store.last(one.id))
        amended = edited(store, one) if edit and where is State.WAITING else None
    who = tended(settings, one.lineage)
    if where is not State.WAITING:
        if accepted and where.moving and not who and not _is_at_work(settings, one):
            _end_with_it(settings, one, lambda _service: None)
        typer.echo(f"incident {one.id}: {_nothing_to_answer(where, accepted=accepted)}")
        return
    by = getpass.getuser()
    if who:
        deliver(settings, one, accepted=accepted, by=by, why=why, amended=amended)
        typer.echo(f"incident {one.id}: your answer is on its way to {who}")
    elif accepted:
        _end_with_it(settings, one, lambda service: service.answer(one, accepted=True, by=by, why=why, amended=amended))
    elif not _was_heard(settings, one, by, why):
        _work(settings, one, lambda service: service.answer(one, accepted=False, by=by, why=why))


def _end_with_it(settings: Settings, one: Incident, first: Callable[[Service], None]) -> NoReturn:
    """Do what is to be done about it, and end with the exit code that tells what came of it."""
    _work(settings, one, first)
    raise typer.Exit(_came_to(one))


def _work(settings: Settings, one: Incident, first: Callable[[Service], None]) -> None:
    from heal.cli.narrator import Narrator
    from heal.home.lock import holder
    from heal.service import Service

    if other := holder(places.lock(settings.home)):
        typer.echo(f"waiting for another heal to be done: {other.role}, pid {other.pid} on {other.host}")
    with Service(
        settings, Narrator, role="heal accept", foreground=True, lineage=one.lineage, patient=_PATIENT_S
    ) as service:
        first(service)
        service.until_quiet(None)


def _is_at_work(settings: Settings, one: Incident) -> bool:
    """True while another heal accept does what is to be done about its run."""
    from heal.home.lock import holder

    other = holder(places.lock(settings.home))
    return other is not None and other.lineage == one.lineage


def _was_heard(settings: Settings, one: Incident, by: str, why: str) -> bool:
    """A no is nobody's work: another heal that is at work, if only for another run, writes it down meanwhile.

    False where nobody is, or nobody any more, and it is still to be answered.
    """
    from heal.home.lock import holder
    from heal.journal import State, standing
    from heal.service import deliver

    lock, until = places.lock(settings.home), time.monotonic() + _PATIENT_S
    if not (other := holder(lock)):
        return False
    deliver(settings, one, accepted=False, by=by, why=why)
    with reading() as store:
        while (where := standing(store.last(one.id))) is State.WAITING:
            if not holder(lock) or time.monotonic() > until:
                return False
            time.sleep(_AGAIN_S)
    typer.echo(f"incident {one.id}: it is {where.replace('_', ' ')}; heard by {other.role}, pid {other.pid}")
    return True


def _came_to(one: Incident) -> int:
    from heal.cli import codes

    with reading() as store:
        state, _moved_on = codes.standing(store, one)
    return codes.verdict([state])


def _nothing_to_answer(where: State, *, accepted: bool) -> str:
    from heal.journal import State

    if accepted and where is State.HEALED:
        return "it is healed, nothing is to be done"
    if accepted and where.moving:
        return f"already on its way, it is {where}"
    return f"nothing to answer, it is {where.replace('_', ' ')}"
