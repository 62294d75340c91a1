"""Which lines of which file a block of an answer is for, and whether it can be taken: in doubt it is not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from heal.chain import fences
from heal.chain.assignment import Source
from heal.chain.fences import Block
from heal.chain.lines import unnumbered

# of a text as long as this so much at least comes back: the smallest change takes no more away
_LONG, _MOST_GONE = 30, 0.5
_ELLIPSIS = re.compile(r"^[\W_]*(?:\.\.\.|…)[\W_]*$")
_LEFT = r"\b(?:rest|remain\w*|exist\w*|unchanged|omit\w*|same|previous|other|more|left out)\b"
_ELIDED = re.compile(
    rf"(?:\.\.\.|…).{{0,40}}{_LEFT}|{_LEFT}.{{0,40}}(?:\.\.\.|…)"
    r"|^\W*(?:#|//|--|/\*|%|<!--).{0,20}\b(?:rest of (?:the|your|this)|(?:existing|remaining|unchanged) code"
    r"|code (?:omitted|unchanged)|no changes? below|same as before)\b",
    re.IGNORECASE,
)


class Wrong(Exception):
    """An answer, or a block of it, cannot be taken; the text says why."""


def wrong_path(path: str) -> str:
    """What is wrong with a path as one of a repository's; empty: nothing."""
    parts = path.split("/")
    if not path or len(path) > 500 or not path.isprintable():  # noqa: PLR2004 - longer than any path of a pipeline
        return "it is no path"
    if path.startswith(("/", "~")) or "\\" in path or re.match(r"[A-Za-z]:", path):
        return "a path from the repository's root is needed, with / between its parts"
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        return "a path has no empty part, no '.', no '..' and no '.git' in it"
    return ""


def place_of(path: str, block: Block, sources: Sequence[Source]) -> Source:
    """The lines of a file that a block is for. Raises where that is not sure."""
    if not block.part:
        return _whole(path, block, sources)
    if block.region is None:
        if len(sources) == 1:
            return sources[0]
        raise Wrong(f"which lines? Write one of {_regions(path, sources)}")
    start, end = block.region
    if exact := next((one for one in sources if (one.start, one.last) == (start, end)), None):
        return exact
    holding = next((one for one in sources if one.start <= start <= end <= one.last), None)
    if holding is None:
        raise Wrong(f"lines {start}-{end} were not shown; write {_regions(path, sources)}")
    place = Source(path, holding.text, start, end)
    was, lines = place.lines, unnumbered(block.lines)
    if not lines or (lines[0].strip(), lines[-1].strip()) != (was[0].strip(), was[-1].strip()):
        raise Wrong(
            f"lines {start}-{end} do not begin and end as they were shown: give the first and the last of them again, "
            f"or all of {_regions(path, sources)}"
        )
    return place


def _whole(path: str, block: Block, sources: Sequence[Source]) -> Source:
    whole = next((one for one in sources if one.whole), None)
    if whole:
        return whole
    # only a part was shown; it is what was meant where its first and last lines come back
    lines = [line.strip() for line in unnumbered(block.lines) if line.strip()]
    for one in sources:
        was = [line.strip() for line in one.lines if line.strip()]
        if lines and was and (lines[0], lines[-1]) == (was[0], was[-1]):
            return one
    raise Wrong(f"only a part of it was shown: write {_regions(path, sources)}")


def _regions(path: str, sources: Sequence[Source]) -> str:
    return " or ".join(f"'REGION {path}:{one.start}-{one.last}'" for one in sources)


def check_fence(block: Block, sources: Sequence[Source]) -> None:
    """Raises where it is not sure that the block is all there and no more."""
    if not block.closed:
        raise Wrong("its fence has no end: the answer was cut off, or the text holds ``` itself (use ```` around it)")
    holds = block.nested or any(fences.FENCE.match(line) for one in sources for line in one.lines)
    if holds and block.doubtful:
        raise Wrong("the text holds ``` itself, and where it ends is not clear: put ```` around it")


def check_elision(lines: Sequence[str], was: Sequence[str]) -> None:
    """Raises where a line stands for others that were left out, or most lines are gone."""
    if len(was) >= _LONG and len(lines) < _MOST_GONE * len(was):
        raise Wrong(f"{len(lines)} lines for {len(was)}: give every line of it, the unchanged ones too")
    known = {line.strip() for line in was}
    for line in _new(lines, known):
        if _ELLIPSIS.match(line) or _ELIDED.search(line[:300]):
            raise Wrong(f"{line.strip()[:80]!r} stands for lines that are left out: give every line of it")


def _new(lines: Sequence[str], known: Collection[str]) -> Iterator[str]:
    return (line for line in lines if line.strip() and line.strip() not in known)
