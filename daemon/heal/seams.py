"""What can be swapped: the scheduler that runs the jobs and the engine that drives the pipeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from heal.jobs import JobFacts, Limits
from heal.journal import Applied
from heal.records import Attempt, Event, Fix, Run


@dataclass(frozen=True, slots=True)
class Submission:
    """A job to be submitted again: the original's id, command line and folder, and what is to change.

    ``argv`` is the command line of the original submission without the program name; empty where it is not known.
    ``array`` lists the indices to submit again where the original is a job array.
    ``token`` is put into the job's comment as ``heal:<token>``. ``known`` is what the scheduler said of the original
    after its end; it is asked where this is None.
    """

    job: str
    argv: tuple[str, ...]
    cwd: str
    token: str
    fix: Fix
    array: tuple[int, ...] = ()
    env: Mapping[str, str] | None = field(default=None, compare=False)
    known: JobFacts | None = field(default=None, compare=False)


class Scheduler(Protocol):
    """Who runs the jobs, and what is known of them. Every method raises ``SchedulerUnreachable`` rather than guess."""

    @property
    def name(self) -> str:
        """``slurm`` or ``local``."""

    def queue(self) -> Mapping[str, JobFacts]:
        """All of the user's own jobs that the controller knows now, by one question: state, reason, dependency.

        Elements of a job array are entries of their own (``81500_3``). Jobs that ended a while ago are absent.
        """

    def facts(self, attempts: Sequence[Attempt], besides: Collection[str] | None = None) -> Mapping[str, JobFacts]:
        """All that is known of these attempts, by bulk questions; keyed by ``Attempt.job``.

        An attempt of which nothing is known is absent. Elements of a job array are entries of their own (``81500_3``).
        ``besides``: elements that need not be told where their array is asked for as a whole. Where it is given, what
        one side of the scheduler says of an array while the other may know more of it is no answer.
        """

    def recent(self, since: datetime, known: Mapping[str, str] = ...) -> tuple[JobFacts, ...]:
        """The user's own jobs that were submitted or ended since then.

        ``known``: jobs that need not be told, each with the time of its submission as the scheduler writes it; one that
        was submitted after that is another one, or was put back.
        """

    def peaks(self, like: JobFacts, since: datetime) -> Mapping[str, float]:
        """What earlier jobs of this one's process that ended well held at once, in MB: the newest of them, last.

        By one question to the books; empty where they know none. A job is of the same process by what its engine wrote
        on it, or by its folder and its name.
        """

    def limits(self, job: JobFacts | None, partition: str | None = None) -> Limits:
        """The most a job like this one may ask for, in its own partition or another; None: any job."""


class Submitter(Protocol):
    """Who submits jobs again. Every method raises ``SchedulerUnreachable`` rather than guess."""

    def resubmit(self, submission: Submission) -> str:
        """Submit again with what the fix changes; the new job's id.

        Raises ``SubmissionRefused`` (nothing was submitted), ``NotNow`` (nor was it now, but it may be later) or
        ``SubmissionUncertain`` (look the token up).
        """

    def find(self, token: str) -> Mapping[str, str]:
        """Jobs whose comment has ``heal:<token>`` or ``heal:<token>.<n>``: that tag, without ``heal:``, to job id."""

    def repoint(self, jobs: Sequence[str], dependency: str) -> None:
        """Let waiting jobs wait for something else, all by one request; the same however often it is said.

        Raises ``SubmissionRefused`` where one of them waits no longer or the site says no: the others were changed.
        """

    def announce(self, jobs: Sequence[str], spool: Path, token: str) -> None:
        """Have the end of these jobs told in a spool, by a small job that waits for them.

        Raises ``SubmissionRefused`` or ``NotNow``; without it their end is found by asking.
        """


@dataclass(frozen=True, slots=True)
class Order:
    """One fix for failed attempts of one incident. ``jobs``: what the scheduler said of them, as far as known.

    ``part`` tells apart the orders of one incident that give different amounts, from 1; 0 where there is one alone.
    """

    fix: Fix
    attempts: tuple[Attempt, ...]
    jobs: Mapping[str, JobFacts] = field(default_factory=dict, compare=False)
    part: int = 0


class Engine(Protocol):
    """What drives the pipeline and can be asked to run what failed again."""

    @property
    def name(self) -> str:
        """``snakemake``, ``nextflow`` or ``sbatch``."""

    @property
    def waits_for_end(self) -> bool:
        """True when a remedy can only be applied once the run has ended (the engine is started again as a whole)."""

    def logs(self, run: Run, attempt: Attempt) -> tuple[str, ...]:
        """Paths of the texts that may hold the cause, the task's own first. They need not exist."""

    def takes_own(self, run: Run) -> bool:
        """True where the engine surely took the workflow that it finds in the run's folder by itself."""

    def supports(self, fix: Fix, attempt: Attempt) -> bool:
        """True when ``apply`` can carry the fix out for this attempt and the request would really change."""

    def apply(self, run: Run, orders: Sequence[Order], token: str, leave: Sequence[Attempt] = ()) -> Applied:
        """Run what failed again, changed by the orders; what was already done under this token is not done again.

        ``leave``: failed attempts that nothing was changed for. Where the engine can, they are not run again.
        Raises ``CannotApply`` or ``SubmissionRefused`` (nothing was done, nor will be), ``NotNow``,
        ``SubmissionUncertain`` or ``SchedulerUnreachable`` (call again with the same token).
        """


class ExitFiles(Protocol):
    """Who tells an engine how a job ended that could not say so itself. Nothing here raises."""

    def missing(self, workdir: str) -> bool:
        """True where the engine waits for an exit code in a work folder of this user's that has none."""

    def owed(self, workdir: str, job: JobFacts, now: datetime) -> int | None:
        """The exit code that is proven and missing in a work folder; None where there is nothing to write (yet)."""

    def write(self, workdir: str, code: int) -> str:
        """Write it, never over one that is there; what was done, in words."""


class LogReading(Protocol):
    """Who reads the logs of runs that do not tell of themselves. Nothing here raises for what a log holds."""

    def takes(self, said: Event) -> bool:
        """True where the event announces a log to be read; from now on it is, however often that is said."""

    def news(self) -> Sequence[Event]:
        """What the logs say that was not taken yet; the same again until it is."""

    def taken(self, ids: Sequence[str]) -> None:
        """These events are stored."""

    def trouble(self, said: Event) -> str:
        """What heal stumbled over in an announced log; empty where nothing is wrong with it."""

    def done(self, said: Event) -> bool:
        """True where all that an announced log has to say is taken; it is read no longer then."""
