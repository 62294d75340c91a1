"""How much a question may hold: for what is shown to a person and for what leaves alike."""

from __future__ import annotations

from collections.abc import Callable

from heal.dialogue import Asker
from heal.errors import BadSettings, NoModel

# the tokens that question and answer may have together, by route
Windows = Callable[[str], int]
# of a window that nobody tells, and what a question and its answer leave of one
ASSUMED, _MARGIN = 16_000, 256
# with more than this models are distracted, however large their window (aider, docs/troubleshooting/edit-errors)
_MOST = 24_000


def window(asker: Asker, route: str) -> int:
    """The tokens that question and answer may have together; where nobody tells, what most models have."""
    return asker.window(route) or ASSUMED


def known(asker: Asker, route: str) -> int | None:
    """The same for what is only shown: None where nobody tells, or no model is there to be asked."""
    try:
        return asker.window(route)
    except (NoModel, BadSettings):
        return None


def room(window: int, answer: int) -> int:
    """The most tokens of a question whose answer is to have so many."""
    return min(window - answer - _MARGIN, _MOST)
