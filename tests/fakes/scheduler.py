"""A scripted cluster in memory that keeps the promises of the scheduler and submitter seams."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from heal.errors import AskedEnough, NotNow, SchedulerUnreachable, SubmissionRefused, SubmissionUncertain
from heal.jobs import JobFacts, JobState, Limits
from heal.knowledge.job_names import akin, whose
from heal.records import Attempt
from heal.schedulers.slurm_fusion import fuse
from heal.seams import Submission


class FakeScheduler:
    """Jobs are put in and ended by the test. ``down``, ``refuses`` and ``loses`` script its moods.

    ``down``: nothing is answered. ``refuses``: submissions are refused with that text. ``loses``: submissions are taken
    but the reply never arrives. ``spent``: heal's own ceiling leaves no call for a submission, ``crowded``: nor for a question about jobs. ``mute``: no token is looked up. ``books``: what accounting says of jobs of which it does
    not say the same as the controller; a job that the controller has forgotten is known by them alone. ``allows``: the
    limits of partitions that have others than ``limits``. ``forgetful``: nothing is told of earlier jobs.
    """

    name = "slurm"

    def __init__(self, jobs: Sequence[JobFacts] = (), limits: Limits | None = None) -> None:
        self.jobs = {job.job: job for job in jobs}
        self.submissions: list[Submission] = []
        self.questions = 0
        self.looked_back = 0
        self.forgetful = False
        self.down = False
        self.refuses = ""
        self.loses = False
        self.busy = False
        self.spent = False
        self.crowded = False
        self.turned_away = 0
        self.mute = False
        self.books: dict[str, JobFacts] = {}
        self.allows: dict[str, Limits] = {}
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.repointed: list[tuple[str, str]] = []
        self.sentinels: list[tuple[tuple[str, ...], str]] = []
        self._limits = limits or Limits(memory_mb=16000, time_min=1440, memory_by="fake", time_by="fake")
        self._last = 1000

    def put(self, facts: JobFacts) -> None:
        """Let a job be as these facts say."""
        self.jobs[facts.job] = facts

    def end(self, job: str, state: JobState, exit_code: int | None = None) -> None:
        """Let a job come to its end."""
        self.jobs[job] = replace(self.jobs[job], state=state, state_text=state.name, exit_code=exit_code)

    def queue(self) -> Mapping[str, JobFacts]:
        self._ask()
        return dict(self.jobs)

    def facts(self, attempts: Sequence[Attempt], besides: Collection[str] | None = None) -> Mapping[str, JobFacts]:
        self._ask()
        if self.crowded:
            raise AskedEnough("SLURM was asked often enough this minute")
        wanted = {attempt.job for attempt in attempts}
        both = self.jobs | {job: fuse(kept, self.jobs.get(job)) for job, kept in self.books.items()}
        return {
            job: facts
            for job, facts in both.items()
            if job in wanted or (job.split("_")[0] in wanted and job not in (besides or ()))
        }

    def recent(self, since: datetime, known: Mapping[str, str] = {}) -> tuple[JobFacts, ...]:
        self._ask()
        return tuple(
            job
            for job in self.jobs.values()
            if datetime.fromisoformat(job.submitted).astimezone() >= since and job.submitted > known.get(job.job, "")
        )

    def resubmit(self, submission: Submission) -> str:
        self._ask()
        if self.spent:
            raise AskedEnough("SLURM was asked often enough this minute")
        if self.refuses:
            raise SubmissionRefused(self.refuses)
        if self.busy:
            self.turned_away += 1
            raise NotNow("job submit limit")
        self.submissions.append(submission)
        self._last += 1
        new = str(self._last)
        for index in submission.array or (None,):
            self._take(submission, new if index is None else f"{new}_{index}", index)
        if self.loses:
            raise SubmissionUncertain("no reply")
        return new

    def _take(self, submission: Submission, new: str, index: int | None) -> None:
        base = submission.job.split("_")[0]
        old = self.jobs.get(submission.job) or self.jobs.get(f"{base}_{index}") or JobFacts(base, JobState.UNKNOWN)
        changes = {change.name: change.new for change in submission.fix.changes}
        asked = changes.get("memory_mb", old.asked_mb)
        self.jobs[new] = JobFacts(
            job=new,
            state=JobState.PENDING,
            state_text="PENDING",
            asked_mb=None if asked is None else float(asked),
            name=old.name,
            workdir=old.workdir or submission.cwd,
            partition=str(changes["partition"]) if "partition" in changes else old.partition,
            dependency=str(changes.get("dependency", "")),
            comment=f"{old.comment} heal:{submission.token}".strip(),
            submitted=self.now().isoformat(),
            source="fake",
        )

    def find(self, token: str) -> Mapping[str, str]:
        self._ask()
        if self.mute:
            raise SchedulerUnreachable("no token is looked up now")
        wanted = re.compile(rf"\bheal:({re.escape(token)}(?:\.\d+)*)(?![\w.-])")
        return {tag: job.split("_")[0] for job, facts in self.jobs.items() for tag in wanted.findall(facts.comment)}

    def repoint(self, jobs: Sequence[str], dependency: str) -> None:
        self._ask()
        waiting = [job for job in jobs if self.jobs[job].state is JobState.PENDING]
        self.repointed += [(job, dependency) for job in waiting]
        reason = "Dependency" if dependency else "Priority"
        self.jobs |= {job: replace(self.jobs[job], dependency=dependency, reason=reason) for job in waiting}
        if len(waiting) < len(jobs):
            raise SubmissionRefused("Job is no longer pending execution")

    def announce(self, jobs: Sequence[str], spool: Path, token: str) -> None:
        self._ask()
        self.sentinels.append((tuple(jobs), token))

    def peaks(self, like: JobFacts, since: datetime) -> Mapping[str, float]:
        self._ask()
        self.looked_back += 1
        if self.forgetful:
            raise SchedulerUnreachable("the fake accounting tells nothing")
        wanted = whose(like.name, like.comment, like.workdir or "")
        return {
            job.job: job.peak_mb
            for job in {**self.jobs, **self.books}.values()
            if job.state is JobState.COMPLETED and job.peak_mb is not None
            if datetime.fromisoformat(job.submitted).astimezone() >= since
            if akin(whose(job.name, job.comment, job.workdir or ""), wanted)
        }

    def limits(self, job: JobFacts | None, partition: str | None = None) -> Limits:
        self._ask()
        return self.allows.get(partition or (job.partition if job else None) or "", self._limits)

    def _ask(self) -> None:
        self.questions += 1
        if self.down:
            raise SchedulerUnreachable("the fake cluster is down")
