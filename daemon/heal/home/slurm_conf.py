"""heal's lines in a slurm.conf: a block between two marks, put in once and taken out without a trace. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

BEGIN, END = "# heal hooks: begin", "# heal hooks: end"
_BLOCK = re.compile(rf"^{BEGIN}\n(?:(?!{BEGIN}).*\n)*?{END}(?:\n|\Z)", re.MULTILINE)
_SETTING = re.compile(r"^\s*([A-Za-z]+)\s*=\s*(\S+)")
# a line ends at a # that is not escaped (man slurm.conf, DESCRIPTION)
_COMMENT = re.compile(r"(?<!\\)#.*")


@dataclass(frozen=True, slots=True)
class Taken:
    """A setting that the file has already, outside heal's block."""

    line: int
    name: str
    value: str


def hooks(folder: str) -> dict[str, str]:
    """The settings that make slurmctld call heal's hooks in a folder."""
    return {
        "EpilogSlurmctld": f"{folder}/slurm_epilog.sh",
        "JobCompType": "jobcomp/script",
        "JobCompLoc": f"{folder}/slurm_jobcomp.sh",
    }


def taken(text: str, names: Mapping[str, str]) -> list[Taken]:
    """Which of these settings the file has outside heal's block, in its order; names count in any case."""
    known = {name.lower(): name for name in names}
    block = _BLOCK.search(text)
    inside = range(0) if block is None else range(_line(text, block.start()), _line(text, block.end()))
    return [
        Taken(number, known[name.lower()], value)
        for number, name, value in _settings(text)
        if name.lower() in known and number not in inside
    ]


def value(text: str, name: str) -> str:
    """What the file sets; the last line counts, and an empty text is a setting that it does not have."""
    return next((given for _line, key, given in reversed(_settings(text)) if key.lower() == name.lower()), "")


def with_block(text: str, settings: Mapping[str, str]) -> str:
    """The file with heal's block at its end; a block that is there is replaced where it is."""
    lines = "\n".join([BEGIN, *(f"{name}={given}" for name, given in settings.items()), END])
    if found := _BLOCK.search(text):
        return text[: found.start()] + lines + ("\n" if found[0].endswith("\n") else "") + text[found.end() :]
    # a file whose last line has no end gets a block whose last line has none either: so it can be told apart
    return f"{text}\n{lines}" if text and not text.endswith("\n") else f"{text}{lines}\n"


def without_block(text: str) -> str:
    """The file as it was before heal's block came into it."""
    found = _BLOCK.search(text)
    if found is None:
        return text
    before = text[: found.start()]
    if not found[0].endswith("\n"):
        before = before.removesuffix("\n")
    return before + text[found.end() :]


def _settings(text: str) -> list[tuple[int, str, str]]:
    lines = enumerate(text.split("\n"), start=1)
    found = ((number, _SETTING.match(_COMMENT.sub("", line))) for number, line in lines)
    return [(number, match[1], match[2]) for number, match in found if match]


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
