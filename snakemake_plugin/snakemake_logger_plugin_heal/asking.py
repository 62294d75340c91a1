"""Questions to heal about jobs that failed, and its answers (docs/in-flight.md). Knows nothing of Snakemake."""

from __future__ import annotations

import json
import math
import os
import stat
import threading
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

# heal touches this file in its spool every few seconds while it listens
_LISTENING = ".listening"
_FRESH_S = 30.0
# a number and the end of a line
_LONGEST_MARK = 64
_LONGEST_S = 1e9
# what heal may give a job, in its own names and units
_GIVEN = ("memory_mb", "time_min")
# no job has a million terabytes, or two million years: as the Nextflow plugin has it
_MOST = 1e12
# no answer is longer
_MOST_BYTES = 64 * 1024
_POLL_S = 0.2
# so many open questions are looked after a second at most: the answers may lie on a network file system
_LOOKS_A_SECOND = 500
# a job that died with its run is not asked about: Snakemake says within this time that it was interrupted
_SETTLE_S = 0.3
# Snakemake's own word on a failure has come by then, or does not come
_UNKNOWN_S = 10.0

Grant = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Terms:
    """Whom to ask, where the answers come, and how long they are waited for.

    ``seconds`` None: as long as whoever listens says, who is not asked where he says nothing.
    """

    seconds: float | None
    spool: str
    answers: str

    def heard(self) -> bool:
        """Tell whether somebody listens."""
        mark = f"{self.spool}/{_LISTENING}"
        try:
            touched = os.stat(mark).st_mtime  # noqa: PTH116 - five times a second
        except OSError:
            return False
        # a clock that is ahead on another machine must not make anybody wait
        return abs(time.time() - touched) < _FRESH_S and self.patience() > 0

    def patience(self) -> float:
        """How many seconds an answer is waited for; 0 where none is."""
        if self.seconds is not None:
            return self.seconds
        try:
            with open(f"{self.spool}/{_LISTENING}", "rb") as file:  # noqa: PTH123 - as above
                return _seconds(file.read(_LONGEST_MARK).decode("ascii"))
        except (OSError, ValueError):
            return 0.0


def terms(env: Mapping[str, str], spool: str, cwd: str) -> Terms | None:
    """The terms of a run that was started with this environment; None where heal is not to be asked."""
    said = env.get("HEAL_IN_FLIGHT")
    seconds = None if said is None else _seconds(said)
    return None if seconds == 0 else Terms(seconds, spool, f"{cwd}/.heal/answers")


def _seconds(text: str) -> float:
    """A time above 0 that a calendar knows; 0 where the text is none."""
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if 0 < seconds <= _LONGEST_S else 0.0


def grant(text: bytes) -> Grant | None:
    """What an answer gives the next try of a job; None where there is to be none, or where it cannot be understood."""
    try:
        said = json.loads(text)
        resources = said.get("resources") or {}
        known = type(said.get("v")) is int and said["v"] == 1
        if not known or said.get("answer") != "retry" or not set(resources) <= set(_GIVEN):
            return None
        return {name: _whole(value) for name, value in resources.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _MOST:
        raise ValueError("no amount")
    return math.ceil(value)


@dataclass(slots=True)
class Question:
    """One failure that waits: of a job, or of a group, whose members are asked about one by one.

    ``then`` is called once, with what each job is given, or with None where all is to go on as without heal.
    ``in_vain`` tells that no further try of it would start.
    """

    jobids: Sequence[str]
    then: Callable[[Mapping[str, Grant] | None], None]
    in_vain: Callable[[], bool]
    since: float = field(default_factory=time.monotonic)
    # the names it is asked about under, by job; empty until heal was asked
    names: dict[str, str] = field(default_factory=dict)
    granted: dict[str, Grant] = field(default_factory=dict)


# writes the failures of jobs as questions (names by job): the names it used, none while it does not know all failures
Ask = Callable[[Mapping[str, str], str], Collection[str]]


class Desk:
    """Holds the open questions, all in one thread of its own, which is there while there are any."""

    def __init__(self, terms: Terms, ask: Ask) -> None:
        self._terms = terms
        self._ask = ask
        self._guard = threading.Lock()
        self._open: list[Question] = []
        self._thread: threading.Thread | None = None
        self._over = threading.Event()
        self._unread: set[str] = set()

    def put(self, question: Question) -> None:
        """Take a question, at once. Raises RuntimeError where no thread can be started, and has not taken it then."""
        with self._guard:
            if self._thread is None:
                thread = threading.Thread(target=self._attend, name="heal-asks", daemon=True)
                thread.start()
                self._thread = thread
            self._open.append(question)

    def close(self) -> None:
        """The run is over: nobody waits any more, and no answer is left lying."""
        self._over.set()
        for name in list(self._unread):
            with suppress(OSError):
                os.unlink(self._path(name))  # noqa: PTH108 - as text, like all paths here

    def _attend(self) -> None:
        try:
            while questions := self._questions():
                for question in questions:
                    self._look_after(question)
                self._over.wait(max(_POLL_S, len(questions) / _LOOKS_A_SECOND))
        except BaseException:
            # a job that nobody looks after any more would hold its run for ever
            with self._guard:
                left, self._open, self._thread = self._open, [], None
            for question in left:
                question.then(None)
            raise

    def _questions(self) -> list[Question]:
        with self._guard:
            if not self._open:
                self._thread = None
            return list(self._open)

    def _look_after(self, question: Question) -> None:
        granted: Mapping[str, Grant] | None = None
        try:
            if not self._given_up(question):
                if not question.names:
                    self._announce(question)
                    return
                if not self._answered(question):
                    return
                granted = question.granted if question.granted.keys() == question.names.keys() else None
        except Exception:  # noqa: BLE001 - whatever goes wrong with it, its job goes on as without heal
            granted = None
        with self._guard:
            self._open = [one for one in self._open if one is not question]
        question.then(granted)

    def _given_up(self, question: Question) -> bool:
        if self._over.is_set() or question.in_vain() or not self._terms.heard():
            return True
        return time.monotonic() - question.since > (self._terms.patience() if question.names else _UNKNOWN_S)

    def _announce(self, question: Question) -> None:
        if time.monotonic() - question.since < _SETTLE_S:
            return
        until = (datetime.now(UTC) + timedelta(seconds=self._terms.patience())).isoformat()
        names = {jobid: uuid.uuid4().hex for jobid in question.jobids}
        asked = self._ask(names, until)
        if asked:
            question.names = {jobid: name for jobid, name in names.items() if name in asked}
            question.since = time.monotonic()
            self._unread |= set(asked)

    def _answered(self, question: Question) -> bool:
        """Read what has come; True when there is nothing more to wait for."""
        for jobid, name in question.names.items():
            text = self._read(name) if jobid not in question.granted else None
            if text is None:
                continue
            given = grant(text)
            if given is None:
                return True
            question.granted[jobid] = given
        return len(question.granted) == len(question.names)

    def _read(self, name: str) -> bytes | None:
        """The answer, which is gone then; None while there is none. Raises OSError where what is there is none."""
        try:
            # of a pipe that nobody writes to an open would not come back
            file = os.open(self._path(name), os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            text = os.read(file, _MOST_BYTES + 1) if stat.S_ISREG(os.fstat(file).st_mode) else None
        finally:
            os.close(file)
        if text is None or len(text) > _MOST_BYTES:
            raise OSError("no plain file, or too long for an answer")
        with suppress(OSError):
            os.unlink(self._path(name))  # noqa: PTH108 - as text
            self._unread.discard(name)
        return text

    def _path(self, name: str) -> str:
        return f"{self._terms.answers}/{name}.json"
