"""Foreign text as data: between fences that it cannot close, under a heading of heal's own. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from heal.evidence.tokens import tokens
from heal.payload.regions import Region

_TICKS = re.compile("`+")
_SHORTEST = 3
# a number, the sign after it, a line's end
_NUMBERED = 4
# a sentence about what was left out, before and after
_TOLD = 40
_MOST_PATH = 300


@dataclass(frozen=True, slots=True)
class Cut:
    """A text that fits, how many tokens it has, and how many of its lines were left out."""

    text: str
    tokens: int
    left_out: int = 0


def fenced(text: str) -> str:
    """The text between two lines of backticks, more of them than stand in a row anywhere in it."""
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(_SHORTEST, longest + 1)
    end = "" if text.endswith("\n") or not text else "\n"
    return f"{fence}\n{text}{end}{fence}"


def one_line(text: str) -> str:
    """A path or a name as part of a heading: without what would end the line or begin a fence."""
    return "".join(sign if sign.isprintable() and sign != "`" else "?" for sign in text)[:_MOST_PATH]


def shortened(text: str, room: int) -> Cut:
    """As many lines from the beginning as fit; what is left out is said."""
    if tokens(text) <= room:
        return Cut(text, tokens(text))
    lines = text.split("\n")
    kept, used = 0, tokens(_left_out(len(lines)))
    for line in lines:
        used += tokens(line) + 1
        if used > room:
            break
        kept += 1
    made = "\n".join([*lines[:kept], _left_out(len(lines) - kept)])
    return Cut(made, tokens(made), len(lines) - kept)


def _left_out(lines: int) -> str:
    return f"… {lines:,} line{'' if lines == 1 else 's'} left out"


def shown_region(region: Region, name: str, hidden: Sequence[str], room: int) -> tuple[Cut, Region | None]:
    """A region under its heading, each line with its number, and what of it found room; None: nothing did.

    ``name`` is its path and ``hidden`` are the lines of the whole file, both without secrets. Where not all fits, the
    lines that matter stay.
    """
    lines = [line.rstrip("\r") for line in hidden[region.start - 1 : region.last]]
    kept = _fitting(region, lines, room - 3 * tokens(name) - 20)
    if kept is None:
        return Cut("", 0, len(lines)), None
    start, end = kept
    part = region if (start, end) == (region.start, region.last) else _part(region, start, end)
    rows = [f"{number} | {line}" for number, line in enumerate(lines, region.start) if start <= number <= end]
    out = len(lines) - len(rows)
    told = "\n".join(f"… {one}" for one in _gaps(region, name, start, end))
    text = "\n".join(each for each in (_heading(part, name), fenced("\n".join(rows)), told) if each)
    return Cut(text, tokens(text), out), part


def _part(region: Region, start: int, end: int) -> Region:
    return Region(region.path, region.text, start, end, region.why, region.base, region.focus)


def _heading(region: Region, path: str) -> str:
    if region.whole:
        return f"FILE {path} ({region.count} lines)"
    return f"REGION {path}:{region.start}-{region.last} (of {region.count} lines)"


def _gaps(region: Region, path: str, start: int, end: int) -> list[str]:
    gaps = [(region.start, start - 1), (end + 1, region.last)]
    return [f"lines {one}-{other} of {path} left out: no room" for one, other in gaps if other >= one]


def _fitting(region: Region, lines: Sequence[str], room: int) -> tuple[int, int] | None:
    """The first and last line that fit, those in focus first and then what stands around them."""
    cost = [tokens(line) + _NUMBERED for line in lines]
    if not lines or sum(cost) <= room:
        return (region.start, region.last) if room > 0 else None
    spare = room - _TOLD
    first, last = (min(max(0, line - region.start), len(lines) - 1) for line in region.focus or (0, 0))
    low, high = first, first - 1
    # down to the end of what matters, then what stands around it, line by line
    while high < last and cost[high + 1] <= spare:
        high += 1
        spare -= cost[high]
    while high >= last:
        if low > 0 and cost[low - 1] <= spare:
            low -= 1
            spare -= cost[low]
        elif high + 1 < len(lines) and cost[high + 1] <= spare:
            high += 1
            spare -= cost[high]
        else:
            break
    return (region.start + low, region.start + high) if high >= low else None
