"""heal with the commands of this folder, as a user starts it: a process, in a place of the user's."""

from __future__ import annotations

import subprocess
import sys

from tests.cli.place import Place

# a command that the application does not have yet is added to it
_HEAL = """\
import importlib, sys, typer
from heal.cli import main
from heal.cli.app import app
name = sys.argv[1]
if name not in typer.main.get_command(app).commands:
    importlib.import_module("heal.cli." + name.replace("-", "_")).register(app)
main()
"""


def tells(place: Place, *argv: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Run heal to its end; what it said on stdout and on stderr, apart."""
    return subprocess.run(
        [sys.executable, "-c", _HEAL, *argv],
        cwd=place.work,
        env=place.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
