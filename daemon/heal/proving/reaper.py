"""Runs a command and ends with it all that it started, in sessions and environments of their own as well.

A program by itself, started by its file: Linux hands it the orphans among what the command started.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

_PR_SET_CHILD_SUBREAPER = 36
_MOST_S = 10.0
_NOT_STARTED = 127


def main(words: list[str]) -> int:
    """Run it; its exit code, as a shell tells it."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # as it was given: Python sets what it wants of the locale
    with open("/proc/self/environ", "rb") as file:  # noqa: PTH123 - no import that is not needed
        given = [each.partition(b"=") for each in file.read().split(b"\0") if each]
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(128 + signal.SIGTERM))
    code = _NOT_STARTED
    try:
        with subprocess.Popen(words, env={name: value for name, _sign, value in given}) as process:
            try:
                code = process.wait()
            finally:
                _end_all()
    except OSError as error:
        sys.stderr.write(f"{words[0]} cannot be started: {error.strerror}\n")
    finally:
        _end_all()
    return code if code >= 0 else 128 - code


def _end_all() -> None:
    """Kill what is left, whose orphans then come here, until nothing is."""
    until = time.monotonic() + _MOST_S
    while time.monotonic() < until and (children := _children()):
        for pid in children:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        for pid in children:
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _children() -> list[int]:
    own = str(os.getpid())
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
                parent = file.read().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if parent == own:
            found.append(int(name))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
