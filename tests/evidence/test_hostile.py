"""Lines and patterns made to be slow to read cost no more than their length."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heal.errors import BadPattern
from heal.evidence.scan import Scanner
from heal.knowledge.literals import ways
from heal.knowledge.pattern_files import check
from heal.knowledge.patterns import compiled, load, only
from heal.shipped import shipped

PATTERNS = (
    r"(a+)+$",
    r"(a|a)*b",
    r"(.*)*x",
    r"(a|aa)+$",
    r"((a*)*)*c",
    r"(\w+\s?)*!",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"(?i)error(.*.*.*)*=",
    r"(x+x+)+y",
    r"(\(+)+\)",
)
FILLERS = ("a", " ", "(", "ab", "a!", "error ", "'", '"', "x/", "\u00e9")
# below this the clock says nothing
FLOOR = 0.05


def row(*regexes: str) -> dict[str, object]:
    return {
        "id": "a/hostile",
        "title": "A title",
        "status": "trial",
        "cause": "It burst.",
        "match": list(regexes),
        "confidence": 0.5,
        "rank": 20,
        "references": ["a manual"],
        "hits": ["x"],
        "misses": ["y"],
    }


def took(call: Callable[[], object]) -> float:
    rounds = []
    for _ in range(3):
        begun = time.process_time()
        call()
        rounds.append(time.process_time() - begun)
    return min(rounds)


def assert_linear(read: Callable[[int], object], size: int) -> None:
    once, twice = took(lambda: read(size)), took(lambda: read(size * 2))
    assert twice < max(once, FLOOR) * 4


@pytest.mark.parametrize("regex", PATTERNS)
def test_a_pattern_made_to_be_slow_is_confirmed_in_linear_time(regex: str) -> None:
    look = compiled(regex).search
    for filler in FILLERS:
        assert_linear(lambda size, text=filler: look(text * size), 50_000)


@pytest.mark.parametrize("regex", PATTERNS)
def test_hostile_patterns_over_hostile_lines_are_scanned_in_linear_time(regex: str) -> None:
    scanner = Scanner(only(check(row(regex), "a/hostile")))
    for filler in FILLERS:
        assert_linear(lambda size, text=filler: scanner.text("log", text * size), 100_000)


@pytest.fixture(scope="module")
def scanner(cache: Path) -> Scanner:
    return Scanner(load([shipped("patterns")], cache_dir=cache), cache)


@pytest.mark.parametrize("filler", [*FILLERS, "a'b 0/", "error: x1/", "not found: a: ", "cannot open 'x"])
def test_hostile_lines_are_scanned_for_all_that_ships_in_linear_time(scanner: Scanner, filler: str) -> None:
    assert_linear(lambda size: scanner.text("log", f"error {filler * size} error"), 50_000)


parts = st.sampled_from(["a", "a+", "a*", "(a|a)", ".*", "\\w+", " ?", "[ab]+", "(?:aa|a)", "b{0,9}"])
hostile = st.recursive(
    parts,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["*", "+", "{1,4}"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
    ),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(hostile, st.sampled_from(["$", "!", "x", ""]), st.sampled_from(FILLERS))
def test_whatever_pattern_is_made_it_is_read_and_searched_in_bounded_time(regex: str, end: str, filler: str) -> None:
    look = compiled(regex + end)

    assert took(lambda: look.search(filler * 20_000)) < 2
    assert took(lambda: ways(regex + end)) < 2


@pytest.mark.parametrize("regex", [r"(a)\1", r"(?<=x)y", r"a(?!b)", r"(((a{1,99}){1,99}){1,99}){1,99}"])
def test_what_cannot_be_searched_in_linear_time_is_refused(regex: str) -> None:
    with pytest.raises(BadPattern, match="does not compile"):
        check(row(regex), "a/hostile")
