"""A text that is put into a shell's command: what it makes of that, and that it is more to a shell than words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.guard import shell_rules
from heal.guard.powers import POWERS
from heal.guard.rules import Trait
from heal.guard.shell import commands
from heal.records import Verdict

_CONTROL = re.compile(r"\$\(|[;|&`<>\n]")
# the command that a text is put into; what it is told of is not the text's
_COMMAND = "tool"
_OF_OPTIONS = frozenset({"hide.keep_going", "hide.check_changed", "hide.retries"})


def traits(text: str, line: int) -> Iterator[Trait]:
    """By the signs that it has: other words between the same ones are nothing new."""
    if found := _CONTROL.findall(text.rstrip("\n")):
        yield Trait(POWERS["power.shell_text"], " ".join(found).replace("\n", "\\n"), line)
        yield from _read(text, line)
    yield from options(text, line)


def options(text: str, line: int) -> Iterator[Trait]:
    """What options in a text of their own make of a program: stricter, more lenient, or tried again."""
    if text.lstrip().startswith("-"):
        found, _ = commands(f"{_COMMAND} {text}", line)
        yield from (one for one in shell_rules.traits(found) if one.rule.id in _OF_OPTIONS)


def _read(text: str, line: int) -> Iterator[Trait]:
    """As in a command, bare or within quotes that it closes. ``a & b`` may be a title, and is only asked about."""
    readings = {text, re.sub(r"[\"']", " ", text)}
    found = [
        trait
        for one in sorted(readings)
        for trait in shell_rules.traits(commands(f"{_COMMAND} {one}", line)[0])
        if trait.rule.verdict is Verdict.REFUSE and trait.rule.side == "came"
    ]
    yield from dict.fromkeys(one for one in found if (one.rule.id, one.key) != ("hide.background", _COMMAND))
