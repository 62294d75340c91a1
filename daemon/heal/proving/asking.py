"""Runs a program that is asked something: bounded in time and in what it says, ended with all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from heal.proving.reaping import end, reaped

_MOST_BYTES = 8_000_000
# what is not read is no less on the disk
_MOST_WRITTEN = 200_000_000
_SLICE_S = 0.3


@dataclass(frozen=True, slots=True)
class Said:
    """What it said, output and errors in the order in which they came; ``code`` None: it came to no end of its own.

    ``cut``: it said more than this.
    """

    code: int | None
    text: str
    cut: bool = False

    @property
    def whole(self) -> bool:
        """Whether it ended well, and this is all that it said."""
        return self.code == 0 and not self.cut


def never() -> bool:
    """Nobody wants it to end."""
    return False


def asked(
    words: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    seconds: float,
    stop: Callable[[], bool] = never,
    *,
    wholly: bool = False,
) -> Said:
    """Ask, reading nothing from anywhere, until ``stop`` says so.

    ``wholly``: what it started ends with it in sessions of its own as well.

    ``text`` says why, where it could not be started or did not come to its end in time.
    """
    with tempfile.TemporaryFile() as file:
        try:
            process = subprocess.Popen(
                reaped(_found(words, env)) if wholly else _found(words, env),
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            return Said(None, f"{words[0]} cannot be started: {error.strerror}")
        try:
            why = _waited(process, file.fileno(), time.monotonic() + seconds, stop)
        finally:
            code = end(process) if wholly else _end(process)
        if why:
            return Said(None, f"it did not end within {seconds:g} s" if why == "late" else why)
        file.seek(0)
        text, cut = file.read(_MOST_BYTES).decode(errors="replace"), bool(file.read(1))
    return Said(code, text, cut) if code >= 0 else Said(None, f"it was killed by signal {-code}")


def _end(process: subprocess.Popen[bytes]) -> int:
    # before its number may be another's
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _waited(process: subprocess.Popen[bytes], said: int, until: float, stop: Callable[[], bool]) -> str:
    """Wait for its end; why it is not waited for any longer, empty where it ended."""
    while True:
        # not waited for by wait(2) yet: its group is killed first
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return ""
        if time.monotonic() > until:
            return "late"
        if os.fstat(said).st_size > _MOST_WRITTEN:
            return f"it said more than {_MOST_WRITTEN // 1_000_000} MB"
        if stop():
            return "heal was told to end"
        threading.Event().wait(_SLICE_S)


def _found(words: Sequence[str], env: Mapping[str, str]) -> list[str]:
    # the PATH that counts is that of the environment handed over
    for folder in os.get_exec_path(dict(env)) if "/" not in words[0] else ():
        candidate = Path(folder, words[0])
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return [str(candidate), *words[1:]]
    return list(words)
