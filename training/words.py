"""Learns the general reading: ``python -m training.words [FOLDER…]`` writes ``daemon/heal/knowledge/reading.json``.

It learns from the repository's own cases and the folders named, the examples of the patterns, and ``phrases/``; and
prints how right a reading is of tools that it did not learn from: the tools are dealt into parts, and each part is read
by what the others teach.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from heal.knowledge import candidates, senses, traits
from heal.knowledge.reading import LEAST, Model, sureness, taken
from training.examples import OWN, PHRASES, ROOT, Example, everything
from training.fitting import fit, fit_odds

TARGET = ROOT / "daemon" / "heal" / "knowledge" / "reading.json"
PARTS = 8
BINS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


@dataclass(frozen=True, slots=True)
class Judged:
    """An example that was read by what other tools teach."""

    example: Example
    label: str
    by_root: str
    right_root: bool
    belief: float

    @property
    def right(self) -> bool:
        """True where the label is right, or one that an expert would accept."""
        return self.label in (self.example.label, *self.example.acceptable)

    @property
    def right_by_root(self) -> bool:
        """The same, where the line was told."""
        return self.by_root in (self.example.label, *self.example.acceptable)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("folders", nargs="*", type=Path, help="more cases to learn from")
    parser.add_argument("--dry", action="store_true", help="print the figures only")
    args = parser.parse_args()
    examples = everything((*OWN, *args.folders))
    models = [fit(learnt_from(without(examples, part))) for part in range(PARTS)]
    judged = [one for part, model in enumerate(models) for one in _judge(examples, part, model)]
    odds = fit_odds([one.belief for one in judged], [one.right for one in judged])
    model = fit(learnt_from(examples), odds)
    report(judged, model)
    if not args.dry:
        TARGET.write_text(as_text(model, examples), encoding="utf-8")
        _keep(models, odds, examples)
        print(f"\nwrote {TARGET.relative_to(ROOT)}: {TARGET.stat().st_size} bytes, ", end="")
        print(f"{len(model.root)} traits for the line, {len(model.label)} for the label")


def part_of(tool: str) -> int:
    """Which part the tool is dealt into."""
    return int(hashlib.sha256(tool.encode()).hexdigest(), 16) % PARTS


def learnt_from(examples: Iterable[Example]) -> list[Example]:
    """What the model is taught: cases also as they are where nobody knows how the job ended."""
    return [shown for one in examples for shown in ((one, one.bare()) if one.case else (one,))]


def without(examples: Sequence[Example], part: int) -> list[Example]:
    """What is left where all is taken out that knows the tools of a part, or says the very line of one of its cases."""
    out = [one for one in examples if one.case and part_of(one.tools[0]) == part]
    tools = {tool for one in out for tool in one.tools}
    lines = {line for one in out for line in one.shapes}
    return [
        one
        for one in examples
        if not tools & set(one.tools)
        and all(part_of(tool) != part for tool in one.tools)
        and (one.case or not lines & one.shapes)
    ]


def _judge(examples: Sequence[Example], part: int, model: Model) -> Iterator[Judged]:
    for one in examples:
        if one.case and part_of(one.tools[0]) == part and one.found:
            reading = taken(one.found, model)
            meanings = [model.meanings(one.found[at]) for at in one.roots]
            sums = [sum(column) for column in zip(*meanings, strict=True)]
            by_root = model.labels[sums.index(max(sums))].value if sums else ""
            right_root = one.found.index(reading.candidate) in one.roots
            yield Judged(one, reading.label.value, by_root, right_root, reading.belief)


def report(judged: Sequence[Judged], model: Model) -> None:
    """Prints how right the readings of unknown tools are."""
    told = [one for one in judged if one.example.told]
    rest = [one for one in judged if not one.example.told]
    tools = len({one.example.tools for one in told})
    print(f"{len(told)} failures of {tools} tools that name their cause, each read by what other tools teach")
    print(f"label, the line given    {_share(one.right_by_root for one in told)}")
    print(f"line                     {_share(one.right_root for one in told)}")
    print(f"label                    {_share(one.right for one in told)}")
    print(f"both                     {_share(one.right and one.right_root for one in told)}")
    sure = [one for one in told if sureness(one.belief, model) >= LEAST]
    print(f"told (as >= {LEAST})          {_share(one in sure for one in told)}, of these right ", end="")
    print(_share(one.right for one in sure))
    for name, those in (("unknown", "unknown"), ("nothing wrong", None)):
        there = [one for one in rest if one.example.label == those]
        print(f"told of '{name}'".ljust(25), _share(sureness(one.belief, model) >= LEAST for one in there))
    print(f"\n{'said':>12} {'cases':>6} {'right':>6}")
    for low, high in pairwise(BINS):
        there = [one for one in judged if low <= sureness(one.belief, model) < high]
        if there:
            right = sum(one.right for one in there) / len(there)
            print(f"{low:.2f} to {min(high, 1):.2f} {len(there):>6} {right:>6.2f}")


def _share(of: Iterable[bool]) -> str:
    rights = list(of)
    return f"{100 * sum(rights) / len(rights):.1f} % ({sum(rights)}/{len(rights)})" if rights else "none"


# --- what is kept ------------------------------------------------------------------------------


def as_text(model: Model, examples: Sequence[Example]) -> str:
    """The model as JSON, a trait a line."""
    cases = sum(one.case for one in examples)
    head = {
        "of": code(),
        "cases": cases,
        "examples": len(examples),
        "odds": model.odds,
        "labels": [one.value for one in model.labels],
    }
    rows = [f'"{name}": {json.dumps(value)},' for name, value in head.items()]
    for name, weights in (("root", model.root), ("label", model.label)):
        inner = ",\n".join(
            f"{json.dumps(trait)}:{json.dumps(weights[trait], separators=(',', ':'))}" for trait in sorted(weights)
        )
        rows.append(f'"{name}": {{\n{inner}\n}}{"," if name == "root" else ""}')
    return "{\n" + "\n".join(rows) + "\n}\n"


def code() -> str:
    """Changes with what makes the traits of a line, and with the phrases: then the weights no longer fit."""
    files = [Path(str(module.__file__)) for module in (candidates, senses, traits)]
    digest = hashlib.sha256()
    for path in (*files, files[1].with_suffix(".txt"), *PHRASES):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def without_tool(tool: str, cache: dict[int, Model]) -> Model:
    """A model that knows nothing of the tool; learnt once, and kept in the user's cache."""
    part = part_of(tool.lower())
    if part not in cache:
        cache[part] = _kept(part)
    return cache[part]


def _kept(part: int) -> Model:
    path = _place(part)
    if not path.exists():
        odds = Model.of(json.loads(TARGET.read_text(encoding="utf-8"))).odds
        examples = everything()
        _keep([fit(learnt_from(without(examples, each))) for each in range(PARTS)], odds, examples)
    return Model.of(json.loads(path.read_text(encoding="utf-8")))


def _keep(models: Iterable[Model], odds: tuple[float, float], examples: Sequence[Example]) -> None:
    for part, model in enumerate(models):
        _place(part).parent.mkdir(parents=True, exist_ok=True)
        _place(part).write_text(as_text(replace(model, odds=odds), examples), encoding="utf-8")


def _place(part: int) -> Path:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "heal")
    return folder / f"reading-{code()}-{hashlib.sha256(TARGET.read_bytes()).hexdigest()[:16]}-{part}.json"


if __name__ == "__main__":
    main()
