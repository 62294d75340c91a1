"""The one mutator: hand the approved fixes of a run to its engine, and say what came of that."""

from __future__ import annotations

from collections.abc import Sequence

from heal.errors import AskedEnough, CannotApply, NotNow, SchedulerUnreachable, SubmissionRefused, SubmissionUncertain
from heal.journal import Applied, Delayed, Observed
from heal.records import Attempt, Outcome, Run
from heal.seams import Engine, Order


def apply(
    engine: Engine, run: Run, orders: Sequence[Order], token: str, leave: Sequence[Attempt] = ()
) -> Applied | Observed | Delayed | None:
    """Applied, or Observed(refused) or Delayed with the reason, or None where heal's own ceiling left no call for it.

    Safe to call again with the same token after a crash: engines look the token up before they act. Delayed leaves the
    remedy begun: nothing was done yet, or nobody says whether it was. None leaves it so without a word.
    """
    try:
        return engine.apply(run, orders, token, leave)
    except (CannotApply, SubmissionRefused) as error:
        return Observed(token, Outcome.REFUSED, str(error))
    except AskedEnough:
        return None
    except (NotNow, SubmissionUncertain, SchedulerUnreachable) as error:
        return Delayed(token, str(error))
