"""Reads one pattern file and says what is wrong with it, in words that name the field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from heal.errors import BadPattern
from heal.knowledge.regexes import QUOTE, NoRegex, linear
from heal.records import FixKind, Label

STATUSES = ("draft", "trial", "trusted", "retired")
TEXTS = ("id", "title", "status", "cause")
LISTS = ("references", "hits", "misses")
KNOWN = {*TEXTS, *LISTS, "tools", "label", "match", "unless", "when", "confidence", "rank", "fix", "learnt"}
TOP_RANK = 50
_GROUP = re.compile(r"\(\?P<\w+>")
# a hungry end reports every length it can have: the shortest is enough to know the line
_HUNGRY_END = re.compile(r"(?<!\\)(?P<one>\.|\\[SwWd])(?P<times>[+*])(?P<close>\)*)$")


def parse(data: bytes) -> dict[str, Any]:
    """The mapping a file holds. Raises BadPattern where it is not YAML or not a mapping."""
    # slow to import, and not needed when the cache is warm
    from ruamel.yaml import YAML  # noqa: PLC0415
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        row = YAML(typ="safe").load(data.decode("utf-8"))
    except (YAMLError, ValueError, RecursionError) as error:
        # a day that no month has is a ValueError of the reader's, and so is a text that is no UTF-8
        raise BadPattern(f"is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(row, dict):
        raise BadPattern("holds no mapping")
    return row


def check(row: dict[str, Any], name: str) -> dict[str, Any]:
    """The row with every ``match`` in its long form. Raises BadPattern that names the first field that is wrong."""
    if unknown := sorted(set(row) - KNOWN):
        raise BadPattern(f"has a field heal does not know: {unknown[0]}")
    for field in TEXTS:
        if not isinstance(row.get(field), str) or not row[field].strip():
            raise BadPattern(f"{field}: a text is needed")
    if row["id"] != name:
        raise BadPattern(f"id: says {row['id']}, the file's place says {name}")
    _one_of("status", row["status"], STATUSES)
    if row.setdefault("label", None) is not None:
        _one_of("label", row["label"], [label.value for label in Label])
    _number("confidence", row.get("confidence"), 1)
    _number("rank", row.get("rank"), TOP_RANK)
    for field in (*LISTS, *({"tools"} & set(row))):
        _texts(field, row.get(field))
    matches = row.get("match")
    if not isinstance(matches, list) or not matches:
        raise BadPattern("match: a list of regexes is needed")
    checked = row | {"match": [_match(entry) for entry in matches]}
    unless = row.get("unless", [])
    if not isinstance(unless, list):
        raise BadPattern("unless: a list of regexes is needed")
    for regex in (*(entry["regex"] for entry in checked["match"]), *unless):
        _compiles(regex)
    _fix(row.get("fix"))
    _when(row.get("when", {}))
    _groups(checked)
    return checked | ({"learnt": _day(row["learnt"])} if "learnt" in row else {})


def refused(rows: Sequence[dict[str, Any]]) -> dict[int, str]:
    """Which of the checked rows hyperscan does not take, by their index, and why."""
    if not rows or _complaint([entry["regex"] for row in rows for entry in row["match"]]) is None:
        return {}
    # one of them is wrong: only now is it worth asking for each
    found = {at: _complaint([entry["regex"] for entry in row["match"]]) for at, row in enumerate(rows)}
    return {at: why for at, why in found.items() if why}


def _complaint(regexes: Sequence[str]) -> str | None:
    import hyperscan  # noqa: PLC0415  slow to import, and not needed when the cache is warm

    count = len(regexes)
    try:
        hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK).compile(
            expressions=[for_hyperscan(regex) for regex in regexes],
            ids=list(range(count)),
            elements=count,
            flags=[hyperscan.HS_FLAG_MULTILINE] * count,
        )
    except hyperscan.error as error:
        return f"match: a regex does not compile: {error}"
    return None


def for_hyperscan(regex: str) -> bytes:
    """The regex as hyperscan takes it: without names, ending in the shortest way that still finds the line."""
    plain = _GROUP.sub("(?:", regex.replace("<q>", QUOTE))
    return _HUNGRY_END.sub(_shortest, plain).encode("utf-8")


def _shortest(end: re.Match[str]) -> str:
    # what ends in nothing but "any number of" must still be a regex
    least = "" if end["times"] == "*" and end.start() > 0 else end["one"]
    return least + end["close"]


def _day(value: Any) -> str:
    try:
        # YAML reads a day as one
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise BadPattern(f"learnt: {value!r} is no day such as 2026-11-30") from error


def _one_of(field: str, value: Any, allowed: Any) -> None:
    if value not in allowed:
        raise BadPattern(f"{field}: {value!r} is none of {', '.join(allowed)}")


def _number(field: str, value: Any, top: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= top:
        raise BadPattern(f"{field}: a number from 0 to {top} is needed")


def _texts(field: str, value: Any) -> None:
    if not isinstance(value, list) or not value or not all(isinstance(text, str) and text for text in value):
        raise BadPattern(f"{field}: at least one text is needed")


def _match(entry: Any) -> dict[str, Any]:
    if isinstance(entry, str):
        return {"regex": entry}
    if not isinstance(entry, dict) or not isinstance(entry.get("regex"), str) or set(entry) - {"regex", "root"}:
        raise BadPattern("match: an entry is a regex, or a mapping of regex and root")
    return entry


def _compiles(regex: Any) -> None:
    if not isinstance(regex, str) or not regex:
        raise BadPattern("match and unless: a regex is a text")
    try:
        # both: one reads it for its words, the other looks for it
        re.compile(regex.replace("<q>", QUOTE))
        linear(regex)
    except (re.error, NoRegex) as error:
        raise BadPattern(f"regex {regex!r} does not compile: {error}") from error


def _fix(fix: Any) -> None:
    if fix is None:
        return
    if not isinstance(fix, dict) or set(fix) - {"kind", "resource", "delay_s", "folder", "text"}:
        raise BadPattern("fix: kind, resource, delay_s, folder and text are what it may hold")
    _one_of("fix.kind", fix.get("kind"), [kind.value for kind in FixKind])
    if fix["kind"] == FixKind.RESOURCES:
        _one_of("fix.resource", fix.get("resource"), ("memory", "time"))
    needs = {FixKind.PREPARE: "folder", FixKind.ADVICE: "text"}.get(FixKind(fix["kind"]))
    if needs and not isinstance(fix.get(needs), str):
        raise BadPattern(f"fix.{needs}: a text is needed for {fix['kind']}")
    if "delay_s" in fix:
        _number("fix.delay_s", fix["delay_s"], 86400)


def _when(when: Any) -> None:
    if not isinstance(when, dict) or set(when) - {"exit_code", "state", "engine"}:
        raise BadPattern("when: exit_code, state and engine are what it may hold")
    if not all(isinstance(values, list) for values in when.values()):
        raise BadPattern("when: each fact takes a list")


def _groups(row: dict[str, Any]) -> None:
    fix = row.get("fix") or {}
    used = {
        name
        for text in (row["cause"], fix.get("folder"), fix.get("text"))
        for name in re.findall(r"{(\w*)}", text or "")
    }
    regexes = (entry["regex"].replace("<q>", QUOTE) for entry in row["match"])
    named = {name for regex in regexes for name in re.compile(regex).groupindex}
    if missing := sorted(used - named):
        raise BadPattern(f"{{{missing[0]}}} is used, but no regex of match names it")
