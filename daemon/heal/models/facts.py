"""What was learnt of a model's server: its window and its dialect. Kept for an hour, for the next command to know."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from heal.models.dialect import Dialect
from heal.models.json_folder import JsonFolder


@dataclass(frozen=True, slots=True)
class Facts:
    """``window`` None with ``looked``: the server was asked, and does not say. ``window_from``: who says so.

    ``shown``: a question has shown the window to be no larger.
    """

    window: int | None = None
    window_from: str = ""
    looked: bool = False
    shown: bool = False
    dialect: Dialect = field(default_factory=Dialect)

    def narrowed(self, window: int, why: str) -> Facts:
        """The facts once a question showed that the window is no larger than this."""
        if self.window is not None and self.window <= window:
            return self
        return replace(self, window=window, window_from=why, looked=True, shown=True)

    def told(self, window: int | None, who: str) -> Facts:
        """The facts once the server told its window: what a question has shown is worth more."""
        if self.shown and self.window is not None and (window is None or self.window < window):
            return replace(self, looked=True)
        return replace(self, window=window, window_from=who, looked=True, shown=False)


class Notebook:
    """The facts of one server, shared by threads; those of other processes are read where nothing is known here."""

    def __init__(self, folder: JsonFolder, name: str) -> None:
        self._folder = folder
        self._name = name
        self._lock = threading.RLock()
        self._facts: Facts | None = None

    @property
    def facts(self) -> Facts:
        """What is known."""
        with self._lock:
            if self._facts is None:
                self._facts = _facts(self._folder.get(self._name) or {})
            return self._facts

    def learn(self, change: Callable[[Facts], Facts]) -> Facts:
        """Note what is known now, made from what is known; while that is done nobody else learns."""
        with self._lock:
            known = self.facts
            self._facts = change(known)
            if self._facts != known:
                self._folder.put(self._name, asdict(self._facts))
            return self._facts


def _facts(row: Mapping[str, Any]) -> Facts:
    try:
        dialect = row["dialect"]
        return Facts(
            window=row["window"],
            window_from=row["window_from"],
            looked=row["looked"],
            shown=row["shown"],
            dialect=Dialect(dialect["form"], dialect["sure"], tuple(dialect["lacks"])),
        )
    except (KeyError, TypeError):
        return Facts()
