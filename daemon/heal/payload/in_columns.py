"""Values of a table whose column is called password, token or the like: TSV, CSV, what a database prints. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.payload.spans import Span
from heal.payload.values import secret_value

# "pass" is what a check says of a sample
_TITLE = re.compile(
    r"(?:[a-z]{1,20}[_ .-])?(?:passw(?:or)?d|passphrase|pwd|pw|secret(?:[_ -]?key)?|token|(?:api|access|auth)[_ -]?key"
    r"|(?:api|access|auth)[_ -]?token|credentials?|pin)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z#][\w .#/()-]{0,40}")
_FIRST = re.compile(r"pass|pwd|pw|secret|token|key|credential|pin", re.IGNORECASE)
_SIGNS = re.compile(r"\t|[ \t]*\|[ \t]*|[ \t]*;[ \t]*|[ \t]*,[ \t]*|[ ]{2,}")
_RULED = re.compile(r"[-+|:= \t]+")
_WORD = re.compile(r"[A-Za-z][a-z]*|\d{1,3}|[\d.,:/-]+")
_LONGEST, _SHORTEST, _CHOSEN = 2000, 4, 8


def in_columns(text: str) -> Iterator[Span]:
    """The values below such a title, for as long as lines have as many fields as the titles are."""
    titles: list[tuple[int, str]] = []
    sign, fields, at = "", 0, 0
    for line in text.split("\n"):
        begun, at = at, at + len(line) + 1
        if len(line) > _LONGEST:
            titles = []
            continue
        if titles and _RULED.fullmatch(line):
            continue
        cells = list(_cells(line, sign)) if titles else []
        if titles and len(cells) == fields:
            for number, title in titles:
                start, end = cells[number]
                if _told(title, line[start:end], sign):
                    yield Span(begun + start, begun + end, "setting")
            continue
        sign, fields, titles = _header(line)


def _header(line: str) -> tuple[str, int, list[tuple[int, str]]]:
    """What parts the titles, how many they are, and which call their values secret."""
    if not _FIRST.search(line):
        return "", 0, []
    for sign in ("\t", "|", ";", ",", "  "):
        cells = [line[start:end] for start, end in _cells(line, sign)]
        if len(cells) > 1 and all(_NAME.fullmatch(cell) for cell in cells):
            return sign, len(cells), [(number, cell) for number, cell in enumerate(cells) if _TITLE.fullmatch(cell)]
    return "", 0, []


def _cells(line: str, sign: str) -> Iterator[tuple[int, int]]:
    """Where the fields stand, without blanks and quotation marks; a table that has a frame begins with its sign."""
    bare = line.rstrip()
    at, end = len(line) - len(line.lstrip(" +|")) if sign == "|" else 0, len(bare.rstrip(" |") if sign == "|" else bare)
    end = len(line.rstrip("\r\n")) if sign == "\t" else end
    for part in _parts(line, at, end, sign):
        start, stop = part
        cell = line[start:stop]
        inner = cell.strip().strip("\"'`*").strip()
        begun = start + (cell.find(inner) if inner else 0)
        yield begun, begun + len(inner)


def _parts(line: str, at: int, end: int, sign: str) -> Iterator[tuple[int, int]]:
    start = at
    for found in _SIGNS.finditer(line, at, end):
        if found[0].strip(" ") == sign or (sign == "  " and not found[0].strip(" ")) or (sign == "\t" == found[0]):
            yield start, found.start()
            start = found.end()
    yield start, end


def _told(title: str, value: str, sign: str) -> bool:
    """Whether a field is a secret: of what may be prose, or a table of words, no plain word and no number."""
    if len(value) < _SHORTEST or " " in value or not secret_value(title, value, quoted=True):
        return False
    if "token" in title.lower():
        return len(value) >= _CHOSEN and any(one.isdigit() for one in value) and any(one.isalpha() for one in value)
    return sign not in (",", "  ") or not _WORD.fullmatch(value)
