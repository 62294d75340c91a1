"""The plain words that a regex cannot do without: a text without them need not be searched for it.

Read from the tree that Python's own parser makes. What cannot be read so has no words, and is searched for everywhere.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from heal.knowledge.regexes import QUOTE

# the literals of one set at most, and the ways in which a regex is taken apart
_MOST, _WAYS = 24, 48
_LONGEST = 16
# a shorter one stands everywhere
LEAST = 3
_ASCII = 128
# a letter more makes a word so much rarer, up to some length
_LETTERS, _TELLING = 30.0, 6

# of one way to fit: sets of literals in lower case, of each of which one must stand in what fits
Way = tuple[frozenset[str], ...]
_Tree = Sequence[tuple[Any, Any]]


def ways(regex: str) -> tuple[Way, ...]:
    """How the regex may fit, each way with the literals it cannot do without; none where one way has no literal."""
    try:
        parser: Any = importlib.import_module("re._parser")
        tree = list(parser.parse(regex.replace("<q>", QUOTE)))
    except (ImportError, AttributeError, re.error):
        return ()
    found = [tuple(dict.fromkeys(_factors(way))) for way in _apart(tree)]
    return tuple(found) if all(found) else ()


def costly(regex: str) -> str | None:
    """Why looking for the regex makes every long log slower; None where it does not."""
    if ways(regex):
        return None
    return f"match: {regex!r} has no word of {LEAST} letters that must be there, so every line is searched for it"


def rarity(literals: Iterable[str]) -> float:
    """How often a set of literals is met where nothing is known of the text: the lower, the rarer."""
    return sum(_LETTERS ** -min(len(literal), _TELLING) for literal in literals)


def _apart(tree: _Tree) -> list[_Tree]:
    """The tree as several, none of which has a choice between long things, as far as they are not too many."""
    done: list[_Tree] = []
    todo: list[_Tree] = [tree]
    while todo:
        one = todo.pop()
        at = next((at for at, item in enumerate(one) if _choice(item)), None)
        choices = _choice(one[at]) if at is not None else None
        if at is None or choices is None or len(done) + len(todo) + len(choices) > _WAYS:
            done.append(one)
        else:
            todo += [[*one[:at], *choice, *one[at + 1 :]] for choice in choices]
    return done


def _choice(item: tuple[Any, Any]) -> list[_Tree] | None:
    """The alternatives of an item that no short list of literals says as well."""
    name, value = str(item[0]), item[1]
    if name == "SUBPATTERN":
        inner = list(value[3])
        return [inner] if _strings(item) is None else None
    if name == "BRANCH" and _strings(item) is None:
        return [list(branch) for branch in value[1]]
    return None


def _factors(tree: _Tree) -> list[frozenset[str]]:
    found: list[frozenset[str]] = []
    run: frozenset[str] = frozenset({""})
    for item in tree:
        strings = _strings(item)
        longer = _joined(run, strings) if strings is not None else None
        if longer is not None:
            run = longer
            continue
        found.append(run)
        run = strings if strings is not None else frozenset({""})
        if strings is None:
            found += _within(item)
    found.append(run)
    return [_plainest(some) for some in found if min(map(len, some)) >= LEAST]


def _plainest(some: Iterable[str]) -> frozenset[str]:
    """Without those that hold another of them, and none longer than it takes to be rare."""
    cut = {text[:_LONGEST] for text in some}
    return frozenset(text for text in cut if not any(other in text for other in cut if other != text))


def _within(item: tuple[Any, Any]) -> list[frozenset[str]]:
    """What stands in an item that must come at least once."""
    name, value = str(item[0]), item[1]
    if name == "SUBPATTERN":
        return _factors(list(value[3]))
    if name == "ATOMIC_GROUP":
        return _factors(list(value))
    if name.endswith("_REPEAT") and value[0] >= 1:
        return _factors(list(value[2]))
    if name == "BRANCH":
        each = [_factors(list(branch)) for branch in value[1]]
        if all(each):
            return [frozenset[str]().union(*(min(some, key=rarity) for some in each))]
    return []


def _strings(item: tuple[Any, Any]) -> frozenset[str] | None:  # noqa: PLR0911  one for each kind of item
    """All that the item can be, in lower case; None where that is no short list."""
    name, value = str(item[0]), item[1]
    if name in ("AT", "ASSERT", "ASSERT_NOT"):
        return frozenset({""})
    if name == "LITERAL":
        return frozenset({chr(value).lower()}) if value < _ASCII else None
    if name == "IN":
        return _class(value)
    if name == "SUBPATTERN":
        return _all(list(value[3]))
    if name == "ATOMIC_GROUP":
        return _all(list(value))
    if name == "BRANCH":
        each = [_all(list(branch)) for branch in value[1]]
        known = [some for some in each if some is not None]
        return _few(frozenset[str]().union(*known)) if len(known) == len(each) else None
    if name.endswith("_REPEAT") and str(value[1]) != "MAXREPEAT" and value[1] <= 2:  # noqa: PLR2004
        once = _all(list(value[2]))
        if once is None:
            return None
        twice = _joined(once, once)
        times = {0: frozenset({""}), 1: once, 2: twice}
        wanted = [times[count] for count in range(value[0], value[1] + 1)]
        known = [some for some in wanted if some is not None]
        return _few(frozenset[str]().union(*known)) if len(known) == len(wanted) else None
    return None


def _class(members: Iterable[tuple[Any, Any]]) -> frozenset[str] | None:
    found: set[str] = set()
    for kind, value in members:
        if str(kind) == "LITERAL" and value < _ASCII:
            found.add(chr(value).lower())
        elif str(kind) == "RANGE" and value[1] < _ASCII and value[1] - value[0] < _MOST:
            found |= {chr(code).lower() for code in range(value[0], value[1] + 1)}
        else:
            return None
    return frozenset(found) if len(found) <= 6 else None  # noqa: PLR2004  more make a poor word


def _all(tree: _Tree) -> frozenset[str] | None:
    run: frozenset[str] | None = frozenset({""})
    for item in tree:
        strings = _strings(item)
        run = _joined(run, strings) if run is not None and strings is not None else None
    return run


def _joined(first: frozenset[str], then: frozenset[str]) -> frozenset[str] | None:
    if len(first) * len(then) > _MOST * 4:
        return None
    return _few(frozenset(one + two for one in first for two in then))


def _few(strings: frozenset[str]) -> frozenset[str] | None:
    return strings if len(strings) <= _MOST else None
