"""What may be told of an incident, gathered from a real store and a real repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.consulting.given import commit, day, event, fails, project
from tests.payload.repositories import SNAKEMAKE

from heal.cases import Finding, Sight
from heal.consulting.brief import brief
from heal.consulting.repositories import repository_in
from heal.payload.context import CHANGED, CHANGED_LATELY, Context
from heal.settings import Settings
from heal.steps.consult import Matter
from heal.store import Store

BEFORE, AFTER = (SNAKEMAKE["scripts/plot.py"].replace("append({})", f"append({{{what}}})") for what in ("1: 2", "3: 4"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "heal.db") as opened:
        yield opened


def told(matter: Matter, folder: Path) -> Context:
    """What may be told of it."""
    settings = Settings(home=folder.parent / "home")
    made, _assignment = brief(matter, settings, repository_in(folder, settings), lambda _most: ())
    return made.context


def test_what_changed_since_the_task_last_went_well_is_told(tmp_path: Path, store: Store) -> None:
    # Given a change of the line that the failure names, a success, and another change of that line
    root = project(tmp_path / "rnaseq")
    older = commit(root, "an older one", {"scripts/plot.py": BEFORE}, day(5))
    store.take(event("run_started", root, day(10, 9)))
    store.take(event("task_finished", root, day(10), "S2"))
    newer = commit(root, "a newer one", {"scripts/plot.py": AFTER}, day(12))
    # When another task of the process fails
    context = told(fails(store, root, day(13)), root)
    # Then the newer one is told, and the older one is not
    assert context.texts[CHANGED] == (
        f"scripts/plot.py:6 changed in {newer} 'a newer one' (2026-03-12, after this task last succeeded on "
        "2026-03-10 12:00 UTC): - return table.append({1: 2}) + return table.append({3: 4})"
    )
    assert older not in str(context.texts)


def test_where_no_task_went_well_nothing_says_so(tmp_path: Path, store: Store) -> None:
    root = project(tmp_path / "rnaseq")
    only = commit(root, "the only one", {"scripts/plot.py": AFTER}, day(12))
    store.take(event("run_started", root, day(12, 13)))
    # Given a success of a process that this one is not
    store.take(event("task_finished", root, day(12, 14), "S2", process="align"))
    context = told(fails(store, root, day(13)), root)
    assert CHANGED not in context.texts
    assert context.texts[CHANGED_LATELY].startswith(f"scripts/plot.py:6 changed in {only} 'the only one' (2026-03-12):")


def test_a_run_in_a_folder_below_the_root_is_told_the_same(tmp_path: Path, store: Store) -> None:
    root = project(tmp_path / "rnaseq")
    (root / "runs").mkdir()
    store.take(event("run_started", root / "runs", day(10, 9)))
    store.take(event("task_finished", root / "runs", day(10), "S2"))
    newer = commit(root, "a newer one", {"scripts/plot.py": AFTER}, day(12))
    context = told(fails(store, root / "runs", day(13)), root)
    assert context.texts[CHANGED].startswith(f"scripts/plot.py:6 changed in {newer} ")


def test_what_was_looked_up_for_the_diagnosis_is_told(tmp_path: Path, store: Store) -> None:
    # Given findings, one of a change before the task went well once more
    root = project(tmp_path / "rnaseq")
    commit(root, "an older one", {"scripts/plot.py": BEFORE}, day(5))
    store.take(event("run_started", root, day(10, 9)))
    store.take(event("task_finished", root, day(10), "S2"))
    seen = Finding(Sight.ABSENT, "bam/S1.bam", "bam/S1.bam is not there")
    changed = Finding(Sight.CHANGED, "scripts/plot.py", "scripts/plot.py:6 changed in 0000000 'an older one'")
    context = told(fails(store, root, day(13), findings=(seen, changed)), root)
    assert context.texts["what was looked up"] == "bam/S1.bam is not there"
    assert "an older one" not in str(context.texts)
