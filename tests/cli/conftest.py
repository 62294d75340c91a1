"""A place of a user's, with the patterns compiled beforehand: that takes seconds and is no command's own work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli.place import Place
from tests.consulting.given import fails, project

from heal.home import places
from heal.store import Store


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let a heal have worked once before any that is timed or killed."""
    first = Place(tmp_path_factory.mktemp("first"))
    assert first.heal("tick").returncode == 0


@pytest.fixture
def place(tmp_path: Path, compiled: None) -> Iterator[Place]:
    """No daemon that a test starts outlives it."""
    made = Place(tmp_path)
    made.home.mkdir(mode=0o700)
    yield made
    if (made.home / "daemon.lock").exists():
        made.heal("daemon", "stop")


@pytest.fixture
def incident(place: Place, tmp_path: Path) -> str:
    """An incident of a pipeline in a repository, the place's own; no answer of a model is kept of another test."""
    place.more["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    place.work.rmdir()
    project(place.work)
    with Store.open(places.database(place.home)) as store:
        return fails(store, place.work, datetime.now(UTC)).incident.id
