"""Stack traces and traced shells, folded: the errors and the user's own frames stay, the rest is counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from heal.evidence.frames import Frame, frame_at


class Part(StrEnum):
    """What a line is in a trace."""

    ROOT = "root"  # the error a trace or a chain of them began with
    ERROR = "error"  # an error of a trace that another one caused
    OWN = "own"  # a frame of the user's own code, or the deepest where none is
    FRAME = "frame"  # a frame that may be folded
    HEADER = "header"  # what stands above or between traces and says nothing itself
    COMMAND = "command"  # a command that a shell showed before it ran it, and that went well


@dataclass(frozen=True, slots=True)
class Folds:
    """What the lines of the traces are, by number, and whose the folded frames are."""

    parts: Mapping[int, Part] = field(default_factory=dict)
    owners: Mapping[int, str] = field(default_factory=dict)

    def whose(self, numbers: Sequence[int]) -> str:
        """Whose frames these lines are, the most frequent first."""
        counted = Counter(owner for number in numbers if (owner := self.owners.get(number)))
        return ", ".join(owner for owner, _ in counted.most_common(_NAMED))


# of a deep recursion, and of a deep program
_OWN_KEPT = 3
_NAMED = 2
_SHORT = 2
_COMMANDS_KEPT = 2
_REACH = 6
_HEADER = re.compile(
    r"^\s*(?:Traceback \(most recent call last\)|Stack ?trace:?$|(?:stack )?backtrace:|Backtrace:$|goroutine \d+ \["
    r"|note: run with `RUST_BACKTRACE|The above exception was|During handling of the above)",
    re.IGNORECASE,
)
_CHAINED = re.compile(r"^\s*(?:The above exception was the direct cause|During handling of the above exception)")
_CAUSED = re.compile(r"^\s*(?:Caused by|- cause|\[?Suppressed)\b")
_WORD = re.compile(r"\w")
_TRACED = re.compile(r"^\++ \S")


def folded(lines: Mapping[int, str]) -> Folds:
    """The folds of a text, given by line number; gaps between the numbers part traces."""
    parts: dict[int, Part] = {number: Part.HEADER for number, line in lines.items() if _HEADER.match(line)}
    owners: dict[int, str] = {}
    runs = _runs(lines)
    for run in runs:
        _mark(run, parts, owners)
    errors = [_error(lines, run, parts) for run in runs]
    for error in errors:
        if error is not None:
            parts[error] = Part.ROOT
    _chain_python(lines, runs, errors, parts)
    _chain_java(lines, runs, errors, parts)
    _fold_commands(lines, parts)
    return Folds(parts, owners)


def _runs(lines: Mapping[int, str]) -> list[list[Frame]]:
    """The frames that follow each other without a line between them."""
    runs: list[list[Frame]] = []
    done = 0
    for number in sorted(lines):
        if number <= done or not (frame := frame_at(lines, number)):
            continue
        if runs and runs[-1][-1].lines[-1] + 1 == number:
            runs[-1].append(frame)
        else:
            runs.append([frame])
        done = frame.lines[-1]
    return runs


def _mark(run: Sequence[Frame], parts: dict[int, Part], owners: dict[int, str]) -> None:
    deepest_first = list(reversed(run)) if run[0].deepest_last else list(run)
    own = [frame for frame in deepest_first if frame.own] or deepest_first[:1]
    kept = [*own[: _OWN_KEPT - 1], *own[-1:]] if len(own) > _OWN_KEPT else own
    for frame in run:
        whole = frame in kept or len(run) <= _SHORT
        for number in frame.lines:
            parts[number] = Part.OWN if whole else Part.FRAME
            if not whole:
                owners[number] = frame.of


def _error(lines: Mapping[int, str], run: Sequence[Frame], parts: Mapping[int, Part]) -> int | None:
    """The line that says what went wrong: after the frames where the deepest comes last, else before them."""
    step = 1 if run[0].deepest_last else -1
    number = run[-1].lines[-1] + 1 if step > 0 else run[0].lines[0] - 1
    for _ in range(_REACH):
        line = lines.get(number)
        if line is None:
            return None
        if _WORD.search(line) and parts.get(number) is not Part.HEADER:
            return None if number in parts else number
        number += step
    return None


def _chain_python(
    lines: Mapping[int, str], runs: Sequence[Sequence[Frame]], errors: Sequence[int | None], parts: dict[int, Part]
) -> None:
    # the first of a chain is its root; those after it followed
    for (before, error), (run, later) in pairwise(zip(runs, errors, strict=True)):
        if error is None or later is None or not before[0].deepest_last:
            continue
        between = (lines.get(number, "") for number in range(error + 1, min(run[0].lines[0], error + 12)))
        if any(_CHAINED.match(line) for line in between):
            parts[later] = Part.ERROR


def _chain_java(
    lines: Mapping[int, str], runs: Sequence[Sequence[Frame]], errors: Sequence[int | None], parts: dict[int, Part]
) -> None:
    # the last cause of a chain is its root; those before it followed
    for (before, error), (_, later) in pairwise(zip(runs, errors, strict=True)):
        if error is None or later is None or before[0].deepest_last:
            continue
        if later <= before[-1].lines[-1] + _REACH and _CAUSED.match(lines[later]):
            parts[error] = Part.ERROR


def _fold_commands(lines: Mapping[int, str], parts: dict[int, Part]) -> None:
    """Commands that a shell shows before it runs them: the last before each word of a program may be what failed."""
    traced = [number for number in sorted(lines) if _TRACED.match(lines[number]) and number not in parts]
    for number in traced:
        after = range(number + 1, number + 1 + _COMMANDS_KEPT)
        if all(next_one in lines and _TRACED.match(lines[next_one]) for next_one in after):
            parts[number] = Part.COMMAND
