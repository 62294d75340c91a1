"""A replay on this machine: bounded in time, in what it writes, in memory and processor; ended with all it started."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

from heal.proving.asking import never
from heal.proving.reaping import end, reaped
from heal.proving.replay import LOG, RESULT, SCRIPT, STARTED, Act, Failed, Ran, Stop

# its mark in the environment of all that a replay starts
TOKEN = "HEAL_REPLAY"  # noqa: S105 - a name
_EVERY_S = 0.5
_GRACE_S = 15.0
_MEGABYTE = 1 << 20
_ROUNDS, _ROUND_S = 100, 0.02


def script(act: Act, *, seconds: float, most_mb: int, memory_mb: int | None = None, header: str = "") -> str:
    """The shell script that runs an act, keeps what it says, and writes down how it ended.

    It ends with 0 however the act ends, so that nobody takes it for a task that failed. ``most_mb`` is the most that
    one file may grow to; ``memory_mb`` the most address space of a process. Where heal itself ends meanwhile, the time
    is kept all the same.
    """
    log, result = shlex.quote(str(act.folder / LOG)), shlex.quote(str(act.folder / RESULT))
    limits = [f"ulimit -S -f {most_mb * 1024}", "ulimit -S -c 0"]
    limits += [f"ulimit -S -v {memory_mb * 1024}"] if memory_mb else []
    lines = [
        "#!/bin/bash",
        *([header] if header else []),
        f"cd {shlex.quote(str(act.cwd))} || exit 0",
        *(f"{limit} 2>/dev/null" for limit in limits),
        f": >{shlex.quote(str(act.folder / STARTED))}",
        "began=$SECONDS",
        f"timeout -k {_GRACE_S:g} {seconds:.0f} {shlex.join(act.words)} </dev/null >{log} 2>&1",
        "code=$?",
        f'printf \'%d %d\\n\' "$code" "$((SECONDS - began))" >{result}.part && mv {result}.part {result}',
        "exit 0",
    ]
    return "\n".join(lines) + "\n"


def result(act: Act) -> tuple[int, float] | None:
    """Exit code and seconds that the script wrote down; None while it has not."""
    try:
        code, seconds = (act.folder / RESULT).read_text(encoding="ascii").split()
        return int(code), float(seconds)
    except (OSError, ValueError):
        return None


def size_of(folder: Path) -> int:
    """The bytes of all files below a folder; links count nothing."""
    total = 0
    for place, _folders, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                said = os.lstat(f"{place}/{name}")
                total += said.st_blocks * 512
    return total


class Here:
    """The running seam over this machine. ``most_mb``: what a replay may write, in one file and in all.

    ``stop`` is asked as well while one runs.
    """

    def __init__(self, *, most_mb: int = 20_000, stop: Stop = never) -> None:
        self._most_mb = most_mb
        self._stop = stop

    def settle(self, root: Path, token: str) -> None:
        """End the processes that carry the token."""
        del root
        end_all(token)

    def run(self, act: Act, failed: Failed, token: str, seconds: float, *, stop: Stop = never) -> Ran:
        """Run it in a session of its own."""
        del failed
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // _MEGABYTE
        text = script(act, seconds=seconds, most_mb=self._most_mb, memory_mb=memory)
        path = act.folder / SCRIPT
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
        began = time.monotonic()
        process = subprocess.Popen(
            reaped(("/bin/bash", str(path))),
            env={**act.env, TOKEN: token},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            why = self._watch(process, act, began + seconds + _GRACE_S, stop)
        finally:
            end(process)
            end_all(token)
        took = time.monotonic() - began
        found = result(act)
        return told(found, why, seconds, took)

    def _watch(self, process: subprocess.Popen[bytes], act: Act, until: float, stop: Stop) -> str:
        """Wait for its end; why it is to be ended before."""
        while True:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_EVERY_S)
                return ""
            if time.monotonic() > until:
                return "it did not end in time"
            if stop() or self._stop():
                return "heal was told to end"
            if size_of(act.folder) > self._most_mb * _MEGABYTE:
                return f"it wrote more than {self._most_mb} MB"


def told(found: tuple[int, float] | None, why: str, seconds: float, took: float) -> Ran:
    """What became of it, of what its script wrote down and why it was ended (empty where it was not)."""
    if why:
        return Ran(None, why, took)
    if found is None:
        return Ran(None, "it was killed before it ended", took)
    code, spent = found
    # what timeout(1) says; a program of its own may say 124, but not then
    if code in (124, 137) and spent >= seconds - 1:
        return Ran(None, f"it did not end within {span(seconds)}", spent)
    return Ran(code, "", spent)


def span(seconds: float) -> str:
    """A time in words."""
    return f"{seconds:g} s" if seconds < 120 else f"{seconds / 60:.3g} minutes"  # noqa: PLR2004


def end_all(token: str, proc: Path = Path("/proc")) -> int:
    """Kill this user's processes that carry the token in their environment, and wait until they are gone; how many."""
    wanted = f"{TOKEN}={token}".encode()
    killed: set[int] = set()
    pause = threading.Event()
    for _round in range(_ROUNDS):
        found = [pid for pid in _pids(proc) if wanted in _environment(proc, pid)]
        if not found:
            break
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        killed |= set(found)
        # what is killed holds its environment until it is gone
        pause.wait(_ROUND_S)
    return len(killed)


def _pids(proc: Path) -> list[int]:
    return [int(entry.name) for entry in proc.glob("[0-9]*") if int(entry.name) != os.getpid()]


def _environment(proc: Path, pid: int) -> list[bytes]:
    try:
        return (proc / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []
