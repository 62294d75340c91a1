"""The store: what was seen, what it means and what was done, kept for good."""

from __future__ import annotations

from heal.store.errors import Conflict, StoreBusy, StoreTooOld
from heal.store.reading import Repointed, Warned
from heal.store.rows import Scope
from heal.store.store import Store

__all__ = ["Conflict", "Repointed", "Scope", "Store", "StoreBusy", "StoreTooOld", "Warned"]
