"""What a task does with a thing it names: reads it, writes it, runs it. Judged from the text of its script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from heal.knowledge.naming import Part
from heal.knowledge.sections import sections
from heal.knowledge.words import Place, Word, fits, words

_SCRATCH = re.compile(r"^(?:/tmp|/var/tmp|/dev/shm|/local(?:/tmp)?|\$\{?TMPDIR)(?:/|$|\})|(?:^|/)\.?te?mp/")
_LIBRARY = re.compile(r"\.(?:so(?:\.\d+)*|dylib|a|h|hpp|pm)$|^lib[\w+-]+\.so")
_SETTING = re.compile(r"\.(?:ya?ml|toml|ini|cfg|conf|config)$")
_SCRIPT = re.compile(r"\.(?:py|R|r|pl|sh|bash|jl|jar|awk|sbatch)$")
_RUNS = frozenset(
    "python python2 python3 Rscript bash sh zsh perl julia java ruby node source . sbatch awk gawk".split()  # noqa: SIM905  words, as a shell has them
)
_WRITES_ALL = frozenset(
    "tee mkdir touch truncate mktemp".split()  # noqa: SIM905  words, as a shell has them
)
_LAST_IS_MADE = frozenset(
    "cp mv ln rsync install scp".split()  # noqa: SIM905  words, as a shell has them
)
_OUT_OPTION = re.compile(
    r"^-{1,2}(?:o|O|out\w*|[\w-]*[-_]out(?:put)?(?:[-_]\w+)?|out(?:put)?[-_][\w-]+|prefix|log|report|html|dest)$"
    r"|^(?:o|O|out\w*|OUTPUT|of)$"
)
_IN_OPTION = re.compile(
    r"^(?:i|I|in\d?|INPUT|ref|REFERENCE_SEQUENCE|if)$|^-{1,2}(?:i|in\w*|input\w*|ref\w*|reads?\w*)$"
)
_TMP_OPTION = re.compile(r"^-{1,2}(?:T|tmp\w*|temp\w*|[\w-]*te?mp[-_]?dir\w*)$|^(?:TMP_DIR|tmpdir)$")
_SET_OPTION = re.compile(r"^-{1,2}(?:c|config\w*|configfile|params?\w*|params-file|settings?\w*|profile)$")
_ARCHIVES = re.compile(r"^-?[a-zA-Z]*c[a-zA-Z]*f?$")
_CALLS_OUT = re.compile(
    r"(?:to_\w+|write[\w.]*|save\w*|dump\w*|savefig|ggsave|sink|pdf|png|mkdir\w*|makedirs|copy\w*|rename)"
    r"\s?\([^()\n]{0,200}$"
)
_CALLS_IN = re.compile(
    r"(?:read[\w.]*|load\w*|open|fopen|file|source|fread|import\w*|parse\w*|listdir|glob)\s*\([^()\n]{0,200}$"
)
_FILE = re.compile(r"[^-$={}*]{1,400}\.[A-Za-z]\w{0,7}$")
_MODE = re.compile(r"^['\"]\s*,\s*(?:mode\s*=\s*)?['\"][wax]")
_BY_PLACE = {Place.FIRST: Part.PROGRAM, Place.INTO: Part.OUTPUT, Place.FROM: Part.INPUT}
_MOST_PLACES = 50
_CLIP = 1000


def part(name: str, script: str) -> Part:
    """What the script does with the thing of that name; UNKNOWN where it does not say. Never raises."""
    name = name.strip()[:_CLIP]
    if not name:
        return Part.UNKNOWN
    if _SCRATCH.search(name):
        return Part.SCRATCH
    if _LIBRARY.search(name):
        return Part.LIBRARY
    for judged in (_by_section, _by_calls, _by_words):
        if (found := judged(name, script)) is not Part.UNKNOWN:
            return Part.SETTING if found is Part.INPUT and _SETTING.search(name) else found
    return Part.UNKNOWN


def reads(script: str) -> tuple[str, ...]:
    """The files that a shell script seems to read, by the shape of its words; without those it makes itself."""
    parts = [(word.text, _role(word)) for word in words(script) if _is_file(word.text)]
    made = {text for text, part_ in parts if part_ is Part.OUTPUT}
    return tuple(dict.fromkeys(text for text, part_ in parts if part_ is Part.INPUT and text not in made))


def _by_section(name: str, script: str) -> Part:
    for section in sections(script):
        parts = {"input": Part.INPUT, "output": Part.OUTPUT, "log": Part.OUTPUT, "benchmark": Part.OUTPUT}
        for kind, entries in section.entries.items():
            if kind in parts and any(fits(entry, name) for entry in entries):
                return parts[kind]
    return Part.UNKNOWN


def _by_words(name: str, script: str) -> Part:
    found = [_role(word) for word in words(script) if fits(word.text, name)]
    # made first and read later is made; a name that is only read is read
    for sure in (Part.OUTPUT, Part.PROGRAM, Part.SCRATCH, Part.SETTING, Part.INPUT):
        if sure in found:
            return sure
    return Part.UNKNOWN


def _role(word: Word) -> Part:
    command = PurePosixPath(word.command).name
    if word.place is not Place.ARGUMENT or word.text.startswith("-"):
        return _BY_PLACE.get(word.place, Part.UNKNOWN)
    if command in _RUNS and (_SCRIPT.search(word.text) or command in ("source", ".")):
        return Part.PROGRAM
    if by_option := _by_option(word.option, command):
        return by_option
    if command in _WRITES_ALL or (command in _LAST_IS_MADE and word.last):
        return Part.OUTPUT
    return Part.INPUT


def _by_option(option: str, command: str) -> Part | None:
    if command in ("tar", "zip"):
        return Part.OUTPUT if _ARCHIVES.match(option) else None
    for regex, found in (
        (_OUT_OPTION, Part.OUTPUT),
        (_TMP_OPTION, Part.SCRATCH),
        (_SET_OPTION, Part.SETTING),
        (_IN_OPTION, Part.INPUT),
    ):
        if option and regex.match(option):
            return found
    return None


def _by_calls(name: str, script: str) -> Part:
    """By the call of a program's text that the quoted name stands in: ``open("x", "w")``, ``write.csv(t, "x")``."""
    for before, after in _around(name, script):
        if _CALLS_OUT.search(before) or _MODE.match(after):
            return Part.OUTPUT
        if _CALLS_IN.search(before):
            return Part.INPUT
    return Part.UNKNOWN


def _around(name: str, script: str) -> Iterator[tuple[str, str]]:
    at = -1
    for _ in range(_MOST_PLACES):
        at = script.find(name, at + 1)
        if at < 0:
            return
        start, stop = script.rfind("\n", 0, at) + 1, script.find("\n", at)
        end = at + len(name)
        if script[at - 1 : at] in ("'", '"') and script[end : end + 1] in ("'", '"'):
            yield script[max(start, at - 250) : at - 1], script[end : stop if stop >= 0 else None][:60]


def _is_file(text: str) -> bool:
    return bool(_FILE.match(text)) and "://" not in text
