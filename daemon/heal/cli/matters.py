"""What a command asks models about, or shows that it would: one incident, with what its scheduler says of it now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from heal.jobs import JobFacts
    from heal.records import Attempt, Run
    from heal.steps.consult import Matter
    from heal.store import Store


def matter_of(store: Store, prefix: str) -> Matter:
    """The matter of an incident, as the loop would hand it on. Raises NothingThere where there is none yet."""
    from heal.consulting import matters

    return matters.matter_of(store, prefix, _facts)


def _facts(run: Run, attempt: Attempt) -> dict[str, JobFacts]:
    """Nothing where the scheduler does not answer, which is told."""
    from heal.errors import SchedulerUnreachable
    from heal.settings import load
    from heal.wiring import end_of

    try:
        return end_of(load(Path(run.cwd)), attempt)
    except SchedulerUnreachable as error:
        typer.echo(f"heal: what the scheduler would say is left out: {error}", err=True)
        return {}
