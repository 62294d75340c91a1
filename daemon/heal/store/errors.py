"""What can go wrong in a store beside it being broken or too new."""

from __future__ import annotations

from heal.errors import HealError


class Conflict(HealError):
    """Somebody else wrote to the incident meanwhile; nothing was stored. Read its journal again and decide anew."""


class StoreTooOld(HealError):
    """The database was made by an older heal and was opened for reading only. Any writing command upgrades it."""


class StoreBusy(HealError):
    """Another process held the database for longer than heal waits. Nothing was stored; try again."""
