"""What is kept as sent was sent, and what is secret to heal itself stays here, whoever asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.models.conftest import NOON
from tests.payload.repositories import context

from heal.advice.issues import Report
from heal.consulting.hiding import redactor
from heal.consulting.remarks import Remarks
from heal.consulting.sending import Sending
from heal.consulting.talk import Talk
from heal.dialogue import Question, Reply
from heal.errors import BadSettings, HealError, ModelBudgetSpent, ModelsSilent, NoModel, NotAllowedOut
from heal.model_settings import Model
from heal.payload.archive import Archive
from heal.settings import Settings

KEY = "kestrel-77-osprey"


class Answers:
    """Says this, or raises it; keeps what it was asked."""

    def __init__(self, said: Reply | HealError) -> None:
        self.said = said
        self.asked: list[Question] = []

    def ask(self, question: Question, *, heard=None, stop=lambda: False) -> Reply:
        self.asked.append(question)
        if isinstance(self.said, HealError):
            raise self.said
        return self.said

    def window(self, role: str) -> int | None:
        return None

    @property
    def text(self) -> str:
        return "\n".join(each.text for question in self.asked for each in question.messages)


def talks(answers: Answers, root: Path, settings: Settings) -> None:
    sending = Sending("7f3a", answers, Archive(root), lambda: NOON)
    Talk(sending, context(), redactor(settings)).answer(f"is {KEY} right?", (), lambda _text: None)


def remarks(answers: Answers, root: Path, settings: Settings) -> None:
    sending = Sending("validate", answers, Archive(root), lambda: NOON)
    Remarks(sending, lambda: redactor(settings))(Report((), (), {}), {"a.py": f"login('{KEY}')\n"})


who = pytest.mark.parametrize("asks", [talks, remarks])
Asks = Callable[[Answers, Path, Settings], None]


@who
@pytest.mark.parametrize("refusal", [NotAllowedOut, NoModel, ModelBudgetSpent, BadSettings])
def test_a_question_that_was_not_allowed_out_is_not_kept_as_sent(asks: Asks, refusal: type[HealError], tmp_path: Path):
    with pytest.raises(refusal):
        asks(Answers(refusal("no")), tmp_path, Settings(home=tmp_path))
    assert list(tmp_path.rglob("payloads/*/*.json")) == []


@who
def test_a_question_that_had_no_whole_answer_is_kept_for_it_left(asks: Asks, tmp_path: Path):
    answers = Answers(ModelsSilent("it broke off"))
    with pytest.raises(ModelsSilent):
        asks(answers, tmp_path, Settings(home=tmp_path))
    [kept] = [json.loads(path.read_bytes()) for path in tmp_path.rglob("payloads/*/*.json")]
    assert [each["content"] for each in kept["messages"]] == [each.text for each in answers.asked[0].messages]
    assert datetime.fromisoformat(kept["time"]) == NOON.astimezone(UTC)


@who
@pytest.mark.parametrize("where", ["key_file", "key_env"])
def test_a_models_key_is_hidden_wherever_it_is_had_from(asks: Asks, where: str, tmp_path: Path, monkeypatch):
    # Given a key that nothing gives away: not its form, nor what its variable is called
    (tmp_path / "lab").write_text(f"{KEY}\n")
    monkeypatch.setenv("LAB", KEY)
    place = str(tmp_path / "lab") if where == "key_file" else "LAB"
    model = Model.model_validate({"base_url": "http://127.0.0.1:1/v1", "model": "m", where: place})
    answers = Answers(ModelsSilent("no"))
    # When it stands in what is asked
    with pytest.raises(ModelsSilent):
        asks(answers, tmp_path, Settings(home=tmp_path, model={"local": model}))
    # Then a placeholder does
    assert (KEY in answers.text, "<secret-1>" in answers.text) == (False, True)


@pytest.mark.parametrize("what", ["no file", "a folder", "not UTF-8"])
def test_a_key_that_cannot_be_read_hides_nothing_and_stops_nothing(what: str, tmp_path: Path):
    file = tmp_path / "lab"
    if what == "a folder":
        file.mkdir()
    elif what == "not UTF-8":
        file.write_bytes(b"\xff\xfe\x00")
    model = Model(base_url="http://127.0.0.1:1/v1", model="m", key_file=file)
    assert redactor(Settings(home=tmp_path, model={"local": model})).hide("all is told") == "all is told"
