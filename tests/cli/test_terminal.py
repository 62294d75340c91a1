"""On a terminal heal asks, and the command has the terminal as if nobody stood between."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Iterator

import pytest
from tests.cli.place import ASK, GREEDY, SNAKEMAKE, Place

WAIT_S = 90.0


class Terminal:
    """A terminal of its own, and heal on it."""

    def __init__(self, place: Place, *argv: str) -> None:
        self._ours, theirs = pty.openpty()
        # setsid makes it the controlling terminal, the one that /dev/tty is
        self._heal = subprocess.Popen(
            ["setsid", "--ctty", "--wait", "heal", *argv],
            cwd=place.work,
            env=place.env,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self.seen = ""

    def reads(self, wanted: str | None) -> bool:
        """Read until that was seen, or (None) to the end; False when it did not come."""
        end = time.monotonic() + WAIT_S
        while wanted is None or wanted not in self.seen:
            if not select.select([self._ours], [], [], max(0.0, end - time.monotonic()))[0]:
                return False
            try:
                read = os.read(self._ours, 4096)
            except OSError:
                # nobody has the other side any more
                return wanted is None
            self.seen += read.decode(errors="replace")
        return True

    def is_drawn(self, rows: int, columns: int) -> None:
        """Its user gives the window this size."""
        termios.tcsetwinsize(self._ours, (rows, columns))

    def types(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def ends(self) -> int:
        assert self.reads(None), self.seen
        return self._heal.wait(WAIT_S)

    def close(self) -> None:
        os.close(self._ours)
        self._heal.kill()
        self._heal.wait(WAIT_S)


@pytest.fixture
def asked(place: Place) -> Iterator[Terminal]:
    """A pipeline on a terminal that has failed, and heal's question."""
    place.file("heal.toml", ASK)
    place.file("Snakefile", GREEDY)
    terminal = Terminal(place, "run", "--", *SNAKEMAKE)
    assert terminal.reads("yes, no or later [y/n/l]: "), terminal.seen
    assert "memory 200 MB → 400 MB? runs again: greedy and what hangs on it" in terminal.seen
    yield terminal
    terminal.close()


@pytest.mark.snakemake
def test_a_yes_is_acted_upon_at_once(place: Place, asked: Terminal):
    asked.types("y\n")
    assert (asked.ends(), place.states()) == (0, ["healed"])
    assert place.times_run() == {"greedy": 2, "report": 1}


@pytest.mark.snakemake
def test_a_no_is_kept(place: Place, asked: Terminal):
    asked.types("n\n")
    assert (asked.ends(), place.states()) == (1, ["dismissed"])
    assert place.times_run() == {"greedy": 1}


@pytest.mark.snakemake
def test_later_leaves_it_waiting(place: Place, asked: Terminal):
    asked.types("l\n")
    assert (asked.ends(), place.states()) == (1, ["waiting"])
    assert asked.seen.count("[y/n/l]") == 1
    assert place.times_run() == {"greedy": 1}


def test_the_command_sees_the_terminal(place: Place):
    # Given a command that tells which of its streams are a terminal, and reads from it
    program = "import os; print([os.isatty(n) for n in range(3)], os.tcgetpgrp(0) == os.getpgrp(), input('? '))"
    terminal = Terminal(place, "run", "--", "python3", "-c", program)
    # When its user answers
    assert terminal.reads("? "), terminal.seen
    terminal.types("me\n")
    # Then it got all that
    assert terminal.ends() == 0
    assert "[True, True, True] True me" in terminal.seen
    terminal.close()


SIZES = """
import os, signal
def tell(*_):
    size = os.get_terminal_size(0)
    # a signal may come while this is written: print can not be entered twice
    os.write(1, f"now {size.lines} {size.columns}\\n".encode())
signal.signal(signal.SIGWINCH, tell)
tell()
input()
"""


def test_the_command_knows_the_terminals_size_and_each_new_one(place: Place):
    # Given a command that tells the size of its terminal, and each new one
    terminal = Terminal(place, "run", "--", "python3", "-c", SIZES)
    assert terminal.reads("now 0 0"), terminal.seen
    # When its user draws the window larger, twice
    for rows, columns in ((33, 144), (50, 200)):
        terminal.is_drawn(rows, columns)
        assert terminal.reads(f"now {rows} {columns}"), terminal.seen
    # Then it was told once of each
    terminal.types("\n")
    assert terminal.ends() == 0
    assert terminal.seen.count("now") == 3
    terminal.close()


def test_a_ctrl_c_is_the_commands_to_answer(place: Place):
    script = "trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.1; done"
    terminal = Terminal(place, "run", "--", "bash", "-c", script)
    assert terminal.reads("ready"), terminal.seen
    terminal.types("\x03")
    assert terminal.ends() == 9
    assert "interrupted" in terminal.seen
    terminal.close()


@pytest.mark.snakemake
def test_a_ctrl_c_at_the_question_ends_heal_and_leaves_the_incident_to_be_answered(place: Place, asked: Terminal):
    # When the person interrupts instead of answering
    asked.types("\x03")
    assert asked.ends() == 1
    assert "interrupted: heal starts nothing more in this run" in asked.seen
    # Then nothing is started by whoever comes next, and the answer can still be given
    place.heal("tick")
    assert (place.states(), place.times_run()) == (["waiting"], {"greedy": 1})
