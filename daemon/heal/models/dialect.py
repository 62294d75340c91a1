"""What a server understands, learnt by trying: how it is asked for JSON, and which fields it takes.

Servers that call themselves OpenAI-compatible differ: some refuse a field that others need, and say so with
a 400 or a 422, one with a 500. The question is asked again without it, and the server not asked that way any more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from heal.dialogue import Message
from heal.models.failures import Failure

SCHEMA, OBJECT, PLAIN = "json_schema", "json_object", "plain"
_FORMS = (SCHEMA, OBJECT, PLAIN)
_REFUSED = (400, 422, 501)
# llama-cpp-python answers so to a field that it cannot read, in the words of what reads its questions
_FAILED, _UNREAD = 500, "validation error"
_SYSTEM, _NEW_MAX, _OLD_MAX = "system", "max_completion_tokens", "max_tokens"
# one of these is named by a server that does not know it; without it the answer is as good
_SPARE = ("stream_options", "seed", "temperature")


@dataclass(frozen=True, slots=True)
class Dialect:
    """``form``: how JSON is asked for. ``sure``: that was seen to be right. ``lacks``: what it does not take."""

    form: str = SCHEMA
    sure: bool = False
    lacks: tuple[str, ...] = ()

    @property
    def structured(self) -> bool | None:
        """Whether the server sees to the form of an answer; None while that is not known."""
        return (self.form != PLAIN) if self.sure else None

    def form_of(self, role: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The field that asks for JSON of a schema."""
        if self.form == SCHEMA:
            named = {"name": re.sub(r"[^A-Za-z0-9_-]", "_", role)[:64] or "answer", "schema": schema}
            return {"response_format": {"type": SCHEMA, "json_schema": named}}
        return {"response_format": {"type": OBJECT, "schema": schema}} if self.form == OBJECT else {}

    def turns(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The messages, without a turn of the system's where the model's template has none."""
        if _SYSTEM not in self.lacks:
            return tuple(messages)
        told = "\n\n".join(each.text for each in messages if each.role == _SYSTEM)
        others = [each for each in messages if each.role != _SYSTEM]
        if not others or others[0].role != "user":
            return (Message("user", told), *others)
        return (replace(others[0], text=f"{told}\n\n{others[0].text}" if told else others[0].text), *others[1:])

    def without(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body without what the server does not take."""
        kept = {name: value for name, value in body.items() if name not in self.lacks}
        if _OLD_MAX in self.lacks:
            kept[_NEW_MAX] = body[_OLD_MAX]
        return kept

    def seen(self, *, kept_to: bool) -> Dialect:
        """What is known after a whole answer in JSON was asked for: a server that ignores the form has none."""
        return replace(self, form=self.form if kept_to else PLAIN, sure=True)

    def after(self, failure: Failure, body: Mapping[str, Any]) -> Dialect | None:
        """How the server is to be asked after it refused a question; None where nothing else would help."""
        said = failure.reason.lower()
        if failure.status not in _REFUSED and not (failure.status == _FAILED and _UNREAD in said):
            return None
        for name in _SPARE:
            if name in said and name in body:
                return replace(self, lacks=(*self.lacks, name))
        if _NEW_MAX in said and _OLD_MAX in body:
            return replace(self, lacks=(*self.lacks, _OLD_MAX))
        if "system role" in said and _SYSTEM not in self.lacks:
            return replace(self, lacks=(*self.lacks, _SYSTEM))
        if "response_format" in body:
            form = _FORMS[_FORMS.index(self.form) + 1]
            return replace(self, form=form, sure=form == PLAIN)
        return None
