"""Comments, strings and the rest, told apart by one table a language: what a comment says is not done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from heal.guard.kinds import Language


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is comment, string, word, number, mark or space; ``line`` from 1. ``open``: a string that never ends."""

    kind: str
    text: str
    line: int
    open: bool = False


_STRING = {
    "three": r"\"\"\"(?:\\.|(?!\"\"\").)*(?:\"\"\"|\Z)|'''(?:\\.|(?!''').)*(?:'''|\Z)",
    "line": r"\"(?:\\.|[^\"\\\n])*(?:\"|(?=\n)|\Z)|'(?:\\.|[^'\\\n])*(?:'|(?=\n)|\Z)",
    "any": r"\"(?:\\.|[^\"\\])*(?:\"|\Z)|'(?:\\.|[^'\\])*(?:'|\Z)",
    "raw": r"[rR]\"(-*)\((?:.|\n)*?(?:\)\1\"|\Z)",
}
# within a GString an expression in braces may hold quotes and line ends of its own
_INNER = r"\$\{(?:[^{}]|\{[^{}]*\})*\}"
_GSTRING = (
    rf"\"\"\"(?:\\.|{_INNER}|(?!\"\"\").)*(?:\"\"\"|\Z)|'''(?:\\.|(?!''').)*(?:'''|\Z)"
    rf"|\"(?:\\.|{_INNER}|[^\"\\\n])*(?:\"|(?=\n)|\Z)|'(?:\\.|[^'\\\n])*(?:'|(?=\n)|\Z)"
)
_REST = r"(?P<word>[^\W\d][\w.]*)|(?P<number>\d[\w.]*)|(?P<space>\s+)|(?P<mark>.)"
_TABLE = {
    Language.GROOVY: (r"/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)|//[^\n]*|\A#![^\n]*", _GSTRING),
    Language.R: (r"#[^\n]*", rf"{_STRING['raw']}|{_STRING['any']}|`[^`]*(?:`|\Z)"),
    Language.PYTHON: (r"#[^\n]*", f"{_STRING['three']}|{_STRING['line']}"),
    Language.OTHER: (r"(?<![\w$&@%])#[^\n]*", _STRING["any"]),
}


@cache
def _pattern(language: Language) -> re.Pattern[str]:
    comment, string = _TABLE.get(language, _TABLE[Language.OTHER])
    return re.compile(f"(?P<comment>{comment})|(?P<string>{string})|{_REST}", re.DOTALL)


def tokens(text: str, language: Language) -> Iterator[Token]:
    """All of the text, cut up; nothing is lost."""
    line = 1
    for found in _pattern(language).finditer(text):
        piece = found[0]
        kind = found.lastgroup or "mark"
        kind = kind if kind != "string" or piece else "mark"
        yield Token(kind, piece, line, kind == "string" and not _closed(piece))
        line += piece.count("\n")


def _closed(piece: str) -> bool:
    if piece[:1] in "rR":
        return piece.endswith(('"', "'"))
    mark = piece[:3] if piece[:3] in {'"""', "'''"} and len(piece) >= 6 else piece[:1]  # noqa: PLR2004 - two marks of three
    return len(piece) >= 2 * len(mark) and piece.endswith(mark)


def code_only(text: str, language: Language) -> str:
    """The text with its comments blanked, line for line; strings stay."""
    return "".join(
        re.sub(r"[^\n]", " ", token.text) if token.kind == "comment" else token.text for token in tokens(text, language)
    )


def folded(code: str) -> str:
    """Strings that are put together from pieces, as the one they become: ``"ign" + "ore"``."""
    for _ in range(64):
        code, count = re.subn(
            r"""(?<!\\)(["'])((?:(?!\1)[^\\\n]|\\.)*)\1[ \t]*\+[ \t]*\1((?:(?!\1)[^\\\n]|\\.)*)\1""", r"\1\2\3\1", code
        )
        if not count:
            break
    return code


def unbalanced(text: str, language: Language) -> str:
    """What is opened and not closed, or the other way round; empty where all is in order."""
    pairs = {")": "(", "]": "[", "}": "{"}
    stack: list[tuple[str, int]] = []
    for token in tokens(text, language):
        if token.open:
            return f"the string in line {token.line} does not end"
        if token.kind == "mark" and token.text in "([{":
            stack.append((token.text, token.line))
        elif token.kind == "mark" and token.text in pairs and (not stack or stack.pop()[0] != pairs[token.text]):
            return f"the {token.text} in line {token.line} closes nothing"
    return f"the {stack[-1][0]} in line {stack[-1][1]} is not closed" if stack else ""
