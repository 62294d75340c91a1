"""One program run for its user as if nobody stood between: same terminal, signals handed on, same end."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType

# the terminal sends these to the whole foreground group: the program has got its own already
_LEFT_TO_THE_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
_HANDED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


class Child:
    """A program that may be started once. ``argv`` and ``env`` are given to it as they are."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        self._argv = list(argv)
        self._env = dict(env)
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def start(self, stdout: int | None = None) -> subprocess.Popen[bytes]:
        """Start it. Raises OSError as execvp would: not found, not executable."""
        for number in (*_LEFT_TO_THE_TERMINAL, *_HANDED_ON):
            # what was ignored when we came stays ignored, for the program too (nohup)
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        self._process = self._popen(stdout)
        for early in self._early:
            self._process.send_signal(early)
        return self._process

    def _popen(self, stdout: int | None) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(self._argv, env=self._env, stdout=stdout, close_fds=False)
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
            # a script without a first line is a shell's; execvp does the same
            # (descriptors stay open throughout: the user's 3>file and <(command) are for the program)
            path = shutil.which(self._argv[0], path=self._env.get("PATH")) or self._argv[0]
            words = ["/bin/sh", path, *self._argv[1:]]
            return subprocess.Popen(words, env=self._env, stdout=stdout, close_fds=False)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number in _LEFT_TO_THE_TERMINAL:
            return
        if self._process is None:
            self._early.append(number)
        else:
            self._process.send_signal(number)


def not_started(program: str, error: OSError) -> int:
    """Say why a program could not be started, and give the exit code a shell would."""
    missing = error.errno in (errno.ENOENT, errno.ENOTDIR)
    why = "command not found" if missing and "/" not in program else error.strerror
    sys.stderr.write(f"{program}: {why}\n")
    return 127 if missing else 126


def shell_code(returncode: int) -> int:
    """The exit code as a shell gives it: 128+n for signal n."""
    return 128 - returncode if returncode < 0 else returncode


def end_like(returncode: int) -> None:
    """End this process as the program ended: with its code, or by its signal."""
    with suppress(OSError, AttributeError):
        # closed, or never there: heal run … >&-
        sys.stdout.flush()
    if returncode < 0:
        # one core file is enough
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        number = -returncode
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(shell_code(returncode))
