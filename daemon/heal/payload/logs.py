"""The log of a failure as it may leave: hidden first and distilled then, so that nothing is cut in the middle. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from heal.cases import Citation, Evidence, Passage
from heal.evidence.distil import Mark, distil
from heal.evidence.distillate import Distillate, Shown
from heal.evidence.keeping import marks_of
from heal.payload.context import Context
from heal.payload.redact import Redactor


def told(context: Context, room: int, redactor: Redactor) -> Distillate:
    """The lines of the log that matter, hidden, within so many tokens; what the diagnosis leans on comes first."""
    evidence = tuple(_hidden(one, redactor) for one in context.evidence)
    marks = tuple(_mark(mark, redactor) for mark in marks_of(context.diagnosis))
    return _distilled(evidence, marks, max(40, room - 30))


@lru_cache(maxsize=8)
def _distilled(evidence: tuple[Evidence, ...], marks: tuple[Mark, ...], tokens: int) -> Distillate:
    """Kept, since each role is told of the same log in as much room."""
    return distil(evidence, marks, tokens=tokens)


def _hidden(one: Evidence, redactor: Redactor) -> Evidence:
    """The evidence without its secrets, line by line the same; passages are hidden together: a key may span some."""
    texts = redactor.hide("\n".join(passage.text for passage in one.passages)).split("\n")
    made: list[Passage] = []
    at = 0
    for passage in one.passages:
        count = passage.text.count("\n") + 1
        made.append(Passage(passage.line, "\n".join(texts[at : at + count])))
        at += count
    notes = tuple(redactor.hide(note) for note in one.notes)
    return replace(one, source=redactor.hide(one.source), passages=tuple(made), notes=notes)


def _mark(mark: Mark, redactor: Redactor) -> Mark:
    cited = mark.citation
    return Mark(Citation(redactor.hide(cited.source), cited.line, redactor.hide(cited.text)), mark.weight)


def unshown(log: Distillate | None) -> int:
    """How many lines of the texts are not told, as far as they were counted."""
    if log is None:
        return 0
    told = sum(isinstance(part, Shown) and part.number > 0 for section in log.sections for part in section.parts)
    return max(0, sum(section.lines for section in log.sections) - told)


def log_lines(log: Distillate | None) -> tuple[tuple[str, tuple[tuple[int, int], ...]], ...]:
    """The lines of each text that are told, as first and last of each run."""
    found = []
    for section in log.sections if log else ():
        runs: list[tuple[int, int]] = []
        for part in section.parts:
            if isinstance(part, Shown) and part.number:
                if runs and runs[-1][1] == part.number - 1:
                    runs[-1] = (runs[-1][0], part.number)
                else:
                    runs.append((part.number, part.number))
        found.append((section.source, tuple(runs)))
    return tuple(found)
