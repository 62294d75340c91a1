"""pyslurm in a process of its own: started when it is needed, given a time limit, started again when it hangs or dies.

The program is ``pyslurm_child``. What it is asked counts in the book of calls as a command does: one load is one call
(below it sacct and pyslurm send slurmdbd the same requests).
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from heal.errors import HealError, SchedulerUnreachable
from heal.schedulers.command import MANY_JOBS_MB, Commands, NotInstalled, NotWaitedFor, question_env

_SLICE_S = 0.5
_FAILURES = 3
_CHUNK = 2**18
_LAST_WORDS = 500
_VERSION = re.compile(r"^slurm\S* (\d+\.\d[\w.~+-]{0,40})$", re.MULTILINE)


class NoReply(HealError):
    """pyslurm gave no answer, or is not used (any more). Ask the command line instead."""


class Refused(SchedulerUnreachable):
    """SLURM itself said no to pyslurm; the text is SLURM's own."""


class _Broken(Exception):
    """The process is of no use any more."""


@dataclass(frozen=True, slots=True)
class _Running:
    process: subprocess.Popen[bytes]
    wire: socket.socket
    words: IO[bytes]

    def end(self) -> None:
        self.wire.close()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=1.0)
        self.words.close()


class PyslurmProcess:
    """Asks the program at ``argv``, whose last argument will be SLURM's version. May be asked by several threads.

    ``commands`` gives time limit, environment and book. ``tell`` is told once, when pyslurm is given up for good: where
    it is not for this SLURM, or failed three times in a row.
    """

    def __init__(
        self, argv: Sequence[str], commands: Commands, tell: Callable[[str], None] = lambda _text: None
    ) -> None:
        self._argv = tuple(argv)
        self._commands = commands
        self._tell = tell
        self._lock = threading.Lock()
        self._failures = 0
        self._pending = b""
        self._running: _Running | None = None
        self._finish: Callable[[], object] = lambda: None
        self._slurm = ""
        self.version = ""
        self.trouble = ""

    @property
    def release(self) -> tuple[int, int]:
        """SLURM's release, (22, 5) for 22.05; (0, 0) before the first answer."""
        return _release(self._slurm) or (0, 0)

    def ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask one question; the answer has ``jobs``.

        Raises ``NoReply``, ``Refused``, ``AskedEnough`` (nothing was asked) or ``NotWaitedFor``.
        """
        with self._lock:
            if self.trouble:
                raise NoReply(self.trouble)
            try:
                reply = self._counted(question)
            except _Broken as error:
                self._failed(str(error))
                raise NoReply(str(error)) from error
            if "error" in reply:
                # it is well, but cannot make sense of what it was told
                self._failed(str(reply["error"]))
                raise NoReply(str(reply["error"]))
            self._failures = 0
        if "refused" in reply:
            raise Refused(str(reply["refused"]))
        return reply

    def _failed(self, why: str) -> None:
        self._failures += 1
        if self._failures >= _FAILURES:
            self._give_up(f"pyslurm failed {_FAILURES} times in a row, the last time: {why}")

    def _give_up(self, why: str) -> None:
        self._end()
        self.trouble = why
        self._tell(f"{why}; SLURM's commands are used instead")

    def _counted(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._running is None:
            self._start()
        with self._commands.counted(f"pyslurm:{question['ask']}") as answered:
            reply = self._exchange(question)
            answered.append(0 if "jobs" in reply else 1)
        return reply

    # --- the process ---------------------------------------------------------------------------

    def _start(self) -> None:
        self._slurm = self._slurm or self._version_of_slurm()
        # PYSLURM_DISABLE_AUTO_INIT would leave a library behind that crashes at the first question
        given = question_env(os.environ if self._commands.env is None else self._commands.env)
        env = {name: value for name, value in given.items() if not name.startswith("PYSLURM_")}
        mine, theirs = socket.socketpair()
        words = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed with the process
        try:
            process = subprocess.Popen(
                [*self._argv, self._slurm],
                env=env,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=words.fileno(),
                start_new_session=True,
            )
        except OSError as error:
            mine.close()
            words.close()
            self._give_up(f"{self._argv[0]} cannot be run: {error}")
            raise NoReply(self.trouble) from error
        finally:
            theirs.close()
        running = self._running = _Running(process, mine, words)
        self._finish = weakref.finalize(self, running.end)
        self._pending = b""
        hello = self._line(running)
        if "pyslurm" not in hello:
            self._give_up(f"pyslurm is not used: {hello.get('refused') or 'its program says nothing of it'}")
            raise NoReply(self.trouble)
        self.version = str(hello["pyslurm"])

    def _version_of_slurm(self) -> str:
        try:
            answer = self._commands.ask(["sinfo", "--version"])
        except NotInstalled as error:
            self._give_up(f"the version of SLURM is not known: {error}")
            raise NoReply(self.trouble) from error
        found = _VERSION.search(answer.stdout)
        if found is None:
            raise NoReply(f"sinfo does not tell its version: {answer.complaint[:120]!r}")
        return found[1]

    def _end(self) -> None:
        self._running = None
        self._finish()

    def _exchange(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        running = self._running
        if running is None:
            raise _Broken("pyslurm does not run")
        # both ends share the place in the file: what is said from now on is said of this question
        running.words.seek(0)
        running.words.truncate()
        return self._line(running, json.dumps(question).encode() + b"\n")

    def _line(self, running: _Running, question: bytes = b"") -> Mapping[str, Any]:
        try:
            return self._read(running, question)
        except BaseException:
            # whatever cut this short, what may still come must not be read as the answer to the next question
            self._end()
            raise

    def _read(self, running: _Running, question: bytes) -> Mapping[str, Any]:
        running.wire.settimeout(self._commands.timeout_s)
        try:
            running.wire.sendall(question)
        except OSError as error:
            raise _Broken(_last_words(running)) from error
        deadline = time.monotonic() + self._commands.timeout_s
        chunks, length = [self._pending], len(self._pending)
        while b"\n" not in chunks[-1]:
            if length > MANY_JOBS_MB * 1_000_000:
                raise _Broken(f"pyslurm answered with more than {MANY_JOBS_MB} MB: no answer is so long")
            chunks.append(self._more(running, deadline))
            length += len(chunks[-1])
        line, _, self._pending = b"".join(chunks).partition(b"\n")
        try:
            read = json.loads(line)
        except ValueError as error:
            raise _Broken(f"pyslurm's program answered with what is no answer: {line[:120]!r}") from error
        if not isinstance(read, dict):
            raise _Broken(f"pyslurm's program answered with what is no answer: {line[:120]!r}")
        return read

    def _more(self, running: _Running, deadline: float) -> bytes:
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise _Broken(f"pyslurm did not answer within {self._commands.timeout_s:g} s")
            running.wire.settimeout(min(_SLICE_S, left))
            try:
                chunk = running.wire.recv(_CHUNK)
            except TimeoutError:
                if self._commands.stop():
                    raise NotWaitedFor("pyslurm was not waited for any longer: heal was told to end") from None
                continue
            except OSError as error:
                raise _Broken(_last_words(running)) from error
            if not chunk:
                raise _Broken(_last_words(running))
            return chunk


def _last_words(running: _Running) -> str:
    with suppress(subprocess.TimeoutExpired):
        running.process.wait(timeout=1.0)
    code = running.process.poll()
    how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
    running.words.seek(0)
    said = running.words.read().decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(said) if line.strip()), "")
    return f"pyslurm's process ended ({how})" + (f": {last[-_LAST_WORDS:]}" if last else "")


def _release(version: str) -> tuple[int, int] | None:
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found.group(1)), int(found.group(2))) if found else None
