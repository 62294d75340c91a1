"""What came of a remedy, read from what the tasks themselves said after it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from heal.journal import Applying, Observed
from heal.records import Attempt, Outcome

# the key of a failure of the engine itself: cured when the engine got past it, which no task says
RUN_ITSELF = ""


def observe(
    remedy: Applying,
    later: Mapping[str, Sequence[Attempt]],
    explained: Mapping[int, str],
    incident: str,
    *,
    over: bool,
    tries: Mapping[str, int] | None = None,
) -> Observed | None:
    """The outcome of a remedy, or None while it cannot be told.

    ``later``: for each task of the remedy its attempts since, oldest first. ``explained``: incident by failed
    attempt; a failure not explained yet keeps the answer open. ``over``: nothing that the remedy started is
    still running or coming. ``tries``: of how many tasks with one key a last try is looked for, where not of one.
    """
    wanted = {key: (tries or {}).get(key, 1) for key in remedy.task_keys}
    last = {key: tuple(later.get(key, ()))[-many:] for key, many in wanted.items()}
    failed = [attempt for attempts in last.values() for attempt in attempts if attempt.ok is False]
    if any(attempt.id not in explained for attempt in failed):
        return None
    same = [attempt.name for attempt in failed if explained[attempt.id] == incident]
    if same:
        return Observed(remedy.token, Outcome.SAME_FAILURE, f"{_names(same)} failed the same way again")
    if failed:
        others = sorted({explained[attempt.id] for attempt in failed})
        return Observed(
            remedy.token, Outcome.OTHER_FAILURE, f"got further and failed otherwise: incident {', '.join(others)}"
        )
    missing = [
        key
        for key, attempts in last.items()
        if (len(attempts) < wanted[key] or any(one.ok is None for one in attempts)) and not (over and key == RUN_ITSELF)
    ]
    if not missing:
        return Observed(remedy.token, Outcome.HEALED, "")
    if over:
        return Observed(remedy.token, Outcome.LOST, f"{_names(missing)} did not run again")
    return None


def _names(names: Collection[str]) -> str:
    shown = sorted(names)
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")  # noqa: PLR2004 - three fit a line
