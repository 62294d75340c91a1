"""What SLURM's two sides tell: accounting (sacct) and the controller (scontrol), each asked in bulk."""

from __future__ import annotations

import pwd
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from heal.errors import AskedEnough, CannotApply, SchedulerUnreachable
from heal.jobs import JobFacts
from heal.schedulers.command import MANY_JOBS_MB, Answer, Commands, NotInstalled
from heal.schedulers.sides import ACCOUNTING, CONTROLLER, Sides, is_lasting
from heal.schedulers.slurm_builders import sacct_jobs, sacct_recent
from heal.schedulers.slurm_components import as_one
from heal.schedulers.slurm_environment import parse_environment
from heal.schedulers.slurm_facts import SACCT_FIELDS, from_accounting, from_controller, is_attempts, raw_ids
from heal.schedulers.slurm_fusion import fuse
from heal.schedulers.slurm_parsers import Row, parse_fields, parse_jobs, parse_sacct, parse_script
from heal.schedulers.slurm_values import split_id

# an element that the controller has forgotten, of an array that it still knows (on standard error since 26.05)
_NOT_THERE = re.compile(r"Job \d+(?:[_+]\d+)? not found")
_LONGEST = 120_000  # one argument of a command holds 128 KiB
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


@dataclass(frozen=True, slots=True)
class Told:
    """What one side told: its rows, and why it told nothing. ``lasting``: that side does not exist here."""

    rows: tuple[Row, ...] = ()
    refusal: str = ""
    lasting: bool = False


class Sources:
    """Asks accounting and the controller. ``commands`` runs the questions; a refusal is told, not raised.

    ``sides`` hears who answers.
    """

    def __init__(self, commands: Commands, sides: Sides | None = None) -> None:
        self._commands = commands
        self.sides = sides or Sides()
        self._fields: frozenset[str] = frozenset()

    def jobs(self, ids: Sequence[str], since: datetime) -> Told:
        """Ask accounting about these ids: one question for ten thousand and more, as long as an argument may be."""
        told = [self.sacct(_question(part, since)) for part in _fitting(ids)]
        refused = next((part for part in told if part.refusal), None)
        return refused or Told(tuple(row for part in told for row in part.rows))

    def recent(self, user: str, since: datetime) -> Told:
        """Ask accounting about one user's jobs since then, without their steps."""
        return self.sacct(lambda fields: sacct_recent(user, since, fields))

    def sacct(self, build: Callable[[Sequence[str]], list[str]]) -> Told:
        """Ask accounting what ``build`` makes of the fields that this version has."""
        try:
            with self.sides.heard(ACCOUNTING):
                known = self.fields()
                fields = tuple(field for field in SACCT_FIELDS if field.lower() in known)
                answer = answered(self._commands.ask(build(fields), most_mb=MANY_JOBS_MB))
            return Told(parse_sacct(answer.stdout, fields))
        except SchedulerUnreachable as error:
            return Told(refusal=str(error), lasting=is_lasting(error))

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

    def controller(self, only: str | None = None) -> Told:
        """Ask the controller about one job, or about all that it remembers (some minutes after their end)."""
        try:
            with self.sides.heard(CONTROLLER):
                argv = ["scontrol", "--oneliner", "show", "job", *([only] if only else [])]
                answer = self._commands.ask(argv, most_mb=MANY_JOBS_MB)
                if "Invalid job id" in answer.stderr or _NOT_THERE.fullmatch(answer.complaint):
                    return Told()
                records = answered(answer).stdout
            return Told(parse_jobs(records))
        except SchedulerUnreachable as error:
            return Told(refusal=str(error))

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
    return parse_fields(answered(commands.ask(["sacct", "--helpformat"], most_mb=1)).stdout)


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


def user_of(uid: str) -> str:
    """Tell the name of a uid; the uid itself where nobody on this host has it."""
    try:
        return pwd.getpwuid(int(uid)).pw_name
    except (KeyError, ValueError):
        return uid


def fused(accounting: Told, controller: Told) -> dict[str, JobFacts]:
    """Fuse what both sides tell, by job id as people write it."""
    accounted = from_accounting(tuple(as_one(accounting.rows)), user_of)
    controlled = from_controller(controller.rows)
    arrays = {split_id(job)[0] for job in controlled if "_" in job}
    ids = dict.fromkeys([*(job for job in accounted if not _superseded(job, controlled, arrays)), *controlled])
    both = {job: fuse(accounted.get(job), controlled.get(job)) for job in ids}
    if not accounting.refusal:
        both = {job: facts if job in accounted else _not_yet(facts) for job, facts in both.items()}
    return {job: noted(facts, accounting, controller) for job, facts in both.items()}


def _not_yet(controlled: JobFacts) -> JobFacts:
    # accounting that answers hears of each job, a little after the controller
    if not controlled.state.over:
        return controlled
    return replace(controlled, final=False, source=f"{controlled.source} (sacct does not have it yet)")


def _superseded(job: str, controlled: Mapping[str, JobFacts], arrays: Collection[str]) -> bool:
    # accounting that lags writes an array without its indices for a moment, and elements of an array whose id
    # the controller gives to a single job are those of an older one
    base, element = split_id(job)
    return job not in controlled and (base in controlled if element else base in arrays)


def noted(facts: JobFacts, *sides: Told) -> JobFacts:
    """Say in ``source`` who did not answer, and why."""
    silent = "; ".join(side.refusal for side in sides if side.refusal)
    return replace(facts, source=f"{facts.source} (without the other: {silent})") if silent else facts


def of_jobs(
    wanted: Mapping[str, datetime | None], accounting: Told, controller: Told
) -> tuple[dict[str, JobFacts], tuple[str, ...]]:
    """Choose the facts about the jobs wanted (id to submission time, if known), and the ids nobody knows.

    An array's own id stands for all its elements, each under its own id. An id inside SLURM of an array element is a
    key as it was given; its ``JobFacts.job`` is ``<array>_<index>``.
    """
    found = fused(accounting, controller)
    raw = raw_ids(accounting.rows, controller.rows)
    elements: dict[str, list[str]] = {}
    for job in found:
        elements.setdefault(split_id(job)[0], []).append(job)
    chosen: dict[str, JobFacts] = {}
    missing = []
    for job, submitted in wanted.items():
        keys = {job: job} if job in found else {key: key for key in elements.get(job, ())}
        if not keys and raw.get(job) in found:
            keys = {job: raw[job]}
        known = {key: found[name] for key, name in keys.items() if is_attempts(found[name], submitted)}
        chosen |= known
        missing += [] if known else [job]
    return chosen, tuple(missing)
