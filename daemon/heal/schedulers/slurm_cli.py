"""SLURM by its command line: bulk questions, and one sbatch per job that runs again."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from heal.errors import CannotApply, SchedulerUnreachable, SubmissionRefused, SubmissionUncertain
from heal.jobs import JobFacts, Limits
from heal.records import Attempt
from heal.schedulers.command import Answer, Commands, NoAnswer, NotInstalled
from heal.schedulers.processes import still_submitting
from heal.schedulers.slurm_builders import Original, freed, grouped_ids, sacct_recent, sbatch_argv, sbatch_env
from heal.schedulers.slurm_facts import RECYCLED, from_accounting, from_controller, job_of
from heal.schedulers.slurm_parsers import Row, parse_limits, parse_submitted, parse_tags
from heal.schedulers.slurm_sources import Sources, answered, noted, of_jobs, user_of
from heal.schedulers.slurm_values import moment
from heal.seams import Submission

_SUBMIT_TIMEOUT_S = 180.0  # sbatch itself waits for a busy controller and tries again for minutes
_LOOKBACK = timedelta(days=14)  # for attempts of which nobody knows when they were submitted
_LIMITS_KEPT = timedelta(minutes=10)
# the controller never got the request
_NOT_REACHED = ("Unable to contact slurm controller",)
# the request went out and no reply came back: it may have been carried out
_NO_REPLY = ("Socket timed out", "Zero Bytes were transmitted", "Connection reset", "Unexpected message received")


class SlurmCli:
    """The scheduler seam over sacct, scontrol, squeue, sinfo and sbatch of SLURM 17.11 to 25.11.

    ``scripts_dir`` is a private folder for the scripts of jobs that are submitted again. ``commands`` runs (and counts)
    the requests; ``clock`` tells the time (UTC). Only ``resubmit``, which is about one job, makes requests per job.
    """

    name = "slurm"

    def __init__(
        self,
        scripts_dir: Path,
        commands: Commands | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._scripts = scripts_dir
        self._commands = commands or Commands()
        self._sources = Sources(self._commands)
        self._clock = clock
        self._limits: dict[str | None, tuple[datetime, Limits]] = {}

    @property
    def requests(self) -> int:
        """How many commands were run so far."""
        return self._commands.count

    def facts(self, attempts: Sequence[Attempt]) -> Mapping[str, JobFacts]:
        """Tell what accounting and the controller know, fused; see the seam. ``source`` says who answered.

        Two requests (and one more the first time). An id inside SLURM of an array element is a key as it was given; its
        ``JobFacts.job`` is ``<array>_<index>``.
        """
        wanted = {attempt.job: attempt for attempt in attempts if attempt.job[:1].isdigit()}
        if not wanted:
            return {}
        ids = grouped_ids(tuple(wanted))
        accounting = self._sources.jobs(ids, self._since(tuple(wanted.values())))
        controller = self._sources.controller(ids[0] if len(ids) == 1 else None)
        if accounting.refusal and controller.refusal:
            raise SchedulerUnreachable(f"SLURM does not answer: {controller.refusal}; {accounting.refusal}")
        facts, missing = of_jobs({job: attempt.submitted for job, attempt in wanted.items()}, accounting, controller)
        silent = [side for side in (accounting, controller) if side.refusal and not side.lasting]
        if missing and silent:
            # a job that one side does not know may be known to the side that is silent now
            raise SchedulerUnreachable(f"nothing can be said of job {missing[0]}: {silent[0].refusal}")
        return facts

    def _since(self, attempts: Sequence[Attempt]) -> datetime:
        known = [attempt.submitted for attempt in attempts if attempt.submitted]
        unknown = [self._clock() - _LOOKBACK] if len(known) < len(attempts) else []
        return min([*known, *unknown]) - RECYCLED

    def recent(self, since: datetime) -> tuple[JobFacts, ...]:
        """Tell the user's own jobs by accounting (no steps, so no peaks), where it is silent by the controller."""
        told = self._sources.sacct(lambda fields: sacct_recent(user_of(str(os.geteuid())), since, fields))
        if not told.refusal:
            return tuple(from_accounting(told.rows, user_of).values())
        controller = self._sources.controller()
        if controller.refusal:
            raise SchedulerUnreachable(f"SLURM does not answer: {controller.refusal}; {told.refusal}")
        mine = f"({os.geteuid()})"
        own = [row for row in controller.rows if row.get("UserId", "").endswith(mine) and _since(row, since)]
        return tuple(noted(facts, told) for facts in from_controller(own).values())

    def resubmit(self, submission: Submission) -> str:
        """Submit the job's own script again; see the seam. Raises ``CannotApply`` where its script is not to be had.

        The script stays in the private folder under the token's name: it tells that a submission was tried.
        """
        script = self._sources.script(submission.job)
        original = self._original(submission.job, script)
        path = self._scripts / f"{submission.token}.sh"
        argv = sbatch_argv(submission, original, str(path))
        _store(path, freed(script, submission.fix))
        env = sbatch_env(os.environ if submission.env is None else submission.env, submission)
        cwd = submission.cwd or original.facts.workdir
        try:
            answer = self._commands.run(argv, cwd=cwd, env=env, timeout_s=_SUBMIT_TIMEOUT_S)
        except NotInstalled:
            path.unlink(missing_ok=True)
            raise
        except NoAnswer as error:
            raise SubmissionUncertain(f"job {submission.job}: {error}; look up heal:{submission.token}") from error
        except OSError as error:
            path.unlink(missing_ok=True)
            raise CannotApply(f"job {submission.job} cannot be submitted again from {cwd}: {error}") from error
        return _judged(submission, answer, path)

    def _original(self, job: str, script: str) -> Original:
        accounting = self._sources.jobs((job,), self._clock() - _LOOKBACK)
        controller = self._sources.controller(job)
        found, _ = of_jobs({job: None}, accounting, controller)
        if not found:
            silent = controller.refusal or accounting.refusal
            if silent:
                raise SchedulerUnreachable(f"nothing is known of job {job}: {silent}")
            raise CannotApply(f"neither the controller nor accounting knows job {job} any more. Submit it yourself.")
        facts = found.get(job) or next(iter(found.values()))
        record: Row = next((row for row in controller.rows if job_of(row) == facts.job), {})
        # an array asked for by its own id is meant as a whole: one element's facts stand for all
        return Original(script, facts if job in found else replace(facts, job=job), record)

    def find(self, token: str) -> Mapping[str, str]:
        """Look a token up in the controller and in accounting, comment and command line; see the seam.

        Where there is no accounting at all, a token that was tried and that the controller does not know is unknown.
        """
        # before the questions: an sbatch that ends in between has been taken by then
        if still_submitting(token):
            raise SchedulerUnreachable(f"heal:{token} is still being submitted")
        silent = ""
        tags: dict[str, str] = {}
        try:
            queue = answered(self._commands.ask(["squeue", "--me", "--states=all", "--noheader", "--format=%i|%k"]))
            tags.update(parse_tags(queue.stdout, token))
        except SchedulerUnreachable as error:
            silent = str(error)
        told = self._sources.sacct(
            lambda fields: sacct_recent(user_of(str(os.geteuid())), self._clock() - _LOOKBACK, fields)
        )
        # accounting keeps comments only with AccountingStoreFlags=job_comment; the command line holds the tag as well
        kept = "\n".join(f"{row['JobID']}|{row.get('Comment')} {row.get('SubmitLine')}" for row in told.rows)
        tags = parse_tags(kept, token) | tags
        if told.refusal and (not told.lasting or self._tried(token)):
            silent = silent or told.refusal
        if silent and not tags:
            raise SchedulerUnreachable(f"whether heal:{token} was submitted cannot be told: {silent}")
        return tags

    def _tried(self, token: str) -> bool:
        return any(path.stem == token or path.stem.startswith(f"{token}.") for path in self._scripts.glob("*.sh"))

    def limits(self, partition: str | None) -> Limits:
        """Tell what a partition (None: the default one) allows; kept for ten minutes."""
        now = self._clock()
        kept = self._limits.get(partition)
        if kept and now - kept[0] < _LIMITS_KEPT:
            return kept[1]
        partitions = answered(self._commands.ask(["scontrol", "--oneliner", "show", "partition"]))
        nodes = answered(self._commands.ask(["sinfo", "--noheader", "--Node", "--format=%R|%m|%c"]))
        limits = parse_limits(partitions.stdout, nodes.stdout, partition) or Limits(source=f"no partition {partition}")
        self._limits[partition] = (now, limits)
        return limits


def _judged(submission: Submission, answer: Answer, path: Path) -> str:
    job = parse_submitted(answer.stdout)
    if answer.ok and job:
        return job
    if answer.ok or answer.exit_code < 0 or any(words in answer.stderr for words in _NO_REPLY):
        raise SubmissionUncertain(f"job {submission.job}: sbatch did not say if it submitted: {answer.complaint}")
    # surely nothing was submitted: the script would say that it may have been
    path.unlink(missing_ok=True)
    if any(words in answer.stderr for words in _NOT_REACHED):
        raise SchedulerUnreachable(f"job {submission.job} was not submitted again: {answer.complaint}")
    raise SubmissionRefused(f"SLURM refuses job {submission.job}: {answer.complaint}")


def _store(path: Path, script: str) -> None:
    # the script may hold secrets, and sbatch alone reads it
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(script)


def _since(row: Row, since: datetime) -> bool:
    times = [moment(row.get(name, "")) for name in ("SubmitTime", "EndTime")]
    return any(time is not None and time >= since for time in times)
