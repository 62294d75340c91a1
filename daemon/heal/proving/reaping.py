"""What a trial starts is ended with it, whatever session and environment it gave itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_REAPER = (sys.executable, "-I", "-S", str(Path(__file__).with_name("reaper.py")))
_GRACE_S = 15.0


def reaped(words: Sequence[str]) -> tuple[str, ...]:
    """The command line that runs ``words``, and ends when these do and all that they started is ended.

    That is so on Linux; elsewhere they run as they are.
    """
    return (*_REAPER, *words) if sys.platform == "linux" else tuple(words)


def end(process: subprocess.Popen[bytes]) -> int:
    """End a process of ``reaped``, the first of its session, with all that it started; its exit code."""
    if process.poll() is None and sys.platform == "linux":
        # it ends the others first; killed, it could not
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()
