"""A user's jobs on a scripted SLURM, for all who test the loop over them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.loop.test_jobs import Cluster

from heal.evidence.scan import Scanner
from heal.knowledge.patterns import Library
from heal.store import Store


@pytest.fixture
def cluster(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[Cluster]:
    with Store.open(tmp_path / "heal.db") as store:
        yield Cluster(tmp_path, store, *reader)
