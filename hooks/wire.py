"""Events for heal's spool (docs/wire.md), written by programs that stand between a user and what they started.

Nothing here raises: a spool that cannot be written costs its events and nothing else.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

_serial = count()


def spool_folder(env: Mapping[str, str]) -> Path:
    """Where events go, by the environment."""
    if env.get("HEAL_SPOOL"):
        return Path(env["HEAL_SPOOL"])
    if env.get("HEAL_HOME"):
        return Path(env["HEAL_HOME"]) / "spool"
    state = env.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "heal" / "spool"


def event(
    spool: Path, kind: str, run: Mapping[str, Any], facts: Mapping[str, Any], task: Mapping[str, Any] | None = None
) -> None:
    """Write one event of the source ``runner``."""
    line: dict[str, Any] = {
        "v": 1,
        "kind": kind,
        "time": datetime.now(UTC).isoformat(),
        "source": "runner",
        "run": dict(run),
        "facts": dict(facts),
    }
    if task is not None:
        line["task"] = dict(task)
    with suppress(Exception):
        put(spool / f"{time.time_ns():020d}-{os.getpid()}-{next(_serial)}.json", line)


def environment(spool: Path, run: str, env: Mapping[str, str]) -> str | None:
    """Keep an environment in heal's folder, for its owner only: the path, None where it cannot be kept."""
    home = Path(env["HEAL_HOME"]) if env.get("HEAL_HOME") else spool.absolute().parent
    path = home / "env" / f"{run}.json"
    try:
        put(path, dict(env))
    except Exception:  # noqa: BLE001 - a guest does not hurt its host
        return None
    return str(path)


def put(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON object as a file that is there whole or not at all. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hidden = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(content, file, separators=(",", ":"))
            file.write("\n")
        hidden.replace(path)
    except BaseException:
        with suppress(OSError):
            hidden.unlink()
        raise
