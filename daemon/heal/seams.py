"""What can be swapped: the scheduler that runs the jobs and the engine that drives the pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from heal.jobs import JobFacts, Limits
from heal.journal import Applied
from heal.records import Attempt, Fix, Run


@dataclass(frozen=True, slots=True)
class Submission:
    """A job to be submitted again: the original's id, command line and folder, and what is to change.

    ``argv`` is the command line of the original submission without the program name; empty where it is not known.
    ``array`` lists the indices to submit again where the original is a job array.
    ``token`` is put into the job's comment as ``heal:<token>``.
    """

    job: str
    argv: tuple[str, ...]
    cwd: str
    token: str
    fix: Fix
    array: tuple[int, ...] = ()
    env: Mapping[str, str] | None = field(default=None, compare=False)


class Scheduler(Protocol):
    """Who runs the jobs. Every method raises ``SchedulerUnreachable`` rather than guess."""

    @property
    def name(self) -> str:
        """``slurm`` or ``local``."""

    def facts(self, attempts: Sequence[Attempt]) -> Mapping[str, JobFacts]:
        """What is known of these attempts, by one bulk question; keyed by ``Attempt.job``.

        An attempt of which nothing is known is absent. Elements of a job array are entries of their own (``81500_3``).
        """

    def recent(self, since: datetime) -> tuple[JobFacts, ...]:
        """The user's own jobs that were submitted or ended since then."""

    def resubmit(self, submission: Submission) -> str:
        """Submit again with what the fix changes; the new job's id.

        Raises ``SubmissionRefused`` (nothing was submitted) or ``SubmissionUncertain`` (look the token up).
        """

    def find(self, token: str) -> Mapping[str, str]:
        """Jobs whose comment has ``heal:<token>`` or ``heal:<token>.<n>``: that tag, without ``heal:``, to job id."""

    def limits(self, partition: str | None) -> Limits:
        """The most one job may ask for there."""


@dataclass(frozen=True, slots=True)
class Order:
    """One fix for the failed attempts of one incident."""

    fix: Fix
    attempts: tuple[Attempt, ...]


class Engine(Protocol):
    """What drives the pipeline and can be asked to run what failed again."""

    @property
    def name(self) -> str:
        """``snakemake`` or ``sbatch``."""

    @property
    def waits_for_end(self) -> bool:
        """True when a remedy can only be applied once the run has ended (the engine is started again as a whole)."""

    def logs(self, run: Run, attempt: Attempt) -> tuple[str, ...]:
        """Paths of the texts that may hold the cause, the task's own first. They need not exist."""

    def supports(self, fix: Fix, attempt: Attempt) -> bool:
        """True when ``apply`` can carry the fix out for this attempt and the request would really change."""

    def apply(self, run: Run, orders: Sequence[Order], token: str, leave: Sequence[Attempt] = ()) -> Applied:
        """Run what failed again, changed by the orders; what was already done under this token is not done again.

        ``leave``: failed attempts that nothing was changed for. Where the engine can, they are not run again.
        Raises ``CannotApply`` or ``SubmissionRefused`` (nothing was done, nor will be), ``NotNow``,
        ``SubmissionUncertain`` or ``SchedulerUnreachable`` (call again with the same token).
        """
