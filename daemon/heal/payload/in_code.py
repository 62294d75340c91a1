"""Secrets that program code gives to a name: behind a type, as a default, in place of what is missing, by position.

Names are found by expressions, what follows one is read word by word and only so far. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.payload.assigned import by_position, names_apart
from heal.payload.operands import operands
from heal.payload.spans import Span, expression, named_places
from heal.payload.values import NAME, NAMED, opens_something

_SIGNS = r"(?:=>|:=|<<?-|=|:)"
_TYPE = r"[&A-Za-z][^=(){}\n;,]{0,60}(?:\[[^=(){}\n;]{1,60}\][^=(){}\n;,\[]{0,40})?"
# what an expression follows: a sign; a type and a sign, of a variable or a parameter; a variable of the environment
_GIVEN = (
    rf"(?i){NAME}\\?[\"']?[\])}}]{{0,2}}[ \t]{{0,40}}{_SIGNS}[ \t]{{0,40}}",
    (
        rf"(?im)(?:^[ \t+\-]*|[(,][ \t]*|\b(?:let|const|var|val|static|readonly|final)[ \t]+){NAME}\??"
        rf"[ \t]{{0,8}}:[ \t]{{0,8}}{_TYPE}=[ \t]{{0,8}}"
    ),
)
_HEADER = r"(?i)(?P<name>authorization)[\"'`]?\]{0,2}[ \t]{0,8}(?:=>|<-|[:=,])[ \t]{0,8}"
# the name of an option among what a call is given, alone or as the last of several
_OPTION = rf"(?i)[(\[,=][ \t\n]{{0,24}}[\"']{NAME}[\"'](?:[ \t]{{0,8}}[\])])?[ \t]{{0,8}},"
_RIGHT = rf"(?im)(?:\"(?P<q>[^\"\\\n]+)\"|'(?P<a>[^'\\\n]+)')[ \t]{{1,8}}->>?[ \t]{{1,8}}{NAME}[ \t]*(?:$|[;#)}}])"
_DIGIT = re.compile(r"\d")
_SCHEME = re.compile(r"(?:basic|bearer|token|digest|negotiate|apikey)(?:[ ]++|$)", re.IGNORECASE)


def in_code(text: str) -> Iterator[Span]:
    """The strings that code gives to names which call them secret."""
    apart = names_apart(text)
    for rule in _GIVEN:
        for match in expression(rule).finditer(text):
            if match.start() not in apart:
                yield from _given(text, match.end(), match.group("name"))
    for match in expression(_HEADER).finditer(text):
        yield from _header(text, match.end())
    for match in expression(_OPTION).finditer(text):
        yield from _given(text, match.end(), match.group("name"), inside=True)
    for name, _, _, start, end in named_places(_RIGHT, text, "name", ("q", "a")):
        yield from _worthy(text, (start, end), name)
    for several in by_position(text):
        for name, start in several.pairs:
            if NAMED.fullmatch(name):
                yield from _given(text, start, name)


def _given(text: str, at: int, name: str, *, inside: bool = False) -> Iterator[Span]:
    for place in operands(text, at, inside=inside):
        yield from _worthy(text, place, name)


def _header(text: str, at: int) -> Iterator[Span]:
    """Of what a header is put together from what may be a key, not the name of its scheme or another header's."""
    for start, end in operands(text, at):
        scheme = _SCHEME.match(text, start, end)
        if _DIGIT.search(text, start, end):
            yield from _worthy(text, (scheme.end() if scheme else start, end), "password")


def _worthy(text: str, place: tuple[int, int], name: str) -> Iterator[Span]:
    if opens_something(name, text[slice(*place)]):
        yield Span(*place, "setting")
