"""The one place that runs a scheduler's command: an argument list, never a shell, bounded in time and in its answer."""

from __future__ import annotations

import io
import os
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from heal.errors import SchedulerUnreachable
from heal.schedulers.courtesy import CallBook

# how soon a question is given up once heal was told to end
_SLICE_S = 0.5
_MOST_COMPLAINT = 10_000
# a long answer is read in pieces of this size
_AT_ONCE = 1 << 20
_LONGEST_LINE = 8 << 20
_MB = 1_000_000
# versions, names of fields, partitions, nodes: what a site has, not its jobs
_MOST_MB = 16
# a controller that remembers 100,000 jobs tells 1.5 kB of each; accounting tells less of more
MANY_JOBS_MB = 500
# LC_ALL and SLURM_TIME_FORMAT: parsers read one language and one time format, whatever the user set.
# SLURM_BITSTR_LEN=0: the indices of a pending array are listed in full, not cut off with "..." (man squeue, man sacct).
QUESTION_ENV = {"LC_ALL": "C", "SLURM_TIME_FORMAT": "standard", "SLURM_BITSTR_LEN": "0"}
# formats and filters of the user's own would change what the commands answer (man sacct, man squeue: ENVIRONMENT)
_DROPPED_PREFIXES = ("SACCT_", "SQUEUE_", "SINFO_", "SCONTROL_")


class NotInstalled(SchedulerUnreachable):
    """The program is not on the PATH (or not executable). Install it, or do without what it tells."""


class NoAnswer(SchedulerUnreachable):
    """The program did not end in time and was killed with all it had started. What it did is not known."""


class TooMuch(NoAnswer):
    """The program said more than any answer is long, and was killed. What it would have answered is not known."""


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
        return " ".join((self.stderr or self.stdout)[:_MOST_COMPLAINT].split())


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

    def ask(
        self, argv: Sequence[str], *, errors: str = "replace", most_mb: int = _MOST_MB, counts: bool = True
    ) -> Answer:
        """Ask something that changes nothing. Raises ``NotInstalled`` or ``NoAnswer``.

        ``errors`` says what becomes of bytes that are no UTF-8 (as in ``bytes.decode``). What says more than
        ``most_mb`` is no answer. ``counts``: False of what the program knows without asking anybody.
        """
        env = question_env(self._environment())
        patience = _Patience(argv[0], self.timeout_s, self.stop)
        return self._run(argv, None, env, patience, errors=errors, most_mb=most_mb, counts=counts)

    def room_for(self, calls: int) -> None:
        """Return where so many calls may be made now. Raises ``AskedEnough``."""
        if self.book:
            self.book.room_for(calls)

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
        return self._run(argv, cwd, environment, _Patience(argv[0], timeout_s), errors=errors)

    def lines(self, argv: Sequence[str], *, timeout_s: float | None = None) -> Iterator[str]:
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
            patience = _Patience(argv[0], timeout_s or self.timeout_s, self.stop)
            watch = threading.Thread(target=_watch, args=(process, patience, over, cut))
            watch.start()
            try:
                if process.stdout is not None:
                    text = io.TextIOWrapper(process.stdout, errors="replace", newline="\n")
                    # what has no line breaks comes in pieces
                    while line := text.readline(_LONGEST_LINE):
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
        patience: _Patience,
        *,
        errors: str,
        most_mb: int | None = None,
        counts: bool = True,
    ) -> Answer:
        environment = dict(env)
        program = _on_path(argv[0], environment)
        counting: AbstractContextManager[list[int]] = self.counted(argv[0]) if counts else nullcontext([])
        with counting as answered:
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
            with process:
                try:
                    out, err = _read(process, patience, most_mb)
                finally:
                    if process.poll() is None:
                        _cut_off(process)
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


@dataclass(slots=True)
class _Patience:
    """How long a program is waited for, from now on; ``stop`` is asked in between."""

    program: str
    timeout_s: float
    stop: Callable[[], bool] = lambda: False
    began: float = field(default_factory=time.monotonic)

    def slice_s(self) -> float:
        """How long to wait before anything else is looked at. Raises ``NoAnswer`` or ``NotWaitedFor`` once it is over.

        In slices: a person who wants heal to end does not wait for a scheduler that is silent.
        """
        passed = time.monotonic() - self.began
        if passed >= self.timeout_s:
            raise NoAnswer(f"{self.program} did not answer within {self.timeout_s:g} s")
        if passed >= _SLICE_S and self.stop():
            raise NotWaitedFor(f"{self.program} was not waited for any longer: heal was told to end")
        return min(_SLICE_S, self.timeout_s - passed)


def _read(process: subprocess.Popen[bytes], patience: _Patience, most_mb: int | None) -> tuple[bytes, bytes]:
    """Read both texts to their end, and wait for the program's.

    More than ``most_mb`` is no answer: raises ``TooMuch``. Where None, the last of it is kept, however much it is.
    """
    texts = {stream: bytearray() for stream in (process.stdout, process.stderr) if stream}
    with selectors.DefaultSelector() as open_ones:
        for stream, text in texts.items():
            open_ones.register(stream, selectors.EVENT_READ, text)
        while open_ones.get_map():
            for ready, _events in open_ones.select(patience.slice_s()):
                piece = os.read(ready.fd, _AT_ONCE)
                ready.data.extend(piece)
                if not piece:
                    open_ones.unregister(ready.fileobj)
                elif len(ready.data) > (most_mb or _MOST_MB) * _MB:
                    if most_mb is not None and ready.fileobj is process.stdout:
                        raise TooMuch(f"{patience.program} answered with more than {most_mb} MB: no answer is so long")
                    del ready.data[: len(ready.data) // 2]
    while process.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience.slice_s())
    out, err = (bytes(text) for text in texts.values())
    return out, err


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


def _watch(process: subprocess.Popen[bytes], patience: _Patience, over: threading.Event, cut: list[NoAnswer]) -> None:
    """Cut an answer off once nobody waits for it; ``cut`` says why."""
    try:
        while not over.wait(patience.slice_s()):
            pass
    except NoAnswer as why:
        cut.append(why)
        _cut_off(process)


def _cut_off(process: subprocess.Popen[bytes]) -> None:
    # the command leads a session of its own: killing the group takes what it has started with it
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
