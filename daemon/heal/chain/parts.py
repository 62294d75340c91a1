"""What the chain needs of others, as Protocols: who builds what a model sees, who guards, drafts and tries a patch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from heal.chain.assignment import Assignment, Source
from heal.dialogue import Message
from heal.patch import Draft, Objection, Patch, Trial


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was said or found on the way, which a later question tells."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """What one question is to hold: the rules first, then ``sources``, the incident, the log, and ``notes`` last.

    ``shows`` says which of ``files``, ``incident`` and ``log`` are wanted. ``window`` are the tokens that question and
    answer may have together (None: not known), ``answer`` those that are kept for the answer.
    """

    role: str
    rules: str
    sources: tuple[Source, ...]
    shows: frozenset[str]
    notes: tuple[Note, ...] = ()
    window: int | None = None
    answer: int = 1024


@dataclass(frozen=True, slots=True)
class Built:
    """A question as it may leave: nothing in it is secret.

    ``shown`` are the sources that found room. ``placeholder`` is a regex of what stands for a hidden text, empty where
    nothing was hidden; ``restore`` puts the hidden texts back.
    """

    messages: tuple[Message, ...]
    tokens: int
    shown: tuple[Source, ...]
    placeholder: str = ""
    restore: Callable[[str], str] = str


class Builds(Protocol):
    """Who builds what a model sees: the one place where texts are hidden and cut to size."""

    def build(self, about: Assignment, request: Request) -> Built:
        """The question. Notes are hidden like all else; they may hold what a check printed."""


class Guards(Protocol):
    """Who says what speaks against a patch before it is tried."""

    def inspect(self, about: Assignment, patch: Patch) -> tuple[Objection, ...]:
        """The objections; none is a yes. Nothing is written."""


class Drafts(Protocol):
    """Who keeps a patch in git, beside the user's work tree."""

    def draft(self, about: Assignment, patch: Patch, number: int, by: Sequence[str]) -> Draft:
        """The patch on a branch of its own; ``number`` tells the candidates of one run apart, from 1.

        ``by`` are the models whose answers it is made of.

        Raises ``PatchRefused``, ``PatchConflict`` or ``NoHistory``: nothing was kept.
        """

    def reword(self, draft: Draft, subject: str, why: str) -> Draft:
        """The same change under another message; the draft given is gone. Raises as ``draft``: it is as it was."""

    def drop(self, draft: Draft) -> None:
        """Take a draft's branch and folder away again. The user's work tree is not touched."""


class Proves(Protocol):
    """Who tries a patch."""

    def tries(self, about: Assignment, draft: Draft, stop: Callable[[], bool]) -> tuple[Trial, ...]:
        """What came of each way of trying it. Called from several threads at once, for different drafts."""


@dataclass(frozen=True, slots=True)
class Parts:
    """All of them."""

    builds: Builds
    guards: Guards
    drafts: Drafts
    proves: Proves
