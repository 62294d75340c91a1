"""A heal that dies: started as a program, it heals until quiet, and is killed -9 at a chosen transaction.

``python -m tests.crash.mortal HOME [N before|after]``: of the transactions that write an incident's story, the N-th
(from 1) is the last thing this process does: just before it is committed, or just after. Prints how many there were.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from heal import wiring
from heal.home import sessions
from heal.settings import load
from heal.store import Scope, Store

GIVE_UP_S = 180.0


class MortalStore(Store):
    """The real store, in a process that is killed at one of its transactions."""

    death: int | None = None
    before = False
    written = 0

    @contextmanager
    def _telling(self) -> Iterator[None]:
        type(self).written += 1
        chosen = self.written == self.death
        if chosen and self.before:
            _die()
        yield
        if chosen:
            _die()

    def join(self, *args, **named):
        with self._telling():
            return super().join(*args, **named)

    def append_many(self, *args, **named):
        with self._telling():
            return super().append_many(*args, **named)


class DyingInside(MortalStore):
    """Killed with the transaction open, after its statements and before its commit."""

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with super()._writing() as connection:
            yield connection
            if self.written == self.death and not self.before:
                _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(home: str, last: str = "0", when: str = "after") -> None:
    kind = DyingInside if when == "inside" else MortalStore
    kind.death, kind.before = int(last), when == "before"
    settings = load(Path("/"), {**os.environ, "HEAL_HOME": home})
    with kind.open(settings.database) as store:
        loop = wiring.build(
            settings,
            store,
            scope=Scope,
            spools=lambda: sessions.spools(settings.home),
            tell=lambda _incident, _body: None,
            foreground=False,
            discovers=True,
        )
        deadline = time.monotonic() + GIVE_UP_S
        loop.turn()
        while loop.busy() and time.monotonic() < deadline:
            select.select([], [], [], 0.2)
            loop.turn()
    print(kind.written)


if __name__ == "__main__":
    main(*sys.argv[1:])
