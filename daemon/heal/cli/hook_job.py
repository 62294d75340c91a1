"""heal hook job: a command in a SLURM job whose beginning and end are told to heal, by sh alone."""

from __future__ import annotations

import os

from heal.shipped import shipped


def become_job(words: list[str]) -> None:
    """Become the wrapper around a command (``--`` first); nothing of heal's Python stays. Raises OSError, HealError."""
    script = shipped("hooks") / "job.sh"
    os.execv("/bin/sh", ["sh", str(script), *words])  # noqa: S606 - the user's own command, as given
