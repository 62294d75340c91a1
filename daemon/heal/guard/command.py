"""One simple command of a shell text, as it is run."""

from __future__ import annotations

import re
from dataclasses import dataclass

from heal.guard.here_documents import HereDocument


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command: its words with quotes undone, what stands before and after it, where it writes.

    ``before`` and ``after`` are the operators around it ("" at the ends; "||(" at the begin of a group), ``lead`` the
    keywords before it on the way.
    ``inner``: it stands within a ``$(…)`` or backticks. ``text`` is how it was written,
    ``given`` its here-documents, and those that a pipe hands on to it. ``lost``: it stands where its exit status
    does not count.
    """

    words: tuple[str, ...]
    line: int
    before: str
    after: str
    lead: tuple[str, ...] = ()
    redirects: tuple[tuple[str, str], ...] = ()
    inner: bool = False
    text: str = ""
    given: tuple[HereDocument, ...] = ()
    lost: bool = False

    @property
    def in_background(self) -> bool:
        """Nobody waits for it where it stands."""
        return self.after in {"&", ")&"}

    @property
    def is_heard(self) -> bool:
        """Its exit status counts."""
        return not self.lost and not self.in_background

    @property
    def name(self) -> str:
        """The program, without its folder; empty for a bare assignment or redirect."""
        return next((word.rsplit("/", 1)[-1] for word in self.words if not _assigns(word)), "")

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words after the program."""
        at = next((index for index, word in enumerate(self.words) if not _assigns(word)), len(self.words))
        return self.words[at + 1 :]

    @property
    def assignments(self) -> tuple[str, ...]:
        """Words like ``NAME=value`` before the program."""
        at = next((index for index, word in enumerate(self.words) if not _assigns(word)), len(self.words))
        return self.words[:at]


def _assigns(word: str) -> bool:
    return re.match(r"[A-Za-z_]\w*(?:\[[^]]*\])?\+?=", word) is not None
