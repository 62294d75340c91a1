"""A file is there whole or as it was, and what a killed heal left half written goes with the next one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.place import Place

from heal import whole_file

HOST = os.uname().nodename
# more than Linux gives out
NOBODY = 4_194_400
# ended by the kernel in the middle of writing, as by kill -9: nothing of its own runs any more
KILLED = """
import resource, signal, sys
from pathlib import Path
from heal import whole_file
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
whole_file.put(Path(sys.argv[1]), "x" * 1_000_000)
"""


def killed(path: Path) -> Path:
    """Let a process be killed while it writes a file; what it leaves."""
    before = set(path.parent.iterdir())
    assert subprocess.run([sys.executable, "-c", KILLED, path], check=False).returncode < 0
    [left] = set(path.parent.iterdir()) - before
    return left


def aged(path: Path, seconds: float) -> Path:
    at = time.time() - seconds
    os.utime(path, (at, at))
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_a_killed_heal_left_goes_when_the_next_one_writes_there(tmp_path: Path):
    # Given a file that was being replaced when its writer was killed, a minute ago
    path = tmp_path / "resources.json"
    whole_file.put(path, "as it was")
    left = aged(killed(path), 61)
    assert (path.read_text(), left.stat().st_size) == ("as it was", 100)
    # When another file is written beside it
    whole_file.put(tmp_path / "resources.config", "new")
    # Then what was left is gone
    assert names(tmp_path) == ["resources.config", "resources.json"]


@pytest.mark.parametrize(
    ("name", "age_s", "stays"),
    [
        # a process that lives, and one that may live elsewhere
        (".heal-{alive}@{here}.{hex}", 90_000, True),
        (".heal-{dead}@elsewhere.{hex}", 90_000, True),
        (".heal-{dead}@elsewhere.{hex}", 8 * 86_400, False),
        # one that was begun just now, whatever is known of its writer
        (".heal-{dead}@{here}.{hex}", 5, True),
        (".heal-{dead}@{here}.{hex}", 61, False),
        # names of somebody else's
        (".{hex}", 8 * 86_400, True),
        ("heal-{dead}@{here}.{hex}", 8 * 86_400, True),
        (".heal-{dead}@{here}.{hex}.swp", 8 * 86_400, True),
    ],
)
def test_only_what_surely_is_a_dead_heals_is_taken_away(tmp_path: Path, name: str, age_s: float, stays: bool):
    named = name.format(alive=os.getpid(), dead=NOBODY, here=HOST, hex="0" * 32)
    (tmp_path / named).write_text("{")
    aged(tmp_path / named, age_s)
    whole_file.clear(tmp_path)
    assert names(tmp_path) == ([named] if stays else [])


def test_a_folder_of_that_name_and_a_folder_that_is_not_there_are_left_alone(tmp_path: Path):
    folder = tmp_path / f".heal-{NOBODY}@{HOST}.{'0' * 32}"
    folder.mkdir()
    aged(folder, 100)
    whole_file.clear(tmp_path)
    whole_file.clear(tmp_path / "none")
    assert names(tmp_path) == [folder.name]


@pytest.mark.parametrize(("mode", "masked", "expected"), [(0o666, True, 0o640), (0o755, False, 0o755)])
def test_a_mode_is_the_users_or_just_so(tmp_path: Path, mode: int, masked: bool, expected: int):
    before = os.umask(0o027)
    try:
        whole_file.put(tmp_path / "a", b"\xff", mode=mode, masked=masked)
    finally:
        os.umask(before)
    assert ((tmp_path / "a").stat().st_mode & 0o777, (tmp_path / "a").read_bytes()) == (expected, b"\xff")


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/in").touch()
    with pytest.raises(OSError, match="folder"):
        whole_file.put(tmp_path / "folder", "text")
    assert names(tmp_path) == ["folder"]


def test_a_run_under_heal_clears_the_projects_folder(tmp_path: Path):
    # Given a project whose heal was killed while it kept what rules ask for
    place = Place(tmp_path)
    (place.work / ".heal").mkdir()
    aged(killed(place.work / ".heal/resources.json"), 61)
    # When the next command runs under heal
    assert place.tells("run", "--", "true").returncode == 0
    # Then nothing half written is left
    assert names(place.work / ".heal") == [".gitignore"]
