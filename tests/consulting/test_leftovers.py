"""Drafts that are left over: what no incident waits with goes once it is old, and what one waits with stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.patches.user import SNAKEFILE, User, draft, patch
from tests.store.given import at, fail, seen, task_ref

from heal.consulting.leftovers import expired, lately
from heal.journal import Body, Consulted, Decided, Dismissed
from heal.model_settings import Patches
from heal.records import RunRef, Verdict
from heal.settings import Settings
from heal.store import Store

WAITS = Decided(Verdict.ASK, "policy.patch = ask")
# a patch that nobody answers has two weeks
LATER = datetime.now(UTC) + timedelta(days=15)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "heal.db") as opened:
        yield opened


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path / "pipeline").begin()


def happened(store: Store, root: Path, run: str, *bodies: Body) -> None:
    """An incident of a run in that folder, and its journal."""
    store.take(seen("run_started", RunRef(run, "snakemake", str(root), ("snakemake", "-j1"))))
    incident, _ = store.join(fail(store, run, task_ref(run)), run, at(1))
    for seq, body in enumerate(bodies, 1):
        store.append(incident.id, seq, body, at(2))


def settings(folder: str) -> Settings:
    return Settings(home=Path(folder), patches=Patches(expire_days=14))


def test_what_an_incident_waits_with_stays_and_the_rest_goes(store: Store, user: User) -> None:
    # Given a patch that waits, one of an incident that ended otherwise, and one of a chain that was run by hand
    texts = {name: SNAKEFILE.replace("old", name) for name in ("waits", "ended", "hand")}
    made = {name: draft(user.heal(), patch(text), slug=name) for name, text in texts.items()}
    happened(store, user.root, "r1", Consulted("", made["waits"]), WAITS)
    happened(store, user.root, "r2", Consulted("", made["ended"]), WAITS, Dismissed("snakemake", "it came home"))
    # When they have grown old
    assert lately(store) == [str(user.root)]
    assert expired(store, lately(store), settings, LATER - timedelta(days=2)) == []
    gone = expired(store, lately(store), settings, LATER)
    # Then the first alone is left
    assert (sorted(gone, key=str), user.heal().drafts()) == (
        sorted((made["ended"], made["hand"]), key=str),
        (made["waits"],),
    )


def test_a_folder_that_is_gone_holds_up_no_other(store: Store, user: User, tmp_path: Path) -> None:
    made = draft(user.heal())
    folders = [str(tmp_path / "nowhere"), str(user.root)]
    assert expired(store, folders, settings, LATER) == [made]


def test_a_draft_in_the_clone_of_a_pipeline_elsewhere_goes_too(store: Store, user: User, tmp_path: Path) -> None:
    made = draft(user.heal())
    happened(store, tmp_path / "launch", "r1", Consulted("", made), WAITS, Dismissed("nextflow", "it came home"))
    assert lately(store) == sorted([str(tmp_path / "launch"), str(user.root)])
    assert expired(store, lately(store), settings, LATER) == [made]
