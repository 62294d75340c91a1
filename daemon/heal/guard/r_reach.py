"""Checks of an R text that nothing is seen to run: they stand in a function nobody calls, or in a quoted text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from heal.guard.brackets import emptied
from heal.guard.hiding import HIDING
from heal.guard.rules import Trait

_DEFINED = re.compile(r"(?<![\w.$@])([A-Za-z.][\w.]*)\s*(?:<-|=)\s*(?:function\b|\\)\s*(?=\()")
_CHECK = re.compile(r"\b(stopifnot|stop|abort|assert\w*|expect_\w+)\s*\(")
_QUOTED = re.compile(r"\b(?:quote|bquote|expression|substitute)\s*(?=\()")
# more functions, or longer ones, no script has
_MOST, _LONGEST = 300, 20_000
_CLOSING = {"(": ")", "{": "}"}


def traits(code: str) -> Iterator[Trait]:
    """Each such check. ``code`` has no comments in it."""
    bare = emptied(code)
    for start, end in (*_uncalled(bare), *((found.end(), _end(bare, found.end())) for found in _QUOTED.finditer(bare))):
        for found in _CHECK.finditer(bare, start, end):
            yield Trait(HIDING["hide.check_moved"], found[1], bare.count("\n", 0, found.start()) + 1)


def _uncalled(code: str) -> Iterator[tuple[int, int]]:
    """The bodies of functions whose name stands nowhere else; one that is handed to a call is used."""
    for found in islice(_DEFINED.finditer(code), _MOST):
        body = _end(code, found.end())
        opened = re.compile(r"\s*(?=\{)").match(code, body)
        line = code.find("\n", body)
        end = _end(code, opened.end()) if opened else line if line >= 0 else len(code)
        handed = code.count("(", 0, found.start()) > code.count(")", 0, found.start())
        name = re.compile(rf"(?<![\w.]){re.escape(found[1])}(?![\w.])")
        if not handed and not name.search(code[: found.start()]) and not name.search(code[end:]):
            yield body, end


def _end(code: str, at: int) -> int:
    """Where the bracket that opens here is closed."""
    opening, depth = code[at : at + 1], 0
    for place in range(at, min(len(code), at + _LONGEST)):
        depth += (code[place] == opening) - (code[place] == _CLOSING.get(opening))
        if depth == 0:
            return place + 1
    return len(code)
