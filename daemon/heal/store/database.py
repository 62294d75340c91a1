"""A database that is opened once and spoken to in transactions."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from heal.store.connecting import transaction
from heal.store.opening import open_engine


class Database:
    """What the store stands on: made by ``open``; may be shared by threads, not carried through a fork."""

    def __init__(self, engine: Engine, path: Path | None) -> None:
        self._engine = engine
        self._path = path

    @classmethod
    def open(cls, where: str | Path, *, read_only: bool = False) -> Self:
        """Open a database by a file's path or a URL; make it if it is new, upgrade it if it is older.

        Where there is nothing yet, a read-only store is an empty one, and the disk stays as it is.
        Raises ``StoreTooNew`` for a newer heal's database and ``StoreTooOld`` for an older one's that is only to
        be read, having touched nothing; ``StoreBroken`` for one that cannot be read, having kept a copy.
        """
        return cls(*open_engine(where, read_only=read_only))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _reading(self) -> AbstractContextManager[Connection]:
        return transaction(self._engine, self._path, writes=False)

    def _writing(self) -> AbstractContextManager[Connection]:
        return transaction(self._engine, self._path, writes=True)
