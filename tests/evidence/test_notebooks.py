"""Executed notebooks as text: what was printed and raised, in the lines of the file."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from heal.evidence.notebooks import said_in
from heal.knowledge.roles import Role, role

EXECUTED = Path(__file__).parents[1] / "incidents/eng-notebook-papermill/plot.ipynb"


def test_each_line_of_a_notebook_is_what_it_says_and_its_code_is_left_out() -> None:
    # Given a notebook that papermill ran, with a cell that failed
    raw = EXECUTED.read_bytes()
    said = said_in(io.BytesIO(raw)).read()
    # Then it has as many lines, a traceback of several lines being one of them
    lines = said.decode().split("\n")
    assert len(lines) == raw.count(b"\n") + 1
    assert lines[111] == "\x1b[31mNameError\x1b[39m: name 'figure' is not defined"
    assert lines[110].endswith(
        "\x1b[38;5;28;01mdef\x1b[39;00m main():\r\x1b[32m----> \x1b[39m\x1b[32m2\x1b[39m     print(figure)"
    )
    assert [line for line in lines if "json.load" in line] == []


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", b""),
        (b'{\n "cells": [\n', b'{\n "cells": [\n'),
        (b'      "a \\"b\\" \\u00e4\\n",\n', 'a "b" ä\n'.encode()),
        (b'  "half \\u12",\n', b'  "half \\u12",\n'),
        (b'   "source": [\n    "raise MemoryError\\n",\n    "x"\n   ],\n   "outputs": []', b'\n\n\n\n   "outputs": []'),
        (b'   "source": [],\n   "said"', b'   "source": [],\nsaid'),
    ],
)
def test_what_is_no_text_stays_as_it_is(raw: bytes, said: bytes) -> None:
    assert said_in(io.BytesIO(raw)).read() == said


def test_a_notebook_is_a_tasks_own_word_where_it_was_run() -> None:
    assert role("logs/plot.ipynb", EXECUTED.read_text(encoding="utf-8")) is Role.TASK
    assert role("plot.py.ipynb", '{\n "cells": []\n}') is Role.OTHER
