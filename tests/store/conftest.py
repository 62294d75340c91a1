"""A database of its own for every test; on PostgreSQL too where HEAL_TEST_POSTGRESQL names a server's URL."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import create_engine, make_url, text

from heal.store import Store

SERVER = os.environ.get("HEAL_TEST_POSTGRESQL", "")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "heal.db"


@pytest.fixture(params=["sqlite", *(["postgresql"] if SERVER else [])])
def where(request, path):
    """Name a database that does not exist yet."""
    if request.param == "sqlite":
        yield path
        return
    name = f"heal_{os.getpid()}_{id(path)}"
    server = create_engine(make_url(SERVER), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def store(where):
    with Store.open(where) as opened:
        yield opened
