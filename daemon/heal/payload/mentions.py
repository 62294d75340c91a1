"""The places in files that a log, a trace or an engine's message names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

_CODE = r"(?:py|pyx|R|r|Rmd|rmd|sh|bash|pl|pm|jl|awk|nf|groovy|smk|config|ya?ml|json|toml|rb|lua|m|cpp|c|h|java|ipynb)"
_LINED = (
    re.compile(r'File "(?P<path>[^"\n]+)", line (?P<line>\d+)'),
    re.compile(r'in (?:rule \w+ in )?file "?(?P<path>[^",\n]+?)"?, line (?P<line>\d+)'),
    re.compile(r"\(rule \w+, line (?P<line>\d+), (?P<path>[^)\n]+)\)"),
    re.compile(r"(?P<path>[\w./+-]+): line (?P<line>\d+):"),
    re.compile(r"script '(?P<path>[^'\n]+)' at line: (?P<line>\d+)"),
    re.compile(r"\bat (?P<path>[\w./+-]+\.p[lm]) line (?P<line>\d+)"),
    re.compile(rf"(?P<path>[\w./+-]+\.{_CODE})[:#(@](?:L|line )?(?P<line>\d+)\b"),
    re.compile(rf"(?P<path>[\w./+-]*\b(?:Snakefile|[\w+-]+\.{_CODE}))[: ]+(?:\[?line )(?P<line>\d+)"),
)
_NAMED = re.compile(rf"(?<![\w./+-])(?P<path>[\w./+-]*(?:Snakefile|[\w+-]+\.{_CODE}))(?![\w/])")
# a script of Snakemake's is run as a copy: .snakemake/scripts/tmpab12cd.plot.py
_COPY = re.compile(r"^tmp[\w]{6,12}\.(?P<name>.+)$")
_MOST = 400


@dataclass(frozen=True, slots=True)
class Mention:
    """A file that is named, and the line of it; 0 where none is."""

    path: str
    line: int = 0


def mentions(texts: Iterable[str]) -> tuple[Mention, ...]:
    """What the texts name, those with a line first, each in the order in which they come."""
    lined: dict[Mention, None] = {}
    named: dict[Mention, None] = {}
    for text in texts:
        for pattern in _LINED:
            lined |= {Mention(got["path"], int(got["line"][:9])): None for got in pattern.finditer(text)}
        named |= {Mention(got["path"]): None for got in _NAMED.finditer(text)}
    return (*tuple(lined)[:_MOST], *tuple(named)[:_MOST])


def located(found: Iterable[Mention], paths: Iterable[str], root: str = "") -> Iterator[Mention]:
    """The mentions with paths as the repository has them; what it has not, or may have twice, is left out."""
    known = _by_name(paths)
    for one in found:
        path = _inside(one.path, known, root)
        if path:
            yield Mention(path, one.line)


def _by_name(paths: Iterable[str]) -> Mapping[str, list[str]]:
    known: dict[str, list[str]] = {}
    for path in paths:
        known.setdefault(PurePosixPath(path).name, []).append(path)
    return known


def _inside(path: str, known: Mapping[str, list[str]], root: str) -> str:
    """The path that is meant: the one below the root, else the only one with the most parts alike."""
    below = path.removeprefix(root.rstrip("/") + "/") if root else path
    name = PurePosixPath(path).name
    if copied := _COPY.match(name):
        name = copied["name"]
    candidates = known.get(name, [])
    if below in candidates:
        return below
    parts = PurePosixPath(path).with_name(name).parts[::-1] if name else ()
    scored = [(_alike(parts, PurePosixPath(each).parts[::-1]), each) for each in candidates]
    best = max((score for score, _ in scored), default=0)
    top = [each for score, each in scored if score == best]
    return top[0] if len(top) == 1 else ""


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many parts are the same, from the end."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
