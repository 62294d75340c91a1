"""How much each line of a text may tell of why a job failed, before anybody knows the cause."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from heal.cases import Evidence
from heal.evidence.folding import Folds, Part, folded
from heal.evidence.templates import Ordinary, Templates
from heal.knowledge.roles import Role, role

# marked lines come before all others, and these are how their kind is told from the rest
MARKED = 100.0
TELLING = 5.0
_PLAIN, _MILD, _GRAVE, _NAMED = 1.0, 4.0, 6.0, 7.0
_OF_PART = {Part.ROOT: 8.5, Part.ERROR: 6.5, Part.OWN: 5.0, Part.HEADER: 1.0}
_FIRST = (3.0, 2.0, 1.0)
_END, _ENDS = 14, 3.0
_BOOKED, _CALM_BOOKS = 8.0, 2.5
_OF_ROLE = {Role.TASK: 1.0, Role.ENGINE: 0.85, Role.BOOKS: 1.0, Role.OTHER: 0.15}
_NEAR, _SHARE = 4, 0.6
# a template that stands more often is shown by its first lines and its last
_REPEATED, _EXAMPLES = 6, 2
_FEW = 40
# of a line that tells little, the first part
_CLIPPED = 240

_COMPLAINS = re.compile(
    r"(?i)error|exception|fatal|panic|abort|killed|terminat|segmentation|core dumped|cannot|can't|can not|could ?n[o']t"
    r"|could not|unable|not found|no such|not exist|denied|not permitted|not allowed|invalid|illegal|fail|refused"
    r"|exceed|out of memory|oom|no space|quota|corrupt|truncat|malformed|mismatch|undefined|unbound|unrecogni|unknown"
    r"|unsupported|no longer|missing|timed out|timeout|time limit|cancelled|preempt|interrupt|locked|must be|expected"
    r"|caused by|different|inconsist|conflict|already used|dubious|disrupted|no data"
    r"|violat|assert|wrong|broken|not supported|too (?:many|large|long|short|few)|\blost\b|not a valid"
)
_NAMES_IT = re.compile(r"\b(?:ERROR|FATAL|CRITICAL|[Ee]rror|[Ff]atal)\b ?[:\]~]|\[E::|\w(?:Error|Exception): |\*\*\* ")
_MILDLY = re.compile(
    r"(?i)\bwarn(?:ing)?s?\b|\[W::|\bretry|\bretries\b|\bskip(?:ped|ping)\b|\bignor(?:ed|ing)\b|\bcontinuing\b"
    r"|\bdeprecat|fall(?:ing)? ?back|(?-i:\b(?:INFO|NOTE)\b)|\b0 (?:errors|failed)|without error|no errors?\b"
)
_CHATTER = re.compile(r"\b(?:DEBUG|TRACE)\b")
# what follows from a failure and never is its root
_FOLLOWS = re.compile(
    r"(?i)exit(?:ed)?(?: with)? (?:status|code)|exit[- ]?code|exiting because|^error in (?:rule|job)|complete log"
    r"|error executing process|\*\*\* \[.*\] error \d|returned non-?zero|execution halted|command exit status"
    r"|command error:|error exit status|job (?:execution )?failed|removing output files|error \(ignored\)|work dir:"
    r"|shutting down|traceback \(most recent|one of the commands exited|calledprocesserror|_ = |pipe ?fail|for details"
    r"|^\s*caused by:\s*$|logfile |trying to restart|at least one job|will exit after finishing"
)
_BAD_STATE = re.compile(
    r"\b(?:FAILED|TIMEOUT|OUT_OF_MEMORY|CANCELLED|NODE_FAIL|PREEMPTED|DEADLINE|BOOT_FAIL|Reason=(?!None))"
)


@dataclass(frozen=True, slots=True)
class Text:
    """The lines of one text with their weights; below zero a line is folded or one of many alike.

    ``telling`` are the lines that weigh much themselves, not for their neighbours.
    ``groups`` has the template of a line, where templates were looked for.
    """

    evidence: Evidence
    role: Role
    lines: Mapping[int, str]
    weights: Mapping[int, float]
    telling: frozenset[int]
    groups: Mapping[int, tuple[int, frozenset[str]]]
    folds: Folds


def weighed(evidence: Evidence, marks: Mapping[int, float], marked: Mapping[int, str], ordinary: Ordinary) -> Text:
    """The text, weighed; ``marks`` and ``marked`` have the lines that are known to tell and what they say."""
    lines = evidence.numbered()
    for number, said in marked.items():
        if said.strip("… ") not in lines.get(number, ""):
            lines[number] = said
    lines = dict(sorted(lines.items()))
    kind = role(evidence.source, evidence.text)
    folds = folded(lines)
    weights = {number: _weight(line, folds.parts.get(number), kind) for number, line in lines.items()}
    usual = {number for number, line in lines.items() if weights[number] > 0 and line in ordinary}
    for number in usual:
        weights[number] *= 0.25
    _first_and_last(lines, weights, folds, usual)
    groups = _grouped(lines)
    _fold_repeated(groups, weights)
    for number, weight in marks.items():
        weights[number] = MARKED * (1 + weight) * (0.5 if number in usual else 1)
    telling = frozenset(number for number, weight in weights.items() if weight >= TELLING)
    _share_with_neighbours(weights)
    shown = {number: line if number in telling else _clipped(line) for number, line in lines.items()}
    return Text(evidence, kind, shown, weights, telling, groups, folds)


def _clipped(line: str) -> str:
    return line if len(line) <= _CLIPPED else f"{line[:_CLIPPED]}…"


def _weight(line: str, part: Part | None, kind: Role) -> float:
    if part in (Part.FRAME, Part.COMMAND):
        return -1.0
    if not line.strip():
        return 0.1
    if kind is Role.BOOKS:
        return _BOOKED if _BAD_STATE.search(line) else _CALM_BOOKS
    return _OF_ROLE[kind] * max(_of_words(line), _OF_PART.get(part, 0.0) if part else 0.0)


def _of_words(line: str) -> float:
    if _FOLLOWS.search(line):
        return 2.5
    if not _COMPLAINS.search(line) and not _NAMES_IT.search(line):
        return _PLAIN * (0.4 if _CHATTER.search(line) else 1)
    weight = _MILD if _MILDLY.search(line) else _NAMED if _NAMES_IT.search(line) else _GRAVE
    return weight * (0.4 if _CHATTER.search(line) else 1)


def _first_and_last(lines: Mapping[int, str], weights: dict[int, float], folds: Folds, usual: set[int]) -> None:
    # what complained first has no earlier cause in this text; what was said last ended it
    grave = [number for number in lines if weights[number] >= TELLING and folds.parts.get(number) is not Part.OWN]
    for number, more in zip([number for number in grave if number not in usual], _FIRST, strict=False):
        weights[number] += more
    said = [number for number, line in lines.items() if line.strip() and weights[number] > 0]
    for back, number in enumerate(reversed(said[-_END:])):
        weights[number] += _ENDS * (1 - back / _END)


def _grouped(lines: Mapping[int, str]) -> dict[int, tuple[int, frozenset[str]]]:
    # lines are alike that have one template and complain of the same
    if len(lines) < _FEW:
        return {}
    templates = Templates()
    return {
        number: (templates.group(line), frozenset(word.lower() for word in _COMPLAINS.findall(line)))
        for number, line in lines.items()
        if line.strip()
    }


def _fold_repeated(groups: Mapping[int, tuple[int, frozenset[str]]], weights: dict[int, float]) -> None:
    members: dict[tuple[int, frozenset[str]], list[int]] = {}
    for number, group in groups.items():
        members.setdefault(group, []).append(number)
    for numbers in members.values():
        for nth, number in enumerate(numbers[1:-1], start=1):
            if len(numbers) > _REPEATED and nth >= _EXAMPLES:
                weights[number] = min(weights[number], -1.0)
            elif weights[number] > 0:
                weights[number] *= 0.7**nth


def _share_with_neighbours(weights: dict[int, float]) -> None:
    own = dict(weights)
    for number, weight in own.items():
        if weight < TELLING:
            continue
        share = min(weight, MARKED / 5)
        for step in range(1, _NEAR + 1):
            share *= _SHARE
            for near in (number - step, number + step):
                if own.get(near, -1.0) >= 0:
                    weights[near] = max(weights[near], share)
