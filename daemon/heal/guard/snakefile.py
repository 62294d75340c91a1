"""A Snakefile as Python of the same lines: a rule becomes a block, a directive a call; one parser reads both."""

from __future__ import annotations

import io
import tokenize

BLOCKS = frozenset({"rule", "checkpoint", "module", "subworkflow", "use"})
RUNS = frozenset({"run", "onstart", "onsuccess", "onerror"})
DIRECTIVES = frozenset(
    [
        "input",
        "output",
        "params",
        "log",
        "benchmark",
        "threads",
        "resources",
        "priority",
        "message",
        "shell",
        "script",
        "notebook",
        "wrapper",
        "cwl",
        "conda",
        "container",
        "singularity",
        "containerized",
        "envmodules",
        "shadow",
        "group",
        "localrule",
        "cache",
        "handover",
        "wildcard_constraints",
        "retries",
        "default_target",
        "name",
        "template_engine",
        "configfile",
        "include",
        "workdir",
        "ruleorder",
        "localrules",
        "envvars",
        "report",
        "pepfile",
        "pepschema",
        "scattergather",
        "storage",
        "resource_scopes",
        "prefix",
        "snakefile",
        "config",
        "meta_wrapper",
        "replace_prefix",
        "skip_validation",
        "inputflags",
        "outputflags",
        "pathvars",
    ]
)
_SKIPPED = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING})
_LAYOUT = _SKIPPED | {tokenize.NEWLINE, tokenize.ENDMARKER}


def called(directive: str) -> str:
    """The name of the call that a directive becomes."""
    return f"snakemake_{directive}"


def as_python(text: str) -> str:
    """The same lines as Python, for reading alone.

    Raises ``SyntaxError`` or ``tokenize.TokenError`` where the text cannot be cut into tokens.
    """
    found = list(tokenize.generate_tokens(io.StringIO(text).readline))
    edits: list[tuple[int, int, int, str]] = []
    at = 0
    begins = True
    while at < len(found):
        if begins and (stop := _use(found, at)):
            edits += _replaced(found[at:stop], f"{called('use')}({_title(found, at, stop)!r})")
            at = stop
            continue
        if begins and found[at].type == tokenize.NAME and (colon := _header(found, at)):
            name, row, column = found[at].string, *found[at].start
            end = found[colon].end
            if name in BLOCKS or name in RUNS:
                edits += _replaced(found[at : colon + 1], f"if {called(name)}({_title(found, at, colon)!r}):")
            else:
                last = _last(found, colon)
                edits.append((row, column, end[1], f"{called(name)}("))
                edits.append((*_after(found, colon, last), ")"))
                at = max(last, colon) + 1
                begins = at < len(found) and found[at].type in _LAYOUT
                continue
            at = colon + 1
            continue
        begins = found[at].type in _LAYOUT or (begins and found[at].type in _SKIPPED)
        at += 1
    return _edited(text, edits)


def _replaced(tokens: list[tokenize.TokenInfo], text: str) -> list[tuple[int, int, int, str]]:
    return [(tokens[0].start[0], tokens[0].start[1], tokens[-1].end[1], text)]


def _header(found: list[tokenize.TokenInfo], at: int) -> int | None:
    """Where the colon stands that ends the header beginning here; None where none does."""
    name = found[at].string
    if name in DIRECTIVES or name in RUNS:
        return at + 1 if at + 1 < len(found) and found[at + 1].string == ":" else None
    if name not in BLOCKS:
        return None
    for index in range(at + 1, len(found)):
        one = found[index]
        if one.string == ":":
            return index if one.start[0] == found[at].start[0] else None
        if one.type not in {tokenize.NAME, tokenize.OP} or one.string in {"=", "(", "."}:
            return None
    return None


def _use(found: list[tokenize.TokenInfo], at: int) -> int | None:
    """Where ``use rule a from b as c`` ends, if it begins here and has no block of its own."""
    if [one.string for one in found[at : at + 2]] != ["use", "rule"]:
        return None
    end = next(index for index in range(at, len(found)) if found[index].type in {tokenize.NEWLINE, tokenize.ENDMARKER})
    return None if any(one.string == ":" for one in found[at:end]) else end


def _title(found: list[tokenize.TokenInfo], at: int, colon: int) -> str:
    return " ".join(one.string for one in found[at + 1 : colon])


def _last(found: list[tokenize.TokenInfo], colon: int) -> int:
    """The last token that belongs to the directive: the rest of its line and the block under it."""
    depth, last = 0, colon
    for index in range(colon + 1, len(found)):
        one = found[index]
        depth += (one.type == tokenize.INDENT) - (one.type == tokenize.DEDENT)
        if depth < 0 or (depth == 0 and one.type == tokenize.DEDENT) or one.type == tokenize.ENDMARKER:
            return last
        if one.type not in _LAYOUT:
            last = index
        if one.type == tokenize.NEWLINE and depth == 0 and not _indents(found, index):
            return last
    return last


def _indents(found: list[tokenize.TokenInfo], index: int) -> bool:
    for one in found[index + 1 :]:
        if one.type == tokenize.INDENT:
            return True
        if one.type not in {tokenize.NL, tokenize.COMMENT}:
            return False
    return False


def _after(found: list[tokenize.TokenInfo], colon: int, last: int) -> tuple[int, int, int]:
    row, column = found[max(last, colon)].end
    return row, column, column


def _edited(text: str, edits: list[tuple[int, int, int, str]]) -> str:
    lines = text.split("\n")
    for row, start, end, new in sorted(edits, reverse=True):
        line = lines[row - 1]
        lines[row - 1] = line[:start] + new + line[end:]
    return "\n".join(lines)
