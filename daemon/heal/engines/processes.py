"""What /proc tells of processes on this host (Linux; elsewhere only whether a pid exists)."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

# a run is told of a moment after its process began, and clocks of one host still drift
_SLACK_S = 5.0


def process_alive(pid: int, host: str, started: datetime) -> bool | None:
    """Tell whether the process that ran as ``pid`` on ``host`` at ``started`` still runs; None for another host.

    A process that began after ``started`` has only inherited the number, and a zombie has ended.
    """
    if host and host.partition(".")[0] != socket.gethostname().partition(".")[0]:
        return None
    if not Path("/proc/self/stat").exists():
        return _exists(pid)
    stat = _stat(pid)
    if stat is None:
        return False
    state, ticks = stat
    if state in "ZX":
        return False
    return _boot_time() + ticks / os.sysconf("SC_CLK_TCK") <= started.timestamp() + _SLACK_S


def command_lines() -> Iterator[tuple[int, tuple[str, ...]]]:
    """Give pid and arguments of every process that can be read, zombies apart."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")[:-1]
        except OSError:
            continue
        if words:
            yield int(folder.name), tuple(os.fsdecode(word) for word in words)


def folder_of(pid: int) -> Path | None:
    """Give the folder a process works in; None where it has ended or may not be asked."""
    try:
        return (Path("/proc") / str(pid) / "cwd").readlink()
    except OSError:
        return None


def _stat(pid: int) -> tuple[str, int] | None:
    """State letter and start in clock ticks since boot."""
    try:
        text = (Path("/proc") / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # the name in parentheses may hold anything
    fields = text.rpartition(")")[2].split()
    return fields[0], int(fields[19])


def _boot_time() -> float:
    for line in Path("/proc/stat").read_text(encoding="ascii").splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    return 0.0


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
