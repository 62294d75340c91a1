"""Texts in place of others: what stays keeps its bytes."""

from __future__ import annotations

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from heal.chain.lines import changed, diff, indented, replaced, split, unnumbered

ENDS = st.sampled_from(["\n", "\r\n"])
WORDS = st.text(string.ascii_letters + " \t\x0c\u2028", max_size=8)


@st.composite
def texts(draw: st.DrawFn) -> str:
    lines = draw(st.lists(WORDS, max_size=12))
    text = "".join(line + draw(ENDS) for line in lines)
    return text + draw(WORDS)


@settings(max_examples=200, deadline=None)
@given(texts())
def test_a_text_put_in_its_own_place_is_the_same(text: str):
    lines = [line.rstrip("\r\n") for line in split(text)]
    assert replaced(text, lines) == text
    assert "".join(split(text)) == text


@settings(max_examples=200, deadline=None)
@given(texts(), st.data())
def test_lines_outside_a_region_keep_their_bytes(text: str, data: st.DataObject):
    lines = split(text)
    start = data.draw(st.integers(1, max(1, len(lines))))
    end = data.draw(st.integers(start - 1, len(lines)))
    made = replaced(text, ["new one", "new two"], start, end)
    before, after = "".join(lines[: start - 1]), "".join(lines[end:])
    assert made.startswith(before)
    assert made.endswith(after)
    assert made.count("new one") == 1


def test_a_new_line_ends_as_most_do():
    assert replaced("a\r\nb\r\n", ["a", "x", "b"]) == "a\r\nx\r\nb\r\n"
    assert replaced("a\nb\r\nc\n", ["a", "x", "b", "c"]) == "a\nx\nb\r\nc\n"


def test_the_last_newline_is_there_or_not_as_before():
    assert replaced("a\nb", ["a", "b", "c"]) == "a\nb\nc"
    assert replaced("a\nb\n", ["a"]) == "a\n"
    assert replaced("a\nb", ["x"], 1, 1) == "x\nb"


def test_much_that_differs_is_put_there_without_comparing():
    old = "".join(f"a{n}\r\n" for n in range(5000))
    new = [f"b{n}" for n in range(5000)]
    assert replaced(old, new) == "".join(f"{line}\r\n" for line in new)
    assert changed(old, "\n".join(new)) == 10_001


def test_lines_that_changed_are_counted():
    assert changed("a\nb\nc\n", "a\nx\nc\n") == 2
    assert changed("a\n", "a\nb\nc\n") == 2
    assert changed("a\n", "a\n") == 0


def test_numbers_in_front_of_all_lines_go():
    assert unnumbered(["9 | a", "10 |  b", "11 |"]) == ["a", " b", ""]
    assert unnumbered(["1: a", "2: b"]) == ["a", "b"]
    for kept in (["1 | a", "3 | b"], ["1 | a", "b"], ["1 | a"], ["a", "b"]):
        assert unnumbered(kept) == kept


def test_indentation_is_put_back_as_a_whole():
    assert indented(["def f():", "    x", "", "    y"], ["    def f():"]) == [
        "    def f():",
        "        x",
        "",
        "        y",
    ]
    assert indented(["def g():", "    x"], ["    def f():"]) == ["def g():", "    x"]
    assert indented(["  def f():", "x"], ["    def f():"]) == ["  def f():", "x"]
    assert indented(["\tdef f():"], ["\t\tdef f():"]) == ["\t\tdef f():"]


def test_a_diff_is_one_that_people_know():
    assert diff("a.py", "a\r\nb\n", "a\r\nc\n") == "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c"
    assert diff("a.py", "x\n" * 9000, "y\n").endswith("lines differ")
