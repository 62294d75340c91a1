"""heal patterns: read, test, count and begin patterns."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from heal.cli.group import Group
from heal.errors import BadPattern

_WRONG = 1
_LONGEST = 10_000
_app = typer.Typer(cls=Group, help="Read, test, count and begin patterns.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(_app, name="patterns")


@_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every pattern that holds here: id, label, status and title."""
    from heal.cli.desk import desk
    from heal.knowledge.pattern_texts import row_of

    known = sorted(desk().library.patterns, key=lambda one: one.id)
    if as_json:
        typer.echo(json.dumps({"patterns": [row_of(one) for one in known]}))
        return
    width = max((len(one.id) for one in known), default=0)
    for one in known:
        typer.echo(f"{one.id:<{width}}  {one.label or 'success':<24}  {one.status:<8}  {one.title}")


@_app.command()
def show(pattern: Annotated[str, typer.Argument(help="The pattern's id.")], as_json: AsJson = False) -> None:
    """All that one pattern says."""
    from heal.cli.desk import desk
    from heal.knowledge.pattern_texts import dump, row_of

    one = desk().library.get(pattern)
    if one is None:
        raise BadPattern(f"no pattern is called {pattern}; heal patterns list names them all")
    row = row_of(one)
    typer.echo(json.dumps(row) if as_json else dump(row), nl=as_json)


@_app.command()
def test(files: Annotated[list[Path], typer.Argument(help="Pattern files, or logs.")]) -> None:
    """Try a pattern file on its own examples, or a log on all patterns that hold here.

    Exit code 1 where a pattern file is wrong.
    """
    from heal.cli.bench import found_in, trouble_with

    wrong = False
    for file in files:
        if file.suffix == ".yaml":
            troubles = trouble_with(file)
            wrong = wrong or bool(troubles)
            typer.echo("\n".join(f"{file}: {each}" for each in troubles) or f"{file}: good")
        else:
            for line in found_in(file):
                typer.echo(line)
    raise typer.Exit(_WRONG if wrong else 0)


@_app.command()
def lint(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders of patterns; without one, all that hold here.")
    ] = None,
) -> None:
    """Check every pattern file against its schema and its own examples. Exit code 1 where one is wrong."""
    from heal.cli.bench import trouble_with
    from heal.cli.desk import pattern_folders

    if gone := next((folder for folder in folders or () if not folder.is_dir()), None):
        raise BadPattern(f"{gone} is no folder of patterns")
    files = [file for folder in folders or pattern_folders() for file in sorted(folder.rglob("*.yaml"))]
    troubles = [(file, each) for file in files for each in trouble_with(file)]
    for file, each in troubles:
        typer.echo(f"{file}: {each}")
    typer.echo(f"{len(files)} pattern files, {len({file for file, _ in troubles})} wrong")
    raise typer.Exit(_WRONG if troubles else 0)


@_app.command()
def stats(as_json: AsJson = False) -> None:
    """How often each pattern named a cause here, and what came of what was done about it."""
    from heal.cli.bench import counted

    rows = counted()
    if as_json:
        typer.echo(json.dumps({"patterns": rows}))
        return
    for row in rows:
        came = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in row["outcomes"].items())
        why = f" · {row['only_asks']}" if row["only_asks"] else ""
        typer.echo(f"{row['incidents']:>5}  {row['pattern']}" + (f"  ({came})" if came else "") + why)
    if not rows:
        typer.echo("no pattern has named a cause here yet")


@_app.command()
def new(
    line: Annotated[
        str, typer.Argument(help="The line of a log that says what is wrong, - to read it, or a healed incident.")
    ],
    label: Annotated[
        str | None,
        typer.Option(help="The cause it means, one of heal's labels; without it, what its words sound like."),
    ] = None,
) -> None:
    """Begin a pattern from a line, or a healed incident: what changes in it is masked.

    Prints the file, and what it finds in heal's store. Refused where tasks that went well say the same.
    """
    from heal.cli.bench import also_found, begun, sounds_like
    from heal.cli.learning import healed
    from heal.knowledge.drafts import regex_of
    from heal.records import Label

    known = [each.value for each in Label]
    if label is not None and label not in known:
        raise BadPattern(f"no label is called {label}; the labels are {', '.join(known)}")
    # a log's line may be in any encoding, and without an end
    raw = sys.stdin.buffer.readline(_LONGEST) if line == "-" else os.fsencode(line)[:_LONGEST]
    text = raw.decode(errors="replace")
    if not text.strip():
        raise BadPattern("an empty line says nothing: give the line that says what is wrong")
    fix = None
    if (learnt := healed(text.strip())) is not None:
        found, fix = learnt
        text, label = found.root.text if found.root else "", label or (found.label or Label.UNKNOWN).value
    means, sure = (Label(label), None) if label else sounds_like(text)
    typer.echo(begun(text, means, fix), nl=False)
    if sure:
        typer.echo(f"# the label is what its words sound like ({sure:.2f}): see that it is right")
    lines = also_found(regex_of(text))
    typer.echo(f"# in the store it finds {len(lines)} line(s)" + (":" if lines else ""))
    for each in lines[:20]:
        typer.echo(f"#   {each}")
