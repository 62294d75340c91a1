"""What here-documents and here-strings give to a program that runs them as code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from heal.guard.programs import ENVIRONMENTS, HARMLESS, INTERPRETERS, RUNNERS, SHELLS

# by the kind of program: options with which no input is run, and options whose next word is no file
_OTHERWISE = {"python": r"-\w*[cm]$", "": r"-\w*[eE]$|--(?:eval|file=.*)$"}
_WITH_A_WORD = {"python": r"-\w*[WX]$", "perl": r"-I$", "shell": r"[-+]\w*[oO]$|--(?:rc|init-)file$"}
_STDIN = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})


@dataclass(frozen=True, slots=True)
class HereDocument:
    """One text and the line in which it begins. ``expands``: the shell fills it in first."""

    text: str
    line: int
    expands: bool
    program: str = ""


def run_by(words: Sequence[str]) -> str:
    """The program that takes what stands in its input for code; empty where the words name none."""
    if words[:1] and words[0] in {"source", "."} and _STDIN & {*words}:
        return "bash"
    names = [word.rsplit("/", 1)[-1] for word in words]
    at = next((index for index, name in enumerate(names) if _known(name)), None)
    # of what starts another program its words name that one; of grep or cat they name files
    leads = [name for name in names[: at or 0] if "=" not in name]
    if at is None or (leads and leads[0] in HARMLESS - RUNNERS - ENVIRONMENTS - {"exec"}):
        return ""
    return names[at] if _runs_input(names[at], words[at + 1 :]) else ""


def _runs_input(name: str, options: Sequence[str]) -> bool:
    kind = "shell" if name in SHELLS else "python" if name.startswith("python") else name
    for before, word in zip(["", *options], options, strict=False):
        if word in _STDIN or (kind == "shell" and re.match(r"-\w*s", word)):
            return True
        if kind != "shell" and re.match(_OTHERWISE.get(kind, _OTHERWISE[""]), word):
            return False
        if not word.startswith(("-", "+")) and not re.match(_WITH_A_WORD.get(kind, "$^"), before):
            return False
    return True


def _known(name: str) -> bool:
    return name in INTERPRETERS | SHELLS or re.fullmatch(r"python[\d.]+", name) is not None
