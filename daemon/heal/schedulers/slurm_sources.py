"""What SLURM's two sides tell: accounting (sacct) and the controller (scontrol), each asked in bulk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from heal.errors import AskedEnough, CannotApply, SchedulerUnreachable
from heal.schedulers.command import MANY_JOBS_MB, Answer, Commands, NotInstalled
from heal.schedulers.kept import Kept
from heal.schedulers.sides import ACCOUNTING, CONTROLLER, Sides, is_lasting
from heal.schedulers.slurm_builders import sacct_jobs, sacct_recent
from heal.schedulers.slurm_environment import parse_environment
from heal.schedulers.slurm_facts import SACCT_FIELDS
from heal.schedulers.slurm_parsers import Row, job_rows, parse_fields, parse_script, parse_tags, sacct_rows
from heal.schedulers.slurm_sought import Sought
from heal.schedulers.slurm_told import Told, by_accounting, by_controller, lately
from heal.schedulers.slurm_values import state_of

# an element that the controller has forgotten, of an array that it still knows (on standard error since 26.05)
_NOT_THERE = re.compile(r"Job \d+(?:[_+]\d+)? not found")
_LONGEST = 120_000  # one argument of a command holds 128 KiB
_SHOW_JOB = ("scontrol", "--oneliner", "show", "job")
# slurm_errno.c: words of a side that cannot be reached now, as against one that says no
_KEEPS_ENVIRONMENTS = re.compile(r"^AccountingStoreFlags\s*=.*\bjob_env\b", re.MULTILINE)
_NOT_NOW = (
    "Unable to contact slurm controller",
    "Socket timed out",
    "Zero Bytes were transmitted",
    "Communication ",
    "Message send failure",
    "Message receive failure",
    "Unexpected message received",
    "Connection timed out",
    "Connection rejected",
    "Connection forced closed",
    "Connection refused",
    "Connection reset",
    "Problem talking to",
    "Slurm backup controller in standby mode",
    "authentication",
    "Authentication",
    "Token Generation failed",
    "Rate limit exceeded",
    "Resource temporarily unavailable",
)


class Sources:
    """Asks accounting and the controller. ``commands`` runs the questions; a refusal is told, not raised.

    ``sides`` hears who answers.
    """

    def __init__(self, commands: Commands, sides: Sides | None = None) -> None:
        self._commands = commands
        self.sides = sides or Sides()
        self._fields: frozenset[str] = frozenset()
        self._ended: Kept[tuple[str, str], Row] = Kept()

    def jobs(self, ids: Sequence[str], since: datetime, sought: Sought) -> Told:
        """Ask accounting about these ids: one question for ten thousand and more, as long as an argument may be.

        Of what it answers that is told which is ``sought``.
        """
        rows = (row for part in _fitting(ids) for row in self.accounted(_question(part, since)))
        try:
            return by_accounting(rows, sought)
        except SchedulerUnreachable as error:
            return Told(refusal=str(error), lasting=is_lasting(error))

    def recent(self, user: str, since: datetime, known: Mapping[str, str]) -> Told:
        """Ask accounting about one user's jobs since then, without their steps; see the seam."""
        rows = self.accounted(lambda fields: sacct_recent(user, since, fields))
        try:
            return lately(rows, known)
        except SchedulerUnreachable as error:
            return Told(refusal=str(error), lasting=is_lasting(error))

    def tags(self, user: str, since: datetime, token: str) -> dict[str, str]:
        """Find a token's tags in accounting's books of one user's jobs, each with its job.

        It keeps comments only with AccountingStoreFlags=job_comment; the command line holds the tag as well. Raises
        ``SchedulerUnreachable``.
        """
        rows = self.accounted(lambda fields: sacct_recent(user, since, fields))
        kept = (f"{row['JobID']}|{row.get('Comment')} {row.get('SubmitLine')}" for row in rows)
        return parse_tags("\n".join(line for line in kept if token in line), token)

    def accounted(self, build: Callable[[Sequence[str]], list[str]]) -> Iterator[Row]:
        """Ask accounting what ``build`` makes of the fields that this version has; its rows as they come.

        Raises ``SchedulerUnreachable``: what was given is then not all.
        """
        with self.sides.heard(ACCOUNTING):
            known = self.fields()
        fields = tuple(field for field in SACCT_FIELDS if field.lower() in known)
        yield from sacct_rows(self._heard(ACCOUNTING, self._commands.lines(build(fields))), fields)

    def _heard(self, side: str, lines: Iterable[str]) -> Iterator[str]:
        with self.sides.heard(side):
            yield from lines

    def fields(self) -> frozenset[str]:
        """The names of accounting's fields, in lower case; asked for once. Raises ``SchedulerUnreachable``.

        A field that this version does not have would make a whole question fail.
        """
        self._fields = self._fields or fields_of(self._commands)
        return self._fields

    def shown(self, argv: Sequence[str]) -> str:
        """Ask what a site may keep to itself; empty where it does."""
        try:
            answer = self._commands.ask(argv, most_mb=MANY_JOBS_MB)
        except NotInstalled:
            return ""
        return answer.stdout if answer.ok else ""

    def controller(self, ids: Sequence[str], sought: Sought) -> Told:
        """Ask the controller about a job, or where there are more about all that it remembers, everybody's.

        It does so for some minutes after their end. Of what it answers that is told which is ``sought``.
        """
        rows = self.records(ids[0]) if len(ids) == 1 else self.all_records(sought.takes_record)
        try:
            return by_controller(map(self._noted, rows), sought)
        except SchedulerUnreachable as error:
            return Told(refusal=str(error))

    def _noted(self, record: Row) -> Row:
        """Keep what the first of an array's elements to have ended, or a job, was asked for."""
        job = (record.get("ArrayJobId") or record["JobId"], record.get("SubmitTime", ""))
        if state_of(record.get("JobState", "")).over and self._ended.get(job) is None:
            self._ended.keep(job, record)
        return record

    def record_of(self, job: str, submitted: str) -> Row | None:
        """The controller's record of a job or of an element of an array that ended, where it has just been told."""
        return self._ended.get((job, submitted))

    def controller_and_records(self, job: str) -> tuple[tuple[Row, ...], Told]:
        """Ask it about one job: its records as they are, and what they tell."""
        try:
            records = tuple(self.records(job))
        except SchedulerUnreachable as error:
            return (), Told(refusal=str(error))
        return records, by_controller(records)

    def records(self, job: str) -> Iterator[Row]:
        """Ask the controller for its records of one job, several of an array. Raises ``SchedulerUnreachable``."""
        with self.sides.heard(CONTROLLER):
            answer = self._commands.ask([*_SHOW_JOB, job])
            if "Invalid job id" in answer.stderr or _NOT_THERE.fullmatch(answer.complaint):
                return
            records = answered(answer).stdout
        yield from job_rows(records.split("\n"))

    def all_records(self, takes: Callable[[Row], bool]) -> Iterator[Row]:
        """Ask it for all that it remembers; those that ``takes`` chooses by their ids as they come.

        Raises ``SchedulerUnreachable``: what was given is then not all.
        """
        yield from job_rows(self._heard(CONTROLLER, self._commands.lines(_SHOW_JOB)), takes)

    def environment(self, job: str) -> dict[str, str] | None:
        """Fetch the environment that a job was submitted in; None where accounting keeps none.

        Raises ``SchedulerUnreachable`` where accounting may keep one and does not answer.
        """
        try:
            answer = self._asked(ACCOUNTING, ["sacct", f"--jobs={job}", "--env-vars"])
        except SchedulerUnreachable as error:
            if not is_lasting(error) and self._keeps_environments():
                raise SchedulerUnreachable(f"the environment of job {job} is not to be had now: {error}") from error
            return None
        return parse_environment(answer.stdout) if answer.ok else None

    def _keeps_environments(self) -> bool:
        """False where the controller says that the site has accounting keep none (man slurm.conf)."""
        told = self._commands.ask(["scontrol", "show", "config"])
        return not told.ok or bool(_KEEPS_ENVIRONMENTS.search(told.stdout))

    def script(self, job: str) -> str:
        """Fetch a job's script. Raises ``CannotApply`` where surely nobody has it."""
        silent: list[SchedulerUnreachable] = []
        for side, argv, read in (
            (CONTROLLER, ["scontrol", "write", "batch_script", job, "-"], _as_script),
            (ACCOUNTING, ["sacct", f"--jobs={job}", "--batch-script"], parse_script),
        ):
            try:
                answer = self._asked(side, argv)
            except AskedEnough:
                raise
            except SchedulerUnreachable as error:
                silent += [error] if side == CONTROLLER or not is_lasting(error) else []
                continue
            if answer.ok and (script := read(answer.stdout)):
                return script
        if silent:
            raise SchedulerUnreachable(f"the script of job {job} is not to be had now: {silent[0]}") from silent[0]
        raise CannotApply(
            f"the script of job {job} is gone: the controller has forgotten it, and accounting keeps none "
            "(AccountingStoreFlags=job_script). Submit it yourself."
        )

    def _asked(self, side: str, argv: Sequence[str]) -> Answer:
        """Ask one side for what it may refuse. Raises ``SchedulerUnreachable`` where it is silent, or not here."""
        with self.sides.heard(side):
            answer = self._commands.ask(argv, errors="surrogateescape", most_mb=MANY_JOBS_MB)
            # "scontrol write" ends with 0 whatever came of it
            failed = answer.complaint if not (answer.ok and answer.stdout) else ""
            away = SchedulerUnreachable(failed)
            if is_lasting(away) or any(words in failed for words in _NOT_NOW):
                raise away
        return answer


def _as_script(text: str) -> str | None:
    return text if text.startswith("#!") else None


def fields_of(commands: Commands) -> frozenset[str]:
    """Ask accounting for the names of its fields. Raises ``SchedulerUnreachable``."""
    return parse_fields(answered(commands.ask(["sacct", "--helpformat"], most_mb=1, counts=False)).stdout)


def _fitting(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The ids in as few parts as arguments of a command hold."""
    begun, length = 0, 0
    for at, job in enumerate(ids):
        length += len(job) + 1
        if length > _LONGEST:
            yield ids[begun:at]
            begun, length = at, len(job) + 1
    if ids:
        yield ids[begun:]


def _question(ids: Sequence[str], since: datetime) -> Callable[[Sequence[str]], list[str]]:
    return lambda fields: sacct_jobs(ids, since, fields)


def answered(answer: Answer) -> Answer:
    """Return the answer of a command that succeeded. Raises ``SchedulerUnreachable`` with its complaint otherwise."""
    if not answer.ok:
        raise SchedulerUnreachable(answer.complaint or f"exit code {answer.exit_code} without a word")
    return answer
