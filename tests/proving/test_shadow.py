"""A folder of links that stands for another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from heal.proving.shadow import Plan, cast, marks, written


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    for name in (
        "a.txt",
        "sub/b.txt",
        "sub/deep/c.txt",
        ".git/HEAD",
        ".heal/x",
        ".snakemake/y",
        "work/ab/task1/.command.sh",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    (folder / "link").symlink_to("a.txt")
    os.mkfifo(folder / "pipe")
    return folder


def shape(folder: Path) -> dict[str, str]:
    """What each entry is: a folder, a link with where it leads, or a file with its content."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(place, name)
            said = f"-> {path.readlink()}" if path.is_symlink() else "/" if path.is_dir() else path.read_text("utf-8")
            found[path.relative_to(folder).as_posix()] = said
    return found


def test_folders_are_real_and_files_are_links(origin: Path, tmp_path: Path):
    links = cast(Plan(origin, deep=("work", 1)), tmp_path / "s")
    expected = {
        "a.txt": f"-> {origin}/a.txt",
        "sub": "/",
        "sub/b.txt": f"-> {origin}/sub/b.txt",
        "sub/deep": "/",
        "sub/deep/c.txt": f"-> {origin}/sub/deep/c.txt",
        ".git": f"-> {origin}/.git",
        "link": f"-> {origin}/link",
        "work": "/",
        "work/ab": "/",
        "work/ab/task1": f"-> {origin}/work/ab/task1",
    }
    assert shape(tmp_path / "s") == expected
    assert set(links) == {name for name, said in expected.items() if said != "/"}


def test_a_change_lies_over_it_and_what_is_to_be_made_is_left_out(origin: Path, tmp_path: Path):
    new = tmp_path / "new"
    new.write_text("new", encoding="utf-8")
    new.chmod(0o755)
    changed = {"a.txt": new, "sub/b.txt": None, "fresh/d.txt": new}
    cast(Plan(origin, changed, frozenset({"sub/deep/c.txt", "out/e.txt"}), seen=Path("/seen")), tmp_path / "s")
    found = shape(tmp_path / "s")
    assert (found["a.txt"], found["fresh/d.txt"], found["out"], found["sub/deep"]) == ("new", "new", "/", "/")
    assert {"sub/b.txt", "sub/deep/c.txt", "out/e.txt"}.isdisjoint(found)
    assert found["link"] == "-> /seen/link"
    assert os.access(tmp_path / "s" / "a.txt", os.X_OK)


def test_the_pipelines_own_small_files_are_copies_and_links_between_them_lead_to_what_lies_there(
    origin: Path, tmp_path: Path
):
    # Given links within the pipeline, and links that leave what is its own; and a file that is too large to be code
    (origin / "sub/up").symlink_to("../a.txt")
    (origin / "sub/beside").symlink_to("deep")
    (origin / "sub/data").symlink_to("../work/ab/task1/.command.sh")
    (origin / "sub/out").symlink_to("../../elsewhere")
    (origin / "sub/full").symlink_to(origin / "a.txt")
    (origin / "large.txt").write_text("x" * 300_000, encoding="utf-8")
    own = {"a.txt", "large.txt", "link", "sub", "sub/b.txt", "sub/deep", "sub/deep/c.txt"}
    own |= {f"sub/{name}" for name in ("up", "beside", "data", "out", "full")}
    links = cast(Plan(origin, own=own.__contains__, deep=("work", 1)), tmp_path / "s")
    # Then a program that looks for where a file of it really is finds what lies beside it here
    expected = {
        ".git": f"-> {origin}/.git",
        "a.txt": "a.txt",
        "large.txt": f"-> {origin}/large.txt",
        "link": "-> a.txt",
        "sub": "/",
        "sub/b.txt": "sub/b.txt",
        "sub/deep": "/",
        "sub/deep/c.txt": "sub/deep/c.txt",
        "sub/up": "-> ../a.txt",
        "sub/beside": "-> deep",
        "sub/data": f"-> {origin}/sub/data",
        "sub/out": f"-> {origin}/sub/out",
        "sub/full": f"-> {origin}/sub/full",
        "work": "/",
        "work/ab": "/",
        "work/ab/task1": f"-> {origin}/work/ab/task1",
    }
    assert shape(tmp_path / "s") == expected
    assert set(links) == {".git", "large.txt", "sub/data", "sub/out", "sub/full", "work/ab/task1"}
    times = [(folder / "sub/b.txt").stat().st_mtime_ns for folder in (origin, tmp_path / "s")]
    assert times[0] == times[1]


def test_a_folder_of_very_many_is_one_link_but_what_is_made_in_it_has_a_place(tmp_path: Path):
    # Given more files than are linked one by one
    for name in ("few", "many", "makes"):
        (tmp_path / "o" / name).mkdir(parents=True)
    for number in range(5_001):
        (tmp_path / "o/many" / str(number)).touch()
    (tmp_path / "o/few/x").touch()
    (tmp_path / "o/makes/y").touch()
    cast(Plan(tmp_path / "o", fresh=frozenset({"makes/new"})), tmp_path / "s")
    assert shape(tmp_path / "s") == {
        "few": "/",
        "few/x": f"-> {tmp_path}/o/few/x",
        "many": f"-> {tmp_path}/o/many",
        "makes": "/",
        "makes/y": f"-> {tmp_path}/o/makes/y",
    }


def test_links_and_folders_have_the_times_of_what_they_stand_for(origin: Path, tmp_path: Path):
    os.utime(origin / "sub/b.txt", ns=(1, 2_000_000_000))
    os.utime(origin / "sub", ns=(1, 3_000_000_000))
    cast(Plan(origin), tmp_path / "s")
    assert (tmp_path / "s/sub/b.txt").lstat().st_mtime_ns == 2_000_000_000
    assert (tmp_path / "s/sub").stat().st_mtime_ns == 3_000_000_000


def test_copies_keep_the_original_from_what_is_written_and_links_tell_of_it(origin: Path, tmp_path: Path):
    (origin / "large.txt").write_text("x" * 300_000, encoding="utf-8")
    plan = Plan(origin, copied=True)
    links = cast(plan, tmp_path / "s")
    before = marks(plan, links)
    (tmp_path / "s/a.txt").write_text("other", encoding="utf-8")
    assert written(plan, links, before) == ()
    with (tmp_path / "s/large.txt").open("a") as file:
        file.write("y")
    assert (written(plan, links, before), (origin / "a.txt").read_text("utf-8")) == (("large.txt",), "a.txt")
