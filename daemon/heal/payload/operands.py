"""Which strings of an expression may be what it comes to: its operands, defaults, and what is wrapped. Pure.

It is read word by word in whatever language, from a place on, and no further than a few hundred signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# no person nests calls so deep
_FAR, _DEEP = 400, 12
_WORD = re.compile(
    r"(?P<line>[ \t]*+(?:\#[^\n]*+)?\r?\n)|(?P<blank>[ \t]++|\\\r?\n)"
    r"|(?P<string>(?:[rbfuRBFU]{1,2}(?=[\"']))?(?:\"{3}(?P<t>[^\"]*+)\"{3}|'{3}(?P<s>[^']*+)'{3}"
    r"|\"(?P<q>(?:[^\"\\\n]|\\.)*+)\"|'(?P<a>(?:[^'\\\n]|\\.)*+)'|(?<=[ \t])`(?P<b>[^`\s$]++)`))"
    r"|(?P<word>[A-Za-z_$@][\w.$]*+(?:::\w++)*+(?:\?\.\w++)*+)|(?P<number>\d[\w.]*+)"
    r"|(?P<sign>\?:|\?\?|\|\||&&|\|>|->|=>|===?|!==?|[<>]=|:=|[\s\S])"
)
_STRINGS = ("t", "s", "q", "a", "b")
# what a value may follow
_JOINTS = frozenset(
    {
        "",
        "or",
        "and",
        "else",
        "then",
        "return",
        "await",
        "not",
        "||",
        "&&",
        "??",
        "?:",
        "?",
        "=>",
        ":",
        "+",
        "%",
        ".",
        "(",
        ",",
        "=",
    }
)
_GOES_ON = frozenset({"or", "and", "||", "&&", "??", "?:", "+"})
_COMPARED = re.compile(r"[ \t]*+(?:[!=<>]=|in\b|not[ \t]|is\b)")
# arguments that are given by name, and are what the call comes to
_DEFAULTS = re.compile(
    r"(?:default|value|default_?value|unset|fallback|if_?(?:unset|missing|none)|initial)", re.IGNORECASE
)
# of these every argument may be part of it; of a class its first; of what looks something up what follows its name
_JOINS = re.compile(
    r"(?:.*[.$])?(?:paste0?|join|format|sprintf|str_c|concat|glue|coalesce|ifelse|if_else|iif|nvl)", re.IGNORECASE
)
_WRAPS = re.compile(
    r"(?:.*[.:$])?(?:[A-Z]\w*[a-z]\w*|str|bytes|string|secret|b(?:ase)?64(?:_?encode)?|btoa|trim|trimws)"
)
# classes that are given a message, a label or a place
_TELLS = re.compile(r".*(?:Error|Exception|Warning|\wField|Path|File|Column|Regex)")
_LOOKS_UP = re.compile(
    r"(?:.*[.:$_])?(?:get\w*|(?:os_?)?env\w*|pop|set_?default|property|option|lookup|conf(?:ig)?|param)", re.IGNORECASE
)
_CLOSES = {")": "(", "]": "[", "}": "{"}


@dataclass(slots=True)
class _Call:
    """A bracket that is open: of which call, what is given there by which name and place, and whether it counts."""

    callee: str
    counts: bool
    keyword: str = ""
    place: int = 0

    def takes(self) -> bool:
        # what R puts together may have names
        if self.callee == "c":
            return self.counts
        if not self.counts or self.keyword:
            return self.counts and _DEFAULTS.fullmatch(self.keyword) is not None
        if not self.callee or _JOINS.fullmatch(self.callee):
            return True
        if self.callee[-1:] in "[{":
            return False
        if self.place:
            return _LOOKS_UP.fullmatch(self.callee) is not None
        return _WRAPS.fullmatch(self.callee) is not None and not _TELLS.fullmatch(self.callee)


class _Reading:
    """What has been read of an expression so far."""

    def __init__(self, *, inside: bool) -> None:
        # within a call whose name is not known what is given by its place says nothing
        self.open: list[_Call] = [_Call("?", counts=True)] if inside else []
        self.before, self.condition, self.adjacent, self.choice = ("," if inside else ""), False, False, False

    def takes(self) -> bool:
        """Whether a string that stands here is a value."""
        return self.before in _JOINTS and not self.condition and (not self.open or self.open[-1].takes())

    def word(self, word: str) -> None:
        self.condition = word in ("if", "unless") or (self.condition and word not in ("else", "then"))
        self.choice = self.choice or word == "lambda"
        self.before, self.adjacent = word, True

    def sign(self, sign: str) -> bool:
        """Takes note of a sign. False where the expression ends with it."""
        if sign in "([{":
            self._opens(sign)
            return len(self.open) <= _DEEP
        if sign in _CLOSES:
            if not self.open:
                return False
            # the condition of R's and C's if stands in brackets
            self.condition = self.condition and self.open[-1].callee != "if"
            self.before = "then" if self.open.pop().callee == "if" else sign
            self.adjacent = True
        elif sign == ";" or (sign == "," and not self.open) or (sign in ("=", ":=") and not self.open):
            return False
        else:
            self._parts(sign)
        return True

    def _opens(self, sign: str) -> None:
        known = self.before if self.before not in _JOINTS and (self.adjacent or self.before == "if") else ""
        self.open.append(_Call(known if sign == "(" else sign, counts=not self.open or self.open[-1].takes()))
        self.before, self.adjacent = "(", False

    def _parts(self, sign: str) -> None:
        if self.open and sign == ",":
            self.open[-1].place += 1
            self.open[-1].keyword = ""
        elif self.open and sign in ("=", "=>", ":") and self.adjacent_word():
            self.open[-1].keyword, sign = self.before, "="
        self.choice = self.choice or sign == "?"
        # of a mapping it ends a key, and what follows has a name of its own
        self.before, self.adjacent = ("key" if sign == ":" and not self.choice else sign), False

    def adjacent_word(self) -> bool:
        return self.before[:1].isalpha() and self.before not in _JOINTS


def operands(text: str, at: int, *, inside: bool = False) -> Iterator[tuple[int, int]]:
    """Where the strings stand that the expression from ``at`` on may come to.

    ``inside``: it is the rest of what a call is given, of which what is called a default counts alone.
    """
    reading, most = _Reading(inside=inside), at + _FAR
    while at < most and (found := _WORD.match(text, at, most)):
        at = found.end()
        kind = found.lastgroup
        if kind == "line" and not reading.open and reading.before not in _GOES_ON:
            return
        if kind == "sign" and (found[0] == "\\" or (found[0] in "\"'`") or not reading.sign(found[0])):
            return
        if found["string"] is not None:
            group = next((one for one in _STRINGS if found[one]), "")
            if group and reading.takes() and not _COMPARED.match(text, at):
                yield found.span(group)
            reading.before, reading.adjacent = "string", False
        elif kind in ("word", "number"):
            reading.word(found[0])
        elif kind == "blank":
            reading.adjacent = False
