"""A patch held against what is never let pass, whoever proposes it: a model, a pattern or a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from heal.guard import (
    marks,
    no_longer,
    patterns,
    places,
    python_entry,
    python_fallbacks,
    python_reach,
    python_results,
    python_stand_ins,
    shape,
    statistics,
    statuses,
    value_words,
    values,
)
from heal.guard.facts import Facts
from heal.guard.hiding import HIDING
from heal.guard.powers import POWERS
from heal.guard.reading import Reading, read
from heal.guard.rules import Rule, Trait, changed_lines, held_against, objection, sorted_objections
from heal.model_settings import Patches
from heal.patch import Edit, Objection, Patch
from heal.records import Verdict

RULES: Mapping[str, Rule] = {**places.PLACES, **marks.MARKS, **shape.SHAPE, **HIDING, **POWERS}


def inspect(
    before: Mapping[str, str | None], patch: Patch, allowed: Patches, facts: Facts | None = None
) -> tuple[Objection, ...]:
    """All that speaks against a patch, what is final first; empty where nothing does. Nothing is read, run or written.

    ``before`` is the text of each edited file at the base, None where there is none. A path that it does not name is
    taken for a file that is not there. What is counted (powers, checks) is counted over all files of the patch: code
    that moved is nothing new.
    """
    return sorted_objections(_objections(before, patch, allowed, facts or Facts()))


def refused(objections: tuple[Objection, ...]) -> bool:
    """True where one of them is final."""
    return any(one.verdict is Verdict.REFUSE for one in objections)


def _objections(before: Mapping[str, str | None], patch: Patch, allowed: Patches, facts: Facts) -> Iterator[Objection]:
    yield from places.at(before, patch, allowed, facts)
    readable = [edit for edit in patch.edits if marks.readable(before.get(edit.path), edit.text)]
    was = {edit.path: read(edit.path, before.get(edit.path) or "") for edit in readable}
    now = {edit.path: read(edit.path, edit.text) for edit in readable}
    for edit in patch.edits:
        yield from marks.of(edit.path, before.get(edit.path), edit.text)
    for edit in readable:
        yield from shape.of(edit.path, before.get(edit.path), edit.text, facts, was=was[edit.path], now=now[edit.path])
    yield from _compared(before, readable, was, now)


def _compared(
    before: Mapping[str, str | None], edits: list[Edit], was: Mapping[str, Reading], now: Mapping[str, Reading]
) -> Iterator[Objection]:
    old = {path: list(reading.traits) for path, reading in was.items()}
    new = {path: list(reading.traits) for path, reading in now.items()}
    for path, reading in now.items():
        new[path] += _relative(was[path], reading)
    for edit in edits:
        if was[edit.path].trouble:
            new[edit.path] = _beyond(before.get(edit.path) or "", new[edit.path], edit.text)
            # what was left out to read the rest may have held what seems to be gone
            old[edit.path] = [trait for trait in old[edit.path] if trait.rule.verdict is Verdict.REFUSE]
        if now[edit.path].trouble and not was[edit.path].trouble:
            # refused already; what seems to be gone was not read
            old[edit.path] = [trait for trait in old[edit.path] if trait.rule.side == "came"]
    lines = {edit.path: changed_lines(before.get(edit.path) or "", edit.text) for edit in edits}
    yield from held_against(old, new, lines)
    yield from _checks_run(before, was, now)
    yield from _no_longer(was, now)


def _checks_run(
    before: Mapping[str, str | None], was: Mapping[str, Reading], now: Mapping[str, Reading]
) -> Iterator[Objection]:
    """Over all files: a check may have moved into a function of another one."""
    old = {path: reading.tree for path, reading in was.items() if reading.tree}
    new = {path: reading.tree for path, reading in now.items() if reading.tree}
    known = {path: set(re.findall(r"\bdef\s+(\w+)", before.get(path) or "")) for path in new}
    broken = any(reading.trouble for reading in was.values())
    yield from python_reach.moved(old, new, known=known, broken=broken)


def _no_longer(was: Mapping[str, Reading], now: Mapping[str, Reading]) -> Iterator[Objection]:
    """Over all files, too; where one could not be read nothing is known of what it did."""
    if any(reading.trouble for reading in (*was.values(), *now.values())):
        return
    old, new = no_longer.Doing(), no_longer.Doing()
    for path, reading in now.items():
        old.add(was[path].doing)
        new.add(reading.doing)
    path = next((one for one in now if was[one].doing != now[one].doing), "")
    yield from (objection(one.rule, path, one.line, one.key) for one in no_longer.compared(old, new))


def _relative(was: Reading, now: Reading) -> Iterator[Trait]:
    """What can only be told of two texts: other values under the same names, computed things that are fixed now."""
    made = now.made | was.made
    kept = [value for value in now.values if not (value.name == "input of a rule" and value.value in made)]
    found = list(values.compared(was.values, kept))
    yield from (
        trait for trait in found if not (trait.key.startswith("input of a rule") and trait.rule.id != "hide.reference")
    )
    yield from value_words.fixed_now(was.code, now.code)
    yield from patterns.narrowed(was.patterns, now.patterns)
    yield from statistics.replaced(was.computes, now.computes)
    yield from statuses.put_away(was.commands, now.commands)
    if not was.trouble:
        yield from statuses.made_conditional(was.commands, now.commands)
    if was.tree and now.tree:
        yield from python_results.became_constant(was.tree, now.tree)
        yield from python_fallbacks.silenced(was.tree, now.tree)
        if not was.trouble:
            yield from python_results.under_conditions(was.tree, now.tree)
            yield from python_entry.no_longer_run(was.tree, now.tree)
            yield from python_stand_ins.stand_ins(was.tree, now.tree)


def _beyond(before: str, traits: list[Trait], text: str) -> list[Trait]:
    """Without what stands on a line that says no more than some line before: that one was there, and not understood."""
    unread = [_said(line) for line in before.split("\n")]
    lines = text.split("\n")
    return [
        trait
        for trait in traits
        if trait.rule.side == "went"
        or not 0 < trait.line <= len(lines)
        or not any(_said(lines[trait.line - 1]) <= one for one in unread)
    ]


def _said(line: str) -> set[str]:
    return set(re.findall(r"[\w.]+|[|&;<>$`!+-]+", line))
