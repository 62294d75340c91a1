"""Who keeps the ledger of calls; the store does."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from heal.dialogue import Call, Spent
from heal.model_settings import ModelBudget


class Ledger(Protocol):
    """What was asked, what it cost and what came of it. May be used by several threads and processes at once."""

    def begin_call(self, call: Call, budget: ModelBudget) -> None:
        """Write down a call before it is made. Raises ``ModelBudgetSpent`` where it would pass the budget."""

    def end_call(self, call: Call) -> None:
        """Write down how it ended."""

    def judge_call(self, call_id: str, judged: str) -> None:
        """Say what came of its answer: ``accepted``, ``refused`` or ``no fix``."""

    def calls(self, since: datetime) -> tuple[Call, ...]:
        """The calls begun since then, oldest first."""

    def spent(self, since: datetime, now: datetime, incident: str | None = None) -> Spent:
        """What they count for together, all of them or those about one incident."""
