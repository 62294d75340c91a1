"""What /proc tells of processes on this host (Linux; elsewhere only whether a pid exists)."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
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


def open_files(pid: int) -> list[Path]:
    """Give the files that a process holds open; none where it has ended or may not be asked."""
    found: list[Path] = []
    with suppress(OSError):
        for link in (Path("/proc") / str(pid) / "fd").iterdir():
            with suppress(OSError):
                found.append(link.readlink())
    return found


def in_container() -> bool:
    """Tell whether processes of this host may run beside those that can be seen here."""
    try:
        # the number that the first PID namespace has in every kernel (PROC_PID_INIT_INO)
        return os.readlink("/proc/self/ns/pid") != "pid:[4026531836]"  # noqa: PTH115 - no path
    except OSError:
        return False


def others_hidden() -> bool:
    """Tell whether other users' processes cannot be seen (proc(5), hidepid)."""
    return Path("/proc/self").exists() and not Path("/proc/1/stat").exists()


def family() -> frozenset[int]:
    """Give this process and those that it came from."""
    found: list[int] = []
    pid = os.getpid()
    while pid > 1 and pid not in found:
        found.append(pid)
        stat = _fields(pid)
        pid = int(stat[1]) if stat else 0
    return frozenset(found)


def _stat(pid: int) -> tuple[str, int] | None:
    """State letter and start in clock ticks since boot."""
    fields = _fields(pid)
    return (fields[0], int(fields[19])) if fields else None


def _fields(pid: int) -> list[str] | None:
    """State, parent and what else follows the name in proc(5)."""
    try:
        text = (Path("/proc") / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # the name in parentheses may hold anything
    return text.rpartition(")")[2].split()


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


def own_environment() -> dict[str, str]:
    """The environment this process was given, without the locale that Python adds where there is none (PEP 538)."""
    kept = {name: value for name, value in os.environ.items() if name != "LC_CTYPE"}
    try:
        given = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return dict(os.environ)
    locale = [os.fsdecode(entry[9:]) for entry in given if entry.startswith(b"LC_CTYPE=")]
    return kept | ({"LC_CTYPE": locale[0]} if locale else {})
