"""What a shell command runs, reads or writes by its words: data as a program, secrets, files of code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from heal.guard import programs
from heal.guard.code_files import runs_as_code
from heal.guard.command import Command

_FILLED_IN = re.compile(r"^(?:\{|\$)")
_PROGRAM_FILES = {"awk": ".awk", "gawk": ".awk", "mawk": ".awk", "sed": ".sed", "gsed": ".sed", "make": ".mk"}
_SECRET = re.compile(
    r"\$\{?(?P<name>!?\w*(?:(?i:passw|secret|token|credential|apikey)|(?:(?<=_)|(?<=\{)|(?<=\$))KEY\b|PRIVATE_KEY)\w*)"
    r"|\$\{(?P<all>![A-Za-z_]\w*[*@]?)"
)
_TO_LAST = frozenset({"cp", "mv", "ln", "install", "rsync"})
_TO_ALL = frozenset({"tee", "sponge"})


def powers(command: Command) -> Iterator[tuple[str, str]]:
    """Rules with what they are told by."""
    if program := data_run(command):
        yield "power.code", f"{command.name} {program}"
    for found in _SECRET.finditer(command.text):
        yield "power.secrets", f"${found['name'] or found['all']}"
    yield from (("power.code_written", place) for place in written(command) if runs_as_code(place))


def data_run(command: Command) -> str:
    """What an interpreter is given for its program where that is no script of the pipeline's; else empty."""
    name, args = command.name, command.arguments
    if name in _PROGRAM_FILES:
        given = [one[2:] or after for one, after in zip(args, (*args[1:], ""), strict=True) if one.startswith("-f")]
        given += [one.partition("=")[2] for one in args if one.startswith("--file=")]
        return next((one for one in given if not one.endswith(_PROGRAM_FILES[name])), "")
    if name in {"source", "."} and args and _FILLED_IN.match(args[0]) and "input" in args[0]:
        return args[0]
    if name not in programs.INTERPRETERS | programs.SHELLS or name in {"java", "R"} or _module(name, args):
        return ""
    at = next((index for index, one in enumerate(args) if not one.startswith("-")), None)
    if at is None or runs_as_code(args[at]):
        return ""
    value_of_an_option = at > 0 and any(runs_as_code(one) for one in args[at + 1 :])
    return "" if value_of_an_option and not _FILLED_IN.match(args[at]) else args[at]


def _module(name: str, args: tuple[str, ...]) -> bool:
    """True where no file is run: a module, a text (which another rule sees), or a question about the version."""
    letters = "[mc]" if name.startswith("python") else "[ceE]"
    return any(re.match(rf"-\w*{letters}|--(?:version|help|eval)|-V$", one) for one in args[:1])


def written(command: Command) -> Iterator[str]:
    """The files that a command writes to, as far as its words say."""
    yield from (target for how, target in command.redirects if ">" in how)
    name, args = command.name, command.arguments
    plain = [one for one in args if not one.startswith("-")]
    if name in _TO_LAST:
        yield from plain[-1:] if len(plain) > 1 else []
        yield from (one.partition("=")[2] for one in args if one.startswith("--target-directory="))
    if name in _TO_ALL:
        yield from plain
    if name in {"sed", "gsed", "perl"} and any(re.match(r"-\w*i|--in-place", one) for one in args):
        yield from plain[1:]
    yield from (one[3:] for one in args if one.startswith("of="))
    yield from (one for before, one in pairwise(args) if before in {"-o", "-O", "--output"})
    yield from (one.partition("=")[2] for one in args if one.startswith("--output="))
