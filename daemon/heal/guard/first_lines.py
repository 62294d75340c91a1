"""The interpreter that the first line of a script names, and whether a change of that line is no more than a mend."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from heal.guard.kinds import Language, language_of

_PLACES = frozenset({"/bin", "/usr/bin", "/usr/local/bin"})
_PYTHON = re.compile(r"python(?:3(?:\.\d{1,2})?)?")
_PLAIN = frozenset({"sh", "bash", "dash", "Rscript", "perl"})
# what may be added: unbuffered, stop at errors and at names that are not set. Of perl and R, -e is code
_ADDED = {Language.PYTHON: re.compile(r"-u"), Language.BASH: re.compile(r"-[eu]{1,2}")}
_MISSPELT, _SHORT = 0.7, 4


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
    added = set(now.options) - set(was.options)
    allowed = _ADDED.get(now.language)
    if not all(allowed and allowed.fullmatch(one) for one in added):
        return True
    if now.folder not in {*_PLACES, was.folder, ""}:
        return True
    return not (_same_family(was.program, now.program) or (_fits(path, now) and _wrong(path, was)))


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


def _fits(path: str, now: Interpreter) -> bool:
    """Of a file whose first line named none, or a wrong one: a plain program of the language that its name tells."""
    told = language_of(path, "")
    allowed = _ADDED.get(now.language)
    return (
        (now.program in _PLAIN or bool(_PYTHON.fullmatch(now.program)))
        and told in {now.language, Language.OTHER}
        and now.folder in {*_PLACES, ""}
        and all(allowed and allowed.fullmatch(one) for one in now.options)
    )


def _wrong(path: str, was: Interpreter) -> bool:
    return _known(was.program) and language_of(path, "") not in {was.language, Language.OTHER}
