"""Texts put in place of others: line ends, last newline, indentation and untouched lines stay as they were."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

_BOM = "\ufeff"
_NUMBERED = re.compile(r"^\s*(\d+)\s?[|:│\t]( ?)(.*)$")
# beyond this many lines that differ, finding which of them stayed takes too long
_MOST_COMPARED = 1200


def one_line(text: str, most: int = 500) -> str:
    """A text of anybody's on one line, printable, and not too long."""
    return "".join(one for one in " ".join(text[: 4 * most].split()) if one.isprintable())[:most]


def replaced(old: str, new: Sequence[str], start: int = 1, end: int | None = None) -> str:
    """The text ``old`` with its lines ``start`` to ``end`` (from 1, both included) being ``new``.

    A line that stays keeps its bytes; a new one gets the line end that most lines have. Whether the text ends with a
    newline stays as it was.
    """
    kept = split(old)
    first, last = start - 1, len(kept) if end is None else end
    mark = _BOM if old.startswith(_BOM) and first == 0 else ""
    if mark:
        kept[0] = kept[0][1:]
        new = [new[0].removeprefix(_BOM), *new[1:]] if new else new
    made = kept[:first] + _merged(kept[first:last], list(new), _usual_end(old)) + kept[last:]
    return mark + _ended(made, old)


def split(text: str) -> list[str]:
    """The lines with their ends; only a newline ends one (a form feed or U+2028 is text)."""
    lines = text.split("\n")
    whole = [f"{line}\n" for line in lines[:-1]]
    return [*whole, lines[-1]] if lines[-1] else whole


def unnumbered(lines: Sequence[str]) -> list[str]:
    """The lines without the numbers that they were shown with, where each has one and they count up by one."""
    found = [_NUMBERED.match(line) for line in lines]
    if len(lines) < 2 or not all(found):  # noqa: PLR2004 - one line alone counts nothing
        return list(lines)
    numbers = [int(one[1][:9]) for one in found if one]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return list(lines)
    spaced = all(one[2] or not one[3] for one in found if one)
    return [one[3] if spaced else one[2] + one[3] for one in found if one]


def indented(lines: Sequence[str], like: Sequence[str]) -> list[str]:
    """The lines moved right as a whole, where they begin with the first line of ``like`` but for its indentation."""
    first = next((line for line in lines if line.strip()), "")
    model = next((line for line in like if line.strip()), "")
    lack = model[: len(model) - len(model.lstrip())]
    have = first[: len(first) - len(first.lstrip())]
    if first.strip() != model.strip() or have == lack or not lack.endswith(have):
        return list(lines)
    more = lack[: len(lack) - len(have)]
    # a line that is indented less than the first was moved by nobody: then the lines are as they are meant
    if any(line.strip() and not line.startswith(have) for line in lines):
        return list(lines)
    return [more + line if line.strip() else line for line in lines]


def changed(old: str, new: str) -> int:
    """How many lines are taken away and put there."""
    a, b = old.split("\n"), new.split("\n")
    head, tail = _alike(a, b)
    return len(a) + len(b) - 2 * (head + tail) - 2 * sum(size for _i, _j, size in _blocks(a, b, head, tail))


def diff(path: str, old: str, new: str) -> str:
    """What changes, as a person reads it."""
    a, b = [[line.rstrip("\r\n") for line in split(text)] for text in (old, new)]
    if len(a) + len(b) > 4 * _MOST_COMPARED:
        return f"--- {path}\n+++ {path}\n{changed(old, new)} lines differ"
    return "\n".join(difflib.unified_diff(a, b, path, path, lineterm=""))


def _alike(a: Sequence[str], b: Sequence[str]) -> tuple[int, int]:
    """With how many equal lines both begin, and end."""
    most = min(len(a), len(b))
    head = next((n for n in range(most) if a[n] != b[n]), most)
    return head, next((n for n in range(most - head) if a[-1 - n] != b[-1 - n]), most - head)


def _blocks(a: Sequence[str], b: Sequence[str], head: int, tail: int) -> list[tuple[int, int, int]]:
    """Equal runs between the two: where in each, and how many lines. None where too much differs to look for them."""
    a, b = a[head : len(a) - tail], b[head : len(b) - tail]
    if len(a) + len(b) > _MOST_COMPARED:
        return []
    blocks = difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    return [(head + i, head + j, size) for i, j, size in blocks]


def _usual_end(text: str) -> str:
    windows = text.count("\r\n")
    return "\r\n" if windows * 2 > text.count("\n") else "\n"


def _merged(old: list[str], new: list[str], end: str) -> list[str]:
    a, b = [_same(line) for line in old], [_same(line) for line in new]
    head, tail = _alike(a, b)
    made = [line + end for line in new]
    for i, j, size in [(0, 0, head), (len(a) - tail, len(b) - tail, tail), *_blocks(a, b, head, tail)]:
        made[j : j + size] = [line if line.endswith("\n") else line + end for line in old[i : i + size]]
    return made


def _same(line: str) -> str:
    """What makes two lines the same: blanks at the end count only after a backslash, where they are a fault."""
    bare = line.rstrip("\r\n")
    text = bare.rstrip()
    return bare if text.endswith("\\") else text


def _ended(lines: list[str], like: str) -> str:
    text = "".join(lines)
    return text if like.endswith("\n") or not like else text.removesuffix("\n").removesuffix("\r")
