"""The time that hiding takes grows with the text and no faster, whatever the text is made of."""

from __future__ import annotations

import time

import pytest

from heal.model_settings import Privacy
from heal.payload.redact import Names, Redactor

SHORT = 20_000


def took(text: str) -> float:
    """The better of two."""
    best = float("inf")
    for turn in range(2):
        # what the rules found is kept: of another text nothing is
        begun = time.process_time()
        Redactor({}, Privacy(), Names()).hide(f"{text}{turn}")
        best = min(best, time.process_time() - begun)
    return best


@pytest.mark.parametrize(
    "unit",
    [
        "password: a[",
        "'password': 'a', ",
        "pwd",
        'pwd"',
        "secret",
        "token a ",
        "-----BEGIN PRIVATE KEY-----",
        "- password:\n",
        "login a password ",
        "+ export TOKEN=",
    ],
)
def test_three_times_a_text_takes_three_times_as_long(unit: str):
    # Given a text that is made of one thing, and one three times as long
    short, long = unit * (SHORT // len(unit)), unit * (3 * SHORT // len(unit))
    # When each is hidden, Then the longer one takes nowhere near nine times as long, as what is quadratic does
    assert took(long) < 5 * took(short) + 0.2


@pytest.mark.parametrize("told", ["password is kestrel{}x ", "https://a:osprey{}@x.org\n", "KEY_{}=osprey{}\n"])
def test_a_text_with_thousands_of_secrets_takes_no_longer_for_each(told: str):
    # Given texts with so many different secrets, each of which is looked for everywhere
    short, long = ("".join(told.replace("{}", str(10_000 + n)) for n in range(count)) for count in (1_000, 3_000))
    # When each is hidden, Then three times as many take nowhere near nine times as long
    assert took(long) < 5 * took(short) + 0.2


def test_of_thousands_of_secrets_each_is_hidden_where_it_stands_alone_too():
    told = "".join(f"password is kestrel{n:05}x\n" for n in range(1_000))
    alone = "".join(f"kestrel{n:05}x " for n in range(1_000))
    hidden = Redactor({}, Privacy(), Names()).hide(f"{told}{alone}\nkestrel\n00007x")
    assert "kestrel" not in hidden
    assert "00007x" not in hidden
