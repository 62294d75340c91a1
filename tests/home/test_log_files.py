"""A log that another process writes: read on where it was left, whole lines only, whatever becomes of its name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from heal.home.log_files import LogFile, named, text_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "a.log"
    made.write_bytes(b"one\ntwo\nthr")
    return made


@pytest.fixture
def log(path: Path) -> Iterator[LogFile]:
    found = LogFile.open(path)
    assert found is not None
    yield found
    found.close()


def more(path: Path, text: bytes) -> None:
    with path.open("ab") as file:
        file.write(text)


def test_only_whole_lines_are_given_each_once(path: Path, log: LogFile):
    assert list(log.lines(100)) == [(0, "one"), (4, "two")]
    assert log.at_end
    assert list(log.lines(100)) == []
    more(path, b"ee\nfour\n")
    assert list(log.lines(100)) == [(8, "three"), (14, "four")]


def test_a_log_that_is_renamed_is_read_on(path: Path, log: LogFile, tmp_path: Path):
    list(log.lines(100))
    path.rename(tmp_path / "a.log.1")
    path.write_bytes(b"another run\n")
    more(tmp_path / "a.log.1", b"ee\n")
    assert list(log.lines(100)) == [(8, "three")]
    (tmp_path / "a.log.1").unlink()
    assert list(log.lines(100)) == []


def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_where_it_is(path: Path, log: LogFile):
    list(log.lines(10))
    more(path, b"ee" + b"x" * 3_000_000)
    found = list(log.lines(10))
    assert found == [(8, "threexxxxx")]
    more(path, b"xx\nnext\n")
    assert list(log.lines(10)) == [(8 + 5 + 3_000_000 + 3, "next")]


def test_a_log_that_was_cut_short_is_read_on_from_its_new_end(path: Path, log: LogFile):
    list(log.lines(100))
    path.write_bytes(b"new\n")
    assert list(log.lines(100)) == []
    more(path, b"more\n")
    assert list(log.lines(100)) == [(4, "more")]


def test_a_turn_reads_no_more_than_it_can_bear(path: Path, log: LogFile):
    line = b"y" * 1023 + b"\n"
    more(path, b"\n" + line * 10_000)
    first = list(log.lines(2000))
    assert not log.at_end
    assert 3000 < len(first) < 6000
    rest = [each for _ in range(3) for each in log.lines(2000)]
    assert len(first) + len(rest) == 10_003
    assert log.at_end


def test_what_is_no_plain_file_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    assert LogFile.open(tmp_path / "pipe") is None
    assert LogFile.open(tmp_path) is None
    assert LogFile.open(tmp_path / "nothing") is None
    assert text_of(tmp_path / "pipe", 10) == text_of(tmp_path / "nothing", 10) == ""


def test_the_head_is_read_wherever_reading_stands(path: Path, log: LogFile):
    list(log.lines(100))
    assert log.head(5) == b"one\nt"
    assert text_of(path, 5) == "one\nt"
    # bytes that are no text are no trouble
    path.write_bytes(b"\xff\xfeone\n")
    assert text_of(path, 5) == "\ufffd\ufffdone"


def test_a_folder_is_found_by_the_beginning_of_its_name(tmp_path: Path):
    (tmp_path / "5caf010c").mkdir()
    assert named(tmp_path, "5caf01") == tmp_path / "5caf010c"
    assert named(tmp_path, "6") is None
    assert named(tmp_path / "gone", "6") is None
