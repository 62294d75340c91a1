"""A conversation that grows: what was said before gives way, the question does not, and what is left out is said."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.payload.repositories import SNAKEMAKE, context

from heal.consulting.hiding import redactor
from heal.consulting.sending import Sending
from heal.consulting.talk import Memory, Talk, Turn
from heal.consulting.windows import room
from heal.dialogue import Question, Reply
from heal.errors import NoRoom
from heal.payload.archive import Archive
from heal.payload.build import Payload
from heal.settings import Settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SCRIPT = "\n".join(f"x{number} = read({number})" for number in range(150))
LONG = SNAKEMAKE | {"scripts/plot.py": SCRIPT}
ANSWER = 900


class Asker:
    """Has this window, and answers what it is asked."""

    def __init__(self, size: int | None) -> None:
        self.size = size
        self.asked: list[Question] = []

    def ask(self, question: Question, *, heard=None, stop=lambda: False) -> Reply:
        self.asked.append(question)
        heard("It is in line 6.")
        return Reply("It is in line 6.", "small")

    def window(self, role: str) -> int | None:
        return self.size


def talk(size: int | None, root: Path = Path("/nowhere"), files: dict[str, str] | None = None) -> Talk:
    sending = Sending("7f3a", Asker(size), Archive(root), lambda: NOON)
    return Talk(sending, context(files or LONG), redactor(Settings(home=root)))


def turns(count: int, size: int = 4000) -> list[Turn]:
    """So many, each of so many letters in lines as people and models write them."""
    line = "The table of sample {} is read before it is written, which is too early.\n"
    text = [(line.format(number) * (size // 60))[: size // 2] for number in range(count)]
    return [Turn(f"Question {number}: {each}", f"Answer {number}: {each}") for number, each in enumerate(text)]


def told(payload: Payload) -> str:
    return payload.messages[1].text


QUESTION = "\n".join(f"{number}. Which file makes plots/S{number}.png, and from what?" for number in range(1, 13))


def test_thirty_long_turns_in_a_small_window_leave_the_question_whole_and_are_said_to_be_cut():
    # Given a window of 4,096 tokens and a conversation of 120,000 letters
    payload = talk(4096).payload(QUESTION, turns(30))
    # Then it fits
    assert payload.tokens <= room(4096, ANSWER)
    # and the question comes last, whole
    assert told(payload).endswith(f"# The question\n\n```\n{QUESTION}\n```\n")
    # of what was said before the newest is told as far as it fits, and it is said what is not
    assert "Answer 29: The table of sample 29" in told(payload)
    said = [line for line in told(payload).split("\n") if line.startswith("… ")]
    assert any(re.fullmatch(r"… \d+ earlier notes left out", line) for line in said)
    assert "Question 0:" not in told(payload)
    assert sum(part.left_out for part in payload.parts if part.name == "notes") > 0
    # and the failure itself is told all the same
    assert "AttributeError: 'DataFrame' object has no attribute 'append'" in told(payload)


def test_what_fits_is_told_whole_in_its_order():
    payload = talk(None).payload("And now?", turns(3, 400))
    places = [told(payload).index(f"{what} {number}:") for number in range(3) for what in ("Question", "Answer")]
    assert places == sorted(places)
    assert all(f"{turn.question}\n" in told(payload) for turn in turns(3, 400))
    assert "earlier notes" not in told(payload)


def test_a_window_that_holds_no_history_still_asks(tmp_path: Path):
    # Given the smallest window that can be asked in at all
    least = next(size for size in range(1000, 8000, 10) if fits(talk(size, files=SNAKEMAKE)))
    small = talk(least, tmp_path, SNAKEMAKE)
    # When a person asks after a long conversation
    heard: list[str] = []
    small.answer("Why?", turns(30), heard.append)
    # Then the model is asked, whole, and answers
    [question] = small.sending.asker.asked
    assert question.messages[1].text.endswith("# The question\n\n```\nWhy?\n```\n")
    assert "… 59 earlier notes left out" in question.messages[1].text
    assert heard == ["It is in line 6."]
    # and one that is smaller is refused with the numbers, whatever was said before
    with pytest.raises(NoRoom, match=r"the rules for the role ask, with the question, leave \d+ of \d+ tokens"):
        talk(least - 10, files=SNAKEMAKE).payload("Why?", ())


def fits(one: Talk) -> bool:
    try:
        one.payload("Why?", ())
    except NoRoom:
        return False
    return True


def test_a_question_that_leaves_no_room_for_the_failure_is_refused_with_the_numbers():
    with pytest.raises(NoRoom, match="with the question, leave"):
        talk(4096).payload("Why? " * 3000, ())


@settings(max_examples=30, deadline=None)
@given(st.integers(2800, 12_000), st.lists(st.integers(0, 6000), max_size=12), st.integers(1, 1500))
def test_it_fits_whatever_was_said(size: int, lengths: list[int], asked: int):
    said = [Turn(f"q{number}", turns(1, length)[0].answer) for number, length in enumerate(lengths)]
    question = turns(1, 2 * asked)[0].question
    try:
        payload = talk(size).payload(question, said)
    except NoRoom:
        return
    assert payload.tokens <= room(size, ANSWER)
    assert question.rstrip("\n") in told(payload)


# --- what is remembered ------------------------------------------------------------------------


def test_a_torn_last_line_is_read_past_and_spoils_no_later_one(tmp_path: Path):
    # Given a memory whose last line was cut off in the middle of its writing
    memory = Memory(tmp_path, "7f3a")
    memory.keep(Turn("one?", "one"))
    memory.keep(Turn("two?", "two"))
    file = tmp_path / ".heal/conversations/7f3a.jsonl"
    file.write_bytes(file.read_bytes()[:-9])
    assert memory.turns() == (Turn("one?", "one"),)
    # When more is said, Then it is remembered
    memory.keep(Turn("three?", "three"))
    assert memory.turns() == (Turn("one?", "one"), Turn("three?", "three"))


@pytest.mark.parametrize(
    "line", [b"\xff\xfe\n", b"[1, 2]\n", b'"a"\n', b'{"question": 1, "answer": null}\n', b'{"other": "x"}\n', b"\n"]
)
def test_a_line_that_cannot_be_read_is_left_out(tmp_path: Path, line: bytes):
    memory = Memory(tmp_path, "7f3a")
    memory.keep(Turn("one?", "one"))
    file = tmp_path / ".heal/conversations/7f3a.jsonl"
    file.write_bytes(line + file.read_bytes() + line)
    assert memory.turns() == (Turn("one?", "one"),)


def test_of_a_long_memory_the_newest_is_read(tmp_path: Path):
    file = tmp_path / ".heal/conversations/7f3a.jsonl"
    file.parent.mkdir(parents=True)
    rows = [json.dumps({"question": f"q{number}", "answer": f"a{number}"}) for number in range(1000)]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = Memory(tmp_path, "7f3a").turns()
    assert (len(found), found[-1]) == (200, Turn("q999", "a999"))
