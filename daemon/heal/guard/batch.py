"""What a shell script says beside its commands: options of the scheduler, blocks that are not ended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from heal.guard.command import Command
from heal.guard.hiding import HIDING
from heal.guard.powers import POWERS
from heal.guard.rules import Trait


def unclosed(found: tuple[Command, ...]) -> str:
    """What is begun and not ended, by the counts of its words."""
    said = Counter(word for command in found for word in command.lead)
    pairs = (("if", "fi"), ("do", "done"), ("case", "esac"), ("{", "}"))
    return next((f"there are {said[a]} '{a}' and {said[b]} '{b}'" for a, b in pairs if said[a] != said[b]), "")


def batch_lines(text: str) -> Iterator[Trait]:
    """Options of the scheduler in comments: where messages go is one of them."""
    for number, line in enumerate(text.split("\n"), start=1):
        if re.match(r"#SBATCH\s.*(?:-e|--error|-o|--output)[=\s]*/dev/null", line):
            yield Trait(HIDING["hide.silence"], line, number)
        if re.match(
            r"#SBATCH\s.*--(?:wrap|export|get-user-env|uid|gid|mail-user|prolog|task-prolog|chdir|container)", line
        ):
            yield Trait(POWERS["power.directive_asked"], line, number)


def shell_code(text: str) -> str:
    """The text without lines that are comments alone."""
    return "\n".join("" if re.match(r"\s*#", line) else line for line in text.split("\n"))
