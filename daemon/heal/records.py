"""The nouns, frozen: what was seen, what it means, what is tried.

Every record is a value: it is made once, never edited, and equal when its fields are equal.
``None`` in a fact means *not known*; it never means "no" or "zero".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from heal.cases import Citation


class Label(StrEnum):
    """The root causes heal tells apart; one per failure, the cause that must change to get further."""

    OUT_OF_MEMORY = "out_of_memory"
    TIME_LIMIT = "time_limit"
    DISK_FULL = "disk_full"
    NODE_FAILURE = "node_failure"
    FILESYSTEM_TRANSIENT = "filesystem_transient"
    NETWORK = "network"
    CONTAINER = "container"
    ENVIRONMENT_SOLVE = "environment_solve"
    MISSING_DEPENDENCY = "missing_dependency"
    VERSION_INCOMPATIBILITY = "version_incompatibility"
    MISSING_INPUT = "missing_input"
    MISSING_OUTPUT = "missing_output"
    BAD_INPUT_DATA = "bad_input_data"
    BAD_PARAMETER = "bad_parameter"
    WORKFLOW_SYNTAX = "workflow_syntax"
    WORKFLOW_LOGIC = "workflow_logic"
    SCRIPT_ERROR = "script_error"
    TOOL_CRASH = "tool_crash"
    PERMISSION = "permission"
    SCHEDULER_REJECTED = "scheduler_rejected"
    LOCKED = "locked"
    GPU = "gpu"
    AUTH = "auth"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


# --- what was seen -----------------------------------------------------------------------------


# the key of a wait of an engine begins with this: it is told as a task that failed, and is none
WAITS = "waits:"


@dataclass(frozen=True, slots=True)
class RunRef:
    """Which run an event speaks of, as the writer of the event knew it."""

    id: str
    engine: str = ""
    cwd: str = ""
    argv: tuple[str, ...] = ()
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class TaskRef:
    """Which task an event speaks of. ``key`` is the same for every try of the task in any launch of the run."""

    name: str
    key: str
    attempt: int = 1
    native_id: str | None = None
    workdir: str | None = None
    log_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something seen, from a hook, a plugin, a poll or a person; the only thing that enters.

    ``id`` is unique for ever: taking the same event twice is the same as taking it once.
    ``body`` is the line as it was written, fields unknown to this version included.
    """

    id: str
    kind: str
    time: datetime
    source: str
    run: RunRef | None = None
    task: TaskRef | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One launch of an engine. ``lineage`` is the id of the first launch that this one continues (its own, if none).

    ``parent`` is the id of what launched it: the command under ``heal run``, or the token of a remedy.
    ``env_file`` is the path of a private file with the environment it was started with.
    """

    id: str
    lineage: str
    engine: str
    cwd: str
    argv: tuple[str, ...]
    started: datetime
    parent: str | None = None
    pid: int | None = None
    host: str = ""
    env_file: str | None = None
    ended: datetime | None = None
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a task. ``process`` is the rule, process or job name without what tells its instances apart.

    ``asked`` holds the resources requested, by their neutral names (``memory_mb``, ``time_min``, ``cpus``).
    ``facts`` is what the event that ended it said (exit, shell command, message…).
    """

    id: int
    run_id: str
    lineage: str
    engine: str
    key: str
    name: str
    process: str
    number: int = 1
    native_id: str | None = None
    workdir: str | None = None
    log_paths: tuple[str, ...] = ()
    asked: Mapping[str, float] = field(default_factory=dict)
    submitted: datetime | None = None
    ended: datetime | None = None
    ok: bool | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def job(self) -> str:
        """The id its scheduler knows it by; tasks of the local machine get one of their own."""
        return self.native_id or f"local:{self.id}"


# --- what it means -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Weight:
    """What counts for (or against, below zero) taking a line or a fact for the cause, and why."""

    points: int
    why: str


@dataclass(frozen=True, slots=True)
class Account:
    """One line or fact that could be the cause: what it would mean, what counts for it, and what was made of it."""

    label: Label | None
    cause: str
    citation: Citation
    by: str
    weights: tuple[Weight, ...]
    verdict: str

    @property
    def points(self) -> int:
        """All that counts, taken together; never below zero."""
        return max(0, sum(weight.points for weight in self.weights))


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The cause, how sure (0 to 1), and the lines that show it. ``label`` None: nothing is wrong.

    ``by`` says who found it: a pattern, the scheduler's facts, the general reading of a program's words, a model, or
    nobody. ``ledger`` holds what was weighed, the heaviest first. ``advice``: what a person is to do, where what was
    looked up tells it, or nobody else may do anything.
    """

    label: Label | None
    cause: str
    confidence: float
    root: Citation | None = None
    citations: tuple[Citation, ...] = ()
    pattern: str | None = None
    by: Literal["pattern", "facts", "words", "model", "nobody"] = "nobody"
    explanation: str = ""
    ledger: tuple[Account, ...] = ()
    advice: str = ""


# --- what is tried -----------------------------------------------------------------------------


class FixKind(StrEnum):
    """The closed set of what heal may propose."""

    RESOURCES = "resources"
    RETRY = "retry"
    EXCLUDE_NODE = "exclude_node"
    UNLOCK = "unlock"
    PREPARE = "prepare"
    ENVIRONMENT = "environment"
    CONFIG = "config"
    PATCH = "patch"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Change:
    """One setting of a fix: ``memory_mb`` from 400 to 800, ``node`` from None to n01."""

    name: str
    old: float | str | None
    new: float | str | None


@dataclass(frozen=True, slots=True)
class Fix:
    """A change, as data. Equal fixes compare equal whatever reason is given for them."""

    kind: FixKind
    process: str
    changes: tuple[Change, ...] = ()
    why: str = field(default="", compare=False)


class Verdict(StrEnum):
    """What policy says of a proposed fix."""

    AUTO = "auto"
    ASK = "ask"
    REFUSE = "refuse"


class Outcome(StrEnum):
    """What came of a remedy."""

    HEALED = "healed"
    SAME_FAILURE = "same_failure"
    OTHER_FAILURE = "other_failure"
    LOST = "lost"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Incident:
    """A group of failed tasks with one fingerprint in one run: what a person looks at."""

    id: str
    lineage: str
    run_id: str
    engine: str
    process: str
    fingerprint: str
    opened: datetime
    tasks: int = 1
