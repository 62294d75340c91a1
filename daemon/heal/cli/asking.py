"""Asks a person at the terminal: cause, change, what would run again; yes, no or later."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from heal.cli import words
from heal.journal import Proposed
from heal.records import FixKind, Incident

if TYPE_CHECKING:
    from heal.store import Store

_TERMINAL = Path("/dev/tty")


def can_ask() -> bool:
    """True where a person sees heal's lines and can answer; the pipeline's own stdin is left to the pipeline."""
    return sys.stderr.isatty() and sys.stdin.isatty()


def ask(store: Store, incident: Incident, say: Callable[[str], None]) -> bool | None:
    """Yes, no, or None for later (also for advice, where there is nothing to say yes to yet)."""
    fix = next((e.body.fix for e in reversed(store.journal(incident.id)) if isinstance(e.body, Proposed)), None)
    if fix is None or fix.kind is FixKind.ADVICE:
        return None
    tasks = ", ".join(dict.fromkeys(attempt.name for attempt in store.members(incident.id)))
    say(f"incident {incident.id}: {words.fix(fix)}? runs again: {tasks} and what hangs on it")
    try:
        # two files: a terminal cannot be opened as one text file for both, which would need to seek
        with _TERMINAL.open("w", encoding="utf-8") as asks, _TERMINAL.open(encoding="utf-8") as answers:
            asks.write("heal │ yes, no or later [y/n/l]: ")
            asks.flush()
            answer = answers.readline().strip().lower()
    except OSError:
        return None
    return {"y": True, "yes": True, "n": False, "no": False}.get(answer)
