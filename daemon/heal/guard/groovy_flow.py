"""What the workflows of a Nextflow text run: which steps they call, under what, and which channels they cut short."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.guard import parts
from heal.guard.hiding import HIDING
from heal.guard.kinds import Language
from heal.guard.lexer import tokens
from heal.guard.rules import Trait

_DECLARED = re.compile(r"\b(?:process|workflow)\s+(\w+)\s*\{")
_INCLUDED = re.compile(r"\binclude\s*\{([^}]*)\}")
_HEAD = re.compile(r"^\s*workflow(?:\s+\w+)?\s*$")
# what is not declared in the text, as in a part of one: processes are named in capitals
_CAPITALS = r"[A-Z][A-Z0-9_]*"
_UNLESS = re.compile(r"\b(?:if|else|switch|while|for)\b|\?|&&|\|\|")
_NEXT_LINE = re.compile(r"^\s*(?:\}?\s*else\s*)?(?:if\s*\(.*\)|else)\s*$")
_CUTS = re.compile(
    r"\.\s*(?:(reduce|max|min|sum|buffer)\s*[({]|(collate)\s*\([^)]*\bfalse\b|(collate)\s*\([^)]*\bremainder\s*:\s*false"
    # what has no partner in the other channel goes; the texts of a list are joined by a text
    r"|(join)\s*\((?!\s*\"\")|(cross|phase)\s*[({]|(combine)\s*\([^)\n]*\bby\s*:|(groupTuple)\s*\([^)\n]*\bsize\s*:)"
)
_PIPED = re.compile(
    r"(?<!\|)\|\s*(?:(?P<out>filter|take|until|randomSample)"
    r"|(?P<less>first|last|unique|distinct|branch|join|cross|phase|reduce|min|max|buffer))\b"
)
# one of the items that were gathered
_ONE_OF_ALL = re.compile(
    r"\.\s*(collect|toList|toSortedList|groupTuple|collate)\s*(?:\([^()\n]*\)|\{[^{}\n]*\})?\s*"
    r"\.\s*(?:map|flatMap)\s*\{[^{}\n]*(?:\w\s*\[\s*-?\d|\bfirst\b|\blast\b|\btake\b|\bhead\b)"
)


def traits(text: str) -> Iterator[Trait]:
    """Each step that is called, once; each that is called under a condition; operators that leave items out."""
    code = "".join(_bare(token.kind, token.text) for token in tokens(text, Language.GROOVY))
    blocks = list(_workflows(code))
    called: set[str] = set()
    steps = _steps(code)
    for found in re.finditer(rf"(?<![\w.])(?:{'|'.join([*steps, _CAPITALS])})(?=\s*\()|\|\s*\w+", code):
        at, name, line = found.start(), found[0].lstrip("| \t\n"), code.count("\n", 0, found.start()) + 1
        inside = [inner for start, end, inner in blocks if start < at < end]
        if not inside or (found[0].startswith("|") and name not in steps and not name.isupper()):
            continue
        if name not in called:
            yield Trait(HIDING["hide.step_gone"], "a call of a step", line)
        called.add(name)
        if any(start < at < end for start, end in inside[0]) or _unless(code, at):
            yield Trait(HIDING["hide.conditional"], name, line)
    yield from parts.of_channels(code)
    for start, end, inner in blocks:
        yield from _in_workflow(code, start, end, inner)


def _in_workflow(code: str, start: int, end: int, inner: list[tuple[int, int]]) -> Iterator[Trait]:
    for found in _CUTS.finditer(code, start, end):
        operator = next(one for one in found.groups() if one)
        yield Trait(HIDING["hide.skip"], f".{operator}", code.count("\n", 0, found.start()) + 1)
    for found in _PIPED.finditer(code, start, end):
        rule = "hide.leaves_out" if found["out"] else "hide.skip"
        yield Trait(HIDING[rule], f"| {found['out'] or found['less']}", code.count("\n", 0, found.start()) + 1)
    for found in _ONE_OF_ALL.finditer(code, start, end):
        yield Trait(HIDING["hide.skip"], f"one of .{found[1]}", code.count("\n", 0, found.start()) + 1)
    for found in re.compile(r"\breturn\b").finditer(code, start, end):
        if not any(first < found.start() < last and not _is_branch(code, first) for first, last in inner):
            yield Trait(HIDING["hide.conditional"], "return", code.count("\n", 0, found.start()) + 1)


def _bare(kind: str, text: str) -> str:
    """A token as it counts here: of strings and comments their lines alone."""
    return text if kind not in {"string", "comment"} else '""' * (kind == "string") + "\n" * text.count("\n")


def _steps(code: str) -> set[str]:
    """The processes and workflows that a text has, its own and included ones by the name they have here."""
    included = " ".join(found[1].replace(";", " ; ") for found in _INCLUDED.finditer(code))
    return {found[1] for found in _DECLARED.finditer(code)} | set(re.findall(r"(\w+)\s*(?:;|$)", included))


def _workflows(code: str) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Where each workflow's block begins and ends, and the same of all blocks in it."""
    stack: list[tuple[int, bool]] = []
    inner: list[tuple[int, int]] = []
    for at, sign in enumerate(code):
        if sign == "{":
            stack.append((at, bool(_HEAD.match(_before(code, at)))))
        elif sign == "}" and stack:
            start, workflow = stack.pop()
            if workflow:
                yield start, at, inner
                inner = []
            elif any(outer for _, outer in stack):
                inner.append((start, at))


def _before(code: str, at: int) -> str:
    """What stands before a place in its line, or in the last line with something where that is nothing."""
    return code[:at].rstrip().rpartition("\n")[2]


def _is_branch(code: str, at: int) -> bool:
    return re.search(r"\)\s*$|\belse\s*$", _before(code, at)) is not None and bool(_UNLESS.search(_before(code, at)))


def _unless(code: str, at: int) -> bool:
    """True for a call that its own line, or the one before, makes depend on something."""
    line = code[:at].rpartition("\n")[2]
    return bool(_UNLESS.search(line)) or (not line.strip() and bool(_NEXT_LINE.match(_before(code, at))))
