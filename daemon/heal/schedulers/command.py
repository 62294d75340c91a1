"""The one place that runs a scheduler's command: an argument list, never a shell, bounded in time."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from heal.errors import SchedulerUnreachable
from heal.schedulers.courtesy import CallBook

# how soon a question is given up once heal was told to end
_SLICE_S = 0.5
_MOST_COMPLAINT = 10_000
# a long answer is read in pieces of this size
_AT_ONCE = 1 << 20
# LC_ALL and SLURM_TIME_FORMAT: parsers read one language and one time format, whatever the user set.
# SLURM_BITSTR_LEN=0: the indices of a pending array are listed in full, not cut off with "..." (man squeue, man sacct).
QUESTION_ENV = {"LC_ALL": "C", "SLURM_TIME_FORMAT": "standard", "SLURM_BITSTR_LEN": "0"}
# formats and filters of the user's own would change what the commands answer (man sacct, man squeue: ENVIRONMENT)
_DROPPED_PREFIXES = ("SACCT_", "SQUEUE_", "SINFO_", "SCONTROL_")


class NotInstalled(SchedulerUnreachable):
    """The program is not on the PATH (or not executable). Install it, or do without what it tells."""


class NoAnswer(SchedulerUnreachable):
    """The program did not end in time and was killed with all it had started. What it did is not known."""


class NotWaitedFor(NoAnswer):
    """heal was told to end, and the program was killed. What it would have answered is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered. ``exit_code`` is negative (minus the signal) where a signal ended it."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        """True when the command says that it succeeded."""
        return self.exit_code == 0

    @property
    def complaint(self) -> str:
        """What it said against it, on one line; empty when it said nothing."""
        return " ".join((self.stderr or self.stdout).split())


@dataclass(slots=True)
class Commands:
    """Runs commands and counts them: each is a request to a controller that many people share.

    ``timeout_s`` is how long a question may take; ``env`` replaces the environment questions are asked in. ``stop`` is
    asked while an answer is waited for: True ends the wait, and the question. ``book`` counts for all heals of a user,
    and refuses one call too many with ``AskedEnough``.
    """

    timeout_s: float = 30.0
    env: Mapping[str, str] | None = None
    stop: Callable[[], bool] = lambda: False
    book: CallBook | None = None
    count: int = field(default=0, init=False)

    def ask(self, argv: Sequence[str], *, errors: str = "replace") -> Answer:
        """Ask something that changes nothing. Raises ``NotInstalled`` or ``NoAnswer``.

        ``errors`` says what becomes of bytes that are no UTF-8 (as in ``bytes.decode``).
        """
        env = question_env(self._environment())
        return self._run(argv, None, env, self.timeout_s, errors=errors, stop=self.stop)

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str | Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float,
        errors: str = "replace",
    ) -> Answer:
        """Run a command in ``env`` as it is. Raises ``NotInstalled``, ``NoAnswer``, ``OSError`` (no such ``cwd``)."""
        environment = self._environment() if env is None else env
        # what changes something is not cut short: whether it did would not be known
        return self._run(argv, cwd, environment, timeout_s, errors=errors, stop=lambda: False)

    def lines(self, argv: Sequence[str], *, timeout_s: float) -> Iterator[str]:
        """Ask as ``ask`` does, and give the answer line by line as it comes: a long one is never held as a whole.

        Raises as ``ask`` does, and ``SchedulerUnreachable`` where the command fails: what it gave is then not all.
        """
        environment = question_env(self._environment())
        program = _on_path(argv[0], environment)
        with self.counted(argv[0]) as answered, tempfile.TemporaryFile() as complaint:
            process = subprocess.Popen(
                [program, *argv[1:]],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaint,
                bufsize=_AT_ONCE,
                start_new_session=True,
            )
            over, cut = threading.Event(), list[NoAnswer]()
            ended = _patience(argv[0], timeout_s, self.stop)
            watch = threading.Thread(target=_watch, args=(process, ended, over, cut))
            watch.start()
            try:
                if process.stdout is not None:
                    for line in io.TextIOWrapper(process.stdout, errors="replace", newline="\n"):
                        yield line.rstrip("\n")
                answered.append(process.wait())
            finally:
                over.set()
                if process.poll() is None:
                    _cut_off(process)
                    process.wait()
                watch.join()
            if cut:
                raise cut[0]
            if process.returncode:
                complaint.seek(0)
                said = " ".join(complaint.read(_MOST_COMPLAINT).decode(errors="replace").split())
                raise SchedulerUnreachable(said or f"{argv[0]} ended with exit code {process.returncode}")

    def _run(
        self,
        argv: Sequence[str],
        cwd: str | Path | None,
        env: Mapping[str, str],
        timeout_s: float,
        *,
        errors: str,
        stop: Callable[[], bool],
    ) -> Answer:
        environment = dict(env)
        program = _on_path(argv[0], environment)
        with self.counted(argv[0]) as answered:
            try:
                process = subprocess.Popen(
                    [program, *argv[1:]],
                    cwd=cwd,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                )
            except PermissionError as error:
                raise NotInstalled(f"{argv[0]} cannot be run: {error}") from error
            try:
                out, err = _wait(process, argv[0], timeout_s, stop)
            finally:
                if process.poll() is None:
                    _kill_group(process)
            answered.append(process.returncode)
        return Answer(process.returncode, out.decode(errors=errors), err.decode(errors="replace"))

    @contextmanager
    def counted(self, program: str) -> Iterator[list[int]]:
        """Write the call down, before and after; what is put into the list is its exit code."""
        name = Path(program).name
        call = self.book.enter(name) if self.book else ""
        self.count += 1
        started = time.monotonic()
        answered: list[int] = []
        try:
            yield answered
        finally:
            if self.book:
                self.book.leave(call, name, took_s=time.monotonic() - started, ok=answered == [0])

    def _environment(self) -> Mapping[str, str]:
        return os.environ if self.env is None else self.env


def _wait(
    process: subprocess.Popen[bytes], program: str, timeout_s: float, stop: Callable[[], bool]
) -> tuple[bytes, bytes]:
    """Wait for its end, in slices: a person who wants heal to end does not wait for a scheduler that is silent."""
    deadline = time.monotonic() + timeout_s
    while True:
        left = deadline - time.monotonic()
        try:
            return process.communicate(timeout=max(0.0, min(_SLICE_S, left)))
        except subprocess.TimeoutExpired:
            if left <= _SLICE_S:
                raise NoAnswer(f"{program} did not answer within {timeout_s:g} s") from None
            if stop():
                raise NotWaitedFor(f"{program} was not waited for any longer: heal was told to end") from None


def question_env(env: Mapping[str, str]) -> dict[str, str]:
    """Make the environment for a question: the user's, without what would change the form of the answer."""
    return {name: value for name, value in env.items() if not name.startswith(_DROPPED_PREFIXES)} | QUESTION_ENV


def _on_path(program: str, env: Mapping[str, str]) -> str:
    # Popen would search heal's own PATH, but the PATH that counts is the one of the environment handed over
    for folder in os.get_exec_path(env):
        candidate = Path(folder, program)
        if os.access(candidate, os.X_OK) and candidate.is_file():
            return str(candidate)
    raise NotInstalled(f"{program} is not on the PATH")


def _patience(program: str, timeout_s: float, stop: Callable[[], bool]) -> Callable[[], NoAnswer | None]:
    """What tells why an answer is not waited for any longer, from now on; None while it is."""
    deadline = time.monotonic() + timeout_s

    def ended() -> NoAnswer | None:
        if time.monotonic() >= deadline:
            return NoAnswer(f"{program} did not end its answer within {timeout_s:g} s")
        return NotWaitedFor(f"{program} was not waited for any longer: heal was told to end") if stop() else None

    return ended


def _watch(
    process: subprocess.Popen[bytes],
    ended: Callable[[], NoAnswer | None],
    over: threading.Event,
    cut: list[NoAnswer],
) -> None:
    """Cut an answer off once nobody waits for it; ``cut`` says why."""
    while not over.wait(_SLICE_S):
        if why := ended():
            cut.append(why)
            _cut_off(process)
            return


def _cut_off(process: subprocess.Popen[bytes]) -> None:
    # the command leads a session of its own: killing the group takes what it has started with it
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    _cut_off(process)
    process.communicate()
