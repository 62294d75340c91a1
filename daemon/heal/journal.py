"""What is written about an incident, one entry after the other, and the state that follows from it.

Entries are only ever added. The state of an incident is derived from them by ``state_of``; it is stored nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from heal.cases import Evidence, Finding
from heal.patch import Draft, Objection, Sized, Trial, reruns_of
from heal.records import Diagnosis, Fix, Outcome, Verdict

# who dismisses what nobody answered
HEAL = "heal"


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
    """The cause was named (again, after a remedy that did not help).

    ``findings``: what was seen of what the evidence names. ``took_s``: how long its scheduler says that the try ran.
    """

    diagnosis: Diagnosis
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    took_s: int | None = None


@dataclass(frozen=True, slots=True)
class Consulted:
    """Coding models were asked what to change, and what came of it, in words. Followed by a ``Proposed``.

    ``draft`` None: no change that heal would show. ``sure``: a second look found nothing wrong with it. ``later``: no
    model answered, and asking again is worth it. ``cause`` is what the models take for the cause. ``heard``: no model
    was asked yet, for the task had said nothing; it was run again, unchanged, and this is what it said.
    ``doubts``: what a person is to know before a yes, beside the objections: a reviewer's reason, or that nobody
    reviewed it. ``size`` is how much work it was, by rules; None: nothing was asked, or an older heal asked.
    """

    why: str
    draft: Draft | None = None
    trials: tuple[Trial, ...] = ()
    objections: tuple[Objection, ...] = ()
    cause: str = ""
    models: tuple[str, ...] = ()
    rounds: int = 0
    tokens: int = 0
    sure: bool = False
    later: bool = False
    heard: Diagnosed | None = None
    doubts: tuple[str, ...] = ()
    size: Sized | None = None

    @property
    def reruns(self) -> str:
        """What will run again with the patch; empty where no trial tells."""
        return reruns_of(self.trials)


@dataclass(frozen=True, slots=True)
class Dependent:
    """A job (of an array: all of it) that runs only after a failed one has ended well, or after another such job.

    ``waits_for`` is its dependency in the scheduler's words; ``cancelled``: the scheduler has given it up for that.
    ``name`` is empty for a job that heal does not follow.
    """

    job: str
    name: str
    waits_for: str
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """A fix was found. Followed by a ``Decided``. ``dependents``: what waited for the failed jobs, nearest first."""

    fix: Fix
    dependents: tuple[Dependent, ...] = ()


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
class Share:
    """A part of the tasks of a remedy, and what the fix is for them."""

    fix: Fix
    task_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Applying:
    """Committed before the effect: whoever finds this without an ``Applied`` looks the token up first.

    ``shares``: where not all tasks get the same; then they make up ``task_keys``. ``proven``: the change came home on
    the same failure of other tasks of the run before, and is no further remedy for its budgets.
    """

    token: str
    fix: Fix
    task_keys: tuple[str, ...] = ()
    shares: tuple[Share, ...] = ()
    proven: bool = False


@dataclass(frozen=True, slots=True)
class Widening:
    """The remedy under way is about to be given to more tasks that failed the same way; committed before the effect.

    ``fix``: what it is for these, where they asked for so much that the remedy's own would be no change.
    """

    token: str
    task_keys: tuple[str, ...]
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Delayed:
    """The effect did not take place yet, or nobody says whether it did: why, in the words of who refuses or is silent.

    It is looked up, and tried again where it is not found. Written when the reason changes.
    """

    token: str
    why: str


@dataclass(frozen=True, slots=True)
class Applied:
    """The effect took place. ``jobs`` maps task keys to the scheduler's new ids, where heal submitted them itself.

    ``answered`` maps the questions of an engine that was told, while its run goes on, to try a task again to the key
    of that task; two tasks may have one key.
    """

    token: str
    detail: str = ""
    pid: int | None = None
    jobs: Mapping[str, str] = field(default_factory=dict)
    answered: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observed:
    """What came of the remedy."""

    token: str
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Proven:
    """What the remedy was tried on came home; the same fix now goes to the tasks of the incident that are still ill."""

    token: str
    tasks: int


@dataclass(frozen=True, slots=True)
class GaveUp:
    """heal stops here, and says why."""

    why: str


@dataclass(frozen=True, slots=True)
class Dismissed:
    """Nothing is to be done: a person said no, or cancelled the job themselves."""

    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Reverted:
    """A person had a patch taken back."""

    by: str
    detail: str


Body = (
    Diagnosed
    | Consulted
    | Proposed
    | Decided
    | Approved
    | Applying
    | Widening
    | Delayed
    | Applied
    | Observed
    | Proven
    | GaveUp
    | Dismissed
    | Reverted
)


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
    Consulted: State.DIAGNOSED,
    Proposed: State.DIAGNOSED,
    Approved: State.DIAGNOSED,
    Applying: State.APPLYING,
    Widening: State.APPLYING,
    Delayed: State.APPLYING,
    Applied: State.OBSERVING,
    Proven: State.DIAGNOSED,
    GaveUp: State.GIVEN_UP,
    Dismissed: State.DISMISSED,
    Reverted: State.DISMISSED,
}


def closes(body: Body) -> bool:
    """True when an incident whose journal ends with this entry is closed."""
    return state_of([body]).closed
