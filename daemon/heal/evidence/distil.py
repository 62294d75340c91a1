"""From all that was kept of a failure to the few lines that matter, within the tokens a model or a person will read.

Pure. What a diagnosis marked comes first, then what complains, the first of it before what follows from it, the ends
of traces and of texts; what is left out is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heal.cases import Citation, Evidence
from heal.evidence.distillate import Distillate, Moment, Section, rendered, section
from heal.evidence.stamps import first_whole, stamp
from heal.evidence.templates import NOTHING, Ordinary
from heal.evidence.tokens import tokens as counted
from heal.evidence.weighing import Text, weighed
from heal.knowledge.roles import Role

TOKENS = 4_000
# of all tokens, the most that scripts, settings and data get, and the order of time
_OTHERS, _TIMES = 0.08, 0.08
# where not all can be shown, the most that lines get which say nothing and stand by nothing that does
_PLAIN, _PLAINEST = 0.25, 1.0
_MOMENTS, _MOMENT = 12, 90
# a stamped line dates those that follow it, this far
_DATED = 20
# a line's number and its end; a gap beside a line that stands alone
_FRAMED, _ALONE = 3, 9
# a heading, and two gaps with what they are like
_NAMED = 90
_SHORT = 8
_FACT = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A line that a diagnosis found telling, and how much, against the other marks."""

    citation: Citation
    weight: float


def distil(
    evidence: Sequence[Evidence], marks: Sequence[Mark] = (), ordinary: Ordinary = NOTHING, tokens: int = TOKENS
) -> Distillate:
    """The few lines that matter, in at most ``tokens`` tokens."""
    texts = _texts(evidence, marks, ordinary)
    wanted = _by_weight(texts)
    room = tokens
    while True:
        chosen = _chosen(texts, wanted, room, tokens)
        made = _made(texts, chosen, marks, tokens)
        if made.tokens <= tokens or room <= 0:
            return made
        # the estimate leaves out what gaps cost: what was over is taken off, and a little more
        room -= made.tokens - tokens + tokens // 50


def _texts(evidence: Sequence[Evidence], marks: Sequence[Mark], ordinary: Ordinary) -> list[Text]:
    top = max((mark.weight for mark in marks), default=0) or 1
    known = {one.source for one in evidence}
    # what is no line of a text, a scheduler's fact or a program's answer, is a text of its own
    facts = dict.fromkeys(mark.citation.source for mark in marks if mark.citation.source not in known)
    texts = []
    for one in [*(Evidence(source) for source in facts), *evidence]:
        own = [mark for mark in marks if mark.citation.source == one.source]
        weights = {mark.citation.line: mark.weight / top for mark in reversed(own)}
        texts.append(weighed(one, weights, _said(own), ordinary))
    return texts


def _said(marks: Sequence[Mark]) -> dict[int, str]:
    """What each marked line says; all facts of one source stand in one line, as they have no number."""
    said: dict[int, str] = {}
    for cited in (mark.citation for mark in marks):
        before = said.get(cited.line, "") if cited.line == _FACT else ""
        said[cited.line] = f"{before}; {cited.text}" if before and cited.text else before or cited.text
    return said


def _by_weight(texts: Sequence[Text]) -> list[tuple[int, int]]:
    """Every line that may be shown as (text, number), the most telling first."""
    lines = sorted(
        (-weight, text.role is Role.OTHER, at, number)
        for at, text in enumerate(texts)
        for number, weight in text.weights.items()
        if weight >= 0
    )
    first: dict[str, int] = {}
    fresh: list[tuple[int, int]] = []
    told: list[tuple[int, int]] = []
    for _, _, at, number in lines:
        # what one log repeats of another can wait: an engine shows what its task said
        said = texts[at].lines[number].strip()
        (fresh if first.setdefault(said, at) == at else told).append((at, number))
    return fresh + told


def _chosen(texts: Sequence[Text], wanted: Sequence[tuple[int, int]], room: int, most: int) -> list[set[int]]:
    chosen: list[set[int]] = [set() for _ in texts]
    left, others = float(room), room * _OTHERS
    all_fits = sum(counted(texts[at].lines[number]) + _FRAMED for at, number in wanted) < room
    plain = left if all_fits else room * _PLAIN
    for at, number in wanted:
        text, mine = texts[at], chosen[at]
        cost = counted(text.lines[number]) + _FRAMED
        cost += 0 if {number - 1, number + 1} & mine else _ALONE
        cost += 0 if mine else counted(text.evidence.source) + _ALONE
        calm = text.weights[number] <= _PLAINEST
        # the most telling line of all goes in as long as it fits at all, with what names it and what is left out
        first = not any(chosen) and counted(text.lines[number]) + counted(text.evidence.source) + _NAMED <= most
        if (cost > left and not first) or (text.role is Role.OTHER and cost > others) or (calm and cost > plain):
            continue
        mine.add(number)
        left -= cost
        plain -= cost if calm else 0
        others -= cost if text.role is Role.OTHER else 0
    for text, mine in zip(texts, chosen, strict=True):
        # to say that a short line is missing takes as much as to show it
        mine |= {
            number
            for number, line in text.lines.items()
            if mine >= {number - 1, number + 1} and text.weights[number] >= 0 and counted(line) <= _SHORT
        }
    return chosen


def _made(texts: Sequence[Text], chosen: Sequence[set[int]], marks: Sequence[Mark], most: int) -> Distillate:
    marked = {(mark.citation.source, mark.citation.line) for mark in marks}
    shown: list[tuple[bool, float, Section]] = []
    for one, mine in zip(texts, chosen, strict=True):
        if mine:
            weight = max(one.weights[number] for number in mine)
            shown.append((one.role is Role.OTHER, -weight, section(one, mine, marked)))
    sections = tuple(each for _, _, each in sorted(shown, key=lambda each: each[:2]))
    unread = tuple(
        (one.evidence.source, one.evidence.notes) for one, mine in zip(texts, chosen, strict=True) if not mine
    )
    text = rendered(sections, (), unread)
    if counted(text) > most:
        # where even that is too much, what is not shown goes unnamed
        text = rendered(sections, (), ())
    moments = _moments(texts, chosen)
    if moments:
        spare = min(int(most * _TIMES), most - counted(text))
        while moments and counted(rendered((), moments, ())) > spare:
            moments = moments[:-1]
        text = rendered(sections, moments, unread)
    return Distillate(sections, moments, text, counted(text))


def _moments(texts: Sequence[Text], chosen: Sequence[set[int]]) -> tuple[Moment, ...]:
    """The telling lines of several texts in the order of time; none where only one text knows it."""
    near = first_whole(line for text in texts if text.role is not Role.OTHER for line in text.lines.values())
    found: list[tuple[float, Moment]] = []
    for text, mine in zip(texts, chosen, strict=True):
        if text.role is Role.OTHER:
            continue
        last, dated = -_DATED, None
        for number, line in text.lines.items():
            if when := stamp(line, near):
                last, dated = number, when
            if number in mine and dated and number - last < _DATED and number in text.telling:
                moment = Moment(dated, text.evidence.source, number, line.strip()[:_MOMENT])
                found.append((text.weights[number], moment))
    best = [moment for _, moment in sorted(found, key=lambda each: -each[0])[:_MOMENTS]]
    if len({moment.source for moment in best}) < 2:  # noqa: PLR2004  an order is between two
        return ()
    return tuple(sorted(best, key=lambda moment: (moment.time, moment.source, moment.line)))
