"""Where heal keeps a user's state; asked by every command, so it costs nothing to ask."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from pathlib import Path

from heal import whole_file
from heal.errors import HomeUnusable

# heal's folder in a project
PROJECT = ".heal"
_COLON = "has a colon in its name, which PATH cannot hold"


def home_folder(env: Mapping[str, str] = os.environ) -> Path:
    """``$HEAL_HOME``, else ``$XDG_STATE_HOME/heal``, else ``~/.local/state/heal``; absolute."""
    if given := env.get("HEAL_HOME"):
        return Path(given).expanduser().absolute()
    state = env.get("XDG_STATE_HOME") or str(Path(env.get("HOME") or Path.home()) / ".local" / "state")
    return Path(state).absolute() / "heal"


def cache(env: Mapping[str, str] = os.environ) -> Path:
    """``$XDG_CACHE_HOME/heal``, else ``~/.cache/heal``: what can be made again, for all homes of the user."""
    given = env.get("XDG_CACHE_HOME") or str(Path(env.get("HOME") or Path.home()) / ".cache")
    return Path(given).absolute() / "heal"


def database(home: Path) -> Path:
    """The database file."""
    return home / "heal.db"


def spool(home: Path) -> Path:
    """Where events of runs that announce themselves arrive."""
    return home / "spool"


def lock(home: Path) -> Path:
    """Held by whoever acts for this user: the daemon, or a command that does its work for a while."""
    return home / "daemon.lock"


def calls(home: Path) -> Path:
    """The book of the calls of a scheduler's programs."""
    return home / "scheduler-calls"


def site_rules(home: Path) -> Path:
    """What SLURM said lately of its partitions and limits."""
    return home / "site-rules"


def pyslurm_trouble(home: Path) -> Path:
    """Why whoever acts for this user does without pyslurm; absent while it is well, or not used."""
    return home / "pyslurm-trouble"


def silences(home: Path) -> Path:
    """Which of SLURM's sides did not answer when it was last asked; absent while all do."""
    return home / "slurm-silences"


def logs(home: Path) -> Path:
    """The daemon's log, and what launches without a terminal print."""
    return home / "logs"


def of_project(project: Path) -> Path:
    """Make ``.heal`` in a project, where heal keeps working material that git is not to see. Raises OSError."""
    own = project / PROJECT
    own.mkdir(exist_ok=True)
    ignore = own / ".gitignore"
    if not ignore.exists():
        whole_file.put(ignore, "# everything here is heal's own working material\n*\n", mode=0o666)
    return own


def approved(home: Path, incident: str) -> Path:
    """The note that a person said yes to what models on other hosts are sent about an incident."""
    return home / "approved" / incident


def stranger(path: Path) -> str:
    """Tell the name of whoever owns a file, where that is neither this user nor root; else empty."""
    uid = path.stat().st_uid
    if uid in (0, os.geteuid()):
        return ""
    try:
        return path.owner()
    except KeyError:
        return f"uid {uid}"


def private_folder(path: Path) -> None:
    """Make a folder and those above it that are missing, for their owner only. Raises OSError.

    ``Path.mkdir(parents=True)`` would give the mode to the last of them alone.
    """
    missing = [path, *path.parents]
    for folder in reversed(missing[: next((n for n, each in enumerate(missing) if each.is_dir()), len(missing))]):
        folder.mkdir(mode=0o700, exist_ok=True)


def refusal(home: Path) -> str:
    """Why ``$HEAL_HOME`` could not be made, or written in; empty where it could. Tried for real, and nothing stays."""
    if ":" in str(home):
        return f"{home} {_COLON}"
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    tried = there / f".heal-{uuid.uuid4().hex}"
    try:
        # permissions do not say all: root may write in /proc, and can make nothing there
        tried.mkdir(mode=0o700)
        tried.rmdir()
    except OSError as error:
        return f"{there} is no folder that heal can write: {error.strerror}"
    return ""


def make(home: Path) -> None:
    """Make ``$HEAL_HOME``, its spool and its logs, readable by their owner only. Raises HomeUnusable."""
    if ":" in str(home):
        raise HomeUnusable(f"{home} {_COLON}. Set HEAL_HOME to another folder.")
    try:
        for folder in (spool(home), logs(home)):
            private_folder(folder)
    except OSError as error:
        raise HomeUnusable(f"{home} cannot be made: {error}. Set HEAL_HOME to a folder of yours.") from error
    if not os.access(home, os.W_OK):
        raise HomeUnusable(f"{home} is not writable. Set HEAL_HOME to a folder of yours.")
