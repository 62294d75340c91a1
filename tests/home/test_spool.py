"""Events wait in the order they were written; what is no event is kept aside with the reason."""

from __future__ import annotations

import json
import os
from pathlib import Path

from heal.home.spool import MAX_BYTES, Spool


def test_a_dropped_event_can_be_read_back(tmp_path: Path):
    spool = Spool(tmp_path / "spool")
    name = spool.drop("approval", {"incident": "7f3a", "answer": "accept"})
    [(path, text)] = spool.read()
    assert path.stem == name
    event = json.loads(text or "")
    assert (event["v"], event["kind"], event["source"]) == (1, "approval", "person")
    assert event["facts"] == {"incident": "7f3a", "answer": "accept"}


def test_events_come_in_the_order_of_writing(tmp_path: Path):
    spool = Spool(tmp_path)
    names = [spool.drop("project", {"path": str(n)}) for n in range(5)]
    assert [path.stem for path in spool.waiting()] == names


def test_half_written_and_foreign_files_are_left_alone(tmp_path: Path):
    (tmp_path / ".0001-1-0.tmp").write_text("{", encoding="utf-8")
    (tmp_path / ".0001-1-0.json").write_text("{", encoding="utf-8")
    (tmp_path / "README").write_text("mine", encoding="utf-8")
    assert Spool(tmp_path).waiting() == []


def test_a_spool_that_is_not_there_holds_nothing(tmp_path: Path):
    assert Spool(tmp_path / "nowhere").waiting() == []


def test_what_cannot_be_read_is_none(tmp_path: Path):
    (tmp_path / "1.json").write_bytes(b"\xff\xfe\x00")
    with (tmp_path / "2.json").open("wb") as huge:
        huge.truncate(MAX_BYTES + 1)
    assert [text for _path, text in Spool(tmp_path).read()] == [None, None]


def test_a_bad_event_is_kept_with_the_reason(tmp_path: Path):
    spool = Spool(tmp_path)
    path = tmp_path / "1.json"
    path.write_text("nonsense", encoding="utf-8")
    spool.bad(path, "the line: Invalid JSON")
    assert spool.waiting() == []
    assert (tmp_path / "bad" / "1.json").read_text(encoding="utf-8") == "nonsense"
    assert (tmp_path / "bad" / "1.why").read_text(encoding="utf-8") == "the line: Invalid JSON\n"


def test_what_is_no_plain_file_is_not_opened(tmp_path: Path):
    # Given a pipe that would be waited for, and a link to what has no end
    os.mkfifo(tmp_path / "1.json")
    (tmp_path / "2.json").symlink_to("/dev/zero")
    assert [text for _path, text in Spool(tmp_path).read()] == [None, None]


def test_the_folders_above_a_spool_are_private_too(tmp_path: Path):
    Spool(tmp_path / "home" / "runs" / "r1" / "spool").create()
    modes = [path.stat().st_mode & 0o777 for path in sorted((tmp_path / "home").rglob("*"))]
    assert modes == [0o700] * 3
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
