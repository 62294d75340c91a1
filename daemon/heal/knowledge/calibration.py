"""How sure a diagnosis is: how often answers of its kind proved right of programs that heal had never met. Pure.

What a pattern or a reading claims of itself is corrected by the kind of evidence it is. The corrections are data
(``calibration.json``), learnt by ``training/calibration.py`` from first sights: each case judged by a heal that knows
nothing of its program, general patterns and readings only by cases made after the patterns were written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from math import exp, log

from heal.knowledge.clues import Clue

# a clue of at least this rank decides, one of at least that says directly what is wrong
_DECISIVE, _DIRECT, _FIRM, _GENERAL = 40, 28, 32, 20
_LEAST, _MOST = 0.02, 0.99
# to be surer takes a line that says it firmly or in a program's own words, or the scheduler's word
_MOST_WITHOUT = 0.89


class Kind(StrEnum):
    """What an answer rests on."""

    FACT = "the scheduler's books"
    SIGN = "an exit code, or what was looked up"
    OWN = "a program's own pattern"
    OWN_LOW = "a program's own pattern, in general words"
    DECISIVE = "a general pattern of rank 40 and more"
    FIRM = "a general pattern of rank 32 to 39"
    DIRECT = "a general pattern of rank 28 to 31"
    GENERAL = "a general pattern of rank 20 to 27"
    LATE = "a general pattern below rank 20"
    WORDS = "the general reading"


_SURE_KINDS = frozenset({Kind.FACT, Kind.OWN, Kind.DECISIVE, Kind.FIRM})


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an answer rests on: its kind, what that claims of itself, whether the reading agrees, or a rival is near."""

    kind: Kind
    claimed: float
    agreed: bool = False
    rivalled: bool = False


@dataclass(frozen=True, slots=True)
class Calibration:
    """By kind what its claims are corrected by, as log odds; and for what agrees and what rivals."""

    kinds: Mapping[Kind, float]
    agreed: float
    rivalled: float

    def sure(self, grounds: Grounds) -> float:
        """How often such an answer proved right, from 0 to 1."""
        inside = min(max(grounds.claimed, _LEAST), _MOST)
        score = log(inside / (1 - inside)) + self.kinds.get(grounds.kind, 0.0)
        score += self.agreed * grounds.agreed + self.rivalled * grounds.rivalled
        most = _MOST if grounds.kind in _SURE_KINDS else _MOST_WITHOUT
        return round(min(1 / (1 + exp(-score)), most), 2)


def grounds(best: Clue, roots: Sequence[Clue]) -> Grounds:
    """What the answer that the nearest root gives rests on."""
    same = [clue for clue in roots if clue.label is best.label]
    facts = [clue for clue in same if clue.by == "facts" and clue.rank >= _DECISIVE]
    rivals = any(clue.rank >= best.rank and clue.label is not best.label for clue in roots)
    others = {(clue.by, clue.citation) for clue in same} - {(best.by, best.citation)}
    claimed = max(clue.confidence for clue in (best, *facts))
    return Grounds(Kind.FACT if facts else kind(best), claimed, bool(others), rivals)


def kind(clue: Clue) -> Kind:
    """The kind of evidence that a clue is."""
    rank = clue.weights[0].points
    if clue.by == "facts":
        return Kind.FACT if rank >= _DECISIVE else Kind.SIGN
    if clue.by == "words":
        return Kind.WORDS
    if not clue.general:
        return Kind.OWN if rank >= _DIRECT else Kind.OWN_LOW
    steps = ((_DECISIVE, Kind.DECISIVE), (_FIRM, Kind.FIRM), (_DIRECT, Kind.DIRECT), (_GENERAL, Kind.GENERAL))
    return next((found for least, found in steps if rank >= least), Kind.LATE)


@cache
def shipped_calibration() -> Calibration:
    """The calibration that heal ships."""
    data = json.loads(files("heal.knowledge").joinpath("calibration.json").read_text(encoding="utf-8"))
    return Calibration(
        {Kind[name]: row["shift"] for name, row in data["kinds"].items()}, data["agreed"], data["rivalled"]
    )
