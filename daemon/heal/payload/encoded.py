"""Secrets within base64: what reads as a user with a password, or as a setting that is called secret. Pure."""

from __future__ import annotations

import base64
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from heal.payload.spans import Span, places

_WORDS = r"(?:^|[^A-Za-z0-9+/=])(?P<s>[A-Za-z0-9+/]{10,}={0,2})"
_PRINTED = re.compile(r"[\x20-\x7e\r\n\t]+")
_OPENS = re.compile(r"[A-Za-z][\w.@+-]{0,63}:(?=[^\s]*[^A-Za-z\s])[^\s:/]{5,}\n?")
_LEAST, _APART = 8, "\n.\n"


def encoded(text: str, told: Callable[[str], Iterator[Span]]) -> Iterator[Span]:
    """The words of base64 that say a secret: ``told`` finds it in what they say, in all of them at once."""
    words = [(place, said) for place in places(_WORDS, text, "s") if (said := _said(text[slice(*place)]))]
    starts, length = [], 0
    for _, said in words:
        starts.append(length)
        length += len(said) + len(_APART)
    secret = {bisect_right(starts, span.start) - 1 for span in told(_APART.join(said for _, said in words))}
    for number, (place, said) in enumerate(words):
        if number in secret or _OPENS.fullmatch(said):
            yield Span(*place, "encoded")


def _said(word: str) -> str:
    """What the word says, where that can be printed: of a word that is no base64 next to nothing can."""
    if len(word) % 4:
        return ""
    try:
        said = base64.b64decode(word, validate=True).decode("ascii")
    except ValueError:
        return ""
    return said if len(said) >= _LEAST and _PRINTED.fullmatch(said) else ""
