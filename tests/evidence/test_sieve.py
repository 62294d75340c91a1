"""Long texts are sifted by rare words: what is found must be what reading all through finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heal.cases import Evidence
from heal.evidence.complaints import WORDS
from heal.evidence.joined import Joined
from heal.evidence.scan import Scanner
from heal.evidence.sieve import Sieve
from heal.evidence.textfile import newlines
from heal.evidence.vocabulary import Vocabulary
from heal.knowledge.literals import Way, costly, ways
from heal.knowledge.patterns import Library, Match, Pattern, compiled, load
from heal.records import Label
from heal.shipped import shipped

MEGABYTE = 1 << 20


def pattern(name: str, *regexes: str, unless: tuple[str, ...] = ()) -> Pattern:
    return Pattern(
        id=name,
        title=name,
        status="trial",
        label=Label.OUT_OF_MEMORY,
        cause="It burst.",
        match=tuple(map(Match, regexes)),
        confidence=0.9,
        rank=40,
        fix=None,
        references=("a manual",),
        hits=("x",),
        misses=("y",),
        unless=unless,
    )


LIBRARY = Library(
    (
        pattern("a/rare", r"^BURST: (?P<what>.+)", r"(?i)heap (?:is )?gone"),
        pattern("a/common", r"(?i)\bwarn(?:ing)?: sample \w+"),
        pattern("a/refused", r"lost \d+ reads", unless=("of no matter",)),
        pattern("a/wordless", r"\d{3}-\d{4}-\d{3}"),
    )
)
SIFTING, PLAIN = Scanner(LIBRARY, long=0), Scanner(LIBRARY)
CALM = b"".join(b"12:00:%02d INFO chunk %d of 20000 done\n" % (n % 60, n) for n in range(40_000))
STORM = b"".join(b"warning: sample S%d has few reads, error rate 0.%d\n" % (n % 97, n) for n in range(40_000))
UNCONFIRMED = b"".join(b"lost %d reads, of no matter\n" % n for n in range(60_000))
LINES = (
    b"BURST: heap of 3 GB",
    b"the Heap is gone",
    b"warning: sample S1 is odd",
    b"lost 3 reads",
    b"call 123-4567-890",
)


def found(evidence: Evidence) -> list[tuple[int, str, str]]:
    return [(hit.line, hit.pattern, hit.text) for hit in evidence.hits]


def both(tmp_path: Path, data: bytes) -> tuple[Evidence, Evidence]:
    path = tmp_path / "log"
    path.write_bytes(data)
    return SIFTING.read(path, source="log", seconds=600), Scanner(LIBRARY, long=1 << 40).read(path, source="log")


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("around", [CALM, STORM, UNCONFIRMED], ids=["calm", "storm", "unconfirmed"])
def test_a_rare_line_is_found_whatever_stands_around_it(tmp_path: Path, around: bytes, line: bytes) -> None:
    data = around * 3 + line + b"\n" + around * 3

    sifted, plain = both(tmp_path, data)

    assert found(sifted) == found(plain)
    assert sifted.lines == plain.lines
    if line not in (b"warning: sample S1 is odd", b"lost 3 reads"):
        assert line.decode() in {hit.text for hit in sifted.hits}


def test_a_storm_that_ends_and_another_that_begins_are_told_by_their_first_and_last_lines(tmp_path: Path) -> None:
    sifted, plain = both(tmp_path, CALM + STORM * 3 + UNCONFIRMED + CALM * 2 + STORM * 2 + CALM)

    assert found(sifted) == found(plain)
    assert len(found(sifted)) == 6


PIECES = st.one_of(
    st.sampled_from([*LINES, b"\r", b"\x1b[0m", b"error", b"x" * 70_000, b"reads, of no matter"]),
    st.binary(max_size=30),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.lists(PIECES, max_size=8), st.integers(1, 30)), min_size=1, max_size=6))
def test_sifting_finds_what_reading_all_through_finds(parts: list[tuple[list[bytes], int]]) -> None:
    text = b"begin\n" * (MEGABYTE // 4) + b"".join((b"\n".join(some) + b"\n") * times for some, times in parts)
    said = text.decode("utf-8", "replace")

    assert found(SIFTING.text("log", said)) == found(PLAIN.text("log", said))


def test_every_expression_that_ships_has_words_it_cannot_do_without_and_its_hits_hold_them(cache: Path) -> None:
    for one in load([shipped("patterns")], cache_dir=cache).patterns:
        for match in one.match:
            assert costly(match.regex) is None, one.id
            known = ways(match.regex)
            look = compiled(match.regex)
            lines = [line for hit in one.hits for line in hit.split("\n") if look.search(line)]
            assert [line for line in lines if not any(map(holds(line), known))] == []


def holds(line: str) -> Callable[[Way], bool]:
    low = line.lower()
    return lambda way: all(any(word in low for word in some) for some in way)


@pytest.mark.parametrize(
    ("regex", "expected"),
    [
        ("(?i)Out of memory", {("out of memory",)}),
        (r"\bcolou?rs? \d+", {("color ", "colors ", "colour ", "colours ")}),
        ("^(?:cannot|can't) open .*index", {("can't open ", "cannot open "), ("index",)}),
        (r"(?:\w+\.)+Error", {("error",)}),
        (r"a{3,}|\d+", set()),
        (r"[^a]bc?", set()),
    ],
)
def test_words_are_read_from_the_expression(regex: str, expected: set[tuple[str, ...]]) -> None:
    assert {tuple(sorted(some)) for way in ways(regex) for some in way} == expected


@pytest.mark.parametrize("mean", [50, 5], ids=["long lines", "short lines"])
def test_line_ends_are_counted_right_however_long_the_lines_are(mean: int) -> None:
    text = b"".join(b"x" * (n * 7 % (2 * mean)) + b"\n" for n in range(3_000))

    assert newlines(text) == 3_000
    assert newlines(text[:-1]) == 2_999


def test_a_word_cut_short_finds_what_the_whole_word_finds_and_nothing_else() -> None:
    vocabulary = Vocabulary(LIBRARY, None)
    sieve = Sieve(vocabulary, vocabulary.rates(CALM), CALM)
    text = b"heap is gone\nheap is gold\nBURST: it did\nburst of joy\n" + CALM[:1000]

    sifted = sieve.sift(text)
    sieve.listen(text, sifted)

    lines = sieve.lines(text, sifted).text.split(b"\n")
    assert lines[0] == b"heap is gone"
    assert b"BURST: it did" in lines
    assert b"heap is gold" not in lines


def test_lines_that_are_put_together_know_where_they_are_from() -> None:
    text = b"one\ntwo\nthree\nfour\n"

    joined = Joined.of(text, [(4, 7), (8, 13)])

    assert joined.text == b"two\nthree"
    assert [joined.back(end) for end in (1, 3, 5, 9)] == [5, 7, 9, 13]
    assert [joined.origin(end) for end in (1, 3, 5, 9)] == [4, 4, 8, 8]


def test_words_that_are_common_in_a_text_are_not_looked_for_in_it() -> None:
    vocabulary = Vocabulary(LIBRARY, None)
    rates = vocabulary.rates(STORM)

    sieve = Sieve(vocabulary, rates)

    assert rates["error"] > 1_000
    assert not sieve.hears_all
    assert {vocabulary.regexes[at] for at in sieve.hot} == {LIBRARY.patterns[1].match[0].regex, r"\d{3}-\d{4}-\d{3}"}
    assert set(WORDS) <= set(vocabulary.words)
