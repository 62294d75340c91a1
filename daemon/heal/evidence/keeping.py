"""What is kept of the evidence with a diagnosis: no more than a person or a model will read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from heal.cases import Evidence, Passage
from heal.evidence.distil import Mark, distil
from heal.evidence.distillate import Distillate, Section, Shown
from heal.evidence.templates import NOTHING, Ordinary
from heal.records import Diagnosis


def marks_of(found: Diagnosis) -> tuple[Mark, ...]:
    """The lines a diagnosis leans on, the root first, then what else it weighed."""
    cited = [*((found.root,) if found.root else ()), *found.citations, *(row.citation for row in found.ledger)]
    return tuple(Mark(citation, 1 / (place + 1)) for place, citation in enumerate(dict.fromkeys(cited)))


def distilled(evidence: Sequence[Evidence], found: Diagnosis, ordinary: Ordinary = NOTHING) -> Distillate:
    """The few lines that matter, by what the diagnosis found telling."""
    return distil(evidence, marks_of(found), ordinary)


def kept(evidence: Sequence[Evidence], made: Distillate) -> tuple[Evidence, ...]:
    """The evidence with no more of each text than the distillate shows."""
    shown = {one.source: one for one in made.sections}
    return tuple(_kept(one, shown.get(one.source)) for one in evidence)


def _kept(one: Evidence, section: Section | None) -> Evidence:
    rows = [part for part in section.parts if isinstance(part, Shown) and part.number] if section else []
    there = {row.number for row in rows}
    return replace(one, passages=tuple(_passages(rows)), hits=tuple(hit for hit in one.hits if hit.line in there))


def _passages(rows: Iterable[Shown]) -> Iterator[Passage]:
    start, lines = 0, list[str]()
    for row in rows:
        if lines and row.number != start + len(lines):
            yield Passage(start, "\n".join(lines))
            lines = []
        if not lines:
            start = row.number
        lines.append(row.text)
    if lines:
        yield Passage(start, "\n".join(lines))
