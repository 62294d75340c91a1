"""Policy and budgets: may this fix be applied, must a person be asked, or is it refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from heal.journal import Decided
from heal.records import Diagnosis, Fix, FixKind, Outcome, Verdict
from heal.settings import Settings

# below this heal does not act on its own idea of the cause
SURE_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class Ledger:
    """Remedies so far: the most for any of the failed tasks, for the run, and for everything in 24 hours."""

    task: int
    run: int
    day: int


def decide(
    fix: Fix,
    diagnosis: Diagnosis,
    tried: Sequence[tuple[Fix, Outcome | None]],
    ledger: Ledger,
    settings: Settings,
    *,
    only_asks: str = "",
) -> Decided:
    """The verdict and its reason. The same fix is never applied twice to the same failure.

    ``only_asks``: why the pattern that found it may ask and not act; empty where it may.
    """
    if fix.kind is FixKind.ADVICE:
        return Decided(Verdict.ASK, "advice: only a person can do this")
    known = came_home(fix, tried)
    if not known and any(fix == earlier for earlier, outcome in tried if outcome is not Outcome.HEALED):
        return Decided(Verdict.REFUSE, "this was tried on the same failure before and did not help")
    if spent := _spent(replace(ledger, run=0, day=0) if known else ledger, settings):
        return Decided(Verdict.REFUSE, spent)
    verdict = settings.policy.of(fix.kind)
    if verdict is Verdict.AUTO and diagnosis.confidence < SURE_ENOUGH:
        return Decided(Verdict.ASK, f"the cause is not sure enough ({diagnosis.confidence:.2f}) to act without a yes")
    if verdict is Verdict.AUTO and only_asks:
        return Decided(Verdict.ASK, only_asks)
    return Decided(verdict, settings.policy.why(fix.kind))


def came_home(fix: Fix, tried: Sequence[tuple[Fix, Outcome | None]]) -> bool:
    """True where others that failed the same way came home with this change, or with more: it is no new remedy."""
    return any(_covers(earlier, fix) for earlier, outcome in tried if outcome is Outcome.HEALED)


def _covers(earlier: Fix, fix: Fix) -> bool:
    if fix.kind is not FixKind.RESOURCES or earlier.kind is not fix.kind or earlier.process != fix.process:
        return fix == earlier
    given = {change.name: change.new for change in earlier.changes}
    return all(_at_least(given.get(change.name), change.new) for change in fix.changes)


def _at_least(given: float | str | None, wanted: float | str | None) -> bool:
    if isinstance(given, int | float) and isinstance(wanted, int | float):
        return given >= wanted
    return given == wanted


def _spent(ledger: Ledger, settings: Settings) -> str | None:
    budget = settings.budget
    rows = (
        (ledger.task, budget.per_task, "this task", "budget.per_task"),
        (ledger.run, budget.per_run, "this run", "budget.per_run"),
        (ledger.day, budget.per_day, "the last 24 hours", "budget.per_day"),
    )
    return next(
        (
            f"{used} remedies were tried for {what}, and {key} allows {most}"
            for used, most, what, key in rows
            if used >= most
        ),
        None,
    )
