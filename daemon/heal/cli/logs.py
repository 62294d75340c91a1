"""heal logs: the few lines that matter of all that was written about a failure."""

from __future__ import annotations

from typing import Annotated

import typer

_TOKENS = 4000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("logs")(logs)


def logs(
    what: Annotated[list[str], typer.Argument(help="An incident, or what `heal diagnose` takes.")],
    tokens: Annotated[int, typer.Option(help="How much to show, in tokens of a language model.", min=50)] = _TOKENS,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False,
) -> None:
    """Show the lines that matter, from logs of any size, with what is left out counted.

    The lines a diagnosis leans on are marked and come with what stands around them; storms of one message are shown
    once, traces are folded.
    """
    from heal.cli.desk import desk
    from heal.evidence.distil import distil
    from heal.evidence.keeping import marks_of

    case, found = desk().judged(*what)
    made = distil(case.evidence, marks_of(found), tokens=tokens)
    if as_json:
        import json
        from dataclasses import asdict

        sections = [asdict(section) for section in made.sections]
        typer.echo(json.dumps({"tokens": made.tokens, "text": made.text, "sections": sections}, ensure_ascii=False))
    else:
        typer.echo(made.text)
