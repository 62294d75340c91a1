"""Whose program it was: a crash of the user's own program, or what their own module lacks, is a bug of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath

from heal.cases import Case
from heal.knowledge.clues import Clue
from heal.records import Label, Weight

# what is written to be compiled; a script in another language may well call a tool that crashes
_COMPILED = frozenset((".c", ".cc", ".cpp", ".cxx", ".rs", ".go", ".ml", ".f", ".f90", ".hs", ".cu", ".d", ".adb"))


_LACKS = re.compile(r"\bmodule ['\"]?(\w+)[\w.]*['\"]? has no attribute|cannot import name \S+ from ['\"]?(\w+)")


# a frame of a Python traceback; where programs and libraries are installed; what a console script is called
_FRAME = re.compile(r'^\s*File "([^"]+)", line \d+')
_INSTALLED = re.compile(r"[/\\](?:site|dist)-packages[/\\]|[/\\]lib[/\\]python\d[\d.]*[/\\]|^<frozen ")
_LIBRARY = re.compile(r"[/\\](?:site|dist)-packages[/\\]")
_CONSOLE = re.compile(r"/s?bin/[\w.+-]+$")
_HEADLINE = "Traceback (most recent call last)"
_MOST_FRAMES = 200


def owned(clues: Iterable[Clue], case: Case) -> list[Clue]:
    """The clues, each with whose bug it is.

    A crash, or what a module lacks, is the script's own error where its source lies beside the logs. A Python exception
    is the program's where all of its traceback is installed.
    """
    sources = [PurePath(one.source) for one in case.evidence]
    compiled = next((str(one) for one in sources if one.suffix.lower() in _COMPILED), "")
    modules = {one.stem: str(one) for one in sources if one.suffix == ".py"}
    lines = {one.source: one.numbered() for one in case.evidence}
    return [_installed(_owned(clue, compiled, modules), lines) for clue in clues]


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


def _installed(clue: Clue, lines: Mapping[str, Mapping[int, str]]) -> Clue:
    if clue.label is not Label.SCRIPT_ERROR or clue.citation is None:
        return clue
    frames = list(_frames(lines.get(clue.citation.source, {}), clue.citation.line))
    outside = [one for one in frames if not _INSTALLED.search(one) and not _CONSOLE.search(one)]
    if outside or not any(_LIBRARY.search(one) for one in frames):
        return clue
    why = Weight(0, "all of its traceback is installed: the program's own bug, not one of a script of yours")
    cause = f"The program failed on an error of its own code: {clue.citation.text.strip()}"
    return replace(clue.weighed(why), label=Label.TOOL_CRASH, cause=cause)


def _frames(text: Mapping[int, str], end: int) -> Iterator[str]:
    """The files of the traceback that ends in that line."""
    for number in range(end - 1, max(0, end - _MOST_FRAMES), -1):
        line = text.get(number, "")
        if got := _FRAME.match(line):
            yield got[1]
        if _HEADLINE in line:
            return
