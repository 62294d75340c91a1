"""Tells on the terminal what the loop writes, marked so that it cannot be taken for the pipeline's own output."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from heal.cli.visible import visible

if TYPE_CHECKING:
    from heal.journal import Body
    from heal.records import Incident
    from heal.store import Store

MARK = "heal │ "


class Narrator:
    """Writes marked lines to a stream; a stream that is gone is no reason to stop healing."""

    def __init__(self, store: Store, stream: TextIO | None = None) -> None:
        from heal.cli import words

        self._entry = words.entry
        self._store = store
        self._stream = stream or sys.stderr

    def __call__(self, incident: Incident, body: Body) -> None:
        """Tell of one entry."""
        for line in self._entry(body, incident.id, self._store.members(incident.id)):
            self.say(line)

    def say(self, line: str) -> None:
        """One marked line."""
        say(line, self._stream)


def say(line: str, stream: TextIO | None = None) -> None:
    """One marked line on stderr, whole or not at all; names of jobs and words of logs are other people's."""
    try:
        print(f"{MARK}{visible(line)}", file=stream or sys.stderr, flush=True)
    except (OSError, ValueError):
        return


def watching(jobs: Sequence[str]) -> str:
    """What heal stays for when the command has ended."""
    what = f"job {jobs[0]} until it ends" if len(jobs) == 1 else f"{len(jobs):,} jobs until they end"
    return f"watching {what} · after a Ctrl-C {'it goes' if len(jobs) == 1 else 'they go'} on without heal"


def left_alone(jobs: Sequence[str]) -> str:
    """What nobody looks after any more; whether it still runs was not asked."""
    how = f"heal diagnose {jobs[0]} tells how it ended, once it has"
    return (
        f"SLURM job {jobs[0]} is left without heal: {how}"
        if len(jobs) == 1
        else f"SLURM jobs {', '.join(jobs)} are left without heal: {how}"
    )
