"""Jobs submitted again by sbatch, exactly as they were but for what a fix changes: one request, one for a script."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from heal.errors import (
    AskedEnough,
    CannotApply,
    HealError,
    NotNow,
    SchedulerUnreachable,
    SubmissionRefused,
    SubmissionUncertain,
)
from heal.schedulers.command import MANY_JOBS_MB, Answer, Commands, NoAnswer
from heal.schedulers.kept import Kept
from heal.schedulers.processes import still_submitting
from heal.schedulers.sides import CONTROLLER
from heal.schedulers.slurm_builders import freed, other_cluster, sbatch_argv, sbatch_env
from heal.schedulers.slurm_complaints import busy, cut_off, passes, refused, uncertain, unreached
from heal.schedulers.slurm_components import must_be_one
from heal.schedulers.slurm_environment import as_submitted
from heal.schedulers.slurm_facts import asked_alike, job_of
from heal.schedulers.slurm_fusion import BOTH
from heal.schedulers.slurm_original import Original
from heal.schedulers.slurm_parsers import Row, parse_submitted, parse_tags
from heal.schedulers.slurm_repointing import update_dependency
from heal.schedulers.slurm_scripts import store, touch
from heal.schedulers.slurm_sentinel import sentinel_argv
from heal.schedulers.slurm_sought import Sought
from heal.schedulers.slurm_sources import Sources, answered
from heal.schedulers.slurm_told import Told, of_jobs, user_of
from heal.schedulers.slurm_values import split_id
from heal.seams import Submission

# sbatch itself waits for a busy controller and tries again for minutes
_PATIENCE_S = 180.0
_LOOKBACK = timedelta(days=14)
# a job that came of a try was submitted no earlier than this before it, whatever the clocks say
_BEFORE = timedelta(days=1)
# no process more for this user, no memory, no open file; a network file system that is away
_HOST_IS_FULL = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ESTALE, errno.EIO, errno.ETIMEDOUT)
# so many submissions whose jobs are known are remembered: a remedy of many is not asked about again at each try
_MOST_TAKEN = 20_000
# A controller that was too busy to reply may take the request up later, for as long as munge vouches for who sent it
# (man slurm.conf, AuthInfo: ttl, usually 300 s): until then a job that nobody knows may still come.
_MAY_COME = timedelta(seconds=300)


class SlurmSubmitter:
    """The submitter seam over sbatch and ``scontrol update``.

    ``scripts_dir`` is a private folder for the scripts of jobs that are submitted again; ``patience_s`` is how long
    sbatch and scontrol may take. ``sources``: who asks accounting and the controller, and keeps who answers.
    """

    def __init__(
        self,
        scripts_dir: Path,
        commands: Commands | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience_s: float = _PATIENCE_S,
        sources: Sources | None = None,
    ) -> None:
        self._scripts = scripts_dir
        self.patience_s = patience_s
        self._commands = commands or Commands()
        self._sources = sources or Sources(self._commands)
        self._clock = clock
        self._known: Kept[str, str] = Kept()
        self._environments: Kept[str, dict[str, str] | None] = Kept()
        self._originals: Kept[tuple[str, str], Original] = Kept()
        self._taken: dict[str, str] = {}

    def resubmit(self, submission: Submission) -> str:
        """Submit the job's own script again; see the seam. Raises ``CannotApply`` where its script is not to be had.

        The script stays in the private folder under the token's name: it tells that a submission was tried.
        """
        script = self._script(submission.job)
        original = self._original(submission, script)
        must_be_one(submission.job, script, original.record)
        path = self._scripts / f"{submission.token}.sh"
        argv = sbatch_argv(submission, original, str(path))
        env = sbatch_env(self._environment(submission), submission)
        if cluster := other_cluster(submission.argv, env, original.facts.cluster):
            raise CannotApply(
                f"job {submission.job} was submitted with --clusters={cluster}, and heal asks one cluster only: it "
                "would not see what becomes of the job. Submit it yourself."
            )
        store(path, freed(script, submission.fix))
        cwd = submission.cwd or original.facts.workdir
        try:
            with self._sources.sides.heard(CONTROLLER):
                job = _judged(submission, self._commands.run(argv, cwd=cwd, env=env, timeout_s=self.patience_s))
        except SubmissionUncertain:
            touch(path)
            raise
        except NoAnswer as error:
            touch(path)
            raise SubmissionUncertain(
                f"job {submission.job}: {error}, and may have submitted heal:{submission.token}"
            ) from error
        except OSError as error:
            path.unlink(missing_ok=True)
            if error.errno in _HOST_IS_FULL:
                raise NotNow(f"job {submission.job} cannot be submitted from this host now: {error}") from error
            raise CannotApply(f"job {submission.job} cannot be submitted again from {cwd}: {error}") from error
        except HealError:
            # surely nothing was submitted: the script would say that it may have been
            path.unlink(missing_ok=True)
            raise
        self._remember({submission.token: job})
        return job

    def _script(self, job: str) -> str:
        return self._known.of(split_id(job)[0], lambda: self._sources.script(job))

    def _environment(self, submission: Submission) -> Mapping[str, str]:
        """The one it was submitted in, as heal kept it or as accounting does; heal's own where nobody has it."""
        if submission.env is not None:
            return submission.env
        base, job = split_id(submission.job)[0], submission.job
        # of an array's own id sacct would print that of each element
        kept = self._environments.of(base, lambda: self._sources.environment(job))
        return os.environ if kept is None else as_submitted(kept, os.environ)

    def _original(self, submission: Submission, script: str) -> Original:
        job = submission.job
        if submission.known is not None and submission.argv:
            whole = submission.known if submission.known.job == job else replace(submission.known, job=job)
            return Original(script, whole, {})
        # what one element of an array was asked for the others were; an id may be given out again
        array = (split_id(job)[0], submission.known.submitted if submission.known else "")
        if kept := self._originals.get(array):
            return replace(kept, facts=replace(kept.facts, job=job))
        # both sides have told all of it then, but for the controller's record
        known = submission.known if submission.known and submission.known.source == BOTH else None
        told = self._sources.record_of(*array) if known else None
        if known and told and asked_alike(told, known):
            return self._originals.keep(array, Original(script, replace(known, job=job), told))
        accounting = Told() if known else self._sources.jobs((job,), self._clock() - _LOOKBACK, Sought.of((job,)))
        records, controller = self._sources.controller_and_records(job)
        found = {job: replace(known, job=job)} if known else of_jobs({job: None}, accounting, controller)[0]
        if not found:
            silent = controller.refusal or accounting.refusal
            if silent:
                raise SchedulerUnreachable(f"nothing is known of job {job}: {silent}")
            raise CannotApply(f"neither the controller nor accounting knows job {job} any more. Submit it yourself.")
        if controller.refusal and not submission.argv:
            # accounting alone does not know all that was asked for
            raise SchedulerUnreachable(f"the record of job {job} is not to be had now: {controller.refusal}")
        facts = found.get(job) or next(iter(found.values()))
        record: Row = next((row for row in records if job_of(row) == facts.job), {})
        # an array asked for by its own id is meant as a whole: one element's facts stand for all
        original = Original(script, facts if job in found else replace(facts, job=job), record)
        # half of it is asked for again
        return self._originals.keep(array, original) if all((*array, record, not accounting.refusal)) else original

    def find(self, token: str) -> Mapping[str, str]:
        """Look a token up in the controller and in accounting, comment and command line; see the seam.

        A token that was never tried is nowhere, and costs no request; neither does one whose jobs are known already.
        One that was tried is nowhere only if both sides say so, some minutes after the try; where there is no
        accounting at all, it is unknown.
        """
        tried = self._tried(token)
        open_ones = {tag: at for tag, at in tried.items() if tag not in self._taken}
        if open_ones:
            self._look_up(token.partition(".")[0], open_ones)
        return {tag: self._taken[tag] for tag in tried if tag in self._taken}

    def _look_up(self, root: str, tried: Mapping[str, datetime]) -> None:
        """Ask both sides, once for all parts of a remedy. Raises where one that was tried may have a job all the same.

        What is found is remembered: under the ceiling, a remedy of many jobs would spend all its calls on looking.
        """
        # before the questions: an sbatch that ends in between has been taken by then
        submitting = still_submitting(root)
        silent: SchedulerUnreachable | None = None
        me = user_of(str(os.geteuid()))
        named = ["squeue", f"--user={me}", "--states=all", "--noheader", "--format=%i|%k"]
        try:
            with self._sources.sides.heard(CONTROLLER):
                queue = answered(self._commands.ask(named, most_mb=MANY_JOBS_MB)).stdout
            self._remember(parse_tags(queue, root))
        except SchedulerUnreachable as error:
            silent = error
        since = min(*tried.values(), self._clock()) - _BEFORE
        try:
            self._remember(self._sources.tags(me, since, root))
        except SchedulerUnreachable as error:
            silent = silent or error
        open_ones = {tag: at for tag, at in tried.items() if tag not in self._taken}
        if open_ones:
            self._surely_nowhere(open_ones, submitting, silent)

    def _remember(self, tags: Mapping[str, str]) -> None:
        if len(self._taken) > _MOST_TAKEN:
            self._taken.clear()
        # the controller is asked first, and what sbatch itself answered is as sure
        self._taken = {**tags, **self._taken}

    def _tried(self, token: str) -> dict[str, datetime]:
        """The tags of this token that sbatch was run for, and when."""
        return {
            path.stem: datetime.fromtimestamp(path.stat().st_mtime, UTC)
            for path in self._scripts.glob("*.sh")
            if path.stem == token or path.stem.startswith(f"{token}.")
        }

    def _surely_nowhere(
        self, tried: Mapping[str, datetime], submitting: Collection[str], silent: SchedulerUnreachable | None
    ) -> None:
        """Raise ``SchedulerUnreachable`` where one of these tags may have a job all the same; ``silent`` is why."""
        for tag, at in tried.items():
            if tag in submitting:
                raise SchedulerUnreachable(f"heal:{tag} is still being submitted")
            if isinstance(silent, AskedEnough):
                raise silent
            if silent:
                raise SchedulerUnreachable(f"whether heal:{tag} was submitted cannot be told: {silent}")
            if self._clock() - at < _MAY_COME:
                until = (at + _MAY_COME).astimezone()
                raise SchedulerUnreachable(
                    f"heal:{tag} had no reply, and its job may still come until {until:%H:%M:%S}"
                )

    def repoint(self, jobs: Sequence[str], dependency: str) -> None:
        """Change what waiting jobs wait for; see the seam. An empty ``dependency``: for nothing any more."""
        with self._sources.sides.heard(CONTROLLER):
            answer = self._commands.run(update_dependency(jobs, dependency), timeout_s=self.patience_s)
            if answer.ok:
                return
            if any(means(answer.complaint) for means in (unreached, uncertain, busy)):
                raise SchedulerUnreachable(answer.complaint)
        # of an array that comes apart scontrol prints each part, and ends with 1 although all went well
        said = [line for line in answer.stderr.splitlines() if line.strip() and not line.endswith(": No error")]
        if said or not answer.stderr:
            which = f"job {jobs[0]}" + (f" and {len(jobs) - 1} others" if jobs[1:] else "")
            raise SubmissionRefused(f"SLURM refuses to let {which} wait for {dependency}: {' '.join(said)}")

    def announce(self, jobs: Sequence[str], spool: Path, token: str) -> None:
        """Submit a sentinel that tells of their end; see the seam."""
        answer = self._commands.run(sentinel_argv(jobs, spool, token), cwd="/", timeout_s=self.patience_s)
        if passes(answer.stderr):
            raise NotNow(f"SLURM takes no sentinel now: {answer.complaint}")
        if not answer.ok:
            raise SubmissionRefused(f"SLURM refuses a sentinel: {answer.complaint}")


def _judged(submission: Submission, answer: Answer) -> str:
    """The new job's id, which sbatch prints once SLURM has taken it, however sbatch or a wrapper of it ends then.

    SLURM counts on: a number that is not above the original's is no new job's, or the count began anew, and the token
    will tell. Without an id only SLURM's own words of an sbatch that came to its end tell that nothing was submitted.
    """
    job = parse_submitted(answer.stdout)
    if job and int(job) > int(split_id(submission.job)[0]):
        return job
    if not (answer.ok or cut_off(answer.exit_code) or uncertain(answer.stderr)):
        if unreached(answer.stderr):
            raise SchedulerUnreachable(answer.complaint)
        if passes(answer.stderr):
            raise NotNow(f"SLURM does not take job {submission.job} now: {answer.complaint}")
        if refused(answer.stderr):
            raise SubmissionRefused(f"SLURM refuses job {submission.job}: {answer.complaint}")
    said = answer.complaint or f"exit code {answer.exit_code} without a word"
    raise SubmissionUncertain(f"job {submission.job}: sbatch did not say if it submitted: {said}")
