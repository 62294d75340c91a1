"""Snakemake's command line, read and written as its argparse reads it. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from heal.errors import CannotApply

# what makes Snakemake run again what has come out well
_FORCING = ("-F", "--forceall", "-f", "--force")
_FORCED_RULES = ("-R", "--forcerun")
_OMIT = ("-O", "--omit-from")
_RERUN = ("--rerun-incomplete", "--ri")
# one-letter options without a value: they may stand in one word (-kpF)
_BUNDLE = re.compile(r"-[hntkfFlSDvpa]{2,}")
_BASE64 = "base64//"
# names that Snakemake holds to be one resource: two of them in one rule are an error
_ONE_RESOURCE = ({"mem", "mem_mb", "mem_mib"}, {"runtime"})


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A Snakemake invocation: what starts it, its options with what stands among them, and what follows ``--``."""

    start: tuple[str, ...]
    options: tuple[str, ...]
    targets: tuple[str, ...] = ()
    separated: bool = False

    def words(self, options: Sequence[str]) -> tuple[str, ...]:
        """The whole command line, with these options."""
        return (*self.start, *options, *(("--",) if self.separated else ()), *self.targets)


def read(argv: Sequence[str]) -> CommandLine:
    """Tell Snakemake's own words from what starts it. Raises ``CannotApply`` where this is no Snakemake invocation."""
    start = _start_of(argv)
    rest = tuple(argv[start:])
    if "--" not in rest:
        return CommandLine(tuple(argv[:start]), rest)
    end = rest.index("--")
    return CommandLine(tuple(argv[:start]), rest[:end], rest[end + 1 :], separated=True)


def _start_of(argv: Sequence[str]) -> int:
    for place, word in enumerate(argv[:8]):
        if PurePath(word).name == "snakemake" and (place == 0 or argv[place - 1] not in ("-c", "--")):
            return place + 1
    raise CannotApply(f"not started as snakemake, so heal cannot start it again with a change: {' '.join(argv[:3])} …")


def again(
    line: CommandLine,
    entries: Sequence[str],
    leave: Sequence[str] = (),
    free: Sequence[str] = (),
    remade: Sequence[str] = (),
) -> tuple[str, ...]:
    """The same invocation, for what is unfinished only, with ``entries`` as its ``--set-resources``.

    The files in ``leave``, and what hangs on them, are not made; those in ``free`` are, although an earlier launch left
    them out. Those in ``remade`` are there and must be made again all the same.
    ``--forceall``, ``--force`` and ``--forcerun`` with its rules are left out; everything else stays, word for word.
    ``entries`` empty leaves the user's own ``--set-resources`` as it is.
    """
    options = _without_force(line.options)
    if entries:
        options = _without(options, ("--set-resources",))
    if not any(word in _RERUN for word in options):
        options = [*options, "--rerun-incomplete"]
    own = [path for values in values_of(options, *_OMIT) for path in values]
    omitted = [path for path in dict.fromkeys([*own, *leave]) if path not in free]
    if omitted != own:
        options = _without(options, _OMIT)
        options += ["--omit-from", *omitted] if omitted else []
    options += [_FORCED_RULES[1], *remade] if remade else []
    # at the end nothing can follow that an option of many values would take for its own
    return line.words([*options, *(("--set-resources", *entries) if entries else ())])


def with_resources(line: CommandLine, entries: Sequence[str]) -> tuple[str, ...]:
    """The same invocation with ``entries`` for all of its ``--set-resources``."""
    return line.words([*_without(line.options, ("--set-resources",)), "--set-resources", *entries])


def unlocking(line: CommandLine) -> tuple[str, ...]:
    """The invocation that removes the locks of this one."""
    return line.words([*line.options, "--unlock"])


def value_of(options: Sequence[str], *names: str) -> str | None:
    """The value of an option that takes one; the last where it is given more than once."""
    found = values_of(options, *names)
    return found[-1][0] if found and found[-1] else None


def values_of(options: Sequence[str], *names: str) -> list[tuple[str, ...]]:
    """The values of every occurrence of an option, decoded where they are in Snakemake's base64."""
    found: list[tuple[str, ...]] = []
    for place, word in enumerate(options):
        name, equals, value = word.partition("=")
        if name in names:
            values = [value] if equals else list(_values(options[place + 1 :]))
            found.append(tuple(_decoded(text) for text in values))
        elif word[:2] in names and not word.startswith("--"):
            found.append((_decoded(word[2:].removeprefix("=")),))
    return found


def merged(own: Sequence[str], ours: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    """``--set-resources`` entries of the user with ours: per rule and resource ours wins, the rest stays in order."""
    kept = [entry for entry in own if not _replaced(entry, ours)]
    added = [
        f"{rule}:{name}={value}" for rule, values in sorted(ours.items()) for name, value in sorted(values.items())
    ]
    return (*kept, *added)


def _replaced(entry: str, ours: Mapping[str, Mapping[str, int]]) -> bool:
    rule, _, assignment = entry.partition(":")
    name = assignment.partition("=")[0]
    same: set[str] = next((names for names in _ONE_RESOURCE if name in names), {name})
    return any(other in same for other in ours.get(rule, {}))


def _values(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        # argparse takes a word with a space for a value whatever its first letter is
        if word.startswith("-") and " " not in word:
            return
        yield word


def _without_force(options: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for place, word in enumerate(options):
        if word in _FORCING:
            kept += _parting(options[place + 1 : place + 2])
        elif _BUNDLE.fullmatch(word):
            kept.append("-" + word[1:].replace("f", "").replace("F", "") if word.strip("-fF") else _RERUN[0])
        else:
            kept.append(word)
    return _without(kept, _FORCED_RULES)


def _without(options: Sequence[str], names: Sequence[str]) -> list[str]:
    """The options without these and their values."""
    kept: list[str] = []
    words = list(options)
    while words:
        word = words.pop(0)
        name, equals, _ = word.partition("=")
        joined = bool(equals) or (word[:2] in names and len(word) > len("-R") and not word.startswith("--"))
        if name not in names and not (joined and word[:2] in names):
            kept.append(word)
        elif joined:
            kept += _parting(words[:1])
        else:
            del words[: len(list(_values(words)))]
    return kept


def _parting(following: Sequence[str]) -> list[str]:
    """What to put for an option that goes: it may have kept a target from the option before it."""
    return [_RERUN[0]] if following and not following[0].startswith("-") else []


def _decoded(text: str) -> str:
    if not text.startswith(_BASE64):
        return text
    try:
        return base64.b64decode(text[len(_BASE64) :]).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise CannotApply(f"an option of the run is no base64 as Snakemake writes it: {text[:40]}") from error
