"""What ``make score`` says of the distiller, on a few of the repository's own cases."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from benchmarks import recall

INCIDENTS = Path(__file__).parent / "incidents"


def some(count: int) -> list[Path]:
    """The first cases of each kind of answer: no line proves it, one does, either of two does."""
    kinds: dict[type, list[Path]] = {}
    for path in sorted(INCIDENTS.glob("*/expected.json")):
        kinds.setdefault(type(json.loads(path.read_text(encoding="utf-8")).get("root")), []).append(path.parent)
    assert set(kinds) == {type(None), dict, list}
    return [path for paths in kinds.values() for path in paths[:count]]


def test_how_often_the_line_is_shown_is_told_of_cases_with_no_line_one_and_two(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given cases of every kind
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("HEAL_HOME", str(tmp_path / "heal"))
    for path in some(1):
        (tmp_path / "cases" / path.name).parent.mkdir(exist_ok=True)
        (tmp_path / "cases" / path.name).symlink_to(path)
    # When they are distilled
    recall.main([tmp_path / "cases"])
    # Then those with a line count, as they are and between storms, with marks and without
    rows = [re.split(r": |, at most", row)[:2] for row in capsys.readouterr().out.splitlines()]
    assert rows == [
        [f"{where}, {how}, {tokens} tokens", "100.0 % of 2"]
        for where, tokens in (("as they are", "4,000"), ("as they are", "1,000"), ("between storms", "4,000"))
        for how in ("with the marks of the diagnosis", "without any mark")
    ]
