"""Runs the checks of results: each beside the loop, for a bounded time, with a bounded output."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from heal.evidence.results import absent, expanded, wrong
from heal.steps.check import Answer, Question

# what ends at once is waited for, so that most checks cost no turn; no more than half of the time goes to waiting
_AT_ONCE_S, _WINDOW_S = 0.2, 8.0
# an answer that nobody came for
_FORGOTTEN_S = 3600.0
_MOST_AT_ONCE = 4
# what timeout(1) leaves alone, a hung file system does not
_GRACE_S = 10.0
_MOST_BYTES = 64_000
_NOT_RUN, _OUT_OF_TIME = (126, 127), 124
# by SIGKILL or SIGTERM, as told by the system and as told by a shell or timeout(1)
_KILLED = (-9, -15, 137, 143)
_LAST_WORDS_S = 1.0


class Checker:
    """Asks a few checks at a time, each in a thread of its own; what hangs is left behind and says nothing."""

    def __init__(self) -> None:
        self._asked: dict[str, _Asked] = {}
        self._waited: list[tuple[float, float]] = []

    def ask(self, key: str, question: Question) -> Answer | None:
        """The answer; None while it is not known. An answer is given once."""
        self._asked = {name: one for name, one in self._asked.items() if not one.forgotten}
        asked = self._asked.get(key)
        if asked is None:
            if sum(one.running for one in self._asked.values()) >= _MOST_AT_ONCE:
                return None
            asked = self._asked[key] = _Asked(question)
        began = time.monotonic()
        answer = asked.answer(self._patience(began))
        self._waited.append((began, time.monotonic() - began))
        if answer is not None:
            del self._asked[key]
        return answer

    def _patience(self, now: float) -> float:
        self._waited = [(at, took) for at, took in self._waited if now - at < _WINDOW_S]
        return _AT_ONCE_S if sum(took for _at, took in self._waited) < _WINDOW_S / 2 else 0.0

    def wait(self) -> bool:
        """Wait for all that was asked; False where nothing was."""
        for asked in self._asked.values():
            asked.wait()
        return bool(self._asked)


class _Asked:
    """One question and the thread that looks for its answer."""

    def __init__(self, question: Question) -> None:
        self._seconds = question.seconds
        self._until = time.monotonic() + question.seconds + _GRACE_S
        self._found: Answer | None = None
        self._thread = threading.Thread(target=self._look, args=[question], daemon=True)
        self._thread.start()

    def _look(self, question: Question) -> None:
        try:
            self._found = answered(question)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong with a check, its task is not to blame
            self._found = Answer(None, f"{type(error).__name__}: {error}")

    @property
    def running(self) -> bool:
        return self._found is None and time.monotonic() < self._until

    @property
    def forgotten(self) -> bool:
        return time.monotonic() > self._until + _FORGOTTEN_S

    def wait(self) -> None:
        self._thread.join(max(0.0, self._until - time.monotonic()))

    def answer(self, patience: float) -> Answer | None:
        self._thread.join(patience)
        if self._found is None and not self.running:
            return Answer(None, f"it did not end within {self._seconds:g} s")
        return self._found


def answered(question: Question) -> Answer:
    """Ask and wait: look at the files, then run the command, both in the work folder."""
    if not Path(question.cwd).is_dir():
        return Answer(None, f"the work folder {question.cwd or '(not known)'} is not there")
    paths = expanded(question.files, question.cwd, declared=question.declared)
    if question.declared and (gone := absent(paths)):
        # the engine has seen them; temporary ones go when nobody needs them any more
        return Answer(None, f"{os.path.relpath(gone[0], question.cwd)} is not there any more", usual=True)
    if question.kind and not paths:
        return Answer(None, "it is not known what the task makes: name it by files = […]")
    if said := list(wrong(question.kind, paths, question.cwd)) if question.kind else []:
        return Answer(False, "\n".join(said))
    for argv in _commands(question, paths):
        answer = _run(argv, question)
        if not answer.good:
            return answer
    return Answer(True)


def _commands(question: Question, paths: Sequence[str]) -> list[list[str]]:
    # the whole of each file: its ends alone do not tell whether a plain gzip is sound
    found = [["gzip", "-t", "--", *paths]] if question.kind == "gzip" else []
    return [*found, *([["sh", "-c", question.command]] if question.command else [])]


def _run(argv: Sequence[str], question: Question) -> Answer:
    env = environment(question.env_file)
    # it ends the command in time even where heal has ended meanwhile
    timeout = shutil.which("timeout", path=env.get("PATH"))
    words = [timeout, "-k", "5", f"{question.seconds:g}", *argv] if timeout else list(argv)
    started = time.monotonic()
    process = subprocess.Popen(
        words,
        cwd=question.cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    kept: list[bytes] = []
    reader = threading.Thread(target=_read, args=[process, kept], daemon=True)
    reader.start()
    timer = threading.Timer(question.seconds + _GRACE_S / 2, _kill, [process])
    timer.start()
    try:
        code = process.wait()
    finally:
        timer.cancel()
    late = time.monotonic() - started >= question.seconds
    # its answer is there; what it left running may hold its output open for as long as it likes
    reader.join(_LAST_WORDS_S)
    said = b"".join(kept).decode(errors="replace").strip()
    return _answer(code, said, argv, late=late, seconds=question.seconds)


def _answer(code: int, said: str, argv: Sequence[str], *, late: bool, seconds: float) -> Answer:
    if late and (code == _OUT_OF_TIME or code < 0 or code > 128):  # noqa: PLR2004 - ended by a signal
        return Answer(None, f"it did not end within {seconds:g} s")
    if code in _KILLED:
        # the machine was out of memory, or somebody ended it: that says nothing of the result
        return Answer(None, f"it was killed (exit code {code}): {said}")
    if code in _NOT_RUN:
        return Answer(None, f"it could not be run (exit code {code}): {said}")
    return Answer(True) if code == 0 else Answer(False, said or f"{argv[-1]} ended with exit code {code}")


def _read(process: subprocess.Popen[bytes], kept: list[bytes]) -> None:
    """Keep the beginning of what it says; the rest is read and dropped, so that it does not wait for a reader."""
    left = _MOST_BYTES
    while process.stdout is not None and (data := process.stdout.read1(1 << 16)):  # type: ignore[attr-defined]
        if left > 0:
            kept.append(data[:left])
            left -= len(data)


def _kill(process: subprocess.Popen[bytes]) -> None:
    # once it was waited for, its number may be another's
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def environment(env_file: str | None) -> Mapping[str, str]:
    """The environment of the run where it was kept, else heal's own."""
    if env_file is None:
        return os.environ
    try:
        content = json.loads(Path(env_file).read_bytes())
    except (OSError, ValueError):
        return os.environ
    return {str(name): str(value) for name, value in content.items()} if isinstance(content, dict) else os.environ
