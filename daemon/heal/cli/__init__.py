"""The command line, and a short way to the commands that are typed all day."""

from __future__ import annotations

import io
import os
import sys

from heal.errors import HealError


def main() -> None:
    """Run the command; an error heal raised on purpose is one line on stderr and exit code 2."""
    _fill_in()
    for stream in (sys.stdout, sys.stderr):
        # an arrow or a name that the terminal's encoding lacks is shown as an escape, and stops nothing
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        # parsing with typer would take a third of the time of `heal status`, and keep a pipeline from its start
        if sys.argv[1:] in (["status"], ["status", "--json"]):
            _status(as_json="--json" in sys.argv)
        elif sys.argv[1:3] == ["run", "--"] and sys.argv[3:]:
            from heal.cli.under_heal import under_heal

            under_heal(sys.argv[3:])
        elif sys.argv[1:4] == ["hook", "job", "--"]:
            from heal.cli.hook_job import become_job

            become_job(sys.argv[3:])
        else:
            from heal.cli.app import app

            app()
    except HealError as error:
        sys.stderr.write(f"heal: {error}\n")
        sys.exit(2)
    except OSError as error:
        # the disk, a folder, a terminal that went away: the system names it, and a trace would say no more
        sys.stderr.write(f"heal: {error}\n")
        sys.exit(2)


def _fill_in() -> None:
    """Let streams that heal was started without (``<&-``, ``2>&-``) be empty; what it starts is without them, too."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115 - without loading more; for good


def _status(*, as_json: bool) -> None:
    from heal.cli import overview

    try:
        print(overview.text(as_json=as_json), flush=True)  # noqa: T201 - what the command is for
    except BrokenPipeError:
        # whoever read it has seen enough; what is left must not be written at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
