"""What a model says stands on the terminal as it comes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests.cli.place import Place, named
from tests.cli.test_terminal import Terminal
from tests.models.server import ModelServer, chunk

COMMANDS = [("ask", "Why?", "INC"), ("explain", "--plain", "INC")]
WORDS = ("pandas ", "2 ", "has ", "no ", "append.\n")
AT_ONCE_S = 0.1
# other work on the machine may come between, once or twice
TRIES = 3


def said_by_turns(place: Place, command: Sequence[str]) -> list[float]:
    """The seconds from each word's arrival to its standing on a terminal; no word comes before the last one stands."""
    sent: list[float] = []
    seen = threading.Semaphore(0)

    def act(_server: ModelServer, request: Any) -> None:
        request.begin()
        for word in WORDS:
            sent.append(time.monotonic())
            request.event(chunk(word))
            seen.acquire(timeout=30)
        request.event(chunk(finish="stop"))
        request.end()

    took = []
    with ModelServer(act) as server:
        named(place, server.url)
        terminal = Terminal(place, *command)
        for word in WORDS:
            assert terminal.reads(word.strip()), terminal.seen
            took.append(time.monotonic() - sent[-1])
            seen.release()
        assert (terminal.ends(), terminal.seen.replace("\r", "")) == (0, "".join(WORDS))
        terminal.close()
    return took


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_each_word_stands_on_the_terminal_before_the_next_one_comes_the_first_at_once(
    place: Place, incident: str, command: Sequence[str]
) -> None:
    words = [incident if word == "INC" else word for word in command]
    # When a model says one word after the other, then each is seen as it comes, and the first within a tenth of a second
    tries = (said_by_turns(place, words) for _ in range(TRIES))
    assert any(took[0] < AT_ONCE_S for took in tries)


def test_half_a_word_stands_there_too_and_a_ctrl_c_leaves_it_so(
    place: Place, incident: str, until: Callable[..., bool]
) -> None:
    def act(_server: ModelServer, request: Any) -> None:
        request.begin()
        request.event(chunk("pan"))
        request.wait_for_close()

    # Given a model that has said half a word, when its reader has seen enough
    with ModelServer(act) as server:
        named(place, server.url)
        terminal = Terminal(place, "explain", "--plain", incident)
        assert terminal.reads("pan"), terminal.seen
        terminal.types("\x03")
        # Then the command ends, and the server is left
        assert (terminal.ends(), terminal.seen) == (130, "pan^C")
        assert until(server.closed_early.is_set, 5, 0.02)
        terminal.close()


def test_plain_words_without_a_model_are_what_rules_know(place: Place, incident: str) -> None:
    terminal = Terminal(place, "explain", "--plain", incident)
    assert terminal.ends() == 0
    assert terminal.seen.replace("\r", "").splitlines() == [
        f"incident {incident} · diagnosed",
        "pandas 2 has no append (version incompatibility, likely (0.70))",
        "  > AttributeError: 'DataFrame' object has no attribute 'append'      logs/plot/S1.log:4",
        "with a model ([model] in heal.toml) heal answers in words, about this and what else you ask",
    ]
    terminal.close()
