"""Kubernetes' own Secrets: every value below ``data``, whatever it is called. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.payload.spans import Span

_DOCUMENT = re.compile(r"(?m)^---[^\n]*\n")
_KIND = re.compile(r"(?m)^[ \t+-]{0,12}kind:[ \t]*[\"']?Secret[\"']?[ \t]*\r?$")
_DATA = re.compile(
    r"(?m)^(?P<in>[ \t+]{0,12})(?:data|stringData):[ \t]*\r?\n(?P<body>(?:(?P=in)[ \t]+[^\n]*(?:\n|\Z))+)"
)
_VALUE = re.compile(r"(?m)^[ \t+]*+(?:[\w.\"'-]++:[ \t]++)?[\"']?(?P<s>[^\s\"'{|>&*][^\s\"']*+)[\"']?[ \t]*+\r?$")
_LEAST = 4


def in_manifests(text: str) -> Iterator[Span]:
    """The values of each Secret that a text of several documents holds."""
    if not _KIND.search(text):
        return
    starts = [0, *(found.end() for found in _DOCUMENT.finditer(text))]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        if _KIND.search(text, start, end):
            yield from _values(text, start, end)


def _values(text: str, start: int, end: int) -> Iterator[Span]:
    for data in _DATA.finditer(text, start, end):
        for value in _VALUE.finditer(text, *data.span("body")):
            if len(value["s"]) >= _LEAST:
                yield Span(*value.span("s"), "setting")
