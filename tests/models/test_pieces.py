"""Listening: the counts of different servers, and what goes on for ever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heal.models.failures import Failure
from heal.models.pieces import Hearing, Piece, Usage, piece


def listen(*texts, most_tokens=100_000, heard=None, field="content"):
    hearing = Hearing(most_tokens, heard, lambda: 0.0)
    for text in texts:
        hearing.take({"choices": [{"delta": {field: text}}]})
    return hearing


@pytest.mark.parametrize(
    ("more", "cached"),
    [
        ({"usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}}, 4),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": None}}, None),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_cache_hit_tokens": 5}}, 5),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": 2}, "timings": {"cache_n": 6, "prompt_n": 3}}, 6),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": -1}}}, None),
    ],
)
def test_each_server_counts_in_its_own_way(more, cached):
    assert piece({"choices": [], **more}) == Piece(usage=Usage(9, 2, cached))


def test_a_count_that_is_none_is_not_known():
    assert piece({"usage": {"prompt_tokens": "9", "completion_tokens": True}}) == Piece(usage=Usage())


@pytest.mark.parametrize(
    "unit", ["a", "0,", "no, ", "def f(x):\n    return x\n\n", "".join(f"line {n} of many\n" for n in range(110))]
)
@pytest.mark.parametrize("before", ["", "It begins well. " + "".join(map(str, range(500)))])
def test_what_is_said_over_and_over_is_not_listened_to_for_long(unit, before):
    said = before + unit * (30_000 // len(unit))
    heard = []

    with pytest.raises(Failure, match="it said the same over and over"):
        listen(*(said[start : start + 7] for start in range(0, len(said), 7)), heard=heard.append)
    assert len("".join(heard)) < len(before) + 8192 + len(unit) + 4096 + 14


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"sample_{n}:\n  reads: [data/{n}_1.fq, data/{n}_2.fq]\n" for n in range(2000)),
        "".join(f"{n},0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n" for n in range(2000)),
        "#" + "=" * 2000 + "\n" + "x = 1\n" * 100 + "#" + "=" * 2000,
        " " * 2000 + "x" + "\n" * 2000 + "y",
    ],
)
def test_what_is_only_alike_is_listened_to(text):
    assert listen(*text.splitlines(keepends=True)).text == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "delta", "message", "content", "finish_reason", "usage", "error", "timings"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_a_server_sends_is_a_piece_or_a_failure(chunk):
    try:
        got = piece(chunk)
    except Failure as failure:
        got = failure.reason
    assert isinstance(got, Piece | str)


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["<thi", "nk>\nIs it a", ".py:3?</th", "ink>", "\n\n", "Yes, ", "it is."], ["Yes, ", "it is."]),
        (["<think>why</think>Yes"], ["Yes"]),
        ([" ", "\n", "<b>", "Yes"], [" \n<b>", "Yes"]),
        (["Yes <think>", "no</think>"], ["Yes <think>", "no</think>"]),
        (["<", "think", "ing of it>"], ["<thinking of it>"]),
        (["<thin"], ["<thin"]),
    ],
)
def test_a_thought_before_an_answer_is_not_heard(texts, told):
    heard = []

    hearing = listen(*texts, heard=heard.append)
    hearing.take({"choices": [{"delta": {}, "finish_reason": "stop"}]})

    assert (hearing.whole().strip(), heard) == ("".join(told).strip(), told)


def test_an_answer_longer_than_it_may_be_is_not_listened_to():
    with pytest.raises(Failure, match="longer than it was allowed"):
        listen(*(f"{n} bottles " for n in range(100_000)), most_tokens=10)


def test_a_thought_without_end_is_not_listened_to():
    with pytest.raises(Failure, match="it said the same over and over"):
        listen(*["hm "] * 10_000, field="reasoning_content")
