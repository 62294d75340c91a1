"""Clues: what a hit or a fact speaks for, how strongly, and how near to the root cause it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from heal.cases import Case, Citation, Evidence, Hit
from heal.knowledge.patterns import Library, Pattern, When
from heal.knowledge.roles import Role, role
from heal.records import Diagnosis, Label

# said of what was dealt with: such a line is rarely the end of a job
_HANDLED = re.compile(
    r"(?i)\bwarn(?:ing)?s?\b|\bretry|\bretries\b|trying again|attempt \d+|\bskip(?:ped|ping)\b|\bignor(?:ed|ing)\b"
    r"|\bcontinu(?:e|ing)\b|fall(?:ing)? ?back|\binstead\b|non-fatal|not fatal|\brecovered\b|\boptional\b|\bdeprecat"
    r"|\bhandled\b|\bcaught\b|previous(?:ly)? run|\blast (?:run|time|week)\b|\(ignored\)|\bINFO\b"
)
# an engine's own chatter, meant for its authors
_CHATTER = re.compile(r"\b(?:DEBUG|TRACE)\b")
_CHATTER_COSTS = 25
_CHATTER_LEAST = 8
# said right after what did not stop the job
_WENT_ON = re.compile(
    r"(?i)\bcontinuing\b|\bgoing on\b|fall(?:ing)? ?back|\bretrying\b|\battempt \d|\boptional\b|\bskipp(?:ed|ing)\b"
    r"|\bignor(?:ed|ing)\b|no matter|non-fatal|not fatal|\busing (?:\S+ ){1,4}instead\b|\b(?:computing|trying) again\b"
)
_NOTE = re.compile(r"\s*(?:#|//|>)\s(?!\s*(?:SIG|There is insufficient|Out of Memory))")
_HANDLED_COSTS = 12
_NOTE_COSTS = 14
_ENGINE_COSTS = 4


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that speaks for a label. ``rank`` as in a pattern; ``root`` is False for a mere symptom.

    ``order`` is where it stands: the number of its text, then its line.
    """

    label: Label | None
    cause: str
    confidence: float
    rank: int
    citation: Citation
    order: tuple[int, int] = (0, 0)
    pattern: str | None = None
    root: bool = True
    handled: bool = False

    @property
    def by_facts(self) -> bool:
        """True where no pattern found it."""
        return self.pattern is None


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
        for hit in evidence.hits:
            pattern = known.get(hit.pattern)
            if pattern and applies(pattern.when, case):
                clues += _clue(hit, pattern, (place, hit.line), part, lines.get(hit.line + 1, ""))
    return tuple(clues)


def applies(when: When, case: Case) -> bool:
    """True unless a known fact of the case contradicts what the pattern insists on."""
    state = case.job.state.value if case.job else (case.scheduler_state or "").lower()
    return (
        (not when.exit_code or case.exit_code is None or case.exit_code in when.exit_code)
        and (not when.state or not state or any(state.startswith(word.lower()) for word in when.state))
        and (not when.engine or not case.engine or case.engine in when.engine)
    )


def _clue(hit: Hit, pattern: Pattern, order: tuple[int, int], part: Role, then: str) -> tuple[Clue, ...]:
    found = pattern.find(hit.text)
    if found is None:
        return ()
    costs = _costs(hit.text, handled=bool(_HANDLED.search(hit.text) or _WENT_ON.search(then)))
    rank = pattern.rank - costs - (_ENGINE_COSTS if part is Role.ENGINE else 0)
    if costs == _CHATTER_COSTS and pattern.rank - costs < _CHATTER_LEAST:
        return ()
    named = {name: text for name, text in found.named.items() if text}
    clue = Clue(
        label=pattern.label,
        cause=pattern.cause.format_map(_Names(named)),
        confidence=pattern.confidence - (0.1 if costs else 0),
        rank=max(0, rank),
        citation=Citation(hit.source, hit.line, hit.text),
        order=order,
        pattern=pattern.id,
        root=found.root,
        handled=bool(costs),
    )
    return (clue,)


def _costs(line: str, *, handled: bool) -> int:
    if _CHATTER.search(line):
        return _CHATTER_COSTS
    return _HANDLED_COSTS if handled else _NOTE_COSTS if _NOTE.match(line) else 0


_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line \d+, in ')
_NOT_OURS = re.compile(r"site-packages|dist-packages|/lib(?:64)?/python\d|<frozen|importlib")


def user_frame(evidence: Evidence, root: Citation) -> Citation | None:
    """The deepest frame of the user's own files in the Python traceback that ends in ``root``."""
    lines = evidence.numbered()
    number = root.line - 1
    while (line := lines.get(number)) is not None and not line.lstrip().startswith("Traceback ("):
        if (got := _FRAME.match(line)) and not _NOT_OURS.search(got["file"]):
            return Citation(root.source, number, line)
        number -= 1
    return None


def nobody(why: str) -> Diagnosis:
    """What is said when nothing was found."""
    return Diagnosis(Label.UNKNOWN, "The cause is not known: nothing in the evidence names it.", 0.1, explanation=why)
