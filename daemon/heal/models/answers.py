"""An answer made into data: strictly first, then as models that nobody holds to a form write it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from heal.dialogue import Message, Question
from heal.models.failures import Unfit

_FENCE = re.compile(r"^```[A-Za-z]*[ \t]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_MOST_STARTS = 20
# what the grammars of servers do not hold a model to, or not all of them: an answer that breaks one of these rules
# alone has been held to its form
_BESIDE_THE_FORM = frozenset(
    {
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems"),
    }
)
_LONGEST_COMPLAINT = 500
# a string may hold line ends and tabs as they are: the grammar of llama-cpp-python lets a model write them
_STRICT = False


def read(text: str, schema: Mapping[str, Any] | None) -> tuple[Any, bool]:
    """The data of an answer, and whether the answer is that data and nothing else. Without a schema: None.

    Raises ``Unfit`` where nothing in it is JSON that follows the schema.
    """
    if schema is None:
        return None, True
    wrongs: list[tuple[str, bool]] = []
    for exact, candidate in _candidates(text):
        complaint, formed = _complaint(candidate, schema)
        if not complaint:
            return candidate, exact
        wrongs.append((complaint, exact and formed))
    wrong, kept_to = wrongs[0] if wrongs else ("it is no JSON", False)
    raise Unfit(text, wrong, kept_to=kept_to)


def asked_again(question: Question, unfit: Unfit) -> Question:
    """The question that shows a model what was wrong with its answer."""
    words = f"That answer cannot be used: {unfit.wrong}. Answer again: only the JSON, nothing before or after it."
    return replace(question, messages=(*question.messages, Message("assistant", unfit.text), Message("user", words)))


def _candidates(text: str) -> Iterator[tuple[bool, Any]]:
    try:
        yield True, json.loads(text, parse_constant=_no_number, strict=_STRICT)
    except (ValueError, RecursionError):
        pass
    else:
        return
    for fenced in _FENCE.findall(text):
        try:
            yield False, json.loads(fenced, parse_constant=_no_number, strict=_STRICT)
        except (ValueError, RecursionError):
            continue
    decoder = json.JSONDecoder(parse_constant=_no_number, strict=_STRICT)
    for start in [found.start() for found in re.finditer(r"[{\[]", text)][:_MOST_STARTS]:
        try:
            yield False, decoder.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _complaint(value: Any, schema: Mapping[str, Any]) -> tuple[str, bool]:
    """What is wrong with it, in a sentence, empty where it follows the schema; and whether it has its form at least."""
    # imported here: it takes a tenth of a second, and most questions ask for text
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # noqa: PLC0415
    from jsonschema.exceptions import best_match  # type: ignore[import-untyped] # noqa: PLC0415

    errors = list(Draft202012Validator(_plain(schema)).iter_errors(value))
    error = best_match(errors)
    if error is None:
        return "", True
    where = "/".join(str(each) for each in error.absolute_path) or "the whole"
    said = f"{where}: {error.message}"[:_LONGEST_COMPLAINT]
    return said, all(each.validator in _BESIDE_THE_FORM for each in errors)


def _plain(schema: Mapping[str, Any]) -> Any:
    # read-only mappings of the caller's are not what the validator takes for objects
    return json.loads(json.dumps(schema, default=dict))
