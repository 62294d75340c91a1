"""Clues: what a hit or a fact speaks for, how strongly, and how near to the root cause it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from heal.cases import Case, Citation, Evidence, Hit
from heal.knowledge.objects import about
from heal.knowledge.patterns import Found, Library, Pattern, When
from heal.knowledge.roles import Role, role
from heal.knowledge.tracebacks import frames
from heal.records import Diagnosis, Label, Weight

# said of what was dealt with: such a line is rarely the end of a job
_HANDLED = re.compile(
    r"(?i)\bwarn(?:ing)?s?\b|\bretry|\bretries\b|trying again|attempt \d+|\bskip(?:ped|ping)\b|\bignor(?:ed|ing)\b"
    r"|\bcontinu(?:e|ing)\b|fall(?:ing)? ?back|\binstead\b|non-fatal|not fatal|\brecovered\b|\boptional\b|\bdeprecat"
    r"|:\d+: \w*Warning: |\bhandled\b|\bcaught\b|previous(?:ly)? run|\blast (?:run|time|week)\b|\(ignored\)|\bINFO\b"
    r"|[,;] ?(?:now |so )?(?:re-?)?(?:generating|creating|building|making|indexing)\b"
    r"|\b(?:re-?)?(?:generating|creating|building|making) (?:it|one|them|a new one)\b"
    r"|\bwill be (?:re-?)?(?:generated|created|built|made)\b"
)
# an engine's own chatter, meant for its authors
_CHATTER = re.compile(r"\b(?:DEBUG|TRACE)\b")
_CHATTER_LEAST = 8
# a trace of the engine's own: what a user's Java program says of itself stands in the task's log
_TRACE = re.compile(r"^(?:Caused by: )?(?:java|javax|groovy)\.")
# a later step that looks for what an earlier one should have made
_LOOKS_FOR = re.compile(r"\s*(?:\S*: line \d+: )?(?:ls|cat|cp|mv|wc|head|tail|stat|rm|md5sum|sha256sum|gzip|test|du): ")
# said right after what did not stop the job
_WENT_ON = re.compile(
    r"(?i)\bcontinuing\b|\bgoing on\b|fall(?:ing)? ?back|\bretrying\b|\battempt \d|\boptional\b|\bskipp(?:ed|ing)\b"
    r"|\bignor(?:ed|ing)\b|no matter|non-fatal|not fatal|\busing (?:\S+ ){1,4}instead\b|\b(?:computing|trying) again\b"
)
_NOTE = re.compile(r"\s*(?:#|//|>)\s(?!\s*(?:SIG|There is insufficient|Out of Memory))")
# an engine's log repeats and wraps what the task's own says
_ENGINE = Weight(-4, "stands in the engine's log, not in the task's own")
_CHATTERS = Weight(-25, "an engine's chatter, meant for its authors")
_IS_HANDLED = Weight(-12, "its own words, or the next line, say that it was dealt with")
_IS_IGNORED = Weight(-12, "Python says that it ignored this exception")
_IS_NOTE = Weight(-14, "reads as a comment")
_IS_LATE = Weight(-8, "a later step looks in vain for what an earlier one should have made")
DECISIVE = 40
# lines of a traceback that are looked back over
_TRACEBACK = 200
# a general pattern that is nearer to the root than a tool's own by more than this is heard beside it
_NEAR = 2
_BANDS = (
    (DECISIVE, "a resource ran out or the machine failed"),
    (28, "says directly what is wrong"),
    (20, "says in general words what is wrong"),
    (0, "is a consequence, or what is said around a failure"),
)


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that speaks for a label, with all that counts for and against it. ``root`` is False for a mere symptom.

    ``order`` is where it stands: the number of its text, then its line. ``general``: it is of a pattern that is no
    program's own. ``seen``: what was looked at, where that alone says it.
    """

    label: Label | None
    cause: str
    confidence: float
    weights: tuple[Weight, ...]
    citation: Citation
    by: Literal["pattern", "facts", "words"] = "pattern"
    order: tuple[int, int] = (0, 0)
    pattern: str | None = None
    root: bool = True
    handled: bool = False
    general: bool = False
    seen: str = ""

    @property
    def rank(self) -> int:
        """How near to the root cause it stands."""
        return max(0, sum(weight.points for weight in self.weights))

    @property
    def nearness(self) -> tuple[int, bool, tuple[int, int]]:
        """Sorts the nearest to the root first: the heavier, of equals what a text says, of those the earlier."""
        return -self.rank, self.by == "facts", self.order

    def weighed(self, *more: Weight) -> Clue:
        """The same, with more that counts."""
        return replace(self, weights=self.weights + more)


class _Names(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "what it names"


def from_hits(case: Case, library: Library) -> tuple[Clue, ...]:
    """A clue for each hit that counts; hits in scripts, settings and data do not."""
    known = {pattern.id: pattern for pattern in library.patterns}
    clues: list[Clue] = []
    for place, evidence in enumerate(case.evidence):
        part = role(evidence.source, evidence.text)
        if part is Role.OTHER:
            continue
        lines = evidence.numbered()
        for heard in _heard(evidence.hits, known, case):
            number = heard.hit.line
            doubt = _IS_IGNORED if _ignored(lines, number) else _doubt(heard.hit.text, lines.get(number + 1, ""))
            clues += _clue(heard, (place, number), part, doubt)
    return tuple(_late(clue, clues) for clue in clues)


def _late(clue: Clue, clues: Sequence[Clue]) -> Clue:
    """With less weight where it only misses what an earlier step did not make, as a line before it says."""
    if clue.label is not Label.MISSING_INPUT or not _LOOKS_FOR.match(clue.citation.text):
        return clue
    before = (one for one in clues if one.root and not one.handled and one.label not in (None, Label.UNKNOWN))
    told = any(one.order[0] == clue.order[0] and one.order[1] < clue.order[1] for one in before)
    return clue.weighed(_IS_LATE) if told else clue


@dataclass(frozen=True, slots=True)
class _Heard:
    """A hit with the pattern that made it and how that fits the line."""

    hit: Hit
    pattern: Pattern
    found: Found


def _heard(hits: Sequence[Hit], library: Mapping[str, Pattern], case: Case) -> list[_Heard]:
    """The hits that count; where a pattern knows the tool's own words, general ones are silent about that line."""
    heard = [
        _Heard(hit, pattern, found)
        for hit in hits
        if (pattern := library.get(hit.pattern)) and applies(pattern.when, case) and (found := pattern.find(hit.text))
    ]
    # a tool that repeats what the system says (denied, no space) takes nothing from the system's word
    known = {one.hit.line: one.pattern.rank + _NEAR for one in heard if one.pattern.tools and one.found.root}
    return [one for one in heard if one.pattern.tools or one.pattern.rank > known.get(one.hit.line, 0)]


def applies(when: When, case: Case) -> bool:
    """True unless a known fact of the case contradicts what the pattern insists on."""
    state = case.job.state.value if case.job else (case.scheduler_state or "").lower()
    return (
        (not when.exit_code or case.exit_code is None or case.exit_code in when.exit_code)
        and (not when.state or not state or any(state.startswith(word.lower()) for word in when.state))
        and (not when.engine or not case.engine or case.engine in when.engine)
    )


def _ended_once(cause: str) -> str:
    """Without the full stop of the pattern's where what it quotes ends a sentence by itself."""
    return cause[:-1] if cause.endswith(("?.", "!.", "..")) and not cause.endswith("...") else cause


def _clue(heard: _Heard, order: tuple[int, int], part: Role, doubt: Weight | None) -> tuple[Clue, ...]:
    pattern, text = heard.pattern, heard.hit.text
    weights = [Weight(pattern.rank, f"{pattern.title}: {_band(pattern.rank)}")]
    if doubt is _CHATTERS and pattern.rank + doubt.points < _CHATTER_LEAST:
        return ()
    if doubt:
        weights.append(doubt)
    if part is Role.ENGINE:
        weights.append(_ENGINE)
    own = part is Role.ENGINE and pattern.label is Label.SCRIPT_ERROR and bool(_TRACE.match(text))
    named = {name: text for name, text in heard.found.named.items() if text}
    cause = _ended_once(pattern.cause.format_map(_Names(named)))
    clue = Clue(
        label=pattern.label,
        cause=cause if "{" in pattern.cause else about(cause, pattern.label, text),
        confidence=pattern.confidence - (0.1 if doubt else 0),
        weights=tuple(weights),
        citation=Citation(heard.hit.source, heard.hit.line, text),
        order=order,
        pattern=pattern.id,
        root=heard.found.root and not own,
        handled=doubt is not None,
        general=not pattern.tools,
    )
    return (clue,)


def _band(rank: int) -> str:
    return next(words for least, words in _BANDS if rank >= least)


def _doubt(line: str, then: str) -> Weight | None:
    """What speaks against a line's being the end of the job."""
    if _CHATTER.search(line):
        return _CHATTERS
    if _HANDLED.search(line) or _WENT_ON.search(then):
        return _IS_HANDLED
    return _IS_NOTE if _NOTE.match(line) else None


def _ignored(lines: Mapping[int, str], number: int) -> bool:
    """True where the traceback that ends in the line is of an exception that Python ignored, in a destructor say."""
    at = number - 1
    while number - at < _TRACEBACK and lines.get(at, "")[:1].isspace():
        at -= 1
    head = lines.get(at - 1, "") if lines.get(at, "").startswith("Traceback (") else lines.get(at, "")
    return head.startswith("Exception ignored in")


def user_frame(evidence: Evidence, root: Citation) -> Citation | None:
    """The deepest frame of the user's own files in the Python traceback that ends in ``root``."""
    own = (one for one in frames(evidence.numbered(), root.line) if one.called and one.own)
    found = next(own, None)
    return Citation(root.source, found.number, found.line) if found else None


def nobody(why: str) -> Diagnosis:
    """What is said when nothing was found."""
    return Diagnosis(Label.UNKNOWN, "The cause is not known: nothing in the evidence names it.", 0.1, explanation=why)
