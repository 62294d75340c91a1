"""What is kept of a log that is too long to keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from heal.cases import Evidence
from heal.evidence.scan import Scanner
from heal.knowledge.patterns import Library

SCANNER = Scanner(Library())
CAUSE = "normalise: cannot invert the matrix of batch B"


def read(tmp_path: Path, text: str) -> Evidence:
    path = tmp_path / "log"
    path.write_text(text)
    return SCANNER.read(path, source="log", seconds=600)


def calm(count: int, start: int = 0) -> str:
    return "".join(f"12:00:{n % 60:02} step {n}: residual {1 / (n + 1):.9f}\n" for n in range(start, start + count))


def storm(count: int) -> str:
    return "".join(f"WARN sample S{n}: {n * 7} reads missing a mate, error rate 0.{n}\n" for n in range(count))


def test_a_complaint_in_general_words_is_kept_with_what_stands_around_it(tmp_path: Path) -> None:
    # Given a long calm log with one complaint that no pattern knows, in its middle
    found = read(tmp_path, f"{calm(40_000)}before\n{CAUSE}\nafter\n{calm(40_000)}")
    # Then the complaint and its neighbours are kept
    lines = found.numbered()
    assert [lines.get(n) for n in (40_001, 40_002, 40_003)] == ["before", CAUSE, "after"]
    assert found.notes == ("clipped: only the lines around what was found are shown",)


def test_a_storm_does_not_push_out_the_one_line_that_matters(tmp_path: Path) -> None:
    # Given megabytes of one warning before and after it
    found = read(tmp_path, f"{storm(150_000)}{CAUSE}\n{storm(150_000)}")

    assert found.numbered().get(150_001) == CAUSE
    assert len(found.text.encode()) <= 64_000


def test_a_storm_of_ever_other_names_does_not_either(tmp_path: Path) -> None:
    lines = "".join(f"ERROR in worker w{n % 50}: {chr(97 + n % 26)}{n:x} failed\n" for n in range(100_000))

    assert read(tmp_path, f"{lines}{CAUSE}\n{lines}").numbered().get(100_001) == CAUSE


def test_of_a_line_without_end_what_complains_is_shown(tmp_path: Path) -> None:
    found = read(tmp_path, f"start\n{'x' * 300_000} {CAUSE} {'y' * 300_000}\nend\n")

    assert CAUSE in found.numbered()[2]
    assert len(found.numbered()[2]) < 900


@pytest.mark.parametrize("text", ["", "one line", "one line\n", "a\nb\n"])
def test_what_is_short_is_kept_whole(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text).text == text.rstrip("\n")
