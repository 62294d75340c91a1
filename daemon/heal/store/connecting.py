"""Connections: SQLite as heal needs it, or PostgreSQL; one writer at a time in both."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import QueuePool, StaticPool

from heal.errors import StoreBroken
from heal.store.errors import StoreBusy
from heal.store.salvage import broken, is_damage

BUSY_SECONDS = 30
# any number will do that no other program uses on the same server
_WRITERS_LOCK = 0x6865616C


def sqlite_path(where: str | Path) -> Path | None:
    """Tell which file is meant, by a path or a ``sqlite:///`` URL; None for a database server."""
    text = str(where)
    if "://" not in text:
        return Path(text).expanduser()
    url = make_url(text)
    if url.get_backend_name() != "sqlite":
        return None
    return Path(url.database or "").expanduser()


def connect_file(path: Path, *, read_only: bool = False, immutable: bool = False) -> sqlite3.Connection:
    """Open a SQLite file; transactions are begun by hand. With ``immutable`` no lock and no file beside it is made."""
    flags = "&immutable=1" if immutable else ""
    uri = f"file:{quote(str(path.absolute()))}?mode={'ro' if read_only else 'rw'}{flags}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def engine_of_file(path: Path, *, read_only: bool, shared: bool) -> Engine:
    """Make an engine for a SQLite file that exists; ``shared`` tells that other hosts may have it open too."""
    # a reader keeps notes in a file beside the database; where it cannot make one and nobody has, it does without
    alone = read_only and not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-shm").exists()
    engine = create_engine(
        "sqlite://",
        creator=lambda: connect_file(path, read_only=read_only, immutable=alone),
        poolclass=QueuePool,
    )
    event.listen(engine, "begin", _begin)
    if not read_only:
        _keep_journal(path, shared=shared)
    return engine


def engine_of_memory() -> Engine:
    """Make an engine for an empty database that lives as long as the engine."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False),
        poolclass=StaticPool,
    )
    event.listen(engine, "begin", _begin)
    return engine


def engine_of_server(url: str) -> Engine:
    """Make an engine for PostgreSQL."""
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(parsed, pool_pre_ping=True)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def transaction(engine: Engine, path: Path | None, *, writes: bool) -> Iterator[Connection]:
    """Hold one transaction: all of it is stored, or nothing. Only one writer is let in at a time.

    Raises ``StoreBusy`` when other writers do not make room in time, ``StoreBroken`` when the file is damaged.
    """
    try:
        with engine.execution_options(writes=writes).begin() as connection:
            yield connection
    except DatabaseError as error:
        if path is not None and is_damage(error.orig):
            raise broken(path, error.orig) from error
        if isinstance(error, OperationalError) and "locked" in str(error.orig):
            raise StoreBusy(
                f"{path} was held by another process for {BUSY_SECONDS} s; nothing was stored. Try again; if it stays"
                " so, look for a heal that hangs."
            ) from error
        if isinstance(error, OperationalError):
            raise StoreBroken(f"the database {path or engine.url} cannot be used: {error.orig}") from error
        raise


def _begin(connection: Connection) -> None:
    """Begin by hand: a writer must be the only one from its first read on, or two would decide on the same state."""
    writes = connection.get_execution_options().get("writes", False)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif writes and connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")


def _keep_journal(path: Path, *, shared: bool) -> None:
    """Keep the write-ahead log on a local disk only: it needs memory that all its users share."""
    wanted = "delete" if shared else "wal"
    connection = connect_file(path)
    try:
        found: Any = connection.execute("PRAGMA journal_mode").fetchone()
        if found[0] != wanted:
            # somebody is using it: both modes are right for one host, so the next one to open it changes it
            with suppress(sqlite3.OperationalError):
                connection.execute(f"PRAGMA journal_mode={wanted}")
    finally:
        connection.close()
