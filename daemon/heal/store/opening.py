"""Opening a database: look first, then make, upgrade or refuse it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from heal.errors import StoreBroken, StoreTooNew
from heal.filesystem import on_network_fs
from heal.store.connecting import (
    connect_file,
    engine_of_file,
    engine_of_memory,
    engine_of_server,
    sqlite_path,
    transaction,
)
from heal.store.errors import StoreTooOld
from heal.store.salvage import broken, is_damage
from heal.store.schema import REVISIONS, metadata

_CURRENT = REVISIONS[-1]
_FOREIGN = "none of heal's"
_ASK = "SELECT version_num FROM alembic_version"


def open_engine(where: str | Path, *, read_only: bool) -> tuple[Engine, Path | None]:
    """Give an engine whose database has this version's tables, and the file behind it if it is one.

    Raises ``StoreTooNew``, ``StoreTooOld`` or ``StoreBroken``, having changed nothing.
    """
    path = sqlite_path(where)
    if path is None:
        engine = engine_of_server(str(where))
        _bring_up(engine, None, read_only=read_only)
        return engine, None
    if read_only and not _holds_something(path):
        return _nothing(), path
    if not _holds_something(path):
        _make_file(path)
    seen = _look(path, read_only=read_only)
    if read_only and seen is None and _is_empty(path):
        # another heal is making its tables at this moment
        return _nothing(), path
    engine = engine_of_file(path, read_only=read_only, shared=on_network_fs(path))
    if seen != _CURRENT:
        _bring_up(engine, path, read_only=read_only)
    return engine, path


def _nothing() -> Engine:
    """What a reader sees where nothing has happened yet: it does not make it happen."""
    engine = engine_of_memory()
    metadata.create_all(engine)
    return engine


def _holds_something(path: Path) -> bool:
    if path.exists() and not path.is_file():
        raise StoreBroken(f"the database {path} is not a file. Name another place, or move it away.")
    return path.exists() and path.stat().st_size > 0


def _make_file(path: Path) -> None:
    """Make an empty file for its owner's eyes only; what SQLite puts beside it takes the same mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreBroken(f"the database {path} cannot be made: {error}") from error


def _look(path: Path, *, read_only: bool) -> str | None:
    """Read the version, without leaving a trace if there is one; None for an empty database."""
    with suppress(sqlite3.Error), closing(connect_file(path, read_only=True, immutable=True)) as connection:
        version = _version(connection)
        if version not in (None, _FOREIGN):
            return _judged(path, version)
    # it is empty or strange, or somebody is writing, or died while writing: ask again, properly, and let SQLite
    # take back what was half done
    try:
        with closing(connect_file(path, read_only=read_only)) as connection:
            return _judged(path, _version(connection))
    except sqlite3.Error as error:
        if is_damage(error):
            raise broken(path, error) from error
        raise StoreBroken(f"the database {path} cannot be opened: {error}") from error


def _is_empty(path: Path) -> bool:
    with suppress(sqlite3.Error), closing(connect_file(path, read_only=True)) as connection:
        return not _tables(connection)
    return False


def _version(connection: sqlite3.Connection) -> str | None:
    """Read the version; None for a database without one."""
    tables = _tables(connection)
    if "alembic_version" not in tables:
        return _FOREIGN if tables else None
    row = connection.execute(_ASK).fetchone()
    return None if row is None else str(row[0])


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _judged(where: object, version: str | None) -> str | None:
    """Refuse what is not ours to touch."""
    if version == _FOREIGN:
        raise StoreBroken(f"the database {where} is not heal's: it holds tables of something else. Name another file.")
    if version is not None and version not in REVISIONS:
        raise StoreTooNew(
            f"the database {where} was written by a newer heal (its schema is {version!r}, this heal knows up to"
            f" {_CURRENT!r}). Nothing was touched. Upgrade heal, or point HEAL_HOME elsewhere."
        )
    return version


def _bring_up(engine: Engine, path: Path | None, *, read_only: bool) -> None:
    """Make or upgrade the tables, unless another process did so meanwhile."""
    where = path or engine.url
    with transaction(engine, path, writes=not read_only) as connection:
        version = _judged(where, _version_of(connection))
        if version == _CURRENT:
            return
        if read_only:
            raise StoreTooOld(f"the database {where} was made by an older heal. Any writing command upgrades it.")
        _upgrade(connection)
    if path is not None:
        # the version belongs in the file itself, where a look that touches nothing can find it
        with closing(connect_file(path)) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _version_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text(_ASK)).first()
    return None if row is None else str(row[0])


def _upgrade(connection: Connection) -> None:
    # imported here: it costs a quarter of a second, and nearly every start finds the tables in place
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
