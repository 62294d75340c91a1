"""The site's spool is read with care: only what a hook wrote, only from a folder that nobody else can write to."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from heal.home.site import MAX_BYTES, MOST_FILES, SiteSpool

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="files of others are made by root")


@pytest.fixture
def spool(tmp_path: Path) -> SiteSpool:
    base = tmp_path / "site"
    base.mkdir(mode=0o711)
    (base / "ada").mkdir(mode=0o700)
    return SiteSpool(base, tmp_path / "own" / "bad", "ada")


def put(spool: SiteSpool, name: str, text: str = "{}") -> Path:
    assert spool.folder is not None
    path = spool.folder / name
    path.write_text(text)
    return path


def texts(spool: SiteSpool) -> list[str | None]:
    return [spool.text(slip) for slip in spool.slips()]


def test_slips_come_in_the_order_of_writing_and_only_whole_ones(spool: SiteSpool):
    for n, name in enumerate(("7.json", "2.json", ".new.json", "readme")):
        os.utime(put(spool, name, name), ns=(n, n))
    assert texts(spool) == ["7.json", "2.json"]


def test_a_name_that_is_used_again_is_another_slip(spool: SiteSpool):
    put(spool, "1.json", "first")
    [first] = spool.slips()
    spool.done(first)
    os.utime(put(spool, "1.json", "second"), ns=(5, time.time_ns()))
    [second] = spool.slips()
    assert (first == second, first.path == second.path) == (False, True)


def test_a_spool_that_is_not_there_holds_nothing(tmp_path: Path):
    nowhere = SiteSpool(tmp_path / "nowhere", tmp_path / "bad", "ada")
    assert (nowhere.refusal(), nowhere.slips(), nowhere.dropped()) == ("", [], 0)
    assert SiteSpool(tmp_path, tmp_path / "bad", "").slips() == []


def test_what_is_no_file_of_a_hooks_is_none(spool: SiteSpool, tmp_path: Path):
    # Given a pipe that would be waited for, links that lead away, a second name of another file, and what is too large
    assert spool.folder is not None
    os.mkfifo(spool.folder / "1.json")
    (spool.folder / "2.json").symlink_to("/dev/zero")
    (tmp_path / "mine").write_text("mine")
    (spool.folder / "3.json").hardlink_to(tmp_path / "mine")
    put(spool, "4.json", "x" * (MAX_BYTES + 1))
    (spool.folder / "5.json").write_bytes(b"\xff")
    assert texts(spool) == [None] * 5


@root_only
def test_what_somebody_else_put_there_is_none(spool: SiteSpool):
    os.chown(put(spool, "1.json"), 65534, 65534)
    assert texts(spool) == [None]


def test_what_is_bad_is_kept_in_the_users_own_folder(spool: SiteSpool, tmp_path: Path):
    put(spool, "1.json", "nonsense")
    [slip] = spool.slips()
    spool.bad(slip, spool.text(slip), "the line: Invalid JSON")
    assert spool.slips() == []
    kept = {path.suffix: path.read_text() for path in (tmp_path / "own" / "bad").iterdir()}
    assert kept == {".json": "nonsense", ".why": "the line: Invalid JSON\n"}


@pytest.mark.parametrize(("which", "mode"), [("base", 0o733), ("base", 0o777), ("base", 0o771), ("own", 0o707)])
def test_a_folder_that_others_can_write_to_is_not_read(spool: SiteSpool, which: str, mode: int):
    put(spool, "1.json")
    (spool.base if which == "base" else spool.base / "ada").chmod(mode)
    assert spool.refusal()
    assert spool.slips() == []


def test_a_link_in_place_of_the_folder_is_not_followed(spool: SiteSpool, tmp_path: Path):
    assert spool.folder is not None
    spool.folder.rmdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "1.json").write_text("{}")
    spool.folder.symlink_to(tmp_path / "elsewhere")
    assert (spool.slips(), "link" in spool.refusal()) == ([], True)


@root_only
def test_a_folder_of_somebody_else_is_not_read(spool: SiteSpool):
    assert spool.folder is not None
    os.chown(spool.folder, 65534, 65534)
    assert "others" in spool.refusal()
    # but that of the base's owner is: SLURM's user is often not root
    os.chown(spool.base, 65534, 65534)
    assert spool.refusal() == ""


def test_what_was_dropped_is_told(spool: SiteSpool):
    (spool.base / ".dropped").mkdir()
    (spool.base / ".dropped" / "ada").write_text("41\n")
    assert spool.dropped() == 41
    (spool.base / ".dropped" / "ada").write_text("")
    assert spool.dropped() == 0


def test_of_a_flood_no_turn_reads_more_than_it_can_bear(spool: SiteSpool):
    first = put(spool, "0.json")
    for number in range(1, MOST_FILES + 500):
        (spool.base / "ada" / f"{number}.json").symlink_to(first)
    assert len(spool.slips()) == MOST_FILES
    # and what it reads goes, so that the rest has its turn
    for slip in spool.slips():
        spool.done(slip)
    assert len(spool.slips()) == 500
