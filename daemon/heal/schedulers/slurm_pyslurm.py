"""SLURM by pyslurm where it can tell the same as the commands, and by the commands where it cannot.

pyslurm is asked for the snapshot of the queue and for accounting of some jobs. The controller's record of a job (exact
exit codes, array indices, what it waits for), accounting of very many jobs, limits, and all that changes something stay
with the commands.

Tried with pyslurm 22.5.3 (built from its tag with libslurm-dev 22.05.8) on a SLURM 22.05.8 of one node: the contract
tests, and each row of ``tests/schedulers/recorded/pyslurm-22.5.3.json``. 25.11.2 was read, not run.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, Limits
from heal.records import Attempt
from heal.schedulers import pyslurm_answers
from heal.schedulers.command import Commands
from heal.schedulers.kept import Shelf
from heal.schedulers.pyslurm_process import NoReply, PyslurmProcess, Refused
from heal.schedulers.sides import ACCOUNTING, CONTROLLER, Sides
from heal.schedulers.slurm_cli import SlurmCli
from heal.schedulers.slurm_queue import from_queue
from heal.schedulers.slurm_sought import Sought
from heal.schedulers.slurm_sources import Sources
from heal.schedulers.slurm_told import Told, by_accounting
from heal.schedulers.slurm_values import split_id

_MOST_IDS = 1000
# sacct took 128 away as pyslurm does until then (CHANGELOG of slurm 25.11)
_SACCT_EXACT = (25, 11)
# so many jobs of other people cost nobody anything
_FEW = 100
_CROWDED_FOR = timedelta(hours=1)


def interpreter(setting: str) -> str | None:
    """Tell the Python that runs pyslurm: ``auto`` is heal's own where it has one; None where none is to be used."""
    if setting == "never":
        return None
    if setting == "auto":
        return sys.executable if importlib.util.find_spec("pyslurm") else None
    return str(Path(setting).expanduser())


def program(python: str) -> tuple[str, ...]:
    """The program that asks pyslurm, to be run by that Python."""
    return (python, str(Path(__file__).with_name("pyslurm_child.py")))


class SlurmPy:
    """The scheduler seam over pyslurm in a process of its own; what that cannot answer the commands answer.

    ``process`` and ``commands`` share one book of calls. ``clock`` tells the time (UTC). ``shelf``: see ``SlurmCli``.
    """

    name = "slurm"

    def __init__(
        self,
        process: PyslurmProcess,
        commands: Commands,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sides: Sides | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self._process = process
        self._clock = clock
        self._sides = sides or Sides()
        self._commands = SlurmCli(commands, clock, _Accounting(commands, process, clock, self._sides), shelf)
        self.sources = self._commands.sources
        self._dependent = False
        self._crowded_until: datetime | None = None

    @property
    def requests(self) -> int:
        """How many questions were asked so far, of pyslurm and of commands."""
        return self._commands.requests

    def queue(self) -> Mapping[str, JobFacts]:
        """Tell what the controller knows of the user's own jobs: one request, now and then two.

        squeue is asked instead while one of them waits for others (pyslurm cannot tell for what), and for an hour where
        most jobs are other people's: squeue is sent one's own alone, pyslurm all.
        """
        if self._dependent or self._crowded():
            return self._by_squeue()
        try:
            reply = self._process.ask({"ask": "queue", "uid": os.geteuid()})
        except NoReply:
            return self._by_squeue()
        self._sides.answered(CONTROLLER)
        jobs = reply["jobs"]
        if reply.get("others", 0) > len(jobs) + _FEW:
            self._crowded_until = self._clock() + _CROWDED_FOR
        if any(pyslurm_answers.waits(job) for job in jobs):
            return self._by_squeue()
        told = from_queue(pyslurm_answers.queue_text(jobs))
        return self._commands.judged({job: replace(facts, source="pyslurm") for job, facts in told.items()})

    def _by_squeue(self) -> Mapping[str, JobFacts]:
        found = self._commands.queue()
        self._dependent = any(job.dependency for job in found.values())
        return found

    def _crowded(self) -> bool:
        return self._crowded_until is not None and self._clock() < self._crowded_until

    def facts(self, attempts: Sequence[Attempt], besides: Collection[str] | None = None) -> Mapping[str, JobFacts]:
        """Tell what accounting (by pyslurm) and the controller (by scontrol) know, fused; see ``SlurmCli``."""
        return self._commands.facts(attempts, besides)

    def recent(self, since: datetime, known: Mapping[str, str] = {}) -> tuple[JobFacts, ...]:
        """Tell the user's own jobs by accounting (by sacct, whose rows are read as they come); see ``SlurmCli``."""
        return self._commands.recent(since, known)

    def peaks(self, like: JobFacts, since: datetime) -> Mapping[str, float]:
        """Tell what earlier jobs of its process held; see ``SlurmCli``."""
        return self._commands.peaks(like, since)

    def limits(self, job: JobFacts | None, partition: str | None = None) -> Limits:
        """Tell what partition, QOS and association allow; see ``SlurmCli``."""
        return self._commands.limits(job, partition)


class _Accounting(Sources):
    """Accounting by pyslurm; by sacct where pyslurm does not answer or cannot tell apart what sacct can."""

    def __init__(
        self, commands: Commands, process: PyslurmProcess, clock: Callable[[], datetime], sides: Sides
    ) -> None:
        super().__init__(commands, sides)
        self._process = process
        self._clock = clock

    def jobs(self, ids: Sequence[str], since: datetime, sought: Sought) -> Told:
        """Ask about these ids, an element's by its array's: what is not sought is dropped afterwards."""
        bases = sorted({split_id(job)[0] for job in ids})
        if sought.besides or len(bases) > _MOST_IDS or not all(base.isdigit() for base in bases):
            # where much is to be left out, sacct's rows are read as they come
            return super().jobs(ids, since, sought)
        numbers = {int(base) for base in bases}
        question = {"ask": "jobs", "ids": sorted(numbers), "since": int(since.timestamp())}
        try:
            jobs = self._process.ask(question)["jobs"]
        except (NoReply, Refused):
            # sacct tells in known words whether accounting is down or does not exist
            return super().jobs(ids, since, sought)
        except SchedulerUnreachable as error:
            return Told(refusal=str(error))
        if any(numbers.isdisjoint((job["id"], job.get("array_id"))) for job in jobs):
            # parts of a heterogeneous job (7+0, 7+1): before 25.11 they look like jobs of their own
            return super().jobs(ids, since, sought)
        return self._told(jobs, since, sought)

    def _told(self, jobs: Sequence[Mapping[str, Any]], since: datetime, sought: Sought) -> Told:
        """Tell what is certain; the rest is asked of sacct where that knows better."""
        self.sides.answered(ACCOUNTING)
        exact = self._process.release < _SACCT_EXACT
        again = {str(job["id"]) for job in jobs if not exact and pyslurm_answers.doubtful(job)}
        rows = pyslurm_answers.rows((job for job in jobs if str(job["id"]) not in again), _uid)
        certain = by_accounting(rows, sought)
        if not again:
            return certain
        told = super().jobs(sorted(again), since, sought)
        return told if told.refusal else Told({**certain.jobs, **told.jobs}, {**certain.raw, **told.raw})


def _uid(name: str) -> str:
    """Tell a user's uid; pyslurm 25 gives the uid itself where nobody here has it."""
    try:
        return str(pwd.getpwnam(name).pw_uid)
    except KeyError:
        return name
