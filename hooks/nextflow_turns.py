"""Two Nextflows that begin in one folder at once write one log between them: here the second waits for the first.

Each moves the old ``.nextflow.log`` aside and makes a new one (``LoggerHelper`` of Nextflow 25.04, with Logback's
``RollingFileAppender``). Of two that do so in the same moment both write into the same file, and who reads it cannot
tell them apart.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

# by then a Nextflow has begun its log, or does not; nobody is held up any longer than this
_PATIENCE_S = 10.0
_LOOK_S = 0.05


def begin_alone(log: Path, turns: Path) -> None:
    """Return once no other Nextflow is about to begin this log, and keep others from it until this process has.

    ``turns``: the file in which those of one user wait for each other. Raises OSError where there can be none.
    """
    if log.exists() and not log.is_file():
        # /dev/null is nobody's alone, and never begun
        return
    turns.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    turns.touch(mode=0o600)
    ready, tell = os.pipe()
    beginner = os.getpid()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            # nobody waits for it: the process that it was started by becomes Nextflow
            if os.fork() == 0:
                _hold(log, turns, tell, beginner)
        os._exit(0)
    os.close(tell)
    os.waitpid(child, 0)
    # its end counts as its word
    os.read(ready, 1)
    os.close(ready)


def _hold(log: Path, turns: Path, tell: int, beginner: int) -> None:
    os.setsid()
    _let_go(tell)
    file = os.open(turns, os.O_RDWR)
    # a byte for each log: one file is enough
    place = int.from_bytes(blake2b(os.fsencode(log), digest_size=4).digest(), "big")
    _wait(lambda: _taken(file, place))
    before = _begun(log)
    os.write(tell, b".")
    os.close(tell)
    _wait(lambda: _begun(log) not in (None, before) or not Path(f"/proc/{beginner}").exists())


def _let_go(but: int) -> None:
    """Hold nothing of the user's open: who reads the output of Nextflow waits until all have closed it."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    os.closerange(3, but)
    os.closerange(but + 1, os.sysconf("SC_OPEN_MAX"))


def _taken(file: int, place: int) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
    except OSError:
        return False
    return True


def _begun(log: Path) -> int | None:
    """Which file it is; None where nothing is written to one yet."""
    try:
        status = log.stat()
    except OSError:
        return None
    return status.st_ino if status.st_size else None


def _wait(over: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not over() and time.monotonic() < end:
        time.sleep(_LOOK_S)
