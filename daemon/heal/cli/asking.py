"""Asks a person at the terminal: cause, change, what would run again; yes, no or later."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from heal.cli import words
from heal.journal import Consulted, Proposed
from heal.records import FixKind, Incident

if TYPE_CHECKING:
    from heal.store import Store

_TERMINAL = "/dev/tty"
_LOOK_S = 0.2
_MOST_SHOWN = 60


def can_ask() -> bool:
    """True where a person sees heal's lines and can answer; the pipeline's own stdin is left to the pipeline.

    A heal in the background (``heal run … &``) would be stopped by the terminal for reading.
    """
    try:
        return sys.stderr.isatty() and os.tcgetpgrp(sys.stderr.fileno()) == os.getpgrp()
    except OSError:
        return False


def ask(store: Store, incident: Incident, say: Callable[[str], None], hurried: Callable[[], bool]) -> bool | None:
    """Yes, no, or None for later (also for advice, where there is nothing to say yes to yet).

    ``hurried`` is looked at while waiting: True (an interrupt, the time is up) is an answer of "later".
    """
    fix = next((e.body.fix for e in reversed(store.journal(incident.id)) if isinstance(e.body, Proposed)), None)
    if fix is None or fix.kind is FixKind.ADVICE:
        return None
    for line in _shown(store, incident) if fix.kind is FixKind.PATCH else ():
        say(f"  {line}")
    tasks = ", ".join(dict.fromkeys(attempt.name for attempt in store.members(incident.id)))
    say(f"incident {incident.id}: {words.fix(fix)}? runs again: {tasks} and what hangs on it")
    try:
        terminal = os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    try:
        os.write(terminal, "heal │ yes, no or later [y/n/l]: ".encode())
        return {"y": True, "yes": True, "n": False, "no": False}.get(_line(terminal, hurried))
    finally:
        os.close(terminal)


def _shown(store: Store, incident: Incident) -> list[str]:
    """The change as a diff, as much of it as a screen holds."""
    from heal.cli.visible import visible
    from heal.consulting.work import repository_of
    from heal.errors import HealError

    bodies = [entry.body for entry in reversed(store.journal(incident.id))]
    draft = next((body.draft for body in bodies if isinstance(body, Consulted) and body.draft), None)
    if draft is None:
        return []
    try:
        lines = [visible(line) for line in repository_of(draft).diff(draft).splitlines()]
    except HealError as error:
        return [f"it cannot be shown: {error}"]
    told = [line for line in lines if not line.startswith(("diff ", "index ", "--- "))]
    more = [f"… {len(told) - _MOST_SHOWN} more lines: heal diff {incident.id}"] if len(told) > _MOST_SHOWN else []
    return told[:_MOST_SHOWN] + more


def _line(terminal: int, hurried: Callable[[], bool]) -> str:
    """What the person typed, to the end of the line; empty where nobody waits for it any longer."""
    typed = b""
    while not typed.endswith(b"\n"):
        if hurried():
            os.write(terminal, b"\n")
            return ""
        if select.select([terminal], [], [], _LOOK_S)[0]:
            got = os.read(terminal, 1024)
            if not got:
                return ""
            typed += got
    return typed.decode(errors="replace").strip().lower()
