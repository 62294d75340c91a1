"""heal explain: everything that was weighed for a diagnosis, and what each thing counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from heal.cli import words
from heal.cli.leaving import Shown

if TYPE_CHECKING:
    from heal.cases import Finding
    from heal.records import Account, Diagnosis


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    what: Annotated[list[str], typer.Argument(help="An incident, or what `heal diagnose` takes.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="In plain words, by a model where there is one.")] = False,
    payload: Shown = False,
) -> None:
    """Show the ledger of a diagnosis: each line and fact that was weighed, and what counted for and against it."""
    if payload and not plain:
        raise typer.BadParameter("a model is asked with --plain alone: nothing else is sent")
    if plain:
        _plainly(what, to_show=payload, as_json=as_json)
        return
    from heal.cli.desk import desk

    case, found = desk().judged(*what)
    if as_json:
        import json

        from heal.cli.shapes import ledger

        typer.echo(json.dumps(ledger(found, case.findings), ensure_ascii=False))
        return
    for line in lines(found, case.findings):
        typer.echo(line)


def _plainly(what: list[str], *, to_show: bool, as_json: bool) -> None:
    import json

    from heal.cli.ask import PLAIN, shown, spoken
    from heal.errors import NothingThere
    from heal.home import places
    from heal.store import Store

    if len(what) != 1:
        raise NothingThere("plain words are about one incident: heal explain --plain INC")
    with Store.open(places.database(places.home_folder())) as store:
        one = store.incident(what[0])
        if to_show:
            shown(store, one, PLAIN, fresh=True, as_json=as_json)
            return
        said = spoken(store, one, PLAIN, fresh=True, remembered=False, aloud=not as_json)
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False))


def lines(found: Diagnosis, findings: Sequence[Finding] = ()) -> Iterator[str]:
    """The page, line by line."""
    yield found.cause
    yield f"  {words.label(found)}"
    if found.explanation:
        yield f"  {found.explanation}"
    yield from words.looked_up(findings)
    if not found.ledger:
        yield "nothing was weighed: no line and no fact speaks for a cause"
        return
    yield ""
    yield "what was weighed"
    for row in found.ledger:
        yield from _row(row)


def _row(row: Account) -> Iterator[str]:
    label = row.label.replace("_", " ") if row.label else "nothing wrong"
    yield f"  {row.points:>3}  {label} · {row.verdict} · {row.by}"
    yield f"       > {words.citation(row.citation)}"
    for weight in row.weights:
        yield f"       {weight.points:>+4}  {weight.why}"
