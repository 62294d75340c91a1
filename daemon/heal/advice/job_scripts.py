"""What is wrong with a script's ``#SBATCH`` lines, by its text alone. Pure.

From ``man sbatch``: options end with the first command; a line that begins otherwise than ``#SBATCH`` is a comment; the
first line names the interpreter; SLURM makes no folder for its logs; nothing in these lines is expanded by a shell.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from heal.advice.issues import Issue, Severity
from heal.advice.requests import limit_min
from heal.errors import CannotApply
from heal.schedulers.sbatch_options import CommandLine, parse_command_line

_ALMOST = re.compile(r"^\s*#+\s*sbatch\b", re.IGNORECASE)
_RIGHT = re.compile(r"^#SBATCH\s")
_MEMORY = re.compile(r"\d+(?:[KMGT]B?)?", re.IGNORECASE)
_PART = re.compile(r"^#SBATCH\s+(?:hetjob|packjob)\s*$")
_BARE = re.compile(r"\d+")
_WHOLE = ("cpus-per-task", "ntasks-per-node")
# of memory that is asked for without a unit: nobody means so few MB
_FEW_MB, _MAY_BE_MEANT_MB = 65, 513
_TIMELESS = ("UNLIMITED", "INFINITE")


def job_script(name: str, text: str) -> Iterator[Issue]:
    """What sbatch would refuse, and what it would pass over in silence."""
    if not text.startswith("#!"):
        yield _error(name, 1, "sbatch takes no script without a first line that names its interpreter", "#!/bin/bash")
    if "\r\n" in text:
        at = text[: text.index("\r\n")].count("\n") + 1
        yield _error(name, at, "the lines end as on Windows (CRLF); sbatch refuses that", f"dos2unix {name}")
    begun = 0
    memory: set[str] = set()
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if _RIGHT.match(line):
            if begun:
                what = f"this line stands after the first command (line {begun}): sbatch passes it over"
                yield Issue(Severity.ERROR, name, number, what, "move it above the first command")
                continue
            if _PART.match(line):
                # another component of one job, with memory of its own
                memory = set()
                continue
            yield from _directive(name, number, line)
            kinds = {kind for kind in ("mem", "mem-per-cpu", "mem-per-gpu") if re.search(rf"--{kind}[=\s]", line)}
            if kinds and len(memory | kinds) > 1:
                both = " and ".join(f"--{kind}" for kind in sorted(memory | kinds))
                yield _error(name, number, f"{both} exclude each other", "keep one of them")
            memory |= kinds
        elif _ALMOST.match(line) and not line.lstrip().startswith("##"):
            said = f"sbatch takes this line for a comment: {line.strip()[:60]}"
            yield Issue(Severity.WARNING, name, number, said, "write it as #SBATCH, at the beginning of the line")
        elif line.strip() and not line.startswith("#") and not begun:
            begun = number


def options(text: str) -> CommandLine:
    """All that the ``#SBATCH`` lines before the first command say, lines that cannot be read left out."""
    found = CommandLine(())
    for line in text.replace("\r\n", "\n").split("\n"):
        if _RIGHT.match(line):
            read = _read(line)
            found = CommandLine((*found.options, *read.options)) if isinstance(read, CommandLine) else found
        elif line.strip() and not line.startswith("#"):
            break
    return found


def log_folders(text: str) -> list[str]:
    """The folders that the logs of a script go to, as far as SLURM's patterns leave them to be known."""
    read = options(text)
    named = [value for value in (read.value("output"), read.value("error")) if value and "/" in value]
    folders = (value.rpartition("/")[0] or "/" for value in named)
    return [folder for folder in dict.fromkeys(folders) if "%" not in folder and "$" not in folder]


def _directive(name: str, number: int, line: str) -> Iterator[Issue]:
    read = _read(line)
    if isinstance(read, str):
        yield _error(name, number, read, "man sbatch lists the options")
        return
    for option in read.options:
        yield from _value(name, number, option.name, option.value or "")
    if read.script:
        said = f"sbatch takes no word like {read.script!r} here"
        yield _error(name, number, said, "write one word for each option, values after =")


def _read(line: str) -> CommandLine | str:
    try:
        return parse_command_line(shlex.split(line.removeprefix("#SBATCH"), comments=True))
    except CannotApply as error:
        return str(error).replace("heal does not know sbatch's option", "sbatch has no option")
    except ValueError as error:
        return f"this line cannot be read: {error}"


def _value(name: str, number: int, option: str, value: str) -> Iterator[Issue]:
    if re.search(r"\$\{?[A-Za-z_]", value) and option != "wrap":
        said = f"--{option}={value}: sbatch expands no variables in a script's #SBATCH lines"
        yield Issue(Severity.WARNING, name, number, said, f"give it on the command line: sbatch --{option}=…")
    elif option in ("mem", "mem-per-cpu", "mem-per-gpu"):
        if not _MEMORY.fullmatch(value):
            yield _error(name, number, f"--{option}={value} is no amount of memory", "write 8G or 8000M")
        elif _BARE.fullmatch(value) and 0 < int(value) < _MAY_BE_MEANT_MB:
            severity = Severity.WARNING if int(value) < _FEW_MB else Severity.REMARK
            said = f"--{option}={value} asks for {value} MB: a number without a unit is MB"
            yield Issue(severity, name, number, said, f"write --{option}={value}G if you mean GB")
    elif option in ("time", "time-min") and value.upper() not in _TIMELESS and limit_min(value) is None:
        yield _error(name, number, f"--{option}={value} is no time limit", "write 90 (minutes), 1:30:00 or 2-12:00:00")
    elif option in _WHOLE and not (value.isdigit() and int(value)):
        yield _error(name, number, f"--{option}={value} is no number", "write a whole number above 0")


def _error(name: str, number: int, what: str, do: str) -> Issue:
    return Issue(Severity.ERROR, name, number, what, do)
