"""The second look at a line that matched: whether it fits its pattern, and is said and not only shown."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from heal.evidence.excerpt import Place
from heal.evidence.textfile import Block
from heal.knowledge.patterns import Pattern

# kept of each pattern: the first show where it began, the last where it ended
FIRST, LAST = 3, 3
# so many lines of a block are looked at from either end for some that hold
_TRIES = 12
_CITED = 400
# of a longer line only this much about the place that matched
_CLIP = 2048
_QUOTE_REACH = 16384


@dataclass(frozen=True, slots=True)
class Spot:
    """A line that a pattern was found in, and the lines about it."""

    line: int
    text: str
    place: Place


@dataclass(slots=True)
class Kept:
    """The first spots of a pattern and the last."""

    first: list[Spot] = field(default_factory=list)
    last: deque[Spot] = field(default_factory=lambda: deque(maxlen=LAST))

    @property
    def begun(self) -> bool:
        """Whether its first spots are there, so that only the last can change."""
        return len(self.first) == FIRST

    def look(self, block: Block, ends: Sequence[int], pattern: Pattern, around: Callable[[Block, int], Place]) -> None:
        """Takes what holds of the places in the block where the pattern matched."""

        def holding(some: Iterable[int]) -> Iterator[Spot]:
            for end in some:
                if held := confirmed(block, end, pattern):
                    yield Spot(*held, around(block, end))

        at = 0
        while at < min(len(ends), _TRIES) and not self.begun:
            for spot in holding(ends[at : at + 1]):
                self._add(spot)
            at += 1
        latest: list[Spot] = []
        for spot in holding(reversed(ends[max(at, len(ends) - _TRIES) :])):
            latest.append(spot)
            if len(latest) == LAST:
                break
        for spot in reversed(latest):
            self._add(spot)

    def _add(self, spot: Spot) -> None:
        newest = self.last[-1] if self.last else self.first[-1] if self.first else None
        # the overlap of two windows shows one line twice
        if newest and newest.line == spot.line:
            return
        if len(self.first) < FIRST:
            self.first.append(spot)
        else:
            self.last.append(spot)

    def spots(self) -> list[Spot]:
        """All that was kept, in order."""
        return [*self.first, *self.last]


def confirmed(block: Block, end: int, pattern: Pattern) -> tuple[int, str] | None:
    """The number of the line that matched up to ``end`` and what is cited of it; None where it does not hold."""
    text = block.text
    start = text.rfind(b"\n", 0, max(end - 1, 0)) + 1
    stop = text.find(b"\n", max(end - 1, start))
    stop = len(text) if stop < 0 else stop
    left, right = max(start, end - _CLIP * 3 // 4), min(stop, end + _CLIP // 4)
    # a window that starts within a line, or a clipped line, must not satisfy a '^'
    lead = "… " if left > start or (start == 0 and block.inside) else ""
    line = lead + text[left:right].decode("utf-8", "replace")
    line = _without_command(text, start, line)
    if not line or not pattern.find(line) or quoted(text, start):
        return None
    return block.line_at(start), _cited(line, lead, text[left:end])


# a Snakemake error repeats the whole command of the rule, over as many lines as it has (its strict mode comes first);
# another program's "Command 'x' not found" is what that program says
_COMMAND, _COMMAND_ENDS = b"Command 'set -", re.compile(r"^.*'(?= (?:returned non-zero exit status|died with) )")
_ENDINGS = (b"' returned non-zero exit status", b"' died with ")


def _without_command(text: bytes, start: int, line: str) -> str:
    """The line without what it shows of a command that failed: words of a script are not what it said."""
    before = b"\n" + text[max(0, start - _QUOTE_REACH) : start]
    begin = before.rfind(b"\n" + _COMMAND)
    inside = begin >= 0 and not any(ending in before[begin:] for ending in _ENDINGS)
    if not inside and not text.startswith(_COMMAND, start):
        return line
    ends = _COMMAND_ENDS.match(line)
    return f"Command '…'{line[ends.end() :]}" if ends else ""


def _cited(line: str, lead: str, before: bytes) -> str:
    if len(line) <= _CITED:
        return line.rstrip()
    hit = len(lead) + len(before.decode("utf-8", "replace"))
    left = max(0, min(hit - _CITED * 3 // 4, len(line) - _CITED))
    cut = line[left : left + _CITED].rstrip()
    return f"… {cut}" if left else cut


def quoted(text: bytes, start: int) -> bool:
    """True where the line at ``start`` is a program's text that is only shown, by an engine, a shell or a traceback."""
    line = text[start : start + 16]
    if line.startswith((b"+ ", b"++ ", b"+++ ")):
        return True
    before = b"\n" + text[max(0, start - _QUOTE_REACH) : start]
    previous = before[before.rfind(b"\n", 0, max(len(before) - 1, 0)) + 1 :]
    if line.startswith(b"    ") and previous.startswith(b'  File "') and b", line " in previous:
        return True
    return line.startswith(b"  ") and (_in_command(before) or _in_shell(before, line))


def _in_command(before: bytes) -> bool:
    # Nextflow repeats the task's script between these two headings
    begin = before.rfind(b"\nCommand executed")
    return begin >= 0 and before.find(b"\nCommand exit status", begin) < 0


def _in_shell(before: bytes, line: bytes) -> bool:
    # Snakemake repeats the shell command of a rule under this heading, indented further
    begin = before.rfind(b"\n    shell:\n")
    if begin < 0 or not line.startswith(b"        "):
        return False
    rest = before[begin + 12 :].splitlines()
    return all(row.startswith(b"        ") and not row.startswith(b"        (") for row in rest if row.strip())
