"""Where heal keeps a user's state; asked by every command, so it costs nothing to ask."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from heal.errors import HomeUnusable


def home_folder(env: Mapping[str, str] = os.environ) -> Path:
    """``$HEAL_HOME``, else ``$XDG_STATE_HOME/heal``, else ``~/.local/state/heal``; absolute."""
    if given := env.get("HEAL_HOME"):
        return Path(given).expanduser().absolute()
    state = env.get("XDG_STATE_HOME") or str(Path(env.get("HOME") or Path.home()) / ".local" / "state")
    return Path(state).absolute() / "heal"


def database(home: Path) -> Path:
    """The database file."""
    return home / "heal.db"


def spool(home: Path) -> Path:
    """Where events of runs that announce themselves arrive."""
    return home / "spool"


def lock(home: Path) -> Path:
    """Held by whoever acts for this user: the daemon, or a command that does its work for a while."""
    return home / "daemon.lock"


def logs(home: Path) -> Path:
    """The daemon's log, and what launches without a terminal print."""
    return home / "logs"


def make(home: Path) -> None:
    """Make ``$HEAL_HOME``, its spool and its logs, readable by their owner only. Raises HomeUnusable."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (spool(home), logs(home)):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise HomeUnusable(f"{home} cannot be made: {error}. Set HEAL_HOME to a folder of yours.") from error
    if not os.access(home, os.W_OK):
        raise HomeUnusable(f"{home} is not writable. Set HEAL_HOME to a folder of yours.")
