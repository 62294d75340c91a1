"""The lines of a case that could be its cause, each with the traits of its words and of its place. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from heal.cases import Case, Citation, Evidence
from heal.knowledge.roles import Role, role
from heal.knowledge.traits import Line, line

# of a long text: what complains with the lines about it, and its end
_MOST, _END = 120, 14
_FEW = 40
_COMPLAINS = re.compile(
    r"(?i)error|exception|traceback|fatal|panic|abort|kill|terminat|segmentation|dumped|cannot|can['\u2019]t|can not"
    r"|could ?n[o'\u2019]t|unable|unknown|not found|no such|not exist|denied|not permitted|not allowed|invalid|illegal"
    r"|fail|refused|exceed|out of|no space|quota|corrupt|truncat|malformed|mismatch|undefined|unbound|unexpected"
    r"|unrecogni|unsupported|missing|timed? ?out|cancell?ed|interrupt|lock|must|expect|caused by|violat|assert"
    r"|inconsist|conflict|wrong|broken|not support|too (?:many|large|long|few|short|small)|\blost\b|not a valid|should"
    r"|require|\bdied\b|expired|differ|bad |does not|do not|doesn['\u2019]t|duplicate|empty"
    r"|incompatib|insufficient|not enough"
)
_GRAVE = re.compile(
    r"(?i)error|exception|fatal|panic|abort|cannot|can['\u2019]t|could not|unable|not found|no such|denied|invalid|fail"
    r"|\bdied\b"
)
_LETTER = re.compile(r"[A-Za-z]{3}")
_SIGNALS = 128
_STEPS = ((0, "0"), (1, "1"), (2, "2"), (5, "3 to 5"), (15, "6 to 15"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that could be the cause; ``place``: traits of where it stands, ``around``: of the lines beside it."""

    citation: Citation
    order: tuple[int, int]
    line: Line
    place: tuple[str, ...] = ()
    around: tuple[str, ...] = ()


def candidates(case: Case) -> tuple[Candidate, ...]:
    """The lines that could be the cause, in the order of the texts."""
    facts = _facts(case)
    texts = [(place, one, part) for place, one in enumerate(case.evidence) if (part := _part(one)) is not None]
    found: list[Candidate] = []
    for place, evidence, part in texts:
        found += _of_text(place, evidence, part, case.usual, facts)
    return tuple(found)


def _part(evidence: Evidence) -> Role | None:
    part = role(evidence.source, evidence.text)
    return part if part in (Role.TASK, Role.ENGINE) else None


def _facts(case: Case) -> tuple[str, ...]:
    code = case.exit_code if case.exit_code is not None else case.job.exit_code if case.job else None
    state = case.job.state.value if case.job else (case.scheduler_state or "").split(" ")[0].lower()
    known = [f"f:engine {case.engine}" if case.engine else "", f"f:state {state}" if state else ""]
    if code is not None:
        known.append(f"f:exit {code}" if code in _TELLING else "f:signal" if code > _SIGNALS else "f:exit other")
    return tuple(filter(None, known))


_TELLING = frozenset({0, 1, 2, 124, 126, 127, 130, 134, 137, 139, 143})


def _of_text(
    place: int, evidence: Evidence, part: Role, usual: frozenset[str], facts: Sequence[str]
) -> list[Candidate]:
    rows = [
        (number, text) for number, text in evidence.numbered().items() if _LETTER.search(text) and text not in usual
    ]
    loud = [bool(_COMPLAINS.search(text[:600])) for _number, text in rows]
    chosen = _chosen(loud)
    lines = {at: line(rows[at][1]) for at in chosen}
    said = Counter(lines[at].words for at in chosen)
    seen: set[tuple[str, ...]] = set()
    found: list[Candidate] = []
    complaining = [at for at in chosen if loud[at]]
    grave = [at for at in complaining if _GRAVE.search(rows[at][1][:600])]
    for at in chosen:
        number, text = rows[at]
        if lines[at].words in seen:
            continue
        seen.add(lines[at].words)
        where = _Where(at, len(rows), loud[at], complaining, grave, said[lines[at].words])
        around = (*_beside("before", lines.get(at - 1)), *_beside("after", lines.get(at + 1)), *facts)
        engine = ("p:engine's log",) if part is Role.ENGINE else ()
        citation = Citation(evidence.source, number, text)
        found.append(Candidate(citation, (place, number), lines[at], (*where.traits(), *engine), around))
    return found


def _chosen(loud: Sequence[bool]) -> list[int]:
    """Of few lines all; of many those that complain, with the ones beside them, and the last."""
    count = len(loud)
    if count <= _FEW:
        return list(range(count))
    near = {at for at in range(count) if loud[at] or (at and loud[at - 1]) or (at + 1 < count and loud[at + 1])} | set(
        range(count - _END, count)
    )
    chosen = sorted(near)
    return chosen if len(chosen) <= _MOST else [*chosen[: _MOST // 3], *chosen[-(_MOST - _MOST // 3) :]]


@dataclass(frozen=True, slots=True)
class _Where:
    """Where a line stands among the lines of its text and those of them that complain."""

    at: int
    count: int
    loud: bool
    complaining: Sequence[int]
    grave: Sequence[int]
    times: int

    def traits(self) -> Iterator[str]:
        yield f"p:{_about(self.count - 1 - self.at)} from the end"
        if self.at == 0:
            yield "p:first line"
        if self.count == 1:
            yield "p:only line"
        if self.times > 1:
            yield f"p:said {'often' if self.times > 3 else 'again'}"  # noqa: PLR2004  more than a few times
        yield from _among(self.at, self.complaining, "complaint")
        yield from _among(self.at, self.grave, "grave complaint")
        if not self.loud:
            yield "p:does not complain"
            if not self.complaining:
                yield "p:nothing complains"


def _among(at: int, those: Sequence[int], what: str) -> Iterator[str]:
    if at not in those:
        return
    before = those.index(at)
    after = len(those) - 1 - before
    if not before and not after:
        yield f"p:only {what}"
        return
    if not before:
        yield f"p:first {what}"
    if not after:
        yield f"p:last {what}"
    yield f"p:{_about(before)} {what}s before"
    if before and at - those[before - 1] == 1:
        yield f"p:right after a {what}"
    if after and those[before + 1] - at == 1:
        yield f"p:right before a {what}"


def _about(count: int) -> str:
    return next((words for most, words in _STEPS if count <= most), "many")


def _beside(where: str, other: Line | None) -> tuple[str, ...]:
    if other is None:
        return (f"{where}:nothing",)
    return tuple(
        f"{where}:{trait}" for trait in (*(f"a:{one}" for one in other.senses), *(f"s:{one}" for one in other.shapes))
    )
