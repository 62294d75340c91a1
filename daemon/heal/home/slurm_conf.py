"""heal's lines in a slurm.conf, and what it sets besides. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from heal.home import marked

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
    ours = marked.block(text)
    inside = range(0) if ours is None else range(_line(text, ours.start()), _line(text, ours.end()))
    return [
        Taken(number, known[name.lower()], value)
        for number, name, value in _settings(text)
        if name.lower() in known and number not in inside
    ]


def value(text: str, name: str) -> str:
    """What the file sets; the last line counts, and an empty text is a setting that it does not have."""
    return next((given for _line, key, given in reversed(_settings(text)) if key.lower() == name.lower()), "")


def with_block(text: str, settings: Mapping[str, str]) -> str:
    """The file with these settings in heal's block."""
    return marked.with_block(text, (f"{name}={given}" for name, given in settings.items()))


def _settings(text: str) -> list[tuple[int, str, str]]:
    lines = enumerate(text.split("\n"), start=1)
    found = ((number, _SETTING.match(_COMMENT.sub("", line))) for number, line in lines)
    return [(number, match[1], match[2]) for number, match in found if match]


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
