"""What successful tasks of a process say, kept as templates of lines: what is said every time is no cause."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from heal.store.schema import habits


def of(connection: Connection, engine: str, process: str, cwd: str) -> tuple[str, ...]:
    """Give the templates; none where nothing is known."""
    question = select(habits.c.templates).where(*_same(engine, process, cwd))
    return tuple(connection.execute(question).scalar() or ())


def keep(connection: Connection, engine: str, process: str, cwd: str, templates: Sequence[str]) -> None:
    """Put these templates in place of those that are there."""
    connection.execute(delete(habits).where(*_same(engine, process, cwd)))
    connection.execute(insert(habits).values(engine=engine, process=process, cwd=cwd, templates=list(templates)))


def _same(engine: str, process: str, cwd: str) -> tuple[ColumnElement[bool], ...]:
    return habits.c.engine == engine, habits.c.process == process, habits.c.cwd == cwd
