"""A command under heal, from its start to its exit code; without what parses command lines, which would keep it."""

from __future__ import annotations

import os
import sys
import uuid
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from heal.cli.narrator import say


def under_heal(command: list[str], timeout: float | None = None, max_remedies: int | None = None) -> NoReturn:
    """Run it as ``heal run`` does, and exit. Raises ``BadSettings`` before the command is started."""
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
        why = " ".join(str(error).split()).removesuffix(".")
        say(f"cannot use {home}: {why}; the command runs without heal")
        _exec(command)
    with following:
        code = following.command(_sized(command), timeout)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    # all is closed; to take the interpreter apart would take longer than all else after the command's end
    os._exit(code)


def _sized(command: list[str]) -> list[str]:
    """The command with what ``heal resources --apply`` keeps for this folder; as it is where that cannot be given."""
    from heal import whole_file
    from heal.engines import nextflow_resources, overlay
    from heal.errors import CannotApply

    cwd = Path.cwd()
    whole_file.clear(cwd / ".heal")
    for name in (overlay.NAME, nextflow_resources.NAME):
        if not (cwd / ".heal" / name).exists():
            continue
        try:
            if name == overlay.NAME:
                with_resources = list(overlay.given(command, cwd, os.environ))
            else:
                with_resources = list(nextflow_resources.given(command, cwd))
        except CannotApply as error:
            say(f"what heal resources keeps for this folder is not asked for: {error}")
            continue
        if with_resources != command:
            say(f"asks for what heal resources keeps for this folder (.heal/{name})")
        command = with_resources
    return command


def _exec(command: list[str]) -> None:
    try:
        os.execvp(command[0], command)  # noqa: S606 - the user's own command, as given
    except OSError as error:
        say(f"{command[0]}: {error.strerror}")
        sys.exit(127)
