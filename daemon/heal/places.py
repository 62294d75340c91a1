"""Where heal keeps a user's state; asked by every command, so it costs nothing to ask."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


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
