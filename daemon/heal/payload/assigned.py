"""Several names that are given as many values at once: ``user, password = "me", "…"``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from heal.payload.spans import places

_SEVERAL = (
    r"(?m)^[ \t+\-]*(?:(?:my|our|let|const|var|val|local)[ \t]{1,4})?(?P<left>[(\[]?[ \t]{0,4}[$@]?[A-Za-z_][\w.]{0,60}"
    r"(?:[ \t]{0,4},[ \t]{0,4}[$@]?[A-Za-z_][\w.]{0,60}){1,8}[ \t]{0,4}[)\]]?)[ \t]{0,8}=[ \t]{0,8}"
)
_NAMES = re.compile(r"[$@]?[A-Za-z_][\w.]*")
_SIGN = re.compile(r"[ \t]*+=[ \t]*+")
_PIECE = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|[^\"'(\[{,)\]}=;#\n]++|.|\n")
_FAR = 400
_OPENS, _CLOSES = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Several:
    """The place of the names, and each with where its value begins."""

    start: int
    end: int
    pairs: tuple[tuple[str, int], ...]


def by_position(text: str) -> Iterator[Several]:
    """Where as many values follow as names: else one value is taken apart, or they are what a call is given."""
    for start, end in places(_SEVERAL, text, "left"):
        names = _NAMES.findall(text, start, end)
        sign = _SIGN.match(text, end)
        starts = _starts(text, sign.end()) if sign else []
        if len(starts) == len(names):
            yield Several(start, end, tuple(zip(names, starts, strict=True)))


def names_apart(text: str) -> frozenset[int]:
    """Every place within such names: what stands next to one's sign may be another's."""
    return frozenset(place for one in by_position(text) for place in range(one.start, one.end))


def _starts(text: str, at: int) -> list[int]:
    """Where each value begins, up to the end of the line; none where a bracket ends that did not begin."""
    base = 1 if text[at : at + 1] in _OPENS else 0
    starts, depth, most = [at + base], 0, at + _FAR
    while at < most and (piece := _PIECE.match(text, at, most)):
        sign, at = piece[0], piece.end()
        if sign in _OPENS:
            depth += 1
        elif sign in _CLOSES:
            depth -= 1
            if depth < 0:
                return []
        elif sign == "=" and depth <= base:
            return []
        elif sign == "," and depth == base:
            starts.append(at)
        elif sign in ";#\n" and depth == 0:
            break
    return starts
