"""What was said and done in one run of the chain, bounded; and what it took."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from heal.chain.answer import Seconds, Turn

_MOST_TURNS = 80
_MOST_SAID = 8000


class Transcript:
    """One run's own; any thread may add to it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = clock()
        self._lock = threading.Lock()
        self._turns: list[Turn] = []
        self._models: dict[str, None] = {}
        self._tokens = 0
        self._waited = {"models": 0.0, "checks": 0.0}
        self._active = {"models": 0, "checks": 0}
        self._since = {"models": 0.0, "checks": 0.0}
        self.round = 0

    def add(
        self, role: str, made: str, *, model: str = "", said: str = "", tokens: int = 0, seconds: float = 0.0
    ) -> None:
        """One turn. Beyond a bound the later ones are counted, and not kept."""
        with self._lock:
            self._tokens += tokens
            if model:
                self._models[model] = None
            if len(self._turns) < _MOST_TURNS:
                cut = said if len(said) <= _MOST_SAID else f"{said[:_MOST_SAID]}\n[{len(said) - _MOST_SAID} more]"
                self._turns.append(Turn(role, self.round, made[:_MOST_SAID], model, cut, tokens, round(seconds, 3)))

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Time that is spent on ``models`` or ``checks``, and not on the chain itself; several at once count once."""
        with self._lock:
            self._active[what] += 1
            if self._active[what] == 1:
                self._since[what] = self._clock()
        try:
            yield
        finally:
            with self._lock:
                self._active[what] -= 1
                if not self._active[what]:
                    self._waited[what] += self._clock() - self._since[what]

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What was kept, in order."""
        with self._lock:
            return tuple(self._turns)

    @property
    def models(self) -> tuple[str, ...]:
        """The models that answered, the first first."""
        return tuple(self._models)

    @property
    def tokens(self) -> int:
        """Tokens in and out, as far as servers tell."""
        return self._tokens

    def seconds(self) -> Seconds:
        """Where the time went so far."""
        models, checks = self._waited["models"], self._waited["checks"]
        return Seconds(models, checks, max(0.0, self._clock() - self._begun - models - checks))
