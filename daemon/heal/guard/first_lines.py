"""The interpreter that the first line of a script names, and whether a change of that line is no more than a mend."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from heal.guard.kinds import Language, language_of

_PLACES = frozenset({"/bin", "/usr/bin", "/usr/local/bin"})
_PYTHON = re.compile(r"python(?:3(?:\.\d{1,2})?)?")
_PLAIN = frozenset({"sh", "bash", "dash", "Rscript", "perl"})
# what may be added: unbuffered, stop at errors and at names that are not set. Of perl and R, -e is code
_ADDED = {Language.PYTHON: re.compile(r"-u"), Language.BASH: re.compile(r"-[eu]{1,2}")}
# Nextflow has a shell read the line, so that an option may have a word of its own
_BY_SHELL = {**_ADDED, Language.BASH: re.compile(r"-[euo]{1,3}|pipefail")}
_MISSPELT, _SHORT = 0.7, 4
# lines that hardly any other language has, by the start of their program's name
_OWN_LINES = {
    "python": re.compile(r"(?m)^\s*(?:import\s+[\w., ]+|from\s+[\w.]+\s+import\s.*|def\s+\w+\(.*)$"),
    "Rscript": re.compile(r"(?m)^\s*(?:(?:library|require|suppress\w+)\(|[\w.]+\s*<-\s*\S)"),
    "perl": re.compile(r"(?m)^\s*(?:use\s+[\w:.]+.*;|my\s*[($@%].*;?)\s*$"),
}


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The program of a first line, the folder that it is taken from (none of one that env looks for), its options."""

    program: str
    folder: str
    options: tuple[str, ...]

    @property
    def language(self) -> Language:
        """The language that the program runs."""
        return language_of("", f"#!/{self.program}")


# what runs a script of a process that names none
_NEXTFLOWS = Interpreter("bash", "/bin", ("-ue",))


def named(text: str) -> tuple[str, ...]:
    """The words of a first line that names an interpreter; a carriage return counts as the system counts it."""
    first = text.split("\n", 1)[0]
    return tuple(word for word in first[2:].split(" ") if word) if first.startswith("#!") else ()


def unfit(path: str, before: str, after: str) -> bool:
    """Whether a first line is changed to one that runs the script otherwise."""
    if named(before) == named(after):
        return False
    was, now = _interpreter(named(before)), _interpreter(named(after))
    if now is None or was is None:
        return was is not None or (now is not None and not _fits(path, now))
    return not (_may_follow(was, now) and (_same_family(was.program, now.program) or _mends(path, was, now)))


def unfit_in_process(before: tuple[str, str] | None, after: tuple[str, str]) -> bool:
    """The same of a script in a Nextflow process, given as its first line and the rest; ``before`` None: it is new."""
    words = named(after[0])
    if before is not None and named(before[0]) == words:
        return False
    now = _interpreter(words) if words else _NEXTFLOWS
    if now is None or before is None:
        return now is None or not _fits("", now, _BY_SHELL)
    was = _interpreter(named(before[0])) or _NEXTFLOWS
    kept = _may_follow(was, now, _BY_SHELL) and _same_family(was.program, now.program)
    return not (kept or (_fits("", now, _BY_SHELL) and _reads_as(now, after[1])))


def lenient(before: tuple[str, str], after: tuple[str, str]) -> bool:
    """Whether the changed first line of a script in a process lets the shell go on where it stopped before."""
    was, now = _stops(before), _stops(after)
    return named(before[0]) != named(after[0]) and was is not None and now is not None and not was <= now


def _stops(script: tuple[str, str]) -> frozenset[str] | None:
    """At what a shell stops, by its first line and its own words; None of another program."""
    words = named(script[0])
    given = _interpreter(words) if words else _NEXTFLOWS
    if given is None or given.language is not Language.BASH:
        return None
    own = [word for line in re.findall(r"(?m)^\s*set\s+(-.*)$", script[1]) for word in line.split()]
    options = {*given.options, *own}
    letters = {letter for word in options if re.fullmatch(r"-[a-zA-Z]+", word) for letter in word}
    return frozenset((letters & {"e", "u"}) | ({"pipefail"} & options))


def _reads_as(now: Interpreter, body: str) -> bool:
    return any(now.program.startswith(name) and line.search(body) for name, line in _OWN_LINES.items())


def _may_follow(was: Interpreter, now: Interpreter, options: Mapping[Language, re.Pattern[str]] = _ADDED) -> bool:
    added = set(now.options) - set(was.options)
    allowed = options.get(now.language)
    return all(allowed and allowed.fullmatch(one) for one in added) and now.folder in {*_PLACES, was.folder, ""}


def _mends(path: str, was: Interpreter, now: Interpreter) -> bool:
    """Of a file whose first line named a program of another language than its name tells."""
    return _fits(path, now) and _known(was.program) and language_of(path, "") not in {was.language, Language.OTHER}


def _interpreter(words: tuple[str, ...]) -> Interpreter | None:
    at = [word.strip() for word in words if word.strip()]
    if not at:
        return None
    first = PurePosixPath(at[0])
    if first.name != "env":
        return Interpreter(first.name, str(first.parent), tuple(at[1:]))
    at = at[2:] if at[1:2] == ["-S"] else at[1:]
    # a variable that is set, a path of its own, an option of env: no name of a program that is known
    return Interpreter(at[0], "" if str(first.parent) in _PLACES else str(first), tuple(at[1:])) if at else None


def _same_family(was: str, now: str) -> bool:
    near = len(was) >= _SHORT and difflib.SequenceMatcher(None, was, now).ratio() > _MISSPELT
    return (
        was == now
        or (near and not _known(was) and _known(now))
        or bool(re.match(r"python[\d.]*$", was) and _PYTHON.fullmatch(now))
        or (was in {"sh", "dash"} and now == "bash")
    )


def _known(program: str) -> bool:
    return program in _PLAIN or bool(_PYTHON.fullmatch(program)) or language_of("", f"#!/{program}") != Language.OTHER


def _fits(path: str, now: Interpreter, options: Mapping[Language, re.Pattern[str]] = _ADDED) -> bool:
    """Of a file whose first line named none, or a wrong one: a plain program of the language that its name tells."""
    told = language_of(path, "")
    allowed = options.get(now.language)
    return (
        (now.program in _PLAIN or bool(_PYTHON.fullmatch(now.program)))
        and told in {now.language, Language.OTHER}
        and now.folder in {*_PLACES, ""}
        and all(allowed and allowed.fullmatch(one) for one in now.options)
    )
