"""A shell script as words: which are read, which are written, which are run. Linear and lenient: any text will do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_CLIP = 200_000
_TOKEN = re.compile(
    r"(?P<space>[ \t]+|\\\r?\n)|(?P<end>\r?\n|;;?|&&|\|\|?|[()])|(?P<to>(?:\d|&)?>>?\|?)(?:&\d)?|(?P<of><<?<?-?)"
    r"|(?P<single>'[^']{0,4000}'?)|(?P<double>\"(?:[^\"\\]|\\.){0,4000}\"?)|(?P<plain>(?:\\.|[^\s;&|()<>'\"\\])+)|(?P<odd>.)",
    re.DOTALL,
)
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))#.*$")
_VARIABLE = re.compile(
    r"\$\{\w+[^}\n]{0,100}\}|\$\w+|\$\([^)\n]{0,200}\)|!\{[^}\n]{1,100}\}|\{\{|\}\}|\{[\w.,\[\]:\" ]{1,100}\}"
)
_ASSIGNED = re.compile(
    r"(?m)^[ \t]*(?:export |local |readonly |declare )?(\w+)=(\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|[^\s;'\"&|]{0,300})"
)
# words before a command that are no command
_BEFORE = frozenset(
    "if then else elif do while until time exec sudo srun env nice nohup command ! { in mpirun".split()  # noqa: SIM905  words, as a shell has them
)
_GAP = "\0"


class Place(StrEnum):
    """Where in a command a word stands."""

    FIRST = "first"
    ARGUMENT = "argument"
    INTO = "into"
    FROM = "from"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a script: where it stands, its command, the option before it, and whether it is the last."""

    text: str
    place: Place
    command: str
    option: str = ""
    last: bool = False


def words(script: str) -> tuple[Word, ...]:
    """The words of all commands, in order; what variables hold is put in where the script itself says it."""
    text = _COMMENT.sub("", script[:_CLIP])
    known = {name: value.strip("\"'") for name, value in _ASSIGNED.findall(text)}
    return tuple(word for command in _commands(text) for word in _of_command(command, known))


def _commands(text: str) -> Iterator[list[tuple[str, str]]]:
    """Each command as pairs of a redirection (or nothing) and the word after it."""
    command: list[tuple[str, str]] = []
    word, redirect, inside = "", "", False
    for got in _TOKEN.finditer(text):
        kind = got.lastgroup
        if kind in ("single", "double", "plain", "odd"):
            word, inside = word + (got[0].strip(got[0][0]) if kind in ("single", "double") else got[0]), True
            continue
        if inside:
            # the number of a stream stands before its arrow
            command.append((redirect, word))
            word, redirect, inside = "", "", False
        if kind in ("to", "of"):
            redirect = got[0].partition("&")[0] or got[0]
        elif kind == "end":
            yield command
            command = []
    yield [*command, (redirect, word)] if inside else command


def _of_command(command: list[tuple[str, str]], known: dict[str, str]) -> Iterator[Word]:
    name, option = "", ""
    arguments = [text for redirect, text in command if not redirect]
    for redirect, raw in command:
        text = _filled(raw, known)
        if redirect:
            yield Word(text, Place.FROM if redirect == "<" else Place.INTO, name)
        elif not name:
            if text not in _BEFORE and not re.match(r"\w+=", text):
                name = text
                yield Word(text, Place.FIRST, name)
        else:
            head, equals, value = text.partition("=")
            if equals and value:
                yield Word(value, Place.ARGUMENT, name, head)
            yield Word(text, Place.ARGUMENT, name, option, raw is arguments[-1])
            # tar's first word is options without a dash
            is_option = text.startswith("-") or (name == "tar" and raw is arguments[1])
            option = text if is_option and not equals else ""


def _filled(text: str, known: dict[str, str]) -> str:
    return re.sub(r"\$(?:(\w+)|\{(\w+)\})", lambda got: known.get(got[1] or got[2]) or got[0], text)


def fits(pattern: str, name: str) -> bool:
    """True where a word of a script may stand for a name: the same, its last part, or with variables filled in."""
    pieces = _VARIABLE.sub(_GAP, pattern).replace("*", _GAP).removeprefix("./").split(_GAP)
    wanted = name.removeprefix("./")
    # a word that is nothing but a variable stands for everything, and so for nothing
    if sum(letter.isalnum() for piece in pieces for letter in piece) < (1 if len(pieces) == 1 else 2):
        return False
    if len(pieces) == 1:
        return pieces[0] == wanted or f"/{wanted}".endswith(f"/{pieces[0]}") or pieces[0].endswith(f"/{wanted}")
    start, *middle, end = pieces
    ends = [one for one in (wanted, *_tails(wanted)) if one.startswith(start)] if start else [wanted]
    return any(_in_order(one, start, middle, end) for one in ends[:20])


def _tails(path: str) -> list[str]:
    parts = path.split("/")[-20:]
    return ["/".join(parts[at:]) for at in range(1, len(parts))]


def _in_order(text: str, start: str, middle: list[str], end: str) -> bool:
    at, stop = len(start), len(text) - len(end)
    if not text.startswith(start) or not text.endswith(end):
        return False
    for piece in middle:
        found = text.find(piece, at, stop)
        if found < 0:
            return False
        at = found + len(piece)
    return at <= stop
