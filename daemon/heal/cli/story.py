"""The whole story of an incident for a person: what failed, the proof, what was tried and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from heal.cases import Evidence
from heal.cli import shapes, words
from heal.journal import Diagnosed, Entry, state_of
from heal.records import Attempt, Diagnosis, Incident

if TYPE_CHECKING:
    from heal.store import Repointed

_SHOWN = 20


def lines(
    one: Incident, entries: Sequence[Entry], attempts: Sequence[Attempt], followers: Sequence[Repointed] = ()
) -> Iterator[str]:
    """The page, line by line."""
    bodies = [entry.body for entry in entries]
    yield f"incident {one.id} · {state_of(bodies).replace('_', ' ')} · {one.engine} · run {one.lineage}"
    yield ""
    if found := shapes.diagnosis_of(bodies):
        yield from _cause(found)
        yield from words.looked_up(shapes.findings_of(bodies))
        yield ""
    yield "failed"
    for attempt in attempts[:_SHOWN]:
        yield f"  {words.failure(attempt, 1)}"
    if len(attempts) > _SHOWN:
        yield f"  and {len(attempts) - _SHOWN} more"
    yield ""
    yield "what happened"
    told = [(entry.at, line.strip()) for entry in entries for line in words.entry(entry.body, one.id, attempts)]
    told += [
        (each.at, f"SLURM {each.job} waits for {each.new or 'nothing more'}, no longer {each.old}")
        for each in followers
    ]
    for at, line in sorted(told, key=lambda each: each[0]):
        yield f"  {at.astimezone():%Y-%m-%d %H:%M:%S}  {line}"
    yield from _read(bodies)


def _cause(found: Diagnosis) -> Iterator[str]:
    yield f"cause: {found.cause}"
    yield f"  {words.label(found)}, found by {found.by}" + (f" {found.pattern}" if found.pattern else "")
    if found.explanation:
        yield f"  {found.explanation}"
    cited = [*([found.root] if found.root else []), *(each for each in found.citations if each != found.root)]
    for each in cited:
        yield f"  > {words.citation(each)}"


def _read(bodies: Sequence[object]) -> Iterator[str]:
    evidence: tuple[Evidence, ...] = next(
        (body.evidence for body in reversed(bodies) if isinstance(body, Diagnosed)), ()
    )
    if evidence:
        yield ""
        yield "what was read"
    for each in evidence:
        yield f"  {each.source}" + (f" ({'; '.join(each.notes)})" if each.notes else "")
