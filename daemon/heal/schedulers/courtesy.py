"""How often a scheduler is asked: a ceiling for all heals of a user together, and a book of what was asked.

The book is a small text file, a line at the start of a call and one at its end; whoever wants to call takes the lock on
it, so the ceiling holds for a daemon, a `heal run` and a command of the same user at once.
"""

from __future__ import annotations

import fcntl
import os
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from heal.errors import AskedEnough

_MINUTE_S = 60.0
_HOUR_S = 3600.0
# a day of six calls a minute; what is older than an hour is then left out
_LARGEST = 2**19


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a scheduler's program. ``took_s`` is None while it has not answered (or its caller died)."""

    at: float
    program: str
    took_s: float | None
    ok: bool


class CallBook:
    """Writes down each call, and refuses one too many. What cannot be written is kept in memory alone.

    ``per_minute`` None: nothing is refused. ``clock``: seconds since 1970.
    """

    def __init__(self, path: Path, per_minute: int | None, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._per_minute = per_minute
        self._clock = clock
        self._own: list[float] = []

    def enter(self, program: str) -> str:
        """Begin a call; the id to end it by. Raises ``AskedEnough``."""
        with self._locked() as descriptor:
            # once nobody else writes: what began before us is not to seem later
            now = self._clock()
            self._spare(descriptor, now, 1, program)
            call = f"{now:.3f} {uuid.uuid4().hex[:12]}"
            if not _write(descriptor, f"> {call} {program}\n"):
                # no such folder, or a full disk
                self._own.append(now)
        return call

    def room_for(self, calls: int) -> None:
        """Return where so many calls may be made now, as far as nobody else makes some. Raises ``AskedEnough``."""
        with self._locked() as descriptor:
            self._spare(descriptor, self._clock(), calls, "what belongs together")

    def _spare(self, descriptor: int | None, now: float, calls: int, who: str) -> None:
        self._own = [one for one in self._own if _is_lately(one, now)]
        lately = sorted(self._own + [one for one in self._starts(descriptor) if _is_lately(one, now)])
        if self._per_minute is None or (over := len(lately) + min(calls, self._per_minute) - self._per_minute) <= 0:
            return
        wait = _MINUTE_S - (now - lately[over - 1])
        raise AskedEnough(
            f"SLURM was asked {len(lately)} times in the last minute, and slurm.calls_per_minute allows "
            f"{self._per_minute}; {who} waits {wait:.0f} s"
        )

    def leave(self, call: str, program: str, *, took_s: float, ok: bool) -> None:
        """End a call that ``enter`` began."""
        with self._locked() as descriptor:
            _write(descriptor, f"< {call} {program} {took_s:.3f} {'ok' if ok else 'no'}\n")

    def last_hour(self) -> tuple[Call, ...]:
        """Tell the calls begun within the last hour, oldest first."""
        since = self._clock() - _HOUR_S
        with self._locked() as descriptor:
            return tuple(call for call in _calls(_read(descriptor)) if call.at > since)

    def _starts(self, descriptor: int | None) -> list[float]:
        return [call.at for call in _calls(_read(descriptor))]

    @contextmanager
    def _locked(self) -> Iterator[int | None]:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError:
            yield None
            return
        try:
            # a network file system without locks: two heals may then both take the last call of a minute
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_size > _LARGEST:
                _shorten(descriptor, self._clock() - _HOUR_S)
            yield descriptor
        finally:
            os.close(descriptor)


def _is_lately(at: float, now: float) -> bool:
    # written to the millisecond; what is later than now was written before the clock was set back
    return now - _MINUTE_S < at <= now + 0.001


def _calls(lines: Sequence[str]) -> Iterator[Call]:
    """Read the book; a line that is none (cut short by a full disk) is passed over."""
    begun: dict[str, Call] = {}
    for line in lines:
        words = line.split()
        match words:
            case [">", at, name, program]:
                with suppress(ValueError):
                    begun[f"{at} {name}"] = Call(float(at), program, None, ok=False)
            case ["<", at, name, program, took, said] if f"{at} {name}" in begun:
                with suppress(ValueError):
                    begun[f"{at} {name}"] = Call(float(at), program, float(took), ok=said == "ok")
    yield from begun.values()


def _read(descriptor: int | None) -> list[str]:
    if descriptor is None:
        return []
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size, 0).decode("ascii", "replace").splitlines()


def _write(descriptor: int | None, line: str) -> bool:
    """True where all of it is written."""
    if descriptor is None:
        return False
    data = line.encode("ascii", "replace")
    try:
        return os.write(descriptor, data) == len(data)
    except OSError:
        return False


def _shorten(descriptor: int, since: float) -> None:
    kept = [line for line in _read(descriptor) if _later(line, since)]
    os.ftruncate(descriptor, 0)
    _write(descriptor, "".join(f"{line}\n" for line in kept))


def _later(line: str, since: float) -> bool:
    words = line.split()
    try:
        return float(words[1]) > since
    except (IndexError, ValueError):
        return False
