"""The last lines of logs, as files: long ones, none, and what is no file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from heal.evidence.last_lines import kill_in_logs
from heal.knowledge.endings import Silent

SAID = "its script ended with 0, but a program of it was killed, says its log: Killed"


def test_the_first_file_that_tells_of_one_counts(tmp_path: Path) -> None:
    out, err = tmp_path / "job.out", tmp_path / "job.err"
    out.write_text("aligning\ndone\n", encoding="utf-8")
    err.write_bytes(b"\xff\xfe\nKilled\n")
    assert kill_in_logs([str(out), str(err)]) == Silent(SAID, memory=False)


def test_of_a_long_log_the_end_is_read_without_the_half_line_at_the_cut(tmp_path: Path) -> None:
    # Given two long logs, with the word long before the end, and as the end of the line at the cut
    early, cut = tmp_path / "early.out", tmp_path / "cut.out"
    early.write_text("Killed\n" + "aligning\n" * 2000, encoding="utf-8")
    rest = "x" * 99 + "\n"
    cut.write_text("step" * 999 + "Killed\n" + rest * 81 + "y" * (8192 - 8100 - 8) + "\n", encoding="utf-8")
    assert cut.read_bytes()[-8192:].startswith(b"Killed\n")
    # Then neither tells of a kill, and one at its end does
    assert kill_in_logs([str(early), str(cut)]) is None
    with early.open("a", encoding="utf-8") as log:
        log.write("Killed\n")
    assert kill_in_logs([str(early)]) == Silent(SAID, memory=False)


@pytest.mark.parametrize("name", ["gone.out", "", "\0", "folder", "pipe"])
def test_what_cannot_be_read_says_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert kill_in_logs([str(tmp_path / name) if name else ""]) is None
