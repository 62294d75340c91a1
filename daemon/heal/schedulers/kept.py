"""Answers that are kept for a while: the newest few in memory, those about the site for all heals of a user."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar

from heal import whole_file

K = TypeVar("K")
V = TypeVar("V")
_MOST = 8
# whoever has a limit raised, and starts anew, finds it raised
_SHARED = timedelta(minutes=15)
_LONGEST = 1_000_000


class Kept(Generic[K, V]):
    """What was told of arrays: the rest of one needs no second request for what its canary was."""

    def __init__(self) -> None:
        self._told: dict[K, V] = {}

    def of(self, key: K, ask: Callable[[], V]) -> V:
        """What is kept, else what ``ask`` tells, which is kept from then on."""
        return self._told[key] if key in self._told else self.keep(key, ask())

    def get(self, key: K) -> V | None:
        """What is kept; None where nothing is."""
        return self._told.get(key)

    def keep(self, key: K, told: V) -> V:
        """Keep what was told, in place of the oldest where there are many."""
        while len(self._told) >= _MOST:
            del self._told[next(iter(self._told))]
        self._told[key] = told
        return told


class Shelf:
    """What SLURM said of the site a while ago, to whichever heal of the user; ``path`` None: nothing is kept.

    What cannot be read or written is not there. Of two heals that put something down at once one may lose it.
    """

    def __init__(self, path: Path | None, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._clock = clock

    def get(self, argv: Sequence[str]) -> str | None:
        """What was said to this question; None where nobody asked it lately."""
        now = self._clock()
        with suppress(KeyError, TypeError, ValueError):
            at, text = self._read()[_name(argv)]
            # one from later was put down before the clock was set back
            if timedelta() <= now - datetime.fromisoformat(at) < _SHARED:
                return str(text)
        return None

    def put(self, argv: Sequence[str], text: str) -> None:
        """Keep an answer."""
        if self._path is not None and len(text) <= _LONGEST:
            with suppress(OSError):
                kept = {**self._read(), _name(argv): (self._clock().isoformat(), text)}
                whole_file.put(self._path, json.dumps(kept), mode=0o600)

    def _read(self) -> dict[str, tuple[str, str]]:
        with suppress(OSError, ValueError):
            found = json.loads(self._path.read_text(encoding="utf-8")) if self._path else None
            return found if isinstance(found, dict) else {}
        return {}


def _name(argv: Sequence[str]) -> str:
    """The question, and the SLURM that is asked."""
    return " ".join([os.environ.get("SLURM_CONF", ""), *argv])
