"""Whose program it was that crashed: a crash of the user's own program is a bug of theirs, not of a tool's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePath

from heal.cases import Case
from heal.knowledge.clues import Clue
from heal.records import Label, Weight

# what is written to be compiled; a script in another language may well call a tool that crashes
_COMPILED = frozenset((".c", ".cc", ".cpp", ".cxx", ".rs", ".go", ".ml", ".f", ".f90", ".hs", ".cu", ".d", ".adb"))


def owned(clues: Iterable[Clue], case: Case) -> list[Clue]:
    """The clues, with a crash as the script's own error where the source of a compiled program lies beside the logs."""
    source = next((one.source for one in case.evidence if PurePath(one.source).suffix.lower() in _COMPILED), None)
    if source is None:
        return list(clues)
    why = Weight(0, f"{source} lies beside the logs: the program is the user's own")
    return [
        replace(clue.weighed(why), label=Label.SCRIPT_ERROR) if clue.label is Label.TOOL_CRASH else clue
        for clue in clues
    ]
