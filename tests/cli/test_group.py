"""An unknown command is told with what is near it, and with nothing where nothing is."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from heal.cli.app import app


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("statu", "Did you mean 'status'?"),
        ("diag", "Did you mean 'diagnose'?"),
        ("hok", "Did you mean 'hook'?"),
        ("daemon stat", "Did you mean 'status'?"),
        ("bogus", None),
        ("hook bogus", None),
    ],
)
def test_only_what_is_near_is_suggested(words: str, near: str | None) -> None:
    ended = CliRunner().invoke(app, words.split(), env={"COLUMNS": "120", "TERMINAL_WIDTH": "120"})
    told = " ".join(ended.stderr.split())
    assert (ended.exit_code, f"No such command '{words.rsplit(maxsplit=1)[-1]}'." in told) == (2, True)
    assert ("Did you mean" in told, near is None or near in told) == (near is not None, True)
