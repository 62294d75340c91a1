"""Whose program it was: a crash of the user's own program, or what their own module lacks, is a bug of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePath

from heal.cases import Case
from heal.knowledge.clues import Clue
from heal.records import Label, Weight

# what is written to be compiled; a script in another language may well call a tool that crashes
_COMPILED = frozenset((".c", ".cc", ".cpp", ".cxx", ".rs", ".go", ".ml", ".f", ".f90", ".hs", ".cu", ".d", ".adb"))


_LACKS = re.compile(r"\bmodule ['\"]?(\w+)[\w.]*['\"]? has no attribute|cannot import name \S+ from ['\"]?(\w+)")


def owned(clues: Iterable[Clue], case: Case) -> list[Clue]:
    """The clues; a crash, or what a module lacks, is the script's own error where its source lies beside the logs."""
    sources = [PurePath(one.source) for one in case.evidence]
    compiled = next((str(one) for one in sources if one.suffix.lower() in _COMPILED), "")
    modules = {one.stem: str(one) for one in sources if one.suffix == ".py"}
    return [_owned(clue, compiled, modules) for clue in clues]


def _owned(clue: Clue, compiled: str, modules: Mapping[str, str]) -> Clue:
    source = ""
    if clue.label is Label.TOOL_CRASH:
        source = compiled
    elif clue.label is Label.VERSION_INCOMPATIBILITY and (got := _LACKS.search(clue.citation.text)):
        source = modules.get(got[1] or got[2], "")
    if not source:
        return clue
    why = Weight(0, f"{source} lies beside the logs: the program is the user's own")
    return replace(clue.weighed(why), label=Label.SCRIPT_ERROR)
