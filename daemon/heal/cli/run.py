"""heal run: start a command under heal, follow what it starts, heal what fails."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path
from typing import Annotated

import typer

from heal.cli.narrator import say


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
    from heal.cli.following import Following
    from heal.errors import BadSettings
    from heal.home import places
    from heal.home.sessions import Session
    from heal.settings import load

    home = places.home_folder()
    try:
        settings = load(Path.cwd())
        places.make(home)
        session = Session(home, uuid.uuid4().hex[:12])
        session.spool.create()
        session.lock.acquire()
        following = Following(settings, session, max_remedies)
    except BadSettings:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with heal is no reason not to run the command
        say(f"cannot use {home}: {' '.join(str(error).split())}; the command runs without heal")
        _exec(command)
    with following:
        sys.exit(following.command(_sized(command), timeout))


def _sized(command: list[str]) -> list[str]:
    """The command with what ``heal resources --apply`` keeps for this folder; as it is where that cannot be given."""
    from heal.engines.overlay import given
    from heal.errors import CannotApply

    try:
        with_resources = list(given(command, Path.cwd(), os.environ))
    except CannotApply as error:
        say(f"what heal resources keeps for this folder is not asked for: {error}")
        return command
    if with_resources != command:
        say("asks for what heal resources keeps for this folder (.heal/resources.json)")
    return with_resources


def _exec(command: list[str]) -> None:
    try:
        os.execvp(command[0], command)  # noqa: S606 - the user's own command, as given
    except OSError as error:
        say(f"{command[0]}: {error.strerror}")
        sys.exit(127)
