"""Quotes and brackets of a shell text: where they end, and what they hide."""

from __future__ import annotations

import re

_ANSI = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "e": "\x1b", "a": "\a", "b": "\b"}


def closed_at(text: str, opening: int) -> int:
    """Behind the bracket that closes the one here; behind the whole text where none does."""
    pairs = {"(": ")", "{": "}", "[": "]"}
    mark, closing, depth, at = text[opening], pairs[text[opening]], 0, opening
    while at < len(text):
        one = text[at]
        if one == "\\":
            at += 1
        elif one == "'" and (end := text.find("'", at + 1)) > 0:
            at = end
        elif one == '"':
            at = _past_quotes(text, at)
        elif one == mark:
            depth += 1
        elif one == closing:
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return len(text) + 1


def _past_quotes(text: str, at: int) -> int:
    at += 1
    while at < len(text) and text[at] != '"':
        if text.startswith("$(", at):
            at = closed_at(text, at + 1)
            continue
        at += 2 if text[at] == "\\" else 1
    return at


def ansi(text: str) -> str:
    """The text within ``$'…'`` as bash has it."""

    def undone(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] in "xuU" and len(code) > 1:
            return chr(int(code[1:], 16))
        return chr(int(code, 8)) if code[0].isdigit() else _ANSI.get(code, code)

    return re.sub(
        r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,6}|[0-7]{1,3}|.)", undone, text, flags=re.DOTALL
    )
