"""What a person changed lately, as a real git tells it: on disk first, then the newest commits but heal's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.consulting.given import commit, day, git, project

from heal.consulting.recent import changes
from heal.guard.facts import UserChange
from heal.patches.repository import Repository

FILES = {"count.py": "rows = 1\nprint(rows)\n", "other.py": "x = 1\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two days' work: a commit of the user's, and one of heal's after it."""
    folder = project(tmp_path / "pipeline", FILES)
    commit(folder, "Count from two", {"count.py": "rows = 2\nprint(rows)\n", "other.py": "x = 2\n"}, day(2))
    commit(folder, "Mend it\n\nHeal-Incident: 7f3a", {"count.py": "rows = 2\nprint(row)\n"}, day(3))
    return folder


def lately(folder: Path) -> tuple[UserChange, ...]:
    return changes(Repository.at(folder, folder / ".heal"), ["count.py"])


TWO = UserChange("count.py", ("rows = 1",), ("rows = 2",), committed=True)
BEGUN = UserChange("count.py", (), ("rows = 1", "print(rows)"), committed=True)


def test_the_commits_of_people_are_told_and_those_of_heal_are_not(root: Path) -> None:
    assert lately(root) == (TWO, BEGUN)


def test_what_is_not_committed_is_told_first_staged_or_not(root: Path) -> None:
    # Given a line that is only staged, one that is only on disk, and an edit of a file that nobody asked about
    (root / "count.py").write_text("rows = 3\nprint(row)\n")
    git(root, "add", "count.py")
    (root / "count.py").write_text("rows = 3\nprint(row)\ncheck(rows)\n")
    (root / "other.py").write_text("x = 3\n")
    # When it is asked what is new
    edited = UserChange("count.py", ("rows = 2",), ("rows = 3",), committed=False)
    added = UserChange("count.py", (), ("check(rows)",), committed=False)
    # Then both are the user's own, and no other file is told of
    assert lately(root) == (edited, added, TWO, BEGUN)


def test_only_what_somebody_may_be_at_work_on_is_recent(root: Path) -> None:
    # Given six more commits
    for number in range(4, 10):
        commit(root, f"Count {number}", {"count.py": f"rows = {number}\nprint(row)\n"}, day(number))
    # Then the newest five are told
    assert [change.new for change in lately(root)] == [(f"rows = {number}",) for number in (9, 8, 7, 6, 5)]


def test_where_git_tells_nothing_nothing_is_known(root: Path) -> None:
    # Given a history that went away after it was found
    found = Repository.at(root, root / ".heal")
    shutil.rmtree(root / ".git")
    assert changes(found, ["count.py"]) == ()
