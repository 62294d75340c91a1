"""Where a shell text sends what its programs say of their errors, and that nobody gets to read it there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from heal.guard.command import Command
from heal.guard.hiding import HIDING
from heal.guard.rules import Trait

# what a program says is lost in each of them
_NOWHERE = re.compile(r"(?:.*/)?null|/dev/(?:zero|full|u?random)|.*\bdev/null\b.*")
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
_OUT = re.compile(r"(\d*|&|\{\w+\})>(?:>|\||&)?>?")
_BOTH = frozenset({"&>", "&>>", ">&"})
# a process that is given the messages, and may keep some of them back
_KEEPS_BACK = re.compile(r">\(\s*(?:grep|egrep|fgrep|sed|awk|head|tail|true|:|wc|sort|uniq|cut)\b")


def traits(commands: Sequence[Command]) -> Iterator[Trait]:
    """Each command whose messages are thrown away."""
    named = dict(_named(commands))
    lost = frozenset(_opened(commands, named))
    for before, command in zip((None, *commands), commands, strict=False):
        if _silent(command, named, lost) or _piped_away(before, command, named):
            yield Trait(HIDING["hide.silence"], command.name or "a command", command.line)


def _named(commands: Sequence[Command]) -> Iterator[tuple[str, str]]:
    """Names that stand for a place where all is lost."""
    for command in commands:
        for word in (*command.assignments, *command.arguments):
            name, is_set, value = word.partition("=")
            if is_set and name.isidentifier() and _is_nowhere(value, {}):
                yield name, value


def _opened(commands: Sequence[Command], named: Mapping[str, str]) -> Iterator[str]:
    """The numbers and names under which such a place is opened: ``exec 3>/dev/null``, ``exec {n}>/dev/null``."""
    for command in commands:
        for operator, target in command.redirects:
            under = _OUT.fullmatch(operator)
            if under and under[1] not in {"", "1", "2", "&"} and _is_nowhere(target, named):
                yield under[1].strip("{}")


def _silent(command: Command, named: Mapping[str, str], lost: frozenset[str]) -> bool:
    nothing = False
    for operator, target in command.redirects:
        out = _OUT.fullmatch(operator)
        away = _is_nowhere(target, named) or _VARIABLE.sub(r"\1", target) in lost
        kept_back = target == "-" or _KEEPS_BACK.match(target)
        if operator in _BOTH and (away or kept_back):
            return True
        if out and out[1] == "2" and (away or kept_back or (target == "1" and nothing)):
            return True
        nothing = nothing or (out is not None and out[1] in {"", "1", "&"} and away)
        if command.name == "exec" and out and away:
            return True
    return False


def _piped_away(before: Command | None, command: Command, named: Mapping[str, str]) -> bool:
    """What takes in messages by a pipe and gives them to nobody: ``work |& cat > /dev/null``."""
    if before is None or command.before not in {"|", "|&"}:
        return False
    told = command.before == "|&" or any(how == "2>&" and to == "1" for how, to in before.redirects)
    nowhere = any(_OUT.fullmatch(how) and _is_nowhere(to, named) for how, to in command.redirects)
    return told and nowhere


def _is_nowhere(target: str, named: Mapping[str, str]) -> bool:
    """However the path is written: ``//dev/./null`` is the same place."""
    variable = _VARIABLE.fullmatch(target)
    plain = re.sub(r"/(?:\.?/)+", "/", target)
    return bool(_NOWHERE.fullmatch(plain)) or bool(variable and variable[1] in named)
