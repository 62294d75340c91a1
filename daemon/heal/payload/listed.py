"""Values that stand in a list, in a mapping or on the lines below the name that calls them secret. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.payload.spans import Span, expression
from heal.payload.values import NAME, SIGN, secret_value

_OPENED = (
    rf"(?i){NAME}\\?[\"']?[ \t]{{0,8}}(?P<sign>{SIGN})[ \t]{{0,8}}"
    r"(?:(?P<bracket>[\[({])|(?:!{{1,2}}\w{{1,20}}[ \t]{{1,8}})?(?P<block>[|>][+-]?[0-9]?)?[ \t]{0,8}\r?\n)"
)
_STRING = r"[bru]?(?:\\\"(?P<e>[^\"\\\n]*)\\\"|\"(?P<q>(?:[^\"\\\n]|\\.)*)\"|'(?P<a>(?:[^'\\\n]|\\.)*)')"
_ITEM = re.compile(
    r"[\s,]*+(?:\\?[\"']?(?P<key>[\w.-]++)\\?[\"']?\s*+(?:=>|[:=])\s*+)?"
    rf"(?:{_STRING}|(?P<p>[^\s\"'`,\[\](){{}}:=]++)(?=\s*+[,\]}}]))"
)
_LINE = re.compile(r"(?P<indent>[ \t]*+)(?P<dash>-[ \t]++)?(?P<rest>[^\n]*+)\n?")
_KEY = re.compile(r"[\"']?[\w.-]++[\"']?:(?:[ \t]++|$)")
_WORD = re.compile(rf"(?:{_STRING}|(?P<p>[^\s\"'`]++))[ \t]*+,?(?P<more>[^#\r\n]*+)")
# each of several has a name of its own; of one, what stands below is its user, its host and so on
_SEVERAL = re.compile(r"(?:passw(?:or)?ds|passphrases|tokens|secrets|keys)$", re.IGNORECASE)
_VALUE_KEY = re.compile(r"value|default", re.IGNORECASE)
# what is asked for is listed by the names of its variables
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_MOST = 200


def listed(text: str) -> Iterator[Span]:
    """The values of each name that a bracket or the end of its line follows."""
    for match in expression(_OPENED).finditer(text):
        name, sign = match.group("name"), match.group("sign")
        if match.group("bracket"):
            yield from _bracketed(text, match.end(), name, match.group("bracket"), bare=sign == ":")
        elif sign == ":":
            begun = text.rfind("\n", 0, match.start()) + 1
            yield from _below(text, match.end(), name, begun, whole=match.group("block") is not None)


def _bracketed(text: str, at: int, name: str, bracket: str, *, bare: bool) -> Iterator[Span]:
    """Up to the first thing that is no item: strings, and words where they are no variables of a program."""
    keyed = bracket == "{"
    while (item := _ITEM.match(text, at)) and (item["key"] is not None) is keyed:
        if item["p"] and (bracket == "(" or not bare):
            return
        if not keyed or _SEVERAL.search(name) or _VALUE_KEY.fullmatch(item["key"]):
            yield from _value(item, name)
        at = item.end()


def _below(text: str, at: int, name: str, begun: int, *, whole: bool) -> Iterator[Span]:
    """The lines that are further in than the name's, or items of a list; of a block all, else a line alone."""
    base, first = _indent(text, begun), -1
    for _ in range(_MOST):
        line = _LINE.match(text, at)
        if line is None or line.end() == at:
            return
        at, indent = line.end(), len(line["indent"])
        if not line["rest"].strip():
            continue
        first = indent if first < 0 else first
        if indent < first or indent < base or (indent == base and (whole or not line["dash"])):
            return
        if whole:
            yield from _whole(line, name)
        elif indent == first:
            yield from _one(text, line, name)
            if not line["dash"] and not _KEY.match(line["rest"]):
                return


def _indent(text: str, begun: int) -> int:
    line = _LINE.match(text, begun)
    return len(line["indent"]) if line else 0


def _whole(line: re.Match[str], name: str) -> Iterator[Span]:
    value = line["rest"].rstrip()
    if secret_value(name, value, quoted=True):
        yield Span(line.start("rest"), line.start("rest") + len(value), "setting")


def _one(text: str, line: re.Match[str], name: str) -> Iterator[Span]:
    """The value of a line: after its key, where several have one each; an item that is more than a word is prose."""
    start, end = line.span("rest")
    key = _KEY.match(line["rest"])
    if key and (line["dash"] or not (_SEVERAL.search(name) or _VALUE_KEY.fullmatch(key[0].strip("\"': \t")))):
        return
    word = _WORD.match(text, start + (key.end() if key else 0), end)
    if word and not (line["dash"] and word["more"].strip()):
        yield from _value(word, name)


def _value(found: re.Match[str], name: str) -> Iterator[Span]:
    group = next((one for one in ("e", "q", "a", "p") if found[one]), "")
    if group and not _VARIABLE.fullmatch(found[group]) and secret_value(name, found[group], quoted=group != "p"):
        yield Span(*found.span(group), "setting")
