"""What became of the user's jobs, by SLURM's accounting: what each used, how long it waited, and where it ran.

One question, its answer read as it comes; fields are those of ``man sacct``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from heal.errors import SchedulerUnreachable
from heal.knowledge.job_names import Whose
from heal.knowledge.sizing import Usage
from heal.schedulers.command import Commands
from heal.schedulers.slurm_builders import sacct_history
from heal.schedulers.slurm_history import FIELDS, usage_of
from heal.schedulers.slurm_parsers import Row, sacct_rows
from heal.schedulers.slurm_sources import fields_of
from heal.schedulers.slurm_values import moment

# besides those of what a job used
_MORE = ("Partition", "Eligible", "NodeList")
_NEEDED = frozenset({"JobID", "State", "ElapsedRaw", "NCPUS", "Submit", "Start"})
_PATIENCE_S = 300.0

Owner = Callable[[Row], tuple[Whose, float | None] | None]


class PastJob(NamedTuple):
    """One job that has ended. ``waited_s``: from when it could have begun to its start, None where it never did.

    ``node`` is its node where it ran on one alone, else empty. ``job`` is its id.
    """

    usage: Usage
    partition: str
    waited_s: float | None
    node: str = ""
    job: str = ""


def past_jobs(commands: Commands, user: str, since: datetime, owner: Owner) -> Iterator[PastJob]:
    """Give the user's jobs that were there since then and have ended; ``owner`` as in ``slurm_history``.

    Raises ``SchedulerUnreachable``: what was given is then not all.
    """
    known = fields_of(commands)
    fields = tuple(field for field in (*FIELDS, *_MORE) if field.lower() in known)
    if missing := sorted(_NEEDED - set(fields)):
        raise SchedulerUnreachable(f"sacct knows no field {', '.join(missing)}")
    lines = commands.lines(sacct_history(user, since, fields), timeout_s=_PATIENCE_S)
    for job, steps in _with_steps(sacct_rows(lines, fields)):
        owned = owner(job)
        if owned is not None and (usage := usage_of(job, steps, *owned)):
            yield past_job(job, usage)


def past_job(row: Row, usage: Usage) -> PastJob:
    """A job of its row in accounting and what it used."""
    node = row.get("NodeList", "")
    alone = node not in ("", "None assigned") and not set(node) & {",", "["}
    return PastJob(usage, row.get("Partition", "").split(",")[0], waited(row), node if alone else "", row["JobID"])


def waited(row: Row) -> float | None:
    """How long a job waited that could have begun: what it waited for another job, or for its time, is left out."""
    could = max(filter(None, (moment(row.get(name, "")) for name in ("Submit", "Eligible"))), default=None)
    began = moment(row.get("Start", ""))
    if could is None or began is None:
        return None
    return max(0.0, (began - could).total_seconds())


def _with_steps(rows: Iterator[Row]) -> Iterator[tuple[Row, Sequence[Row]]]:
    job: Row | None = None
    steps: list[Row] = []
    for row in rows:
        if "." in row["JobID"]:
            steps.append(row)
            continue
        if job is not None:
            yield job, steps
        job, steps = row, []
    if job is not None:
        yield job, steps
