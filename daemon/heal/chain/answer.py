"""What comes out of the chain, frozen: a draft or none, and all that was thought, said and tried on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from heal.cases import Citation
from heal.patch import Draft, Objection, Sized, Trial


class Class(StrEnum):
    """What kind of failure it is; only the first two can be healed by a change of the pipeline's files."""

    DEFECT = "pipeline defect"
    ENVIRONMENT = "environment"
    TRANSIENT = "transient"
    INPUT = "input"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Triage:
    """What kind of failure it is, and whether files should be changed for it.

    ``sure`` is 0 to 1, and less for each line that was cited and is not in the evidence (``invented``).
    ``citations`` are lines that are. ``by`` is the model's name, or ``rules`` where none was asked.
    """

    kind: Class
    cause: str
    change: bool
    sure: float
    citations: tuple[Citation, ...] = ()
    invented: int = 0
    by: str = "rules"

    @property
    def goes_on(self) -> bool:
        """True where a change of files can heal it."""
        return self.change and self.kind in (Class.DEFECT, Class.ENVIRONMENT)


@dataclass(frozen=True, slots=True)
class Review:
    """A second look at a patch. ``by`` is the model's name."""

    role: str
    root: bool
    hides: bool
    more: bool
    why: str
    by: str = ""

    @property
    def refuses(self) -> bool:
        """True where the patch hides the failure or does not touch its root."""
        return self.hides or not self.root


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that was said or done: ``said`` is a model's answer, cut to some length, ``made`` what came of it."""

    role: str
    round: int
    made: str
    model: str = ""
    said: str = ""
    tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Seconds:
    """Where the time went, on the clock: models; guard, git and checks; and the rest, which is the chain's own."""

    models: float = 0.0
    checks: float = 0.0
    own: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the chain came to. ``why`` says it in sentences, the most important first.

    ``draft`` None: there is no fix. ``asks``: a person must say yes to the draft, whatever policy says; ``doubts`` are
    why, beside ``objections``: a reviewer's reason, or that nobody reviewed it, or that a check was not passed.
    ``later``: it is worth asking again later (no model answered, a budget is spent, it was stopped). ``trials``,
    ``objections`` and ``reviews`` are those of the draft, or of the best candidate that was refused. ``tokens`` counts
    in and out, as far as servers tell.
    """

    draft: Draft | None
    why: tuple[str, ...]
    asks: bool = False
    later: bool = False
    trials: tuple[Trial, ...] = ()
    objections: tuple[Objection, ...] = ()
    reviews: tuple[Review, ...] = ()
    triage: Triage | None = None
    sized: Sized | None = None
    models: tuple[str, ...] = ()
    rounds: int = 0
    tokens: int = 0
    seconds: Seconds = field(default=Seconds(), compare=False)
    turns: tuple[Turn, ...] = field(default=(), compare=False)
    doubts: tuple[str, ...] = ()
