"""heal daemon: run in the foreground, or start, stop and look at the one in the background."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import typer

from heal import places
from heal.errors import AlreadyRunning, HealError
from heal.lock import holder

_START_S = 20.0
_STOP_S = 10.0
_LOOK_S = 0.05


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="The daemon: heals runs that announce themselves, and jobs in registered projects.", no_args_is_help=True
    )
    group.command("run")(run)
    group.command("start")(start)
    group.command("stop")(stop)
    group.command("status")(status)
    app.add_typer(group, name="daemon")


def run() -> None:
    """Run in the foreground until SIGTERM or Ctrl-C. One per user."""
    from heal.cli.logging import teller, trouble
    from heal.service import Service
    from heal.settings import load

    settings = load(Path.cwd())
    with Service(settings, teller, foreground=False) as service:
        service.trouble = trouble
        service.serve()


def start() -> None:
    """Start the daemon in the background. Harmless when it is there already."""
    lock = places.lock(places.home_folder())
    if who := holder(lock):
        typer.echo(f"the daemon is there: pid {who[1]} on {who[0]}")
        return
    places.make(places.home_folder())
    log = places.logs(places.home_folder()) / "daemon.log"
    with log.open("ab") as stream:
        child = subprocess.Popen(
            [sys.executable, "-m", "heal", "daemon", "run"],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    if not _until(lambda: holder(lock) is not None or child.poll() is not None, _START_S) or child.poll() is not None:
        raise HealError(f"the daemon did not start; its log says why: {log}")
    typer.echo(f"the daemon runs: pid {child.pid}, log {log}")


def stop() -> None:
    """End the daemon; what it was doing is finished by the next one."""
    lock = places.lock(places.home_folder())
    who = holder(lock)
    if who is None:
        typer.echo("no daemon runs")
        return
    if who[0] != socket.gethostname():
        raise AlreadyRunning(f"the daemon runs on {who[0]} (pid {who[1]}); stop it there")
    os.kill(who[1], signal.SIGTERM)
    if not _until(lambda: holder(lock) != who, _STOP_S):
        raise HealError(f"the daemon (pid {who[1]}) did not end within {_STOP_S:g} s")
    typer.echo("the daemon has ended")


def status() -> None:
    """Say whether the daemon runs; exit code 0 when it does, 1 when not."""
    who = holder(places.lock(places.home_folder()))
    typer.echo(f"the daemon runs: pid {who[1]} on {who[0]}" if who else "no daemon runs")
    raise typer.Exit(0 if who else 1)


def _until(condition: object, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while callable(condition) and not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_S)
    return True
