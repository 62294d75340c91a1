"""Writes events to the spool: one file each, under a temporary name first, renamed when it is whole."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any


def spool_folder(env: Mapping[str, str]) -> Path:
    """Where events go, by the environment: see docs/wire.md."""
    if env.get("HEAL_SPOOL"):
        return Path(env["HEAL_SPOOL"])
    if env.get("HEAL_HOME"):
        return Path(env["HEAL_HOME"]) / "spool"
    state = env.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")  # noqa: PTH111, PTH118 - Path.home() raises without a home
    return Path(state) / "heal" / "spool"


class Spool:
    """One spool folder. Writing never raises: the first failure costs a line on stderr, later ones nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._serial = count()
        self._said = False

    def event(self, event: Mapping[str, Any]) -> None:
        """Write one event."""
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(self._serial)}.json"
        try:
            self._write(os.fspath(self.folder), name, event)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the spool, the run goes on
            self._say(error)

    def environment(self, run: str, env: Mapping[str, str]) -> str | None:
        """Keep the run's environment in heal's folder, for its owner only: the path, None where it cannot be kept."""
        home = env.get("HEAL_HOME") or self.folder.parent
        folder = os.path.abspath(os.path.join(home, "env"))  # noqa: PTH100, PTH118 - resolve() follows the user's links
        try:
            self._write(folder, f"{run}.json", env)
        except Exception as error:  # noqa: BLE001 - as above
            self._say(error)
            return None
        return os.path.join(folder, f"{run}.json")  # noqa: PTH118 - as above

    def _write(self, folder: str, name: str, content: Mapping[str, Any]) -> None:
        # plain strings and descriptors: Path and open() would double what an event costs
        line = json.dumps(content, separators=(",", ":"), default=str).encode("ascii") + b"\n"
        hidden = f"{folder}/.{name}.tmp"
        try:
            descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103 - as above
            descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                _write_all(file.fileno(), line)
            os.rename(hidden, f"{folder}/{name}")  # noqa: PTH104 - as above
        except BaseException:
            with suppress(OSError):
                os.unlink(hidden)  # noqa: PTH108 - as above
            raise

    def _say(self, error: Exception) -> None:
        if self._said:
            return
        self._said = True
        with suppress(Exception):
            sys.stderr.write(f"heal: cannot write to {self.folder} ({error}); the run goes on, unwatched by heal\n")


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
