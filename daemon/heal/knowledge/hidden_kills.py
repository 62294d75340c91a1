"""What the log of a job that went well says of a kill: the words of slurmstepd, and of a shell of what it ran. Pure."""

from __future__ import annotations

import re

from heal.knowledge.endings import Silent

_MOST_CHARS = 200
# of the plugins task/cgroup and jobacct_gather; some sites print a time in place of slurmstepd's name
_OF_MEMORY = re.compile(r"\berror: (?:Detected \d+ oom[-_]kill event|.{0,60}\bexceeded (?:virtual )?memory limit \()")
_BY_SHELL = re.compile(
    # bash, of one program and of a part of a pipeline; dash says no more than that
    r": line \d+: +\d+ Killed\b|^ *\d+ Killed {10,}\||^Killed\s*$"
)
_KINDS = ((_OF_MEMORY, "a part of it was killed for its memory"), (_BY_SHELL, "a program of it was killed"))


def hidden_kill(said: str) -> Silent | None:
    """What these last lines of a log say was killed, the first of it; slurmstepd's word counts before a shell's."""
    lines = said.splitlines()
    for known, what in _KINDS:
        if line := next((line for line in lines if known.search(line)), None):
            line = _without_arguments(line) if known is _BY_SHELL else line
            text = f"its script ended with 0, but {what}, says its log: {' '.join(line.split())[:_MOST_CHARS]}"
            return Silent(text, memory=known is _OF_MEMORY)
    return None


def _without_arguments(line: str) -> str:
    """What a shell says of a program that was killed, to the program's name: what it was given may be secret."""
    before, killed, command = line.partition("Killed")
    return f"{before}{killed} {' '.join(command.split()[:1])}"
