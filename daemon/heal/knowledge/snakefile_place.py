"""Where in a Snakefile it is that an error of Snakemake's speaks of.

Its line numbers are often wrong (snakemake/snakemake#3875, #2565): none is believed unless the line holds what the
error names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import PurePath

from heal.cases import Citation

# how the names of a Snakemake workflow's own files end
ENDINGS = ("nakefile", ".smk", ".rules", ".snakefile")
_CLAIMS = (
    re.compile(r'\bin (?:rule (?P<rule>\w+) in )?file "?(?P<file>[^",\n]+?)"?, line (?P<line>\d+)'),
    re.compile(r"\(rule (?P<rule>\w+), line (?P<line>\d+), (?P<file>[^)\n]+)\)"),
    # the end of a traceback: what Python could not read, in no function
    re.compile(r'^ *File "(?P<file>[^"\n]+)", line (?P<line>\d+)(?P<rule>)$', re.MULTILINE),
)
_RULES = (
    re.compile(r"\brule (?P<rule>\w+)\b(?! in )"),
    re.compile(r"The name (?P<rule>\w+) is already used"),
    re.compile(r"Rules (?P<rule>\w+) and \w+ are ambiguous"),
)
# what names something, and how that stands in its line
_WORD, _KEYWORD, _WILDCARD = r"(?<!\w)%s(?!\w)", r"^\s*%s\b", r"\{%s\s*[,}]"
_NAMES = (
    (re.compile(r"[Nn]ame '(?P<name>\w+)' is (?:not defined|unknown)"), _WORD),
    (re.compile(r"^KeyError.*\n'(?P<name>\w+)'$", re.MULTILINE), _WORD),
    (re.compile(r"Colon expected after keyword (?P<name>\w+)\."), r"^\s*%s\b(?!\s*:)"),
    (re.compile(r"(?:Unexpected|after) keyword (?P<name>\w+)(?: in|\.)"), _KEYWORD),
    (re.compile(r"No such file or directory: '(?:[^'\n]*/)?(?P<name>[^'/\n]+)'"), _WORD),
    (re.compile(r"configfile (?:\S*/)?(?P<name>[^\s/]+) but it is not present"), _WORD),
    (re.compile(r"No module named '(?P<name>[\w.]+)'"), _WORD),
    (re.compile(r"No values given for wildcard '(?P<name>\w+)'"), _WILDCARD),
    (re.compile(r"^Wildcards in .* cannot be determined .*\n'(?P<name>\w+)'$", re.MULTILINE), _WILDCARD),
    (re.compile(r"'Wildcards' object has no attribute '(?P<name>\w+)'"), r"\bwildcards\.%s\b"),
)
_NO_HEAD = "Expected name or colon after rule or checkpoint keyword"
_SHORT = 6
_TARGET = "Target rules may not contain wildcards"
_HEAD = re.compile(r"^(?:rule|checkpoint)\b\s*(?P<rule>\w*)\s*:", re.MULTILINE)


def files(message: str) -> tuple[str, ...]:
    """The files that the error names."""
    found = (got["file"] for claim in _CLAIMS for got in claim.finditer(message))
    return tuple(dict.fromkeys(name for name in found if not name.startswith("<")))


def place(message: str, sources: Mapping[str, str]) -> Citation | None:
    """The line that holds what the error names: the one it claims, else the only one; None where that is not so.

    ``sources`` are the texts of the workflow's files by their paths; of those the error names a file from, that one.
    """
    claimed = {(PurePath(got["file"]), int(got["line"])) for claim in _CLAIMS for got in claim.finditer(message)}
    named = {path for path, _line in claimed} & {PurePath(path) for path in sources}
    texts = {path: text.splitlines() for path, text in sources.items() if not named or PurePath(path) in named}
    for wanted in _wanted(message):
        hits = [
            (path, number, line)
            for path, lines in texts.items()
            for number, line in enumerate(lines, start=1)
            if wanted.search(line)
        ]
        right = [hit for hit in hits if (PurePath(hit[0]), hit[1]) in claimed] or hits
        if len(right) == 1:
            path, number, line = right[0]
            return Citation(path, number, line.strip())
    return None


def target(message: str, snakefile: str, words: Sequence[str]) -> int | None:
    """The line of the rule that Snakemake was asked to make and that has wildcards; None where it is not surely that.

    ``snakefile`` is the text of the one that it took, ``words`` its command line.
    """
    if _TARGET not in message or "default_target" in snakefile:
        return None
    heads = list(_HEAD.finditer(snakefile))
    blocks = [
        (head, snakefile[head.end() : after.start() if after else len(snakefile)])
        for head, after in zip_longest(heads, heads[1:])
    ]
    asked = [one for one in blocks if one[0]["rule"] in words[1:]] or blocks[:1]
    filled = [head for head, block in asked if re.search(r"\{\w+\s*[,}]", block)]
    return snakefile.count("\n", 0, filled[0].start()) + 1 if len(filled) == 1 else None


def _wanted(message: str) -> Iterator[re.Pattern[str]]:
    """What a line must hold, the surest first: the line that Python quotes, a name, the head of the rule."""
    for line in message.splitlines()[1:]:
        if len(line.strip()) >= _SHORT:
            yield re.compile(rf"^\s*{re.escape(line.strip())}\s*$")
    for pattern, stands in _NAMES:
        if got := pattern.search(message):
            yield re.compile(stands % re.escape(got["name"]))
    if _NO_HEAD in message:
        yield re.compile(r"^\s*(?:rule|checkpoint)\b[^:]*$")
    for got in (got for pattern in (*_CLAIMS, *_RULES) for got in pattern.finditer(message) if got["rule"]):
        yield re.compile(rf"^\s*(?:(?:rule|checkpoint)\s+{got['rule']}\b|use rule .*\bas\s+{got['rule']}\b)")
