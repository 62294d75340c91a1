"""A model's text as blocks: which file or region each is for, and what stands between its fences. Nothing is judged."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$")
_HEAD = re.compile(r"(?P<word>FILE|REGION)\b[:*_`\s]+(?P<rest>\S.*)", re.IGNORECASE)
_NO_FIX = re.compile(r"NO[ _-]?FIX\b[*_`]*\s*[:.,\u2013\u2014-]*\s*(?P<why>.*)", re.IGNORECASE)
_LINES = re.compile(
    r"\s*[:#@,]?\s*\(?(?:lines?\s+)?L?(?P<start>\d{1,7})\s*(?:-|\u2013|\.\.|to)\s*L?(?P<end>\d{1,7})\)?$", re.IGNORECASE
)
# how many lines a file has, as its heading says where it is shown
_COUNT = re.compile(r"\s*\((?:of )?[\d,]+ lines?\)[:\s]*$")
_NUMBER = re.compile(r"^\d{1,3}[.)]\s+")
_DECORATION = "#>*-_`\"' \t"
_THOUGHT = "</think>"
# so many lines may stand between the line that names a file and its fence
_BETWEEN = 4


@dataclass(frozen=True, slots=True)
class Block:
    """One file or region as a model wrote it; ``path`` is empty where nothing names it.

    ``region``: the lines it is for, None where it is for the whole file, or where no lines are given (``part``).
    ``closed`` False: its fence has no end. ``nested``: there were fences inside. ``doubtful``: more fences follow
    before the next file is named, so that its end may be another one.
    """

    path: str
    lines: tuple[str, ...]
    part: bool = False
    region: tuple[int, int] | None = None
    closed: bool = True
    nested: bool = False
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found. ``no_fix``: the reason given, None where no line says so. ``empty``: named, without a fence."""

    blocks: tuple[Block, ...] = ()
    loose: tuple[Block, ...] = ()
    no_fix: str | None = None
    empty: tuple[str, ...] = ()


def read(text: str, known: Collection[str] = ()) -> Reading:
    """The blocks of an answer. ``known``: paths that name a fence also without a word, on the line before it."""
    lines = text.rpartition(_THOUGHT)[2].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found: list[Block] = []
    empty: list[str] = []
    no_fix: str | None = None
    head: tuple[int, Block] | None = None
    at = 0
    while at < len(lines):
        opened = FENCE.match(lines[at])
        if opened and not (head is None and _wraps(lines, at)):
            named = head[1] if head and _near(lines, head[0], at) else _named(lines, at, opened["info"], known)
            block, at = _fenced(lines, at, opened, named)
            if not block.path and block.lines and (said := _refusal(block.lines[0])) is not None:
                no_fix = no_fix or said
            else:
                found.append(block)
            head = None
        elif first := _head(lines[at]):
            empty += [head[1].path] if head else []
            head = (at, first)
        elif no_fix is None:
            no_fix = _refusal(lines[at])
        at += 1
    empty += [head[1].path] if head else []
    return _sorted(found, no_fix, empty)


def _sorted(found: Sequence[Block], no_fix: str | None, empty: Sequence[str]) -> Reading:
    follows = [*(not block.path for block in found[1:]), False]
    blocks = [replace(block, doubtful=doubt) for block, doubt in zip(found, follows, strict=False) if block.path]
    return Reading(tuple(blocks), tuple(block for block in found if not block.path), no_fix, tuple(empty))


def _fenced(lines: Sequence[str], at: int, opened: re.Match[str], named: Block) -> tuple[Block, int]:
    """The block whose fence opens here, and the line of its end."""
    mark, length, depth, nested = opened["marks"][0], len(opened["marks"]), 0, False
    end = len(lines)
    for number in range(at + 1, len(lines)):
        other = FENCE.match(lines[number])
        if not other or other["marks"][0] != mark or len(other["marks"]) < length:
            continue
        if other["info"].strip():
            depth, nested = depth + 1, True
        elif depth:
            depth -= 1
        else:
            end = number
            break
    inside = [_outdented(line, opened["indent"]) for line in lines[at + 1 : end]]
    if not named.path and inside and (first := _head(inside[0])):
        named, inside = first, inside[1:]
    return replace(named, lines=tuple(inside), closed=end < len(lines), nested=nested), end


def _outdented(line: str, indent: str) -> str:
    """A fence in a list is indented, and so is what it holds."""
    return line[len(indent) :] if line.startswith(indent) else line.lstrip(" \t") if not line.strip() else line


def _head(line: str) -> Block | None:
    """The file or region that a line names: ``FILE path``, ``**REGION: `path`:3-9**`` and the like."""
    if len(line) > 1000:  # noqa: PLR2004 - no path, and not worth reading
        return None
    found = _HEAD.fullmatch(_NUMBER.sub("", line.strip().lstrip("#>*-_` \t")).rstrip("*_ \t"))
    if not found:
        return None
    rest = _COUNT.sub("", found["rest"].strip())
    # in prose "file" is followed by anything
    if found["word"] not in ("FILE", "REGION") and " " in rest.strip("`\"'"):
        return None
    spans = _LINES.search(rest)
    path = cleaned(rest[: spans.start()] if spans and spans.start() else rest)
    region = (int(spans["start"]), int(spans["end"])) if spans and spans.start() else None
    part = found["word"].upper() == "REGION" or region is not None
    return Block(path, (), part=part, region=region) if path else None


def cleaned(path: str) -> str:
    """A path without the quotes, stars and colons around it."""
    return path.strip().strip("*`\"' \t").rstrip(":").strip("*`\"' \t").removeprefix("./")


def _wraps(lines: Sequence[str], at: int) -> bool:
    """True where the fence is around the whole answer: the line that names a file follows, and then its own fence."""
    return at + 2 < len(lines) and _head(lines[at + 1]) is not None and FENCE.match(lines[at + 2]) is not None


def _near(lines: Sequence[str], head: int, at: int) -> bool:
    return sum(1 for line in lines[head + 1 : at] if line.strip()) <= _BETWEEN


def _named(lines: Sequence[str], at: int, info: str, known: Collection[str]) -> Block:
    """What else names a fence: its info (```python scripts/a.py), or a path alone on the line before."""
    before = next((line for line in reversed(lines[max(0, at - 2) : at]) if line.strip()), "")
    words = re.split(r"[\s=:]+", info[:1000].strip())
    for said in (words[-1], before[:1000]):
        if (path := cleaned(said.strip().strip(_DECORATION))) in known:
            return Block(path, ())
    return Block("", ())


def _refusal(line: str) -> str | None:
    found = _NO_FIX.fullmatch(line.strip().lstrip(_DECORATION)[:1000])
    return (found["why"].strip(_DECORATION) or "no reason was given") if found else None
