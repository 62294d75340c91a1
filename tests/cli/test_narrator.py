"""Each line of heal's is one line with its mark, whatever other people called their jobs."""

from __future__ import annotations

import io
from pathlib import Path

from tests.cli.test_overview import LACKED, MORE, Told

from heal.cli.narrator import MARK, Narrator
from heal.journal import Diagnosed, Observed, Proposed
from heal.records import Outcome
from heal.store import Store


def test_nothing_in_a_name_steers_the_terminal_or_makes_a_line_without_heals_mark(tmp_path: Path) -> None:
    out = io.StringIO()
    with Store.open(tmp_path / "heal.db") as store:
        told = Told(store, "new\nline\x1b[2J")
        narrator = Narrator(store, out)
        for body in (Diagnosed(LACKED), Proposed(MORE), Observed("r1", Outcome.HEALED)):
            narrator(told.incident, body)
        narrator.say("not\nasked")
    lines = out.getvalue().splitlines()
    assert [sign for line in lines for sign in line if not sign.isprintable()] == []
    assert [line for line in lines if not line.startswith(MARK)] == []
    assert lines[0].startswith(f"{MARK}new␊line␛[2J failed")
    assert lines[-2:] == [f"{MARK}new␊line␛[2J came home · incident {told.incident.id} healed", f"{MARK}not␊asked"]
