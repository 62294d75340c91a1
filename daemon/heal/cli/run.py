"""heal run: start a command under heal, follow what it starts, heal what fails."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run", context_settings={"allow_interspersed_args": False})(run)


def run(
    command: Annotated[list[str], typer.Argument(help="The command, after --", metavar="-- CMD…")],
    timeout: Annotated[float | None, typer.Option(help="Seconds until heal gives up; exit code 124.", min=0)] = None,
    max_remedies: Annotated[int | None, typer.Option(help="Remedies heal may try in this run.", min=0)] = None,
) -> None:
    """Start a pipeline under heal: its failed tasks are explained, healed and run again.

    Exits 0 when all is well in the end; with the command's own code when nothing could be done; 124 on timeout.
    """
    from heal.cli.under_heal import under_heal

    under_heal(command, timeout, max_remedies)
