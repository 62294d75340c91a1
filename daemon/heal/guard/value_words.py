"""Values under a name in a text that has no parser here, and names that were given something computed before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from heal.guard.hiding import HIDING
from heal.guard.rules import Trait
from heal.guard.values import NUMBER, RESOURCE, Value

_PAIR = re.compile(
    r"""([A-Za-z_][\w.]*)\s*(<-|=(?!=)|:(?!:)|[<>]=?|==|!=)\s*(-?\d[\w.]*|-?\.\d+|(["'])(?:(?!\4)[^\\\n]|\\.)*\4)""",
)
_SEEDED = re.compile(r"(set\.seed|new Random|randomSeed|srand|setSeed)\s*\(\s*([^)\s]*)")
_DIRECTIVE = re.compile(r"(?m)^[ \t]*(maxRetries|maxErrors|errorStrategy|time|memory|cpus)\s+(\d+)\b")
_READ = re.compile(
    r"""(read[\w.]*|fread|load|readRDS|scan|source|fromPath|fromFilePairs|file)\s*\(\s*(["'])((?:(?!\2)[^\\\n])+)\2"""
)
_MADE = re.compile(
    r"(?m)(?:^|[(,{]|\bdef|\bmy\s+\$|\b(?:let|const|var))\s*([A-Za-z_][\w.$]*)\s*(?:<-|=(?!=))\s*([^\n,)]+)"
)


def fixed_now(before: str, after: str) -> Iterator[Trait]:
    """Names that were given something computed, and are given a number now."""
    pairs = [(found[1], found[2].strip().rstrip(";")) for found in _MADE.finditer(before)]
    old, there = dict(pairs), Counter(pairs)
    for found in _MADE.finditer(after):
        was, now = old.get(found[1], ""), found[2].strip().rstrip(";")
        there[found[1], now] -= 1
        if there[found[1], now] >= 0:
            # it began with this number before, too
            continue
        if (
            (NUMBER.match(now) or re.match(r"c\(\s*-?[\d.]+$", now))
            and re.search(r"[(\[]|[A-Za-z_]\w*\s*[-+*/]", was)
            and not RESOURCE.match(found[1])
        ):
            line = after.count("\n", 0, found.start(1)) + 1
            yield Trait(HIDING["hide.constant"], f"{found[1]} = {now}", line)


def of_words(code: str, line: int = 1) -> Iterator[Value]:
    """``name = 3``, ``name <- 3``, ``name: 3``, ``name > 3`` and seeds, where there is no parser."""
    for found in _PAIR.finditer(code):
        compare = " compared" if found[2] in {"<", ">", "<=", ">=", "==", "!="} else ""
        yield Value(found[1] + compare, found[3].strip("\"'"), line + code.count("\n", 0, found.start()))
    for pattern in (_SEEDED, _DIRECTIVE):
        for found in pattern.finditer(code):
            name = "seed" if pattern is _SEEDED else found[1]
            yield Value(name, found[2], line + code.count("\n", 0, found.start()))
    for found in _READ.finditer(code):
        yield Value(f"input of {found[1]}", found[3], line + code.count("\n", 0, found.start()))


def of_switches(code: str) -> Iterator[Value]:
    """``params.skip_qc = true``: what is on and what is off, as numbers."""
    for found in re.finditer(r"(?m)([A-Za-z_][\w.]*)\s*=\s*(true|false)\b", code):
        yield Value(found[1], str(int(found[2] == "true")), code.count("\n", 0, found.start()) + 1)
