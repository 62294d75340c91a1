"""A diagnosis for a person: the cause, the line that proves it with what stands around it, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from heal.cases import Case
from heal.cli import words
from heal.knowledge.patterns import FixSpec
from heal.records import Diagnosis, FixKind

_CITED = 2
_BEFORE, _AFTER = 3, 2
_WIDTH = 200


def lines(case: Case, found: Diagnosis, fix: FixSpec | None) -> Iterator[str]:
    """The answer, line by line; one line only where nothing is wrong."""
    yield found.cause
    if found.label is None:
        return
    yield f"  {words.label(found)}"
    yield ""
    seen = {finding.text for finding in case.findings}
    cited = [one for one in (found.root, *found.citations[:_CITED]) if one and one.text not in seen]
    for source in dict.fromkeys(one.source for one in cited):
        yield from _shown(case, source, {one.line: one.text for one in cited if one.source == source})
        yield ""
    yield from words.looked_up(case.findings)
    if fix:
        yield f"  what to do: {what_to_do(fix)}"
    yield f"  why this: {found.explanation} `heal explain` shows all that was weighed."


def _shown(case: Case, source: str, cited: dict[int, str]) -> Iterator[str]:
    """The cited lines of one text, marked, with the lines around them; a fact has no line."""
    evidence = next((one for one in case.evidence if one.source == source), None)
    around = evidence.numbered() if evidence else {}
    near = {number for line in cited if line for number in range(line - _BEFORE, line + _AFTER + 1)}
    # a line is shown as it is cited: of a long one the part that counts
    rows = {number: around[number] for number in near if number in around} | cited
    if facts := rows.pop(0, ""):
        yield f"  {source}: {facts}"
    if rows:
        yield f"  {source}"
    for before, number in pairwise([min(rows, default=1) - 1, *sorted(rows)]):
        if number != before + 1:
            yield f"    {'…':>6}"
        yield f"  {'>' if number in cited else ' '} {number:>6} │ {rows[number].rstrip()[:_WIDTH]}"


def what_to_do(fix: FixSpec) -> str:
    """What heal would do, or what a person has to, in one phrase."""
    match fix.kind:
        case FixKind.RESOURCES:
            return f"ask for more {fix.resource}"
        case FixKind.RETRY:
            return "run it again" + (f" after {fix.delay_s:.0f} s" if fix.delay_s else "")
        case FixKind.EXCLUDE_NODE:
            return "run it again on another node"
        case FixKind.UNLOCK:
            return "remove the lock once it is surely stale"
        case FixKind.PREPARE:
            return f"make the folder of {fix.folder}"
        case _:
            return fix.text or f"change the {fix.kind.value}: a person has to look at it"
