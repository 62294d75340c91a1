"""What lies in a project's folder of answers longer than anybody waits for it is taken away."""

from __future__ import annotations

from pathlib import Path

import pytest

from heal.home.answers import give, sweep, try_to_give

DAY = 86_400.0


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / ".heal" / "answers").iterdir())


def test_what_no_engine_waits_for_any_more_is_taken_away(tmp_path: Path) -> None:
    # Given an answer, and what a heal was killed over while it wrote one, both of a moment ago
    give(str(tmp_path), "question-of-S1", {"answer": "none"})
    (tmp_path / ".heal" / "answers" / ".question-of-S2.0123").write_text("{", encoding="ascii")
    now = (tmp_path / ".heal" / "answers" / "question-of-S1.json").stat().st_mtime
    sweep(str(tmp_path), now + 60)
    assert names(tmp_path) == [".question-of-S2.0123", "question-of-S1.json"]
    # Then an hour takes what is half written, and a day the answer
    sweep(str(tmp_path), now + DAY / 12)
    assert names(tmp_path) == ["question-of-S1.json"]
    sweep(str(tmp_path), now + DAY + 60)
    assert names(tmp_path) == []


def test_what_is_in_use_stays_when_it_is_tried_out(tmp_path: Path) -> None:
    give(str(tmp_path), "question-of-S1", {"answer": "none"})
    try_to_give(str(tmp_path))
    assert names(tmp_path) == ["question-of-S1.json"]


def test_a_folder_that_takes_no_answer_is_said(tmp_path: Path) -> None:
    (tmp_path / ".heal").write_text("in the way", encoding="ascii")
    with pytest.raises(OSError, match="exists"):
        try_to_give(str(tmp_path))
    sweep(str(tmp_path))
    assert (tmp_path / ".heal").read_text(encoding="ascii") == "in the way"
