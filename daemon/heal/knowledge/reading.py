"""The general reading: which line of a log is the cause and what it means, judged by its words alone. Pure.

Two linear models, learnt by ``training/words.py`` from failures whose cause is known: one says of each line how much it
looks like the cause, the other what such a line means. Their weights are data (``reading.json``) and name the traits
they belong to, so that each reading can say what spoke for it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log
from operator import attrgetter
from typing import Any

from heal.cases import Case, Citation
from heal.knowledge.candidates import Candidate, candidates
from heal.knowledge.clues import Clue
from heal.knowledge.shown import heard
from heal.knowledge.traits import said, telling
from heal.records import Label, Weight

# weights are kept as whole numbers of this part
SCALE = 100
# a reading that is less likely to be right than this is not told, even where nothing else names a cause
LEAST = 0.35
# to be surer takes a line that a pattern knows, or the scheduler's word
_MOST_SURE = 0.88
_LOWEST, _HIGHEST = 12, 24
_SHOWN, _OWN_POINTS = 4, 8
_BOUND = 30.0
# a line this unlikely to be the cause cannot change what the whole is taken for
_HOPELESS = 0.002
_QUOTED = 160
_MEANS = {
    Label.OUT_OF_MEMORY: "The memory was not enough",
    Label.TIME_LIMIT: "The time ran out",
    Label.DISK_FULL: "There is no room left to write",
    Label.NODE_FAILURE: "The machine failed or was taken away",
    Label.FILESYSTEM_TRANSIENT: "The file system did not answer as it should",
    Label.NETWORK: "A connection or a remote service failed",
    Label.CONTAINER: "The container could not be made or started",
    Label.ENVIRONMENT_SOLVE: "The software environment could not be made",
    Label.MISSING_DEPENDENCY: "Something that must be installed is not",
    Label.VERSION_INCOMPATIBILITY: "Two things that are installed do not fit each other",
    Label.MISSING_INPUT: "Something that should be read is not there",
    Label.MISSING_OUTPUT: "Something that should have been made is not there",
    Label.BAD_INPUT_DATA: "The data is not what the program accepts",
    Label.BAD_PARAMETER: "An option or a setting is wrong",
    Label.WORKFLOW_SYNTAX: "The workflow cannot be parsed",
    Label.WORKFLOW_LOGIC: "The parts of the workflow do not fit together",
    Label.SCRIPT_ERROR: "The script has an error of its own",
    Label.TOOL_CRASH: "The program crashed",
    Label.PERMISSION: "Something is not permitted",
    Label.SCHEDULER_REJECTED: "The scheduler refused the request",
    Label.LOCKED: "Something is locked by another process",
    Label.GPU: "The GPU or its driver failed",
    Label.AUTH: "Credentials or a licence are missing or wrong",
    Label.CANCELLED: "It was cancelled",
}


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt: by trait its weight for being the cause, and its weights for the labels it speaks to.

    ``odds`` turns the model's own belief into how often such a belief proved right.
    """

    labels: tuple[Label, ...]
    root: Mapping[str, int]
    label: Mapping[str, Sequence[int]]
    odds: tuple[float, float]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Model:
        """The model in the form it is kept in."""
        steepness, offset = data["odds"]
        return cls(tuple(Label(name) for name in data["labels"]), data["root"], data["label"], (steepness, offset))

    def likely(self, found: Sequence[Candidate]) -> list[float]:
        """Of each line how likely it is the cause; what is missing to 1 is how likely none of them is."""
        scores = [self._score(one) for one in found]
        odds = [exp(max(-_BOUND, min(_BOUND, score))) for score in scores]
        whole = 1 + sum(odds)
        return [one / whole for one in odds]

    def _score(self, one: Candidate) -> float:
        weights = self.root
        return sum(weights.get(trait, 0) for trait in rooted(one)) / SCALE

    def meanings(self, one: Candidate) -> list[float]:
        """How likely the line means each of the labels."""
        scores = [0] * len(self.labels)
        for trait in meant(one):
            row = self.label.get(trait, ())
            for at in range(0, len(row), 2):
                scores[row[at]] += row[at + 1]
        top = max(scores)
        odds = [exp((score - top) / SCALE) for score in scores]
        whole = sum(odds)
        return [one / whole for one in odds]

    def spoke(self, one: Candidate, label: Label) -> list[tuple[float, str]]:
        """What the traits of the line weigh for its meaning that label rather than others, the heaviest first."""
        at = self.labels.index(label)
        return sorted(((self._for(trait, at), trait) for trait in one.line.traits), reverse=True)

    def _for(self, trait: str, at: int) -> float:
        row = self.label.get(trait, ())
        own = next((row[n + 1] for n in range(0, len(row), 2) if row[n] == at), 0)
        return (own - sum(row[1::2]) / len(self.labels)) / SCALE


@dataclass(frozen=True, slots=True)
class Reading:
    """What a case was taken for: the label, the line, and the model's own belief in the label."""

    label: Label
    candidate: Candidate
    belief: float


def rooted(one: Candidate) -> tuple[str, ...]:
    """What counts for a line's being the cause."""
    return ("1", *one.line.traits, *one.place, *one.around)


def meant(one: Candidate) -> tuple[str, ...]:
    """What counts for the meaning of a line."""
    return ("1", *one.line.traits, *one.around)


def read(
    case: Case, model: Model | None = None, *, known: Collection[Citation] = (), least: float = LEAST
) -> tuple[Clue, ...]:
    """The cause as the words of the log tell it; nothing where they do not tell it well enough.

    ``known`` are lines of which is known that they tell no cause, ``least`` is how likely to be right it must be.
    """
    places = {(one.source, one.line) for one in known}
    found = [one for one in _said(case) if (one.citation.source, one.citation.line) not in places]
    if not found:
        return ()
    model = model or shipped_model()
    reading = taken(found, model)
    sure = sureness(reading.belief, model)
    return (_clue(reading, sure, model),) if sure >= least else ()


def _said(case: Case) -> list[Candidate]:
    """The lines that are said and not only shown; their traits are those of the whole text, as the model learnt it."""
    found, quiet = candidates(case), heard(case)
    lines = [one.numbered() for one in quiet.evidence]
    said = [one for one in found if lines[one.order[0]][one.order[1]]]
    # of two equal lines the later is no candidate: it is one where the earlier is only shown
    shown = {one.line.words for one in found} - {one.line.words for one in said}
    more = [one for one in candidates(quiet) if one.line.words in shown] if shown else []
    return sorted([*said, *more], key=attrgetter("order"))


def taken(found: Sequence[Candidate], model: Model) -> Reading:
    """The label that all lines together speak for most, and the line that does so most."""
    rows = [
        (one, [likely * share for share in model.meanings(one)])
        for one, likely in zip(found, model.likely(found), strict=True)
        if likely > _HOPELESS
    ] or [(found[-1], [0.0] * len(model.labels))]
    sums = [sum(shares[at] for _one, shares in rows) for at in range(len(model.labels))]
    at = sums.index(max(sums))
    best = max(rows, key=lambda row: row[1][at])
    return Reading(model.labels[at], best[0], sums[at])


def sureness(belief: float, model: Model) -> float:
    """How often a belief of that strength proved right."""
    inside = min(max(belief, 1e-6), 1 - 1e-6)
    steepness, offset = model.odds
    return 1 / (1 + exp(-(steepness * log(inside / (1 - inside)) + offset)))


def _clue(reading: Reading, sure: float, model: Model) -> Clue:
    one = reading.candidate
    rank = round(_LOWEST + (_HIGHEST - _LOWEST) * sure)
    return Clue(
        label=reading.label,
        cause=f"{_MEANS[reading.label]}: {_quoted(one.citation.text)}",
        confidence=round(min(sure, _MOST_SURE), 2),
        weights=_weights(reading, rank, sure, model),
        citation=one.citation,
        by="words",
        order=one.order,
    )


def _quoted(text: str) -> str:
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return f"\u201c{clean if len(clean) <= _QUOTED else clean[:_QUOTED] + '…'}\u201d"


def _weights(reading: Reading, rank: int, sure: float, model: Model) -> tuple[Weight, ...]:
    """The rank, split among the traits that spoke most and all the rest together."""
    shown = telling(model.spoke(reading.candidate, reading.label), _SHOWN)
    whole = sum(points for points, _trait in shown) or 1.0
    parts = [
        Weight(max(1, round(_OWN_POINTS * points / whole)), f"{said(trait)} +{points:.1f}") for points, trait in shown
    ]
    rest = rank - sum(part.points for part in parts)
    name = reading.label.value.replace("_", " ")
    return (Weight(rest, f"read by its words and its place as {name}, with a probability of {sure:.2f}"), *parts)


@cache
def shipped_model() -> Model:
    """The model that heal ships."""
    return Model.of(json.loads(files("heal.knowledge").joinpath("reading.json").read_text(encoding="utf-8")))
