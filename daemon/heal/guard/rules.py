"""What a rule is, what it is told by, and how a text before is held against the text after."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from heal.patch import Objection
from heal.records import Verdict

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is not let pass. ``side``: it counts where it came, or where it went.

    ``counted`` False: once is as good as often; what was there at all is not new.
    """

    id: str
    verdict: Verdict
    why: str
    side: Literal["came", "went"] = "came"
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Trait:
    """Something a text does. Two traits with one rule and one ``key`` are the same thing, wherever they stand."""

    rule: Rule
    key: str
    line: int


def refuse(name: str, why: str) -> Rule:
    """A rule whose word is final."""
    return Rule(name, Verdict.REFUSE, why)


def ask(name: str, why: str) -> Rule:
    """A rule that lets a person decide."""
    return Rule(name, Verdict.ASK, why)


def ask_once(name: str, why: str) -> Rule:
    """A rule that lets a person decide about what was nowhere in the files before."""
    return Rule(name, Verdict.ASK, why, counted=False)


def refuse_once(name: str, why: str) -> Rule:
    """A final rule about what was nowhere in the files before."""
    return Rule(name, Verdict.REFUSE, why, counted=False)


def refuse_loss(name: str, why: str) -> Rule:
    """A final rule about what is gone."""
    return Rule(name, Verdict.REFUSE, why, "went")


def ask_loss(name: str, why: str) -> Rule:
    """A rule about what is gone that lets a person decide."""
    return Rule(name, Verdict.ASK, why, "went")


def table(*rules: Rule) -> dict[str, Rule]:
    """Rules by their id."""
    return {rule.id: rule for rule in rules}


def objection(rule: Rule, path: str, line: int = 0, seen: str = "") -> Objection:
    """The rule's sentence about one place, with what was seen there."""
    shown = " ".join(seen.split())
    shown = f": {shown[:_SHOWN]}{'…' if len(shown) > _SHOWN else ''}" if shown else ""
    return Objection(rule.id, rule.verdict, path, line, f"{rule.why}{shown}")


def held_against(
    before: Mapping[str, Sequence[Trait]], after: Mapping[str, Sequence[Trait]], changed: Mapping[str, frozenset[int]]
) -> Iterator[Objection]:
    """What came and what went, counted over all files: code that only moved is neither.

    ``changed``: the lines of each new text that are not in the old one; of equal traits those are named first.
    """
    old = Counter((trait.rule.id, trait.key) for traits in before.values() for trait in traits)
    new = Counter((trait.rule.id, trait.key) for traits in after.values() for trait in traits)
    yield from _excess(after, new - old, "came", changed)
    yield from _excess(before, old - new, "went", {})


def _excess(
    traits: Mapping[str, Sequence[Trait]],
    more: Counter[tuple[str, str]],
    side: str,
    first: Mapping[str, frozenset[int]],
) -> Iterator[Objection]:
    places: defaultdict[tuple[str, str], list[tuple[bool, str, Trait]]] = defaultdict(list)
    for path, found in traits.items():
        for trait in found:
            if trait.rule.side == side:
                places[trait.rule.id, trait.key].append((trait.line not in first.get(path, ()), path, trait))
    for name, where in places.items():
        most = more[name] if where[0][2].rule.counted or more[name] == len(where) else 0
        for _, path, trait in sorted(where, key=lambda place: place[0])[:most]:
            yield objection(trait.rule, path, trait.line if side == "came" else 0, trait.key)


def changed_lines(before: str, after: str) -> frozenset[int]:
    """The numbers, from 1, of the lines after that are not the lines before."""
    matcher = difflib.SequenceMatcher(None, before.split("\n"), after.split("\n"), autojunk=False)
    return frozenset(
        number
        for kind, _i, _j, start, end in matcher.get_opcodes()
        if kind != "equal"
        for number in range(start + 1, end + 1)
    )


def sorted_objections(found: Iterable[Objection]) -> tuple[Objection, ...]:
    """Each once; what is final first, then by place."""
    return tuple(
        sorted(dict.fromkeys(found), key=lambda one: (one.verdict is not Verdict.REFUSE, one.path, one.line, one.rule))
    )
