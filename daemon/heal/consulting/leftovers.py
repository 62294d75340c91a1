"""Drafts that no incident waits with: of a chain that was run by hand, of an incident that ended in another way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from heal.errors import HealError
from heal.home import places
from heal.journal import Consulted, state_of
from heal.patch import Draft
from heal.patches.repository import Repository
from heal.settings import Settings
from heal.store import Store

# what waits longer than the newest so many incidents has expired itself
_LOOKED_THROUGH = 500


def expired(
    store: Store, folders: Iterable[str], settings_for: Callable[[str], Settings], now: datetime
) -> list[Draft]:
    """Withdraw, in these folders, those that are older than ``patches.expire_days``; those that went.

    What an incident waits with is the loop's to withdraw. Where a folder or git is not to be had nothing is done.
    """
    waited = _waited_with(store)
    gone: list[Draft] = []
    for folder in folders:
        with suppress(HealError, OSError):
            place = Path(folder)
            gone += Repository.at(place, places.of_project(place), settings_for(folder).patches).expire(now, waited)
    return gone


def lately(store: Store) -> list[str]:
    """The folders in which incidents were, and those of pipelines elsewhere that patches were drafted in."""
    found = store.newest(_LOOKED_THROUGH)
    drafted = [body.draft for _one, bodies in found for body in bodies if isinstance(body, Consulted) and body.draft]
    # <folder>/.heal/worktrees/<draft>
    elsewhere = {str(draft.worktree.parents[2]) for draft in drafted}
    return sorted({*store.folders([one.run_id for one, _bodies in found]).values(), *elsewhere})


def _waited_with(store: Store) -> frozenset[str]:
    """The branches of what incidents that are not closed have for patches."""
    open_ones = [bodies for _one, bodies in store.newest(_LOOKED_THROUGH) if not state_of(bodies).closed]
    answers = [body for bodies in open_ones for body in bodies if isinstance(body, Consulted)]
    return frozenset(one.draft.branch for one in answers if one.draft)
