"""Nextflow's command line, read and written as its launcher reads it. Pure.

Read from ``nextflow/cli`` of Nextflow 25.04.4 (``Launcher.normalizeArgs``, ``CliOptions``, ``CmdRun``, ``HubOptions``):
options begin with one dash and are the launcher's own before the command and the command's after it, parameters of the
pipeline begin with two; the first word that is neither is the script or the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import PurePath

from heal.errors import CannotApply

OVERLAYS = ".heal/overlay/"
# of the launcher, before the command
_LAUNCHER_VALUE = frozenset({"-debug", "-log", "-c", "-config", "-C", "-trace"})
_COMMANDS = frozenset({
    "clean", "clone", "config", "console", "fs", "info", "list", "log", "pull", "run", "kuberun", "drop", "node",
    "view", "help", "self-update", "plugin", "inspect", "lint", "lineage", "secrets", "cloud", "launch", "auth",
    "module",
})  # fmt: skip
# of run: always with a value
_VALUE = frozenset({
    "-name", "-lib", "-cache", "-ps", "-pool-size", "-pi", "-poll-interval", "-qs", "-queue-size", "-o",
    "-output-dir", "-w", "-work-dir", "-bucket-dir", "-params-file", "-r", "-revision", "-d", "-deep", "-c",
    "-config", "-profile", "-entry", "-main-script", "-plugins", "-hub", "-user", "-without-podman",
    "-output-format",
})  # fmt: skip
# of run: with a value where the next word does not begin with a dash
_MAYBE = frozenset({
    "-test", "-dump-hashes", "-dump-channels", "-ansi-log", "-N", "-with-notification", "-with-cloudcache",
    "-with-trace", "-with-report", "-with-timeline", "-with-dag", "-with-docker", "-with-podman",
    "-with-singularity", "-with-apptainer", "-with-charliecloud", "-with-conda", "-with-spack", "-with-weblog",
    "-with-tower", "-with-wave", "-with-fusion", "-with-agent-trace",
})  # fmt: skip
_SESSION = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{8}")
_PARAMETER = re.compile(r"--[a-zA-Z\d].*", re.DOTALL)
_SCOPED = re.compile(r"-(?:process|cluster|executor)\..+", re.DOTALL)
_PROGRAM = re.compile(r"nextflow(?:[-_.]\d[\w.+-]*)?")
_CLASS, _JAR = "nextflow.cli.Launcher", re.compile(r"nextflow[\w.+-]*\.jar")
_PREFIX_WORDS = 64


@dataclass(frozen=True, slots=True)
class Part:
    """An option with its value, as the words it stands in, or one word that is none (``name`` empty)."""

    name: str
    words: tuple[str, ...]

    @property
    def value(self) -> str | None:
        """What it is given; None where it is given nothing."""
        if len(self.words) > 1:
            return self.words[1]
        _name, equals, value = self.words[0].partition("=") if self.name else ("", "", "")
        return value if equals else None


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A ``nextflow run``: what starts Nextflow, the launcher's options, the word ``run`` where it is said, the rest."""

    start: tuple[str, ...]
    launcher: tuple[Part, ...]
    command: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The whole command line."""
        return (*self.start, *_words(self.launcher), *self.command, *_words(self.parts))

    @property
    def script(self) -> str | None:
        """The script or project; ``-`` where it is read from the standard input, None where there is none."""
        if self.flag("-stdin"):
            return "-"
        return next((part.words[0] for part in self.parts if not part.name), None)

    def flag(self, *names: str) -> bool:
        """True where one of these options of ``run`` is given."""
        return any(part.name in names for part in self.parts)

    def values(self, *names: str) -> tuple[str, ...]:
        """The values of these options of ``run``, in order."""
        return _values(self.parts, names)

    def launcher_values(self, *names: str) -> tuple[str, ...]:
        """The values of these options of the launcher, in order."""
        return _values(self.launcher, names)

    @property
    def parameters(self) -> dict[str, str]:
        """What is given by ``--name value``; ``true`` where no value is."""
        return {
            part.name[2:]: "true" if part.value is None else part.value
            for part in self.parts
            if part.name.startswith("--")
        }

    @property
    def overlays(self) -> tuple[str, ...]:
        """The overlays of earlier launches by heal."""
        named = [*self.launcher_values("-C"), *self.values("-c", "-config")]
        return tuple(path for path in named if is_overlay(path))


def is_overlay(path: str) -> bool:
    """Tell whether a configuration file is one that heal wrote for an earlier launch."""
    return path.startswith(OVERLAYS)


def read(argv: Sequence[str]) -> CommandLine:
    """Tell the parts of a command line. Raises ``CannotApply`` where this is no ``nextflow run``."""
    for place in _starts(argv):
        launcher, rest = _launcher(argv[place:])
        if rest and (rest[0] == "run" or _is_script_first(launcher, rest[0])):
            command = ("run",) if rest[0] == "run" else ()
            return CommandLine(tuple(argv[:place]), launcher, command, tuple(_parts(rest[len(command) :])))
    shown = " ".join(argv[:3])
    raise CannotApply(f"not started as nextflow run, so heal cannot start it again with a change: {shown} …")


def again(line: CommandLine, session: str, overlay: str | None) -> tuple[str, ...]:
    """The same launch, resuming that session, with the overlay as the configuration that is read last.

    Left out: ``-name`` (a name is taken once), ``-latest`` (what ran is what goes on), the ``-resume`` it had and an
    earlier overlay of heal's, which the new one stands for (or None: they stay). Everything else stays, word for word.
    Raises ``CannotApply`` for a script from the standard input.
    """
    if line.script in (None, "-"):
        raise CannotApply("its script was read from the standard input, which cannot be read again")
    if overlay is not None:
        line = _without_overlays(line)
    parts = _apart([part for part in line.parts if part.name not in ("-name", "-latest", "-resume")])
    line = replace(line, parts=(*parts, Part("-resume", ("-resume", session))))
    if overlay is None:
        return line.words
    if line.launcher_values("-C"):
        # with -C no other file is read, but -C may be said more than once
        ours = Part("-C", ("-C", overlay))
        return replace(line, launcher=(*line.launcher, ours)).words
    return replace(line, parts=(*line.parts, Part("-c", ("-c", overlay)))).words


def configuring(line: CommandLine) -> tuple[str, ...]:
    """The command line that prints the resolved configuration of this launch as JSON, without heal's own overlays.

    The parameters of the launch are not known to it: ``nextflow config`` takes none.
    """
    line = _without_overlays(line)
    kept = [part for part in line.launcher if part.name in ("-c", "-config", "-C", "-config-ignore-includes", "-D")]
    named = [("-c", path) for path in line.values("-c", "-config")]
    profile = line.values("-profile")[-1:]
    options = [*_words(kept), *(word for pair in named for word in pair)]
    tail = ["-o", "json", *(("-profile", *profile) if profile else ()), *([line.script] if line.script else [])]
    return (*line.start, *options, "config", *tail)


def _starts(argv: Sequence[str]) -> Iterable[int]:
    """Where Nextflow's own words may begin: behind its program, its class or its jar."""
    for place, word in enumerate(argv[:_PREFIX_WORDS]):
        name = PurePath(word).name
        before = argv[place - 1] if place else ""
        is_program = _PROGRAM.fullmatch(name) and before not in ("-c", "--")
        if word == _CLASS or (_JAR.fullmatch(name) and before == "-jar") or is_program:
            yield place + 1


def _is_script_first(launcher: Sequence[Part], word: str) -> bool:
    """A script as the very first word is run; Nextflow looks whether such a file is there, and so it was."""
    return not launcher and word not in _COMMANDS and (word.endswith(".nf") or "/" in word)


def _launcher(words: Sequence[str]) -> tuple[tuple[Part, ...], Sequence[str]]:
    """The options before the command, and what follows them."""
    parts: list[Part] = []
    place = 0
    while place < len(words) and words[place].startswith("-"):
        word, following = words[place], words[place + 1 : place + 2]
        takes = word in _LAUNCHER_VALUE or (
            word == "-syslog" and bool(following) and not following[0].startswith("-") and following[0] not in _COMMANDS
        )
        taken = tuple(words[place : place + (2 if takes else 1)])
        parts.append(Part("-D" if word.startswith("-D") else word, taken))
        place += len(taken)
    return tuple(parts), words[place:]


def _parts(words: Sequence[str]) -> Iterable[Part]:
    place = 0
    while place < len(words):
        word, following = words[place], words[place + 1 : place + 2]
        if not word.startswith("-") or word == "-":
            name, takes = ("-stdin" if word == "-" and place == 0 else ""), False
        elif _PARAMETER.fullmatch(word) or _SCOPED.fullmatch(word):
            name = word.partition("=")[0]
            takes = "=" not in word and bool(following) and _is_value(following[0])
        else:
            name, takes = word, bool(following) and _takes(word, following[0])
        taken = tuple(words[place : place + (2 if takes else 1)])
        yield Part(name, taken)
        place += len(taken)


def _takes(option: str, word: str) -> bool:
    if option == "-resume":
        return not word.startswith("-") and (word == "last" or bool(_SESSION.search(word)))
    return option in _VALUE or (option in _MAYBE and not word.startswith("-"))


def _is_value(word: str) -> bool:
    """As ``Launcher.isValue``: a word behind ``--name`` that is its value."""
    if len(word) <= 1:
        return bool(word)
    return not word.startswith("-") or " " in word or _is_number(word)


def _is_number(word: str) -> bool:
    try:
        return Decimal(word.strip()).is_finite() and "_" not in word
    except InvalidOperation:
        return False


def _apart(parts: Sequence[Part]) -> list[Part]:
    """The same parts, those at the end that would take a word for their value which now stands behind them."""
    kept: list[Part] = []
    moved: list[Part] = []
    for place, part in enumerate(parts):
        following = parts[place + 1].words[0] if place + 1 < len(parts) else "-"
        takes = len(part.words) == 1 and part.name and next(iter(_parts([*part.words, following]))).words != part.words
        (moved if takes else kept).append(part)
    return [*kept, *moved]


def _without_overlays(line: CommandLine) -> CommandLine:
    def kept(parts: Sequence[Part]) -> tuple[Part, ...]:
        return tuple(
            part for part in parts if part.name not in ("-c", "-config", "-C") or not is_overlay(part.value or "")
        )

    return replace(line, launcher=kept(line.launcher), parts=kept(line.parts))


def _values(parts: Sequence[Part], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(part.value for part in parts if part.name in names and part.value is not None)


def _words(parts: Iterable[Part]) -> tuple[str, ...]:
    return tuple(word for part in parts for word in part.words)
