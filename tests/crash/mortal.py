"""A heal that dies: started as a program, it heals until quiet, and is killed -9 at a chosen transaction.

``python -m tests.crash.mortal HOME [WHICH before|inside|after]``: a transaction is the last thing this process does,
just before it begins, just before it is committed, or just after. WHICH is a number: of the transactions that write
incidents' stories, the N-th from 1; or it is ``KIND:N``, the N-th of its kind: ``join``, ``file``, the last entry that
is written (``Applying``, ``Applied``, ``Proven``), ``followed`` (jobs of heal's own) or ``repointed``. Prints the kind of
each transaction that was committed, and in the end how many of them were of stories.

``MORTAL_SUBMIT_PATIENCE_S`` in the environment: how long it waits for sbatch.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from sqlalchemy import Connection

from heal import wiring
from heal.home import sessions
from heal.settings import load
from heal.store import Scope, Store

GIVE_UP_S = 180.0


class MortalStore(Store):
    """The real store, in a process that is killed at one of its transactions."""

    death = "0"
    before = False
    written = 0
    seen: ClassVar[Counter[str]] = Counter()
    chosen = False

    @contextmanager
    def _telling(self, kind: str, *, story: bool = True) -> Iterator[None]:
        own = type(self)
        own.written += story
        own.seen[kind] += 1
        own.chosen = self.death in ((f"{own.written}" if story else ""), f"{kind}:{own.seen[kind]}")
        if own.chosen and self.before:
            _die()
        yield
        print(kind, flush=True)
        if own.chosen:
            _die()

    def join(self, *args, **named):
        with self._telling("join"):
            return super().join(*args, **named)

    def file(self, *args, **named):
        with self._telling("file"):
            return super().file(*args, **named)

    def append_many(self, written, at):
        with self._telling(type(written[-1][2]).__name__):
            return super().append_many(written, at)

    def take_many(self, taken):
        if any(event.id.startswith("heal:") for event in taken):
            with self._telling("followed", story=False):
                return super().take_many(taken)
        return super().take_many(taken)

    def take(self, event):
        if event.kind == "repointed":
            with self._telling("repointed", story=False):
                return super().take(event)
        return super().take(event)


class DyingInside(MortalStore):
    """Killed with the transaction open, after its statements and before its commit."""

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with super()._writing() as connection:
            yield connection
            if self.chosen and not self.before:
                _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(home: str, last: str = "0", when: str = "after") -> None:
    kind = DyingInside if when == "inside" else MortalStore
    kind.death, kind.before = last, when == "before"
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
        if (patience := os.environ.get("MORTAL_SUBMIT_PATIENCE_S")) and loop.parts.submitter:
            loop.parts.submitter.patience_s = float(patience)
        deadline = time.monotonic() + GIVE_UP_S
        loop.turn()
        while loop.busy() and time.monotonic() < deadline:
            select.select([], [], [], 0.2)
            loop.turn()
    print(kind.written)


if __name__ == "__main__":
    main(*sys.argv[1:])
