"""A pattern that was learnt from a failure here acts by itself only while it proves right. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from heal.journal import Applied, Body, Diagnosed, Observed
from heal.knowledge.patterns import Pattern
from heal.records import Outcome

# so long it acts without having healed anything
WEARS_OFF = timedelta(days=180)
_WRONG = (Outcome.SAME_FAILURE, Outcome.OTHER_FAILURE, Outcome.LOST)


@dataclass(frozen=True, slots=True)
class Came:
    """What came of what a pattern made heal do about an incident, the last that is known of it."""

    incident: str
    opened: datetime
    outcome: Outcome


def came(pattern: str, incident: str, opened: datetime, bodies: Sequence[Body]) -> Came | None:
    """What came of it where this pattern named the cause, and something was done about that; else None."""
    names, acted, last = False, False, None
    for body in bodies:
        match body:
            case Diagnosed(diagnosis=found):
                names, acted = found.pattern == pattern, False
            case Applied():
                acted = names
            case Observed(outcome=outcome) if acted:
                last = outcome
    return None if last is None or last is Outcome.REFUSED else Came(incident, opened, last)


def only_asks(pattern: Pattern, record: Sequence[Came], now: datetime) -> str:
    """Why a pattern may ask and not act, empty where it may; ``record``: what came of it, the newest first.

    What was before the day it was learnt counts for nothing: a new day is a new beginning.
    """
    if pattern.status != "trusted":
        return f"the pattern {pattern.id} is on trial, and may only ask"
    if not pattern.learnt:
        return ""
    learnt = date.fromisoformat(pattern.learnt)
    last = next((one for one in record if one.opened.date() >= learnt), None)
    if last is not None and last.outcome in _WRONG:
        return f"the pattern {pattern.id} did not help with incident {last.incident}, and may only ask until it does"
    since = last.opened.date() if last else learnt
    if now.date() - since > WEARS_OFF:
        return f"the pattern {pattern.id} has healed nothing since {since.isoformat()}, and may only ask until it does"
    return ""
