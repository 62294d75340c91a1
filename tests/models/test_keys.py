"""The key that an answer is kept under: another for whatever makes another answer, and for nothing else."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from tests.models.conftest import asked

from heal.model_settings import Model
from heal.models.payloads import key

HERE = {"base_url": "http://127.0.0.1:8000/v1", "model": "small", "max_output": 500}
THIS = {"schema": {"type": "object", "properties": {"why": {}, "sure": {}}}, "temperature": 0.2, "seed": 1}


def kept_under(text: str = "why?", *, model: dict[str, object] | None = None, **more: object) -> str:
    return key(asked(text, **{**THIS, **more}), Model(**{**HERE, **(model or {})}))


@pytest.mark.parametrize(
    "other",
    [
        {"model": {"model": "big"}},
        {"model": {"base_url": "http://127.0.0.1:8001/v1"}},
        {"text": "why not?"},
        {"schema": None},
        {"schema": {"type": "object", "properties": {"why": {}}}},
        # a model writes the fields in the order that it is given
        {"schema": {"type": "object", "properties": {"sure": {}, "why": {}}}},
        {"max_tokens": 100},
        {"model": {"max_output": 400}},
        {"temperature": 0.3},
        {"seed": 2},
        {"seed": None},
    ],
    ids=str,
)
def test_what_may_make_another_answer_makes_another_key(other):
    assert kept_under(**other) != kept_under()


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"incident": "7f3a"},
        {"schema": MappingProxyType(THIS["schema"])},
        {"max_tokens": 500},
        {"max_tokens": 9000},
        {"model": {"timeout_seconds": 9.0, "parallel": 1, "price_in": 2.0, "key_env": "A_KEY", "context": 9000}},
    ],
    ids=str,
)
def test_what_makes_no_other_answer_is_found_under_the_same_key(other):
    assert kept_under(**other) == kept_under()
