"""heal daemon: run in the foreground, or start, stop and look at the one in the background."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import typer

from heal.cli.group import Group
from heal.cli.visible import visible
from heal.errors import AlreadyRunning, HealError
from heal.home import places
from heal.home.lock import Holder

_START_S = 20.0
_STOP_S = 10.0
_LOOK_S = 0.05
_TAIL = 1 << 14


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        cls=Group,
        help="The daemon: heals runs that announce themselves, and jobs in registered projects.",
        no_args_is_help=True,
    )
    group.command("run")(run)
    group.command("start")(start)
    group.command("stop")(stop)
    group.command("status")(status)
    app.add_typer(group, name="daemon")


def run() -> None:
    """Run in the foreground until SIGTERM or Ctrl-C. One per user."""
    from heal.cli.logging import teller, trouble
    from heal.service import DAEMON, Service
    from heal.settings import load

    settings = load(Path.cwd())
    with Service(settings, teller, role=DAEMON, patient=_START_S) as service:
        service.trouble = trouble
        service.serve()


def start() -> None:
    """Start the daemon in the background. Harmless when it is there already."""
    lock = places.lock(places.home_folder())
    if who := _daemon():
        hint = "" if who.host == socket.gethostname() else f"; if that host is gone, remove {lock}"
        typer.echo(f"the daemon is there: pid {who.pid} on {who.host}{hint}")
        return
    places.make(places.home_folder())
    log = places.logs(places.home_folder()) / "daemon.log"
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as stream:
        before = os.fstat(stream.fileno()).st_size
        child = subprocess.Popen(
            [sys.executable, "-m", "heal", "daemon", "run"],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    if not _until(lambda: _daemon() or child.poll() is not None, 2 * _START_S) or child.poll() is not None:
        why = _last_said(log, before)
        raise HealError(
            f"the daemon did not start: {why}; its log: {log}" if why else f"the daemon did not start; its log: {log}"
        )
    typer.echo(f"the daemon runs: pid {child.pid}, log {log}")


def _last_said(log: Path, since: int) -> str:
    """The last line that a daemon which has gone, or says nothing more, wrote into its log."""
    with log.open("rb") as file:
        file.seek(max(since, log.stat().st_size - _TAIL))
        lines = [line for line in file.read(_TAIL).decode("utf-8", "replace").splitlines() if line.strip()]
    return visible(lines[-1].strip().removeprefix("heal: ")) if lines else ""


def stop() -> None:
    """End the daemon; what it was doing is finished by the next one."""
    lock = places.lock(places.home_folder())
    who = _daemon()
    if who is None:
        typer.echo("no daemon runs")
        return
    if who.host != socket.gethostname():
        raise AlreadyRunning(f"the daemon runs on {who.host} (pid {who.pid}); stop it there, or remove {lock}")
    os.kill(who.pid, signal.SIGTERM)
    if not _until(lambda: not _lives(who.pid), _STOP_S):
        raise HealError(f"the daemon (pid {who.pid}) did not end within {_STOP_S:g} s")
    typer.echo("the daemon has ended")


def status() -> None:
    """Say whether the daemon runs; exit code 0 when it does, 1 when not."""
    who = _daemon()
    typer.echo(f"the daemon runs: pid {who.pid} on {who.host}" if who else "no daemon runs")
    raise typer.Exit(0 if who else 1)


def _daemon() -> Holder | None:
    from heal.service import daemon

    return daemon(places.home_folder())


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _until(condition: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_S)
    return True
