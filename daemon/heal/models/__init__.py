"""Coding models: any OpenAI-compatible server is asked, within budgets, and only where the settings let it.

Nothing of the extra ``models`` is loaded before something is asked.
"""

from __future__ import annotations

from heal.models.asking import Models
from heal.models.gates import Gates
from heal.models.ledger import Ledger
from heal.models.payloads import digest

__all__ = ["Gates", "Ledger", "Models", "digest"]
