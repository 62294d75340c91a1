"""Lines that say the same of something else."""

from __future__ import annotations

import subprocess
import sys

from heal.evidence.templates import NOTHING, Ordinary, Templates

LINES = [
    "read S1 of 96 samples in 3.2 s",
    "read S14 of 96 samples in 13.0 s",
    "wrote /out/S1.bam",
    "wrote /tmp/x/S2.bam",
]


def test_lines_that_differ_in_numbers_and_paths_have_one_template() -> None:
    templates = Templates()
    assert [templates.group(line) for line in LINES] == [1, 1, 2, 2]
    assert templates.texts() == ("read <*> of <*> samples in <*> s", "wrote <*>")


def test_lines_that_differ_in_most_words_have_not() -> None:
    templates = Templates()
    assert len({templates.group(line) for line in ("S1.bam: OK", "S2.bam: FAILED", "disk full", "disk fine")}) == 4


def test_what_successful_runs_say_is_ordinary_and_the_rest_is_not() -> None:
    ordinary = Ordinary.of(LINES)
    assert ["read S7 of 3 samples in 9 s" in ordinary, "read failed" in ordinary, "" in ordinary] == [
        True,
        False,
        False,
    ]
    assert [line in NOTHING for line in LINES] == [False] * 4


def test_it_can_be_kept_as_text() -> None:
    ordinary = Ordinary.of(LINES)
    assert Ordinary(tuple(ordinary.templates)) == ordinary


def test_the_machinery_is_loaded_when_it_is_needed_only() -> None:
    code = "import sys, heal.evidence.distil, heal.evidence.templates as t; t.NOTHING; print('drain3' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
