"""Whose exit status counts: of what stands within a substitution it often does not, whatever the shell stops at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from heal.guard.command import Command
from heal.guard.hiding import HIDING
from heal.guard.programs import ASKERS, HARMLESS, ONLY_TELL
from heal.guard.rules import Trait

# of an exit status the last eight bits are kept
_STATUSES = 256
# as words have it: the numbers beyond 0 that become 0
BECOME_0 = "(?:" + "|".join(str(_STATUSES * times) for times in range(1, 65)) + r")\b"
_TAKEN_OTHERWISE = frozenset({"if", "elif", "while", "until", "!", "for", "case", "select", "coproc"})
_CHAINED = frozenset({"|", "|&", "&&", "||"})


class Counting(Enum):
    """Of which commands of a text the exit status counts."""

    ALL = "all"
    LAST = "last"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Piece:
    """A shell text, its first line, and the number of the command in whose words it stands."""

    text: str
    line: int
    counting: Counting = Counting.ALL
    owner: int = -1


def ends_well(status: str) -> bool:
    """True for a status that is 0 to whoever asks: ``0``, nothing, ``256``, ``-512``."""
    return not status or (re.fullmatch(r"\s*[-+]?\d{1,18}", status) is not None and int(status) % _STATUSES == 0)


def marked(found: Sequence[Command], counting: Counting) -> list[Command]:
    """The commands of one text, each told whether its status is lost."""
    marks, ends = [], True
    for at in range(len(found) - 1, -1, -1):
        ends = ends and (at == len(found) - 1 or found[at].after in _CHAINED)
        lost = counting is Counting.NONE or (counting is Counting.LAST and not ends)
        marks.append(replace(found[at], lost=lost))
    return marks[::-1]


def settled(pieces: Sequence[Piece], found: Sequence[Command]) -> Iterator[Piece]:
    """The texts within the commands: ``x=$(…)`` ends as its last substitution does, with any other word it is lost."""
    last = {piece.owner: piece for piece in pieces if piece.counting is Counting.LAST}
    for piece in pieces:
        owner = found[piece.owner] if 0 <= piece.owner < len(found) else None
        counts = owner and not owner.name and not owner.lost and owner.assignments and owner.after != "&"
        if piece.counting is Counting.LAST and not (
            counts and last[piece.owner] is piece and owner and not _TAKEN_OTHERWISE & {*owner.lead}
        ):
            yield replace(piece, counting=Counting.NONE)
        else:
            yield piece


def put_away(was: Sequence[Command], now: Sequence[Command]) -> Iterator[Trait]:
    """Programs whose status counted before, and that are run where it is lost now; under another name, too."""
    went, came = _count(was, lost=False) - _count(now, lost=False), _count(now, lost=True) - _count(was, lost=True)
    named = {name for name in went if name in came}
    work = _working(went) and _working(came)
    if not named and work:
        named = {name for name in came if name not in HARMLESS}
    for command in now:
        if command.lost and command.name in named:
            named.remove(command.name)
            yield Trait(HIDING["hide.background"], command.text or command.name, command.line)


def made_conditional(was: Sequence[Command], now: Sequence[Command]) -> Iterator[Trait]:
    """Programs that were always run, and that are run now only where something asked says so."""
    went = Counter(name for name, only_if, _ in _asked(was) if not only_if)
    went -= Counter(name for name, only_if, _ in _asked(now) if not only_if)
    more = Counter(name for name, only_if, _ in _asked(now) if only_if)
    more -= Counter(name for name, only_if, _ in _asked(was) if only_if)
    for name, only_if, command in _asked(now):
        if only_if and went[name] > 0 and more[name] > 0:
            went[name] -= 1
            yield Trait(HIDING["hide.conditional"], command.text or name, command.line)


def _asked(commands: Sequence[Command]) -> Iterator[tuple[str, bool, Command]]:
    """Each program, and whether it stands in an ``if`` or after a question: ``test -f x && work``."""
    depth, asked = 0, False
    for command in (one for one in commands if not one.inner):
        depth += sum(word in {"if", "case"} for word in command.lead)
        depth -= sum(word in {"fi", "esac"} for word in command.lead)
        asked = command.before == "&&" and asked
        if command.name and command.name not in HARMLESS | ASKERS and not _TAKEN_OTHERWISE & {*command.lead}:
            yield command.name, depth > 0 or asked, command
        asked = asked or command.name in ASKERS


def _count(commands: Sequence[Command], *, lost: bool) -> Counter[str]:
    return Counter(
        one.name
        for one in commands
        if one.name and one.name not in ONLY_TELL and (one.lost or one.after == "&") is lost
    )


def _working(names: Counter[str]) -> bool:
    return any(name not in HARMLESS for name in names)
