"""A command line that SLURM keeps joined by blanks, without its quotes: what of it can be told apart for sure.

That is sacct's SubmitLine and scontrol's Command. A value that held a blank is put together again where another field
has it whole: comment, name, folder, the text of ``--wrap``. What may have come apart all the same is not used.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

from heal.jobs import JobFacts
from heal.schedulers.sbatch_options import CommandLine, parse_command_line

# options whose value may hold a blank, and that no other field has as they were
_FREE = frozenset(
    {
        *("bb", "bbf", "constraint", "container", "container-id", "error", "export", "export-file", "extra"),
        *("input", "network", "nodefile", "output", "prefer", "wckey"),
    }
)
# what sbatch makes of --wrap (src/sbatch/sbatch.c, script_wrap)
_WRAPPED = re.compile(r"#!/bin/sh\n# This script was created by sbatch --wrap\.\n\n(.*?)\n*", re.DOTALL)
_SHELL = re.compile(r"#!\s*(?:\S*/env\s+)?(?:\S*/)?(?:ba|da|k|z)?sh(?:\s|$)")
# what a shell's script does not take for words of its own: comments, single quotes, what is escaped
_IDLE = re.compile(r"""("(?:\\.|[^"\\])*")|'[^']*'|\\.|(?:^|(?<=\s))\#[^\n]*""", re.DOTALL)
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_ARGUMENT = re.compile(r"\$(?:([1-9])|\{([1-9]\d?)[^}]*\})")
# all of them, some of them, how many there are: which those are the script does not say
_ANY = re.compile(
    r"\$[@*#]|\$\{[@*#!]|\$\{[1-9]\d?:?[+-]|\bshift\b|\bgetopts\b|\bBASH_ARG[CV]\b|\bfor \w+(?:;| *\n) *do\b"
)
# what may name an argument and not take it, or take others: a test for one, a function, new ones, a file that is read
_DOUBT = re.compile(
    r"""\bset\s+--|\bfunction\s|\w\s*\(\s*\)|(?:^|[;&|(])\s*(?:\.|source)\s|-[nz]\s+["']?\$\{?[1-9]"""
    r"""|\[\s+["']?\$\{?[1-9]\}?["']?\s+\]|\[\[\s+["']?\$\{?[1-9]\}?["']?\s+\]\]""",
    re.MULTILINE,
)
_OF_SO_MANY = re.compile(r"""\$\{?#\}?["']?\s*(?:-ne|-lt|-eq|!=|==|<)\s*["']?(\d+)""")


@dataclass(frozen=True, slots=True)
class Joined:
    """A command line as it is read; ``sure`` is False where a value of its options may have come apart."""

    line: CommandLine
    sure: bool = True


def joined(facts: JobFacts, script: str = "", command: str = "") -> Joined:
    """Read the job's submit line; ``command`` is the controller's path and arguments. Raises ``CannotApply``."""
    wrapped = _WRAPPED.fullmatch(script)
    known = {facts.comment, facts.name, facts.workdir or "", wrapped[1] if wrapped else ""}
    line = parse_command_line(_whole(facts.submit_line.split(" ")[1:], known))
    if line.script is None:
        return Joined(line, line.value("wrap") in (None, *known))
    line = _with_script(line, facts.name)
    if command:
        return Joined(line, command.endswith("/" + " ".join([PurePath(line.script or "").name, *line.arguments])))
    last, path = line.options[-1] if line.options else None, PurePath(facts.workdir or "", line.script or "")
    may_go_on = last is not None and last.name in _FREE and last.value not in known
    return Joined(line, not may_go_on or path.name == facts.name or _is_file(str(path)))


def behind(command: str, name: str) -> tuple[str, ...]:
    """The words behind the path that the controller's ``Command`` begins with; blanks may be in the path, too."""
    words = command.split(" ")
    paths = [" ".join(words[: at + 1]) for at in range(len(words))]
    found = next((at for at, path in enumerate(paths) if PurePath(path).name == name), None)
    if found is None:
        found = next((at for at, path in enumerate(paths) if _is_file(path)), 0)
    return tuple(words[found + 1 :])


def told_apart(words: Sequence[str], script: str) -> bool:
    """True where these are surely a script's arguments: at most one, or as many as the script itself takes.

    A script that takes none by its own words may hand them to a file that it reads. What is doubtful is looked for in
    the whole text, whatever is quoted there.
    """
    if not words[1:]:
        return True
    return "" not in words and arguments_used(script) == len(words) and _DOUBT.search(script) is None


def arguments_used(script: str) -> int | None:
    """How many arguments a script takes, each by its number; None where it does not say: all of them, or some."""
    if not _SHELL.match(script):
        return None
    text = _IDLE.sub(lambda found: _ESCAPED.sub("", found[1] or ""), script.partition("\n")[2])
    used = {int(short or long) for short, long in _ARGUMENT.findall(text)}
    most = max(used, default=0)
    asked = _OF_SO_MANY.sub(lambda found: "" if int(found[1]) == most else found[0], text)
    return None if _ANY.search(asked) else most


def _whole(words: Sequence[str], known: Collection[str]) -> list[str]:
    """The words, with those put together again that are one of these values, behind an option."""
    values = [value.split(" ") for value in known if " " in value]
    found: list[str] = []
    at = 0
    while at < len(words):
        length = max((len(value) for value in values if _is_value(words, at, value)), default=1)
        found.append(" ".join(words[at : at + length]))
        at += length
    return found


def _is_value(words: Sequence[str], at: int, value: Sequence[str]) -> bool:
    first, rest = words[at], list(words[at + 1 : at + len(value)])
    if rest != value[1:]:
        return False
    alone = first == value[0] and at > 0 and words[at - 1].startswith("-")
    return alone or (first.startswith("-") and first.endswith(value[0]))


def _with_script(line: CommandLine, name: str) -> CommandLine:
    """The line, with a script whose own name holds a blank put together again: jobs are named after it."""
    words = [line.script or "", *line.arguments]
    if line.has("job-name") or PurePath(words[0]).name == name:
        return line
    for at in range(2, len(words) + 1):
        path = " ".join(words[:at])
        if PurePath(path).name == name:
            return CommandLine(line.options, path, tuple(words[at:]))
    return line


def _is_file(path: str) -> bool:
    with suppress(OSError, ValueError):
        return Path(path).is_file()
    return False
