"""heal payload: what a coding model would be sent about an incident, before it is; and what was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from heal.consulting.approval import Yes
    from heal.consulting.ready import Ready, Shown
    from heal.dialogue import Message
    from heal.payload.archive import Sent
    from heal.steps.consult import Matter
    from heal.store import Store


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("payload")(payload)


def payload(  # noqa: PLR0917 - typer gives each option by its name
    incident: Annotated[str, typer.Argument(help="The incident's id, or the start of it.")],
    role: Annotated[str, typer.Option(help="A role of the healing chain; else the first that would be asked.")] = "",
    window: Annotated[
        int | None, typer.Option(help="Tokens of question and answer together; else the model's own.", min=512)
    ] = None,
    sent: Annotated[bool, typer.Option("--sent", help="What was sent about it so far, as it was kept.")] = False,
    approve: Annotated[
        bool,
        typer.Option("--approve", help="Show what every role is asked, and say yes to it (privacy.remote = ask)."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False,
) -> None:
    """Print, byte for byte, what would leave this machine for a coding model, before anything does.

    Nothing is sent and no model need be configured. What it holds and what is hidden in it is told on stderr.
    """
    if approve and (role or window or sent):
        raise typer.BadParameter("a yes is to all that is asked: --approve takes no --role, --window or --sent")
    from heal.cli.matters import matter_of
    from heal.home import places
    from heal.store import Store

    with Store.open(places.database(places.home_folder()), read_only=True) as store:
        matter = matter_of(store, incident)
        rows, yes = _approvable(store, matter) if approve else (_rows(store, matter, role, window, sent=sent), None)
    if as_json:
        import json

        typer.echo(json.dumps({"incident": matter.incident.id, "payloads": rows}, ensure_ascii=False))
    for row in rows if not as_json else ():
        for line in _summary(row):
            typer.echo(line, err=True)
        for each in row["messages"]:
            typer.echo(f"[{each['role']}]\n{each['content']}", nl=not each["content"].endswith("\n"))
    if yes:
        from heal.cli.patching import approved

        typer.echo(approved(matter, yes), err=True)


def _rows(store: Store, matter: Matter, role: str, window: int | None, *, sent: bool) -> list[dict[str, Any]]:
    return list(_sent(matter, role) if sent else _previewed(store, matter, role, window))


# --- before it is sent -------------------------------------------------------------------------


def _before(store: Store, matter: Matter) -> tuple[Ready, Callable[[str], int | None]]:
    """What would be asked about it, and the windows that are known; nothing is written beside the pipeline."""
    from functools import cache

    from heal import wiring
    from heal.consulting.ready import ready
    from heal.consulting.repositories import repository_for
    from heal.errors import BadSettings, NoModel
    from heal.settings import load

    folder = Path(matter.run.cwd)
    settings = load(folder)
    repository = repository_for(matter.run, settings)
    asker = wiring.consultant(store, None).models(settings)

    def known(route: str) -> int | None:
        try:
            return asker.window(route)
        except (NoModel, BadSettings):
            return None

    return ready(matter, settings, repository, store.newest_in), cache(known)


def _previewed(store: Store, matter: Matter, role: str, window: int | None) -> Iterator[dict[str, Any]]:
    """One row for each question of the role: the coder has several where its files need them."""
    from heal.consulting.windows import ASSUMED

    made, known = _before(store, matter)
    for one in made.shown(lambda route: window or known(route) or ASSUMED, role):
        yield _row(one, window or known(one.route))


def _approvable(store: Store, matter: Matter) -> tuple[list[dict[str, Any]], Yes]:
    """A row for each question of every role, and the yes to them all."""
    from heal.consulting.windows import ASSUMED

    made, known = _before(store, matter)

    def windows(route: str) -> int:
        return known(route) or ASSUMED

    shown = made.all_shown(windows)
    return [_row(one, known(one.route)) for one in shown], made.yes(shown, windows)


def _row(one: Shown, window: int | None) -> dict[str, Any]:
    from heal.payload.archive import manifest

    return {
        "role": one.request.role,
        "messages": _turns(one.payload.messages),
        "schema": dict(one.form) if one.form else None,
        "manifest": manifest(one.payload),
        "window": window,
    }


# --- what was sent -----------------------------------------------------------------------------


def _sent(matter: Matter, role: str) -> Iterator[dict[str, Any]]:
    from heal.errors import NothingThere
    from heal.payload.archive import Archive

    kept = [one for one in Archive(Path(matter.run.cwd)).sent(matter.incident.id) if role in ("", one.role)]
    if not kept:
        raise NothingThere(f"nothing about incident {matter.incident.id} was sent to a model, or it is kept no longer")
    yield from map(_kept, kept)


def _kept(one: Sent) -> dict[str, Any]:
    return {"role": one.role, "time": one.time, "messages": _turns(one.messages), "manifest": one.manifest}


def _turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": each.role, "content": each.text} for each in messages]


# --- words -------------------------------------------------------------------------------------


def _summary(row: dict[str, Any]) -> Iterator[str]:
    told = row["manifest"]
    when = f", sent {row['time']}" if "time" in row else ", not sent"
    yield f"heal: {row['role']}{when}: about {told['tokens']:,} tokens"
    for part in told["parts"]:
        out = f", {part['left_out']:,} lines left out" if part["left_out"] else ""
        yield f"heal:   {part['name']}: {part['tokens']:,} tokens{out}"
    for file in told["files"]:
        yield f"heal:   {file['path']}:{file['first']}-{file['last']}" if file["last"] else f"heal:   {file['path']}"
    hidden = ", ".join(f"{count} {kind}" for kind, count in told["hidden"].items())
    yield f"heal:   hidden: {hidden or 'nothing'}"
    if row.get("schema"):
        yield "heal:   the form of its answer goes with it, or in words after it: --json shows that"
    if "window" in row and row["window"] is None:
        yield "heal:   the model's window is not known here: 16,000 is assumed (--window, or context in heal.toml)"
