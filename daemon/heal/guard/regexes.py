"""A regular expression as the runs of signs that it matches; nothing is matched by it, so that none can take long."""

from __future__ import annotations

from dataclasses import dataclass

_MOST = 32
_LONGEST = 200
_CLASSES = {"d": "[0-9]", "w": "[a-zA-Z0-9_]", "s": "[ \t]", "S": "[!-~]", "W": "[!-/]", "D": "[!-/]"}


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign, or one of several (``text`` is ``[…]``, or empty for any); ``many``: any number of them, none too.

    ``far``: it goes beyond the end of a folder's name.
    """

    text: str
    many: bool = False
    far: bool = True


Run = tuple[Sign, ...]
ANYTHING = Sign("", many=True)


class _Unread(ValueError):
    pass


def runs(text: str) -> tuple[Run, ...]:
    """All that an expression can match, by its alternatives; empty where that cannot be told, or is too much."""
    if len(text) > _LONGEST:
        return ()
    try:
        found, end = _alternatives(text, 0)
    except _Unread:
        return ()
    return tuple(_unanchored(one) for one in found) if end == len(text) else ()


def _unanchored(run: Run) -> Run:
    """It may stand anywhere in what it is looked for, but for its anchors."""
    begins, ends = run[:1] == (Sign("^"),), run[-1:] == (Sign("$"),)
    inner = run[begins : len(run) - ends]
    return (*(() if begins else (ANYTHING,)), *inner, *(() if ends else (ANYTHING,)))


def _alternatives(text: str, at: int) -> tuple[list[Run], int]:
    done: list[Run] = []
    now: list[Run] = [()]
    while at < len(text) and text[at] != ")":
        if text[at] == "|":
            done, now, at = done + now, [()], at + 1
            continue
        atoms, at = _atom(text, at)
        atoms, at = _times(atoms, text, at)
        now = [(*one, *more) for one in now for more in atoms]
        if len(now) + len(done) > _MOST:
            raise _Unread
    return done + now, at


def _atom(text: str, at: int) -> tuple[list[Run], int]:
    sign = text[at]
    if sign == "(":
        if text.startswith("(?", at) and not text.startswith("(?:", at):
            raise _Unread
        inner, end = _alternatives(text, at + (3 if text.startswith("(?:", at) else 1))
        return inner, end + 1
    if sign == "[":
        end = text.find("]", at + 2)
        if end < 0 or "\\" in text[at:end]:
            raise _Unread
        return [(Sign(text[at : end + 1]),)], end + 1
    if sign == "\\":
        after = text[at + 1 : at + 2]
        if after.isalnum() and after not in _CLASSES:
            raise _Unread
        return [(Sign(_CLASSES.get(after, after)),)], at + 2
    return [(Sign("" if sign == "." else sign),)], at + 1


def _times(atoms: list[Run], text: str, at: int) -> tuple[list[Run], int]:
    sign = text[at : at + 1]
    if sign not in {"*", "+", "?"} or not sign:
        if sign == "{":
            raise _Unread
        return atoms, at
    end = at + 1 + (text[at + 1 : at + 2] == "?")
    if sign == "?":
        return [*atoms, ()], end
    if len(atoms) != 1 or len(atoms[0]) != 1:
        raise _Unread
    many = Sign(atoms[0][0].text, many=True)
    return [(many,) if sign == "*" else (atoms[0][0], many)], end
