"""Answers that are kept for a while, the newest few."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
_MOST = 8


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
