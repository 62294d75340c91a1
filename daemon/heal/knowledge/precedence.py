"""Which goes first where both speak: a general pattern, or the general reading of the words. Pure.

General words ("No such file or directory", "TypeError:") say what went wrong on one line. Of a program that nobody
prepared heal for, that line is often what follows from the cause: the next step misses the file that an earlier one
could not make. The reading looks at all lines and where they stand, so where a general pattern is all that is known, it
is heard as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from heal.cases import Case
from heal.knowledge.clues import Clue
from heal.knowledge.reading import LEAST, Model, read
from heal.knowledge.roles import Role, role
from heal.knowledge.sightings import weighed
from heal.records import Label, Weight

# a clue of at least this rank says directly what is wrong
_DIRECT = 30
# how sure the reading must be to go before what else is known: of an earlier line, of any line
_EARLIER, _ANYWHERE = 0.3, 0.7


# a limit that was met follows from no earlier line
_FROM_OUTSIDE = frozenset({Label.OUT_OF_MEMORY, Label.TIME_LIMIT})


def in_words(case: Case, known: Sequence[Clue], model: Model | None) -> list[Clue]:
    """What the words of the log say, where nothing known says it better."""
    named = [clue for clue in known if clue.root and clue.label not in (None, Label.UNKNOWN)]
    best = min(named, key=attrgetter("nearness"), default=None)
    if best and not _in_general(best):
        return []
    wordless = [clue.citation for clue in known if clue.label in (None, Label.UNKNOWN)]
    told = weighed(read(case, model, known=wordless, least=_EARLIER if best else LEAST), case)
    if not best:
        return told
    return [heard for clue in told if (heard := _beside(clue, best))]


def _in_general(best: Clue) -> bool:
    """True of general words, also where what they name was looked up, and of an end that may have many causes."""
    return (best.general or best.by == "facts") and min(best.rank, best.weights[0].points) < _DIRECT


def _beside(clue: Clue, best: Clue) -> Clue | None:
    """The reading before what else is known, after it where it says the same, and not at all where it is less sure."""
    if why := _why(clue, best):
        return clue.weighed(Weight(max(0, best.rank + 1 - clue.rank), why))
    if clue.label is best.label:
        return clue.weighed(Weight(min(0, best.rank - 1 - clue.rank), "says no more than a known line does"))
    return None


def _why(clue: Clue, best: Clue) -> str:
    """Why the reading goes before what else is known; empty where it does not."""
    if best.by == "facts":
        return "is surer than what such an end of a job mostly means" if clue.confidence >= best.confidence else ""
    if clue.order < best.order and _tells(clue, best) and best.label not in _FROM_OUTSIDE:
        return "stands before the line that a general pattern knows"
    if clue.label is not best.label and clue.confidence >= _ANYWHERE:
        return "is surer than a general pattern is of another line"
    return ""


def _tells(clue: Clue, best: Clue) -> bool:
    """False of a line of an engine's log beside a task's: its place says nothing of what the task went through."""
    if clue.citation is None or (best.citation and clue.citation.source == best.citation.source):
        return True
    return role(clue.citation.source) is not Role.ENGINE
