"""Asks a person at the terminal: cause, change, what would run again; yes, no or later."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from heal.cli import words
from heal.journal import Proposed
from heal.records import FixKind, Incident

if TYPE_CHECKING:
    from heal.store import Store

_TERMINAL = "/dev/tty"


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
        with open(_TERMINAL, "r+", buffering=1, encoding="utf-8") as terminal:  # noqa: PTH123 - a device, not a path to manage
            terminal.write("heal │ yes, no or later [y/n/l]: ")
            answer = terminal.readline().strip().lower()
    except OSError:
        return None
    return {"y": True, "yes": True, "n": False, "no": False}.get(answer)
