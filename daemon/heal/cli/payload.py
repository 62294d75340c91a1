"""heal payload: what a coding model would be sent about an incident, before it is; and what was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from heal.consulting.approval import Yes
    from heal.consulting.ready import Ready, Shown
    from heal.steps.consult import Matter
    from heal.store import Store

# what Sending is about where it is about no incident: heal ask, heal validate
_OF_A_PROJECT = ("project", "validate")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("payload")(payload)


def payload(  # noqa: PLR0917 - typer gives each option by its name
    incident: Annotated[
        str | None, typer.Argument(help="An incident, or the start of its id; none: the project, for --sent.")
    ] = None,
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
    if incident is None and not sent:
        raise typer.BadParameter(
            "without an incident: --sent; before that heal ask … --payload, heal validate --payload"
        )
    from heal.cli.leaving import printed

    if incident is None:
        printed(None, _sent(Path.cwd(), _OF_A_PROJECT, role, "this project"), as_json=as_json)
    elif approve:
        _approve(incident, as_json=as_json)
    else:
        printed(*_shown(incident, role, window, sent=sent), as_json=as_json)


def _shown(incident: str, role: str, window: int | None, *, sent: bool) -> tuple[str, list[dict[str, Any]]]:
    from heal.cli.matters import matter_of

    with _store() as store:
        matter = matter_of(store, incident)
        one = matter.incident.id
        if sent:
            return one, _sent(Path(matter.run.cwd), (one,), role, f"incident {one}")
        return one, list(_previewed(store, matter, role, window))


def _approve(incident: str, *, as_json: bool) -> None:
    """Show what every role is asked, and keep the yes to it."""
    from heal.cli.leaving import printed
    from heal.cli.matters import matter_of
    from heal.cli.patching import approved

    with _store() as store:
        matter = matter_of(store, incident)
        rows, yes = _approvable(store, matter)
    printed(matter.incident.id, rows, as_json=as_json)
    typer.echo(approved(matter, yes), err=True)


def _store() -> Store:
    from heal.home import places
    from heal.store import Store

    return Store.open(places.database(places.home_folder()), read_only=True)


# --- before it is sent -------------------------------------------------------------------------


def _before(store: Store, matter: Matter) -> tuple[Ready, Callable[[str], int | None]]:
    """What would be asked about it, and the windows that are known; nothing is written beside the pipeline."""
    from functools import cache, partial

    from heal import wiring
    from heal.consulting.ready import ready
    from heal.consulting.repositories import repository_for
    from heal.consulting.windows import known
    from heal.settings import load

    folder = Path(matter.run.cwd)
    settings = load(folder)
    repository = repository_for(matter.run, settings)
    asker = wiring.consultant(store, None).models(settings)
    return ready(matter, settings, repository, store.newest_in), cache(partial(known, asker))


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
    from heal.cli.leaving import row

    return row(one.request.role, one.payload, one.form, window)


# --- what was sent -----------------------------------------------------------------------------


def _sent(folder: Path, subjects: Sequence[str], role: str, whom: str) -> list[dict[str, Any]]:
    """What was sent from a folder about these, the first first. Raises NothingThere where nothing is kept."""
    from heal.cli.leaving import kept
    from heal.errors import NothingThere
    from heal.payload.archive import Archive

    archive = Archive(folder)
    found = [one for subject in subjects for one in archive.sent(subject) if role in ("", one.role)]
    if not found:
        raise NothingThere(f"nothing about {whom} was sent to a model, or it is kept no longer")
    return [kept(one) for one in (found if len(subjects) == 1 else sorted(found, key=lambda one: one.time))]
