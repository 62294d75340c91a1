"""Checksums that a shell text compares: which list is read, and whether it says what was there before."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.guard.command import Command
from heal.guard.hiding import HIDING
from heal.guard.rules import Trait
from heal.guard.shell_reach import written

_SUMS = re.compile(r"g?(?:md5|b2|sha\d{1,3}|cksum|sha|xxh\w*)(?:sum)?")
_CHECKS = re.compile(r"--check(?:=.*)?|-[a-z]*c")


def traits(commands: tuple[Command, ...]) -> Iterator[Trait]:
    """Each comparison, and by what: another list, one that is made on the spot, or a condition are another check."""
    made = {target for one in commands if not _compares(one) for target in written(one)}
    for command in commands:
        if not _compares(command) or not command.is_heard:
            continue
        lists = [word for word in command.arguments if not word.startswith("-")] or [
            target for how, target in command.redirects if how.startswith("<")
        ]
        said = [*lists, *(["made here"] if made & {*lists} else [])]
        if command.before == "&&" or {"then", "do"} & {*command.lead}:
            said.append("under a condition")
        yield Trait(HIDING["hide.check_gone"], "checksums", command.line)
        yield Trait(HIDING["hide.check_changed"], f"checksums of {', '.join(said) or 'what is piped'}", command.line)


def _compares(command: Command) -> bool:
    return _SUMS.fullmatch(command.name) is not None and any(_CHECKS.fullmatch(one) for one in command.arguments)
