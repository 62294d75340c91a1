"""heal wait and heal tick: until nothing moves, or one pass."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heal.cli import codes
from heal.cli.narrator import Narrator, say
from heal.errors import AlreadyRunning

if TYPE_CHECKING:
    from heal.settings import Settings

_LOOK_S = 0.5
# somebody else's work in the foreground is waited for this long before it is looked at again
_PATIENT_S = 3600.0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("wait")(wait)
    app.command("tick")(tick)


def wait(timeout: Annotated[float | None, typer.Option(help="Seconds until exit code 124.", min=0)] = None) -> None:
    """Block until no watched job runs and no incident is in motion; without a daemon, heal meanwhile.

    Exits 0 all well; 3 something waits for a person; 4 unhealed or given up; 124 timeout.
    """
    from heal.service import daemon
    from heal.settings import load

    settings = load(Path.cwd())
    deadline = time.monotonic() + timeout if timeout is not None else None
    while True:
        try:
            done = _watch(settings, deadline) if daemon(settings.home) else _heal(settings, deadline)
        except AlreadyRunning:
            if deadline is not None and time.monotonic() > deadline:
                raise typer.Exit(codes.TIMEOUT) from None
            continue
        raise typer.Exit(_verdict(settings) if done else codes.TIMEOUT)


def tick() -> None:
    """One pass without a daemon, for cron. With a daemon there is nothing to do."""
    from heal.service import Service
    from heal.settings import load

    settings = load(Path.cwd())
    try:
        with Service(settings, Narrator, role="heal tick") as service:
            service.tick()
    except AlreadyRunning as error:
        say(f"nothing done: {error}")


def _heal(settings: Settings, deadline: float | None) -> bool:
    from heal.service import Service

    left = _PATIENT_S if deadline is None else max(0.0, deadline - time.monotonic())
    with Service(settings, Narrator, role="heal wait", patient=left) as service:
        if not service.until_quiet(deadline):
            return False
    return _watch(settings, deadline)


def _watch(settings: Settings, deadline: float | None) -> bool:
    """Others heal; look on until it is quiet."""
    from heal.service import quiet
    from heal.store import Store

    with Store.open(settings.database, read_only=True) as store:
        while not quiet(settings, store):
            if deadline is not None and time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_S)
    return True


def _verdict(settings: Settings) -> int:
    """Of all incidents that are not closed, and of the newest ones that are."""
    from heal.store import Store

    with Store.open(settings.database, read_only=True) as store:
        found = {one.id: one for one, _bodies in store.newest(_RECENT)} | {one.id: one for one in store.unsettled()}
        standing = [codes.standing(store, one) for one in found.values()]
    return codes.verdict([state for state, moved_on in standing if not moved_on])


_RECENT = 200
