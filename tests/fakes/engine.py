"""A scripted engine in memory that keeps the promises of the engine seam."""

from __future__ import annotations

from collections.abc import Sequence

from heal.errors import CannotApply
from heal.journal import Applied
from heal.records import Attempt, Fix, FixKind, Run
from heal.seams import Order


class FakeEngine:
    """Remembers what it was asked to launch. ``refuses``: it cannot apply anything, and says this."""

    def __init__(self, name: str = "snakemake", *, waits_for_end: bool = True) -> None:
        self._name = name
        self._waits = waits_for_end
        self.launches: dict[str, tuple[str, tuple[Order, ...]]] = {}
        self.calls = 0
        self.refuses = ""
        self.left: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self._name

    @property
    def waits_for_end(self) -> bool:
        return self._waits

    def logs(self, run: Run, attempt: Attempt) -> tuple[str, ...]:
        return attempt.log_paths

    def takes_own(self, run: Run) -> bool:
        return self._name == "snakemake"

    def supports(self, fix: Fix, attempt: Attempt) -> bool:
        return fix.kind is not FixKind.RESOURCES or any(change.name in attempt.asked for change in fix.changes)

    def apply(self, run: Run, orders: Sequence[Order], token: str, leave: Sequence[Attempt] = ()) -> Applied:
        """Launch, once a token: a second call with the same one tells what the first did."""
        self.calls += 1
        if self.refuses:
            raise CannotApply(self.refuses)
        self.left = tuple(attempt.key for attempt in leave)
        self.launches.setdefault(token, (run.id, tuple(orders)))
        return Applied(token, "launched")
