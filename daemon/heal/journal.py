"""What is written about an incident, one entry after the other, and the state that follows from it.

Entries are only ever added. The state of an incident is derived from them by ``state_of``; it is stored nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from heal.cases import Evidence
from heal.records import Diagnosis, Fix, Outcome, Verdict


class State(StrEnum):
    """Where an incident stands, as people and ``--json`` see it."""

    OPEN = "open"
    DIAGNOSED = "diagnosed"
    WAITING = "waiting"
    APPLYING = "applying"
    OBSERVING = "observing"
    HEALED = "healed"
    UNHEALED = "unhealed"
    GIVEN_UP = "given_up"
    DISMISSED = "dismissed"

    @property
    def closed(self) -> bool:
        """True when nothing more will happen by itself or by a person's yes."""
        return self in (State.HEALED, State.UNHEALED, State.GIVEN_UP, State.DISMISSED)

    @property
    def moving(self) -> bool:
        """True when heal has something to do or to watch."""
        return not self.closed and self is not State.WAITING


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """The cause was named (again, after a remedy that did not help)."""

    diagnosis: Diagnosis
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """A fix was found. Followed by a ``Decided``."""

    fix: Fix


@dataclass(frozen=True, slots=True)
class Decided:
    """What policy said of the fix, and why."""

    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Approved:
    """A person said yes to the fix."""

    by: str


@dataclass(frozen=True, slots=True)
class Applying:
    """Committed before the effect: whoever finds this without an ``Applied`` looks the token up first."""

    token: str
    fix: Fix
    task_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """The effect took place. ``jobs`` maps task keys to the scheduler's new ids, where heal submitted them itself."""

    token: str
    detail: str = ""
    pid: int | None = None
    jobs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observed:
    """What came of the remedy."""

    token: str
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GaveUp:
    """heal stops here, and says why."""

    why: str


@dataclass(frozen=True, slots=True)
class Dismissed:
    """Nothing is to be done: a person said no, or cancelled the job themselves."""

    by: str
    why: str


Body = Diagnosed | Proposed | Decided | Approved | Applying | Applied | Observed | GaveUp | Dismissed


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an incident's journal; ``seq`` counts from 1 within the incident."""

    incident: str
    seq: int
    at: datetime
    body: Body


def state_of(bodies: Sequence[Body]) -> State:
    """The state that follows from a journal: its last entry decides."""
    match bodies[-1] if bodies else None:
        case None:
            return State.OPEN
        case Decided(verdict=verdict):
            return _DECIDED[verdict]
        case Observed(outcome=outcome):
            return _OBSERVED[outcome]
        case last:
            return _LAST[type(last)]


def standing(last: Entry | None) -> State:
    """The state that follows from a journal's last entry; None is a journal without one."""
    return state_of([last.body] if last else [])


_DECIDED = {Verdict.AUTO: State.DIAGNOSED, Verdict.ASK: State.WAITING, Verdict.REFUSE: State.GIVEN_UP}
_OBSERVED = {
    Outcome.HEALED: State.HEALED,
    # the same cause again: the loop proposes anew or gives up
    Outcome.SAME_FAILURE: State.DIAGNOSED,
    Outcome.OTHER_FAILURE: State.UNHEALED,
    Outcome.LOST: State.UNHEALED,
    Outcome.REFUSED: State.UNHEALED,
}
_LAST: Mapping[type[Body], State] = {
    Diagnosed: State.DIAGNOSED,
    Proposed: State.DIAGNOSED,
    Approved: State.DIAGNOSED,
    Applying: State.APPLYING,
    Applied: State.OBSERVING,
    GaveUp: State.GIVEN_UP,
    Dismissed: State.DISMISSED,
}


def closes(body: Body) -> bool:
    """True when an incident whose journal ends with this entry is closed."""
    return state_of([body]).closed
