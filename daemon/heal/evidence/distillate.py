"""What is left of the evidence when it is distilled, and how it reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from heal.evidence.folding import Part
from heal.evidence.templates import masked
from heal.evidence.weighing import Text

_LIKE = 80
_ALIKE = 3
_LISTED = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """A line that is shown; ``number`` 0 is a fact. ``marked`` where a diagnosis found it telling."""

    number: int
    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Lines left out: how many, how many of them are ``alike`` and what such a line says, how many are frames."""

    lines: int
    alike: int = 0
    like: str = ""
    frames: int = 0
    whose: str = ""
    commands: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """What is shown of one text, in its order, and what is left out between."""

    source: str
    lines: int
    notes: tuple[str, ...]
    parts: tuple[Shown | Gap, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A telling line and when it was written, by the clock on the wall."""

    time: datetime
    source: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Distillate:
    """The lines that matter, the texts with the most telling first; ``text`` is how they read."""

    sections: tuple[Section, ...]
    moments: tuple[Moment, ...]
    text: str
    tokens: int


def section(text: Text, chosen: AbstractSet[int], marked: AbstractSet[tuple[str, int]]) -> Section:
    """The chosen lines of a text and the gaps between them."""
    source = text.evidence.source
    parts: list[Shown | Gap] = []
    before = 0
    for number in sorted(chosen):
        if number > before + 1:
            parts.append(_gap(text, before + 1, number))
        parts.append(Shown(number, text.lines[number].rstrip(), (source, number) in marked))
        before = number
    if before < text.evidence.lines:
        parts.append(_gap(text, before + 1, text.evidence.lines + 1))
    return Section(source, text.evidence.lines, text.evidence.notes, tuple(parts))


def _gap(text: Text, start: int, end: int) -> Gap:
    inside = [number for number in text.lines if start <= number < end]
    kinds = Counter(text.folds.parts.get(number) for number in inside)
    groups = Counter(text.groups[number] for number in inside if number in text.groups)
    most = next(iter(groups.most_common(1)), None)
    if most is None or most[1] < _ALIKE or kinds[Part.FRAME] > most[1]:
        most = None
    example = next((text.lines[number] for number in inside if most and text.groups.get(number) == most[0]), "")
    frames = [number for number in inside if text.folds.parts.get(number) is Part.FRAME]
    return Gap(
        lines=end - start,
        alike=most[1] if most else 0,
        like=masked(example)[:_LIKE],
        frames=len(frames),
        whose=text.folds.whose(frames),
        commands=kinds[Part.COMMAND],
    )


def rendered(
    sections: Sequence[Section], moments: Sequence[Moment], unread: Sequence[tuple[str, tuple[str, ...]]]
) -> str:
    """How it reads: each text under its name, what is left out stated, then the order of time."""
    blocks = [_section(one) for one in sections]
    if moments:
        rows = [f"{one.time:%m-%d %H:%M:%S} {one.source}:{one.line} {one.text}" for one in moments]
        blocks.append("\n".join(["== in the order of time", *rows]))
    if unread:
        names = [f"{source} ({notes[0]})" if notes else source for source, notes in unread[:_LISTED]]
        more = f" and {len(unread) - _LISTED:,} more" if len(unread) > _LISTED else ""
        blocks.append(f"== nothing shown of: {', '.join(names)}{more}")
    return "\n".join(blocks)


def _section(one: Section) -> str:
    size = f" ({one.lines:,} lines)" if one.lines else ""
    notes = "".join(f"; {note}" for note in one.notes if not note.startswith("clipped"))
    return "\n".join([f"== {one.source}{size}{notes}", *(_row(part) for part in one.parts)])


def _row(part: Shown | Gap) -> str:
    if isinstance(part, Shown):
        number = f"{part.number}: " if part.number else ""
        return f"{'> ' if part.marked else ''}{number}{part.text}"
    if part.frames == part.lines:
        return (
            f"… {_count(part.frames, 'frame')} of {part.whose}" if part.whose else f"… {_count(part.frames, 'frame')}"
        )
    if part.commands == part.lines:
        return f"… {_count(part.commands, 'shown command')}"
    told = f"… {_count(part.lines, 'line')} left out"
    if part.alike:
        return f"{told}, {part.alike:,} of them like: {part.like}"
    if part.frames:
        return f"{told}, {part.frames:,} of them frames" + (f" of {part.whose}" if part.whose else "")
    return told


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
