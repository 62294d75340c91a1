"""Policy and budgets: may this fix be applied, must a person be asked, or is it refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    trusted: bool = True,
) -> Decided:
    """The verdict and its reason. The same fix is never applied twice to the same failure.

    ``trusted``: False for what a pattern on trial found; such a pattern may ask, but not act.
    """
    if fix.kind is FixKind.ADVICE:
        return Decided(Verdict.ASK, "advice: only a person can do this")
    if any(fix == earlier for earlier, _outcome in tried):
        return Decided(Verdict.REFUSE, "this was tried on the same failure before and did not help")
    if spent := _spent(ledger, settings):
        return Decided(Verdict.REFUSE, spent)
    verdict = settings.policy.of(fix.kind)
    if verdict is Verdict.AUTO and diagnosis.confidence < SURE_ENOUGH:
        return Decided(Verdict.ASK, f"the cause is not sure enough ({diagnosis.confidence:.2f}) to act without a yes")
    if verdict is Verdict.AUTO and not trusted:
        return Decided(Verdict.ASK, f"the pattern {diagnosis.pattern} is on trial, and may only ask")
    return Decided(verdict, settings.policy.why(fix.kind))


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
