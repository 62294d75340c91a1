"""Whose program it was: a crash of the user's own program, or what their own module lacks, is a bug of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePath

from heal.cases import Case, Evidence
from heal.knowledge.clues import Clue
from heal.knowledge.tracebacks import PACKAGES, frames
from heal.records import Label, Weight

# what is written to be compiled; a script in another language may well call a tool that crashes
_COMPILED = frozenset((".c", ".cc", ".cpp", ".cxx", ".rs", ".go", ".ml", ".f", ".f90", ".hs", ".cu", ".d", ".adb"))


_LACKS = re.compile(r"\bmodule ['\"]?(\w+)[\w.]*['\"]? has no attribute|cannot import name \S+ from ['\"]?(\w+)")


# what a console script is called
_CONSOLE = re.compile(r"/s?bin/[\w.+-]+$")


def owned(clues: Iterable[Clue], case: Case) -> list[Clue]:
    """The clues, each with whose bug it is.

    A crash, or what a module lacks, is the script's own error where its source lies beside the logs. A Python exception
    is the program's where all of its traceback is installed.
    """
    sources = [PurePath(one.source) for one in case.evidence]
    compiled = next((str(one) for one in sources if one.suffix.lower() in _COMPILED), "")
    modules = {one.stem: str(one) for one in sources if one.suffix == ".py"}
    texts = {one.source: one for one in case.evidence}
    return [_installed(_owned(clue, compiled, modules), texts) for clue in clues]


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


def _installed(clue: Clue, texts: Mapping[str, Evidence]) -> Clue:
    text = texts.get(clue.citation.source) if clue.citation else None
    if clue.label is not Label.SCRIPT_ERROR or text is None:
        return clue
    files = list(frames(text.numbered(), clue.citation.line))
    if any(one.own and not _CONSOLE.search(one.file) for one in files):
        return clue
    if not any(PACKAGES.search(one.file) for one in files):
        return clue
    why = Weight(0, "all of its traceback is installed: the program's own bug, not one of a script of yours")
    cause = f"The program failed on an error of its own code: {clue.citation.text.strip()}"
    return replace(clue.weighed(why), label=Label.TOOL_CRASH, cause=cause)
