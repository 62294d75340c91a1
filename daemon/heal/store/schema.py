"""The tables. Records are only ever added; what may be looked for has an index.

Four tables are work lists, not records: ``running``, ``watched``, ``unexplained`` and ``unsettled`` name the rows
that something is still to be done about. They change in the very transaction that adds the record which changes
them, and could be made again from the records at any time; they keep each pass of the loop as quick at a
million incidents as at ten.

A row of ``runs`` or ``attempts`` may be made from an event that knew only half (a task seen before the start of
its run). What is missing in it is filled in once, by the event that knows, and never changed after that.

Times are whole microseconds since 1970 in UTC: they sort, and lose nothing.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

REVISIONS = ("0001", "0002", "0003")
"""Every schema there ever was, oldest first; a test keeps it equal to the migrations.

Kept here because asking Alembic costs a quarter of a second, and the answer is nearly always "nothing to do".
"""


# made once, and the reader told that nothing stands around the value: a turn of the loop over ten thousand tasks reads
# a quarter of a million of them
_write = json.JSONEncoder(separators=(",", ":")).encode
_read = json.JSONDecoder().raw_decode
# what fifty thousand jobs asked for is a few different words: records are frozen, so one value may stand in many
_SHORT = 100


@lru_cache(maxsize=1000)
def _shared(text: str) -> Any:
    return _read(text)[0]


class Words(TypeDecorator[str]):
    """Text from the outside. What no database can hold (NUL, half of a surrogate pair) is written as an escape."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """Escape what cannot be stored."""
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")


class Json(TypeDecorator[Any]):
    """JSON as text: the databases' own types differ in what they refuse (NaN, half of a surrogate pair)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002 - SQLAlchemy's
        """Write it down, in ASCII."""
        return _write(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's
        """Read it; None where the row of an outer join is missing."""
        if value is None:
            return None
        return _shared(value) if len(value) <= _SHORT else _read(value)[0]


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the type is spelt INTEGER
_Number = BigInteger().with_variant(Integer, "sqlite")

events = Table(
    "events",
    metadata,
    Column("seq", _Number, primary_key=True),
    Column("id", Words, nullable=False, unique=True),
    Column("kind", Words, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("source", Words, nullable=False),
    Column("run_id", Words),
    Column("task_key", Words),
    Column("body", Words, nullable=False),
    Index(None, "source", "time"),
    Index(None, "source", "kind", "time"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Words, primary_key=True),
    Column("lineage", Words, nullable=False),
    Column("parent", Words),
    Column("engine", Words, nullable=False),
    Column("cwd", Words, nullable=False),
    Column("argv", Json, nullable=False),
    Column("pid", BigInteger),
    Column("host", Words, nullable=False),
    Column("env_file", Words),
    Column("started", BigInteger, nullable=False),
    # false while only tasks of the run were seen, not its start
    Column("announced", Boolean, nullable=False),
    Index(None, "lineage", "started"),
    Index(None, "parent"),
)

run_ends = Table(
    "run_ends",
    metadata,
    Column("run_id", Words, primary_key=True),
    Column("ended", BigInteger, nullable=False),
    Column("ok", Boolean),
    Column("exit_code", BigInteger),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("run_id", Words, nullable=False),
    Column("lineage", Words, nullable=False),
    Column("engine", Words, nullable=False),
    Column("key", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("process", Words, nullable=False),
    Column("number", BigInteger, nullable=False),
    # empty where there is none: two NULLs would count as different and let one attempt in twice
    Column("native_id", Words, nullable=False),
    Column("workdir", Words),
    Column("log_paths", Json, nullable=False),
    Column("asked", Json, nullable=False),
    Column("submitted", BigInteger),
    Column("event", _Number, nullable=False),
    UniqueConstraint("run_id", "key", "number", "native_id"),
    Index(None, "lineage", "key"),
    Index(None, "native_id"),
)

attempt_ends = Table(
    "attempt_ends",
    metadata,
    Column("attempt_id", _Number, primary_key=True, autoincrement=False),
    Column("ok", Boolean, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Column("facts", Json, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Words, primary_key=True),
    Column("lineage", Words, nullable=False),
    Column("run_id", Words, nullable=False),
    Column("engine", Words, nullable=False),
    Column("process", Words, nullable=False),
    Column("fingerprint", Words, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Index(None, "lineage", "fingerprint"),
    Index(None, "opened", "id"),
)

members = Table(
    "members",
    metadata,
    Column("attempt_id", _Number, primary_key=True, autoincrement=False),
    Column("incident_id", Words, nullable=False),
    Column("task_key", Words, nullable=False),
    Index(None, "incident_id", "task_key"),
)

journal = Table(
    "journal",
    metadata,
    Column("incident_id", Words, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", Words, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("closes", Boolean, nullable=False),
    Column("token", Words),
    Column("body", Json, nullable=False),
    Index(None, "token"),
    Index(None, "kind", "at"),
)

# which tasks a remedy touched: one row for each task key of an Applying entry
remedy_tasks = Table(
    "remedy_tasks",
    metadata,
    Column("lineage", Words, primary_key=True),
    Column("task_key", Words, primary_key=True),
    Column("incident_id", Words, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
)

# what successful tasks of a process say, as templates of lines
habits = Table(
    "habits",
    metadata,
    Column("engine", Words, primary_key=True),
    Column("process", Words, primary_key=True),
    Column("cwd", Words, primary_key=True),
    Column("templates", Json, nullable=False),
)

# the ledger of models: written before a call with what is set aside for it, filled in once after it
calls = Table(
    "calls",
    metadata,
    Column("id", Words, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("role", Words, nullable=False),
    Column("model", Words, nullable=False),
    Column("incident", Words, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("cost", Double, nullable=False),
    Column("until", BigInteger, nullable=False),
    # empty while it is under way
    Column("verdict", Words, nullable=False),
    Column("tokens_in", BigInteger),
    Column("tokens_out", BigInteger),
    Column("tokens_cached", BigInteger),
    Column("seconds", Double, nullable=False),
    Column("first_token_seconds", Double),
    # empty while nobody has said what came of the answer
    Column("judged", Words, nullable=False),
    Index(None, "at"),
    Index(None, "incident"),
)

projects = Table("projects", metadata, Column("path", Words, primary_key=True))

running = Table("running", metadata, Column("run_id", Words, primary_key=True))
watched = Table("watched", metadata, Column("attempt_id", _Number, primary_key=True, autoincrement=False))
unexplained = Table("unexplained", metadata, Column("attempt_id", _Number, primary_key=True, autoincrement=False))
unsettled = Table("unsettled", metadata, Column("incident_id", Words, primary_key=True))

by_lineage = (runs, attempts, incidents, remedy_tasks)
"""The tables that repeat a lineage, for the one case in which it is learnt late."""
