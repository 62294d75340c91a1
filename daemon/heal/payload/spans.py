"""Places in a text that hold something secret, and a text searched as if its lines had never been wrapped. Pure."""

from __future__ import annotations

import importlib
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from heal.knowledge.regexes import NoRegex

# what RE2 may keep in mind of one expression: those here list many words
_MEMORY = 32 << 20
_SURROGATE = re.compile("[\ud800-\udfff]")
# where a terminal, a mail program or base64 itself breaks a line, and what it puts before the next
_WRAP = re.compile(r"(?:\\)?\r?\n[ \t+\-|>#]{0,24}")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``start`` up to ``end`` the text holds a secret of this kind."""

    start: int
    end: int
    kind: str = field(compare=False)


def searchable(text: str) -> str:
    """The same text, as long, in which no half of a character stands that cannot be written as UTF-8."""
    return _SURROGATE.sub("\ufffd", text)


@cache
def expression(regex: str) -> Any:
    """The expression, searched for in time that grows with the text alone. Raises NoRegex with what is wrong."""
    engine: Any = importlib.import_module("re2")
    options = engine.Options()
    options.log_errors, options.max_mem = False, _MEMORY
    try:
        return engine.compile(regex, options)
    except engine.error as error:
        said = error.args[0] if error.args else ""
        raise NoRegex(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from error


def places(regex: str, text: str, *groups: str) -> Iterator[tuple[int, int]]:
    """Where the expression's group stands wherever it fits: of several groups the first that found a word."""
    found = expression(regex)
    numbers = _numbers(regex, groups)
    for match in found.finditer(text):
        yield next((span for number in numbers if (span := match.span(number))[0] < span[1]), (0, 0))


def named_places(regex: str, text: str, name: str, groups: tuple[str, ...]) -> Iterator[tuple[str, str, int, int, int]]:
    """The same, after the text of the group ``name``, which group found a word, and where the name begins."""
    numbers = _numbers(regex, groups)
    known = {number: group for group, number in expression(regex).groupindex.items()}
    of_name = expression(regex).groupindex[name]
    for match in expression(regex).finditer(text):
        for number in numbers:
            start, end = match.span(number)
            if start < end:
                yield match.group(of_name), known[number], match.start(of_name), start, end
                break


@cache
def _numbers(regex: str, groups: tuple[str, ...]) -> tuple[int, ...]:
    known = expression(regex).groupindex
    return tuple(known[group] for group in groups if group in known) or (0,)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that touch or overlap made one; it is of the kind of the first."""
    found: list[Span] = []
    for span in sorted(spans):
        if span.end <= span.start:
            continue
        if found and span.start < found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end), found[-1].kind)
        else:
            found.append(span)
    return found


def pieces(text: str, span: Span) -> Iterator[Span]:
    """The parts of a span that lie on one line each, without line ends and the blanks beside them."""
    at = span.start
    for line in text[span.start : span.end].split("\n"):
        inner = line.strip()
        if inner:
            start = at + line.index(inner)
            yield Span(start, start + len(inner), span.kind)
        at += len(line) + 1


@dataclass(frozen=True, slots=True)
class Joined:
    """A text without its line breaks, and where each part of it came from."""

    text: str
    _starts: tuple[int, ...]
    _origins: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Joined:
        """The text with every line break, what escapes it and what indents the next line taken out."""
        parts: list[str] = []
        starts, origins, at, length = [0], [0], 0, 0
        for wrap in _WRAP.finditer(text):
            parts.append(text[at : wrap.start()])
            length += wrap.start() - at
            at = wrap.end()
            starts.append(length)
            origins.append(at)
        parts.append(text[at:])
        return cls("".join(parts), tuple(starts), tuple(origins))

    def spans(self, start: int, end: int, kind: str) -> Iterator[Span]:
        """Where a part of the joined text stands in the other: one span for each line that it is on."""
        at = bisect_right(self._starts, start) - 1
        while start < end:
            after = self._starts[at + 1] if at + 1 < len(self._starts) else len(self.text)
            stop = min(end, after)
            shift = self._origins[at] - self._starts[at]
            if stop > start:
                yield Span(start + shift, stop + shift, kind)
            start, at = max(stop, start), at + 1
            if at >= len(self._starts):
                return


def found_in(text: str, joined: Joined, literals: Mapping[str, str]) -> Iterator[Span]:
    """Every place where a literal stands, broken over lines or not; each literal has its kind."""
    for at, literal in _standing(text, literals):
        yield Span(at, at + len(literal), literals[literal])
    for at, literal in _standing(joined.text, [one for one in literals if len(one) >= _WRAPPED]):
        yield from joined.spans(at, at + len(literal), literals[literal])


def _standing(text: str, literals: Collection[str]) -> Iterator[tuple[int, str]]:
    """Each place of each literal: one after the other, and of very many by one walk through the text.

    A text may tell thousands: to look for each of these from its beginning takes time that grows as its square.
    """
    if len(literals) <= _FEW:
        yield from ((at, literal) for literal in literals for at in _places(text, literal))
        return
    begun: dict[str, dict[int, set[str]]] = {}
    for literal in literals:
        begun.setdefault(literal[:_HEAD], {}).setdefault(len(literal), set()).add(literal)
    for at in range(len(text)):
        for length, several in begun.get(text[at : at + _HEAD], {}).items():
            if text[at : at + length] in several:
                yield at, text[at : at + length]


def whole_words(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Every place where a name stands that is no part of a longer word; ``_`` ends a word."""
    for at in _places(text, name):
        end = at + len(name)
        if not text[max(0, at - 1) : at].isalnum() and not text[end : end + 1].isalnum():
            yield at, end


# a shorter one is not looked for across line ends: what ends one line and begins the next may just look like it
_WRAPPED = 8
# how many are looked for one by one, and the signs that the others are told apart by: the shortest has as many
_FEW, _HEAD = 400, 6


def _places(text: str, literal: str) -> Iterator[int]:
    at = text.find(literal)
    while at >= 0:
        yield at
        at = text.find(literal, at + 1)
