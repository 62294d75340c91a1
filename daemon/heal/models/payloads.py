"""A question as a server gets it, what names it, and how many tokens it may be."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from heal.dialogue import Message, Question
from heal.model_settings import Model
from heal.models.dialect import PLAIN, Dialect

# Bytes of UTF-8 for one token. Nearly all digits, or hashes, come to 2; prose and code to 3 or 4. Of what is one letter
# over and over a token can be any length, so that is counted once, and then even plain English has less than 7.
_FEWEST_BYTES, _USUAL_BYTES, _MOST_BYTES = 2.0, 3.5, 7.0
# what a chat template puts around a turn
_AROUND = 8
_SMALLEST_ROOM = 16


def most_tokens(messages: Sequence[Message]) -> int:
    """More tokens than the messages can be expected to have: what is set aside for them."""
    return sum(round(len(_utf8(each.text)) / _FEWEST_BYTES) + _AROUND for each in messages)


def likely_tokens(messages: Sequence[Message]) -> int:
    """The tokens that the messages will have, more or less."""
    return sum(round(len(_utf8(each.text)) / _USUAL_BYTES) + _AROUND for each in messages)


def tokens_of(text: str) -> int:
    """The tokens that an answer had, more or less."""
    return round(len(_utf8(text)) / _USUAL_BYTES)


def least_tokens(messages: Sequence[Message]) -> int:
    """Fewer tokens than the messages can have: a server that counted less did not read them all."""
    runs = (re.sub(r"(.)\1{3,}", r"\1", each.text, flags=re.DOTALL) for each in messages)
    return int(sum(len(_utf8(text)) for text in runs) / _MOST_BYTES)


def most_output(question: Question, model: Model) -> int:
    """The most tokens of the answer that are asked for."""
    return min(question.max_tokens or model.max_output, model.max_output)


def room(question: Question, model: Model, window: int | None) -> int:
    """The most tokens of the answer, less where the window leaves less for it."""
    most = most_output(question, model)
    if window is None:
        return most
    return max(_SMALLEST_ROOM, min(most, window - likely_tokens(question.messages)))


def digest(messages: Sequence[Message], schema: Mapping[str, Any] | None) -> str:
    """What names all that would leave this machine: the messages and the form of the answer. For a person's yes."""
    return _hash({"messages": _turns(messages), "schema": schema})


def key(question: Question, model: Model) -> str:
    """What names a question to one model: its answer may be kept under it."""
    return _hash(
        {
            "base_url": model.base_url,
            "model": model.model,
            "messages": _turns(question.messages),
            "schema": question.schema,
            "max_tokens": most_output(question, model),
            "temperature": question.temperature,
            "seed": question.seed,
        }
    )


def server(model: Model) -> str:
    """What names a model of a server: what was learnt of it is kept under it."""
    return _hash({"base_url": model.base_url, "model": model.model})


def body(question: Question, model: Model, dialect: Dialect, most: int) -> dict[str, Any]:
    """The JSON that is sent, in the dialect of the server."""
    made: dict[str, Any] = {
        "model": model.model,
        "messages": _turns(dialect.turns(_told(question, dialect))),
        "temperature": question.temperature,
        "max_tokens": most,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if question.seed is not None:
        made["seed"] = question.seed
    if question.schema is not None:
        made |= dialect.form_of(question.role, json.loads(_json(question.schema)))
    return dialect.without(made)


def _told(question: Question, dialect: Dialect) -> tuple[Message, ...]:
    """The messages; with the form of the answer in words where the server does not see to it."""
    if question.schema is None or dialect.form != PLAIN:
        return question.messages
    form = _json(question.schema)
    words = f"Answer with one JSON value that follows this JSON schema, and with nothing else:\n{form}"
    # last, so that what is the same for many questions stays in front
    *before, last = question.messages
    if last.role == "user":
        return (*before, replace(last, text=f"{last.text}\n\n{words}"))
    return (*question.messages, Message("user", words))


def _turns(messages: Sequence[Message]) -> list[Mapping[str, str]]:
    return [{"role": each.role, "content": _utf8(each.text).decode()} for each in messages]


def _utf8(text: str) -> bytes:
    # half of a surrogate pair, of a log that is no UTF-8, can be sent to nobody
    return text.encode("utf-8", "replace")


def _hash(value: Any) -> str:
    return hashlib.sha256(_json(value).encode()).hexdigest()


def _json(value: Any) -> str:
    # in the order given: a server that sees to the form has the model write the fields in the order of the schema
    return json.dumps(value, separators=(",", ":"), default=dict)
