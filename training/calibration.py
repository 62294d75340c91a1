"""Learns how sure a diagnosis should be: ``python -m training.calibration`` writes ``knowledge/calibration.json``.

It learns from first sights: each case is judged without the patterns and the readings that know its program. General
patterns were written with most cases in sight, and what they leave to the general reading is harder than what a new
program says, so of both only cases count that were made afterwards. New cases are first sights only until patterns are
mended by them: it is run before that.
Prints by kind of evidence, and by what was said, how often it was right; what is said of a case is said by what the
other programs teach.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from heal.cli.desk import Desk
from heal.evidence.scan import Scanner
from heal.knowledge.calibration import Calibration, Grounds, Kind, grounds
from heal.knowledge.clues import from_hits
from heal.knowledge.reading import Model
from heal.steps.diagnose import diagnose, roots_of
from training.examples import ANSWER, OWN, ROOT, library
from training.words import PARTS, part_of, without_tool

TARGET = ROOT / "daemon" / "heal" / "knowledge" / "calibration.json"
# cases made after the general words were written
AFTERWARDS = ("last-", "unmet-")
_OF_ANY_TIME = frozenset({Kind.FACT, Kind.SIGN, Kind.OWN, Kind.OWN_LOW})
# patterns written from those cases
_FROM_THEM = ("auth/credentials_file",)
# how far a correction may go where few cases ask for it
_FREE = 0.7
# fewer cases make nothing surer
_FEW = 8
BINS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.01)


@dataclass(frozen=True, slots=True)
class Sight:
    """A case at first sight: what the answer rests on, and whether it was right."""

    tool: str
    grounds: Grounds
    right: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("folders", nargs="*", type=Path, default=OWN[:1])
    parser.add_argument("--dry", action="store_true", help="print the figures only")
    args = parser.parse_args()
    seen = [sight for folder in args.folders for sight in sights(folder)]
    report(seen)
    if not args.dry:
        TARGET.write_text(as_text(fit(seen), seen), encoding="utf-8")


def sights(folder: Path) -> Iterator[Sight]:
    """The failures below the folder, each judged without what knows its program; without answers that claim nothing."""
    known = library()
    desk = Desk(known, Scanner(known))
    models: dict[int, Model] = {}
    for path in sorted(folder.glob(f"*/{ANSWER}")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        name, tool = path.parent.name, truth.get("tool", "").lower() or path.parent.name
        whole = desk.case(str(path.parent))
        case = replace(whole, evidence=tuple(one for one in whole.evidence if one.source != ANSWER))
        less = tuple(one for one in known.patterns if tool not in one.tools and one.id not in _FROM_THEM)
        model = without_tool(tool, models)
        unaware = replace(known, patterns=less)
        found = diagnose(case, unaware, model)
        if truth["label"] is None or found.label is None or found.label.value == "unknown":
            continue
        _clues, roots = roots_of(case, from_hits(case, unaware), model)
        on = grounds(roots[0], roots)
        if on.kind in _OF_ANY_TIME or name.startswith(AFTERWARDS):
            yield Sight(tool, on, found.label.value in (truth["label"], *truth.get("acceptable", ())))


def fit(seen: Sequence[Sight]) -> Calibration:
    """The corrections under which what is said is most nearly how often it is right."""
    kinds = list(Kind)
    table = np.array([_row(one, kinds) for one in seen])
    claimed = np.array([one.grounds.claimed for one in seen]).clip(0.02, 0.99)
    base, right = np.log(claimed / (1 - claimed)), np.array([one.right for one in seen], float)

    def loss(shifts: Any) -> float:
        score = base + table @ shifts
        return float((np.logaddexp(0, score) - right * score).sum() + 0.5 / _FREE * (shifts @ shifts))

    found = np.round(minimize(loss, np.zeros(table.shape[1]), method="L-BFGS-B").x, 2)
    few = np.append(table.sum(0)[:-2] < _FEW, (False, False))
    found = np.where(few, found.clip(max=0), found).tolist()
    return Calibration(dict(zip(kinds, found[:-2], strict=True)), *found[-2:])


def _row(one: Sight, kinds: Sequence[Kind]) -> list[float]:
    return [
        *(float(one.grounds.kind is kind) for kind in kinds),
        float(one.grounds.agreed),
        float(one.grounds.rivalled),
    ]


def report(seen: Sequence[Sight]) -> None:
    """Prints how right answers of each kind are, and how well what is said fits it."""
    said: list[tuple[float, Sight]] = []
    for part in range(PARTS):
        made = fit([one for one in seen if part_of(one.tool) != part])
        said += [(made.sure(one.grounds), one) for one in seen if part_of(one.tool) == part]
    print(f"{'what it rests on':48} {'cases':>5} {'claimed':>8} {'said':>6} {'right':>6}")
    for kind in Kind:
        there = [(sure, one) for sure, one in said if one.grounds.kind is kind]
        if there:
            claimed = sum(one.grounds.claimed for _, one in there) / len(there)
            print(f"{kind.value:48} {len(there):>5} {claimed:>8.2f} {_mean(there)}")
    print(f"\n{'said':>12} {'cases':>6} {'mean':>6} {'right':>6}")
    for low, high in pairwise(BINS):
        there = [(sure, one) for sure, one in said if low <= sure < high]
        if there:
            print(f"{low:.2f} to {min(high, 1):.2f} {len(there):>6} {_mean(there)}")


def _mean(there: Sequence[tuple[float, Sight]]) -> str:
    sure, right = sum(sure for sure, _ in there), sum(one.right for _, one in there)
    return f"{sure / len(there):>6.2f} {right / len(there):>6.2f}"


def as_text(made: Calibration, seen: Sequence[Sight]) -> str:
    """The calibration as JSON, a kind a line."""
    rows = []
    for kind in Kind:
        rights = [one.right for one in seen if one.grounds.kind is kind]
        share = round(sum(rights) / len(rights), 2) if rights else None
        row = {"shift": made.kinds[kind], "cases": len(rights), "right": share}
        rows.append(f'  "{kind.name}": {json.dumps(row)}')
    inner = ",\n".join(rows)
    return f'{{\n "kinds": {{\n{inner}\n }},\n "agreed": {made.agreed},\n "rivalled": {made.rivalled}\n}}\n'


if __name__ == "__main__":
    main()
