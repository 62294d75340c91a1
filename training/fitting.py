"""Fits the two linear models of the general reading. The same examples give the same weights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import logsumexp

from heal.knowledge.reading import SCALE, Model, meant, rooted
from heal.records import Label
from training.examples import Example

# how far weights may go: the smaller, the more general
_FREE_ROOT, _FREE_LABEL = 0.3, 1.5
# a trait counts that so many programs show
_PROGRAMS = 2
_ACCEPTABLE = 0.4
_STEPS = 150
# what weighs less than this changes nothing
_LIGHT_ROOT, _LIGHT_LABEL = 10, 10
_BOUND = 30.0
LABELS = tuple(label for label in Label if label is not Label.UNKNOWN)

Rows = Sequence[Sequence[str]]
Loss = Callable[[Any], tuple[float, Any]]


@dataclass(frozen=True, slots=True)
class _Traits:
    """The traits that count, each with its column."""

    column: dict[str, int]

    @classmethod
    def of(cls, rows: Iterable[tuple[Sequence[str], str]]) -> _Traits:
        programs: defaultdict[str, set[str]] = defaultdict(set)
        for traits, program in rows:
            for trait in traits:
                if len(programs[trait]) < _PROGRAMS:
                    programs[trait].add(program)
        seen = sorted(trait for trait, those in programs.items() if len(those) >= _PROGRAMS)
        return cls({trait: at for at, trait in enumerate(seen)})

    def matrix(self, rows: Rows) -> Any:
        columns: list[int] = []
        ends = [0]
        for traits in rows:
            columns += [self.column[trait] for trait in traits if trait in self.column]
            ends.append(len(columns))
        return csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), len(self.column)))


def fit(examples: Sequence[Example], odds: tuple[float, float] = (1.0, 0.0)) -> Model:
    """The model that these examples teach."""
    return Model(LABELS, _fit_root(examples), _fit_label(examples), odds)


def _fit_root(examples: Sequence[Example]) -> dict[str, int]:
    """Of the lines of one example the cause is to be the likeliest, and none of them where there is no cause."""
    examples = [one for one in examples if one.found and not one.lone]
    rows = [rooted(line) for one in examples for line in one.found]
    counts = np.array([len(one.found) for one in examples])
    programs = [program for one in examples for program in [_program(one)] * len(one.found)]
    traits = _Traits.of(zip(rows, programs, strict=True))
    matrix = traits.matrix(rows)
    owner = np.repeat(np.arange(len(examples)), counts)
    right = np.zeros(len(rows), bool)
    for start, one in zip(np.cumsum(counts) - counts, examples, strict=True):
        right[[start + at for at in one.roots]] = True
    weight = np.array([one.weight for one in examples])
    loss = _root_loss(matrix, owner, right, weight, traits.column["1"])
    found = minimize(loss, np.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    whole = np.round(found * SCALE).astype(int).tolist()
    return {trait: whole[at] for trait, at in traits.column.items() if abs(whole[at]) >= _LIGHT_ROOT}


def _root_loss(matrix: Any, owner: Any, right: Any, weight: Any, base: int) -> Loss:
    sums = csr_matrix((np.ones(len(owner)), (owner, np.arange(len(owner)))), shape=(len(weight), len(owner)))
    none = (sums @ right) == 0
    across = matrix.T.tocsr()

    def loss(weights: Any) -> tuple[float, Any]:
        odds = np.exp(np.clip(matrix @ weights, -_BOUND, _BOUND))
        whole = 1 + sums @ odds
        good = np.where(none, 1.0, sums @ (odds * right))
        pull = odds / whole[owner] - np.where(right, odds / np.where(none, 1.0, good)[owner], 0)
        held = weights.copy()
        held[base] = 0
        cost = float((weight * (np.log(whole) - np.log(good))).sum() + 0.5 / _FREE_ROOT * (held @ held))
        return cost, across @ (pull * weight[owner]) + held / _FREE_ROOT

    return loss


def _fit_label(examples: Sequence[Example]) -> dict[str, list[int]]:
    rows: list[tuple[str, ...]] = []
    means: list[int] = []
    weights: list[float] = []
    programs: list[str] = []
    names = [label.value for label in LABELS]
    for one in examples:
        for at in one.roots[:2] if one.told else ():
            share = one.weight / min(2, len(one.roots))
            for name, part in ((one.label, 1.0), *((other, _ACCEPTABLE) for other in one.acceptable)):
                if name in names:
                    rows.append(meant(one.found[at]))
                    means.append(names.index(name))
                    weights.append(share * part)
                    programs.append(_program(one))
    traits = _Traits.of(zip(rows, programs, strict=True))
    matrix = traits.matrix(rows)
    loss = _label_loss(matrix, np.array(means), np.array(weights), traits.column["1"])
    start = np.zeros(matrix.shape[1] * len(names))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    whole = np.round(found.reshape(-1, len(names)) * SCALE).astype(int).tolist()
    kept = {trait: _sparse(whole[at]) for trait, at in traits.column.items()}
    return {trait: row for trait, row in kept.items() if row}


def _label_loss(matrix: Any, means: Any, weight: Any, base: int) -> Loss:
    wanted = np.zeros((len(means), len(LABELS)))
    wanted[np.arange(len(means)), means] = 1
    across = matrix.T.tocsr()

    def loss(flat: Any) -> tuple[float, Any]:
        weights = flat.reshape(matrix.shape[1], len(LABELS))
        scores = matrix @ weights
        whole = logsumexp(scores, axis=1, keepdims=True)
        held = weights.copy()
        held[base] *= 0.1
        cost = (weight * (whole[:, 0] - (scores * wanted).sum(1))).sum() + 0.5 / _FREE_LABEL * (held * held).sum()
        pull = across @ ((np.exp(scores - whole) - wanted) * weight[:, None]) + held / _FREE_LABEL
        return float(cost), pull.ravel()

    return loss


def _sparse(row: Sequence[int]) -> list[int]:
    return [number for at, value in enumerate(row) if abs(value) >= _LIGHT_LABEL for number in (at, value)]


def _program(one: Example) -> str:
    return one.tools[0] if one.tools else one.name


def fit_odds(beliefs: Sequence[float], rights: Sequence[bool]) -> tuple[float, float]:
    """How often a belief of that strength is right: the slope and the offset of its log odds."""
    inside = np.clip(np.array(beliefs), 1e-6, 1 - 1e-6)
    strength, right = np.log(inside / (1 - inside)), np.array(rights, float)

    def loss(line: Any) -> float:
        scores = line[0] * strength + line[1]
        return float((np.logaddexp(0, scores) - right * scores).sum() + 0.01 * (line[0] - 1) ** 2)

    found = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B").x
    return round(float(found[0]), 3), round(float(found[1]), 3)
