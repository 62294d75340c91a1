"""The ledger of a diagnosis: every line and fact that could be the cause, and what was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from heal.knowledge.clues import Clue
from heal.records import Account

MOST = 12


def account(best: Clue, shown: Clue, clues: Sequence[Clue]) -> tuple[Account, ...]:
    """The heaviest first; one line or fact once for each label it speaks for."""
    rows: dict[tuple[object, ...], Account] = {}
    for clue in [shown, *sorted(clues, key=attrgetter("nearness"))]:
        row = Account(
            label=clue.label,
            cause=clue.cause,
            citation=clue.citation,
            by=clue.pattern or clue.by,
            weights=clue.weights,
            verdict=_verdict(clue, best, shown),
        )
        rows.setdefault((clue.label, clue.citation), row)
    return tuple(rows.values())[:MOST]


def _verdict(clue: Clue, best: Clue, shown: Clue) -> str:
    if clue is shown:
        return "taken for the cause"
    if clue.label is best.label:
        return "says the same"
    if clue.label is None:
        return "says that all went well"
    if not clue.root:
        return "a symptom"
    if clue.handled:
        return "was dealt with"
    return "follows from it" if clue.rank < best.rank else "weighs as much, but comes later"
