"""SLURM by its command line: bulk questions, whatever the number of jobs."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, JobState, Limits
from heal.records import Attempt
from heal.schedulers.command import MANY_JOBS_MB, Commands
from heal.schedulers.kept import Shelf
from heal.schedulers.sides import CONTROLLER
from heal.schedulers.slurm_builders import grouped_ids
from heal.schedulers.slurm_ceilings import Ceilings
from heal.schedulers.slurm_facts import RECYCLED, from_controller
from heal.schedulers.slurm_fusion import unknown
from heal.schedulers.slurm_history import peaks
from heal.schedulers.slurm_parsers import Row
from heal.schedulers.slurm_queue import from_queue, squeue_own
from heal.schedulers.slurm_rules import Rulebook
from heal.schedulers.slurm_sought import Sought, is_known
from heal.schedulers.slurm_sources import Sources, answered
from heal.schedulers.slurm_told import Told, noted, of_jobs, user_of
from heal.schedulers.slurm_values import moment

_LOOKBACK = timedelta(days=14)  # for attempts of which nobody knows when they were submitted


class SlurmCli:
    """The scheduler seam over squeue, scontrol, sacct, sinfo and sacctmgr of SLURM 17.11 to 25.11.

    ``commands`` runs (and counts) the requests; ``clock`` tells the time (UTC). No request is about one job alone
    where it could be about many. ``sources``: who asks accounting and the controller, if not the commands themselves;
    whoever submits asks them, too, and then knows what was answered before. ``shelf``: what is known of the site.
    """

    name = "slurm"

    def __init__(
        self,
        commands: Commands | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sources: Sources | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self._commands = commands or Commands()
        self.sources = sources or Sources(self._commands)
        self._clock = clock
        self._ceilings = Ceilings(self.sources, clock)
        self._rulebook = Rulebook(self._commands, clock, user_of(str(os.geteuid())), shelf)
        self._completed: frozenset[str] = frozenset()

    @property
    def requests(self) -> int:
        """How many commands were run so far."""
        return self._commands.count

    def queue(self) -> Mapping[str, JobFacts]:
        """Tell what the controller knows of the user's own jobs, in few words each: one request.

        Two more, every five minutes at most, where jobs wait for a limit that their account or QOS shares.
        """
        with self.sources.sides.heard(CONTROLLER):
            own = squeue_own(user_of(str(os.geteuid())))
            answer = answered(self._commands.ask(own, most_mb=MANY_JOBS_MB))
        return self.judged(from_queue(answer.stdout))

    def judged(self, queue: Mapping[str, JobFacts]) -> Mapping[str, JobFacts]:
        """Say of a queue, whoever was asked for it, which jobs wait for a limit in vain."""
        self._completed = frozenset(job for job, facts in queue.items() if facts.state is JobState.COMPLETED)
        return self._ceilings.marked(queue)

    def facts(self, attempts: Sequence[Attempt], besides: Collection[str] | None = None) -> Mapping[str, JobFacts]:
        """Tell what accounting and the controller know, fused; see the seam. ``source`` says who answered.

        Two requests (and one more the first time). An id inside SLURM of an array element is a key as it was given; its
        ``JobFacts.job`` is ``<array>_<index>``.
        """
        wanted = {attempt.job: attempt for attempt in attempts if attempt.job[:1].isdigit()}
        if not wanted:
            return {}
        ids, sought = grouped_ids(tuple(wanted)), Sought.of(wanted, besides or ())
        # with one side's word alone less is known
        self._commands.room_for(2)
        accounting = self.sources.jobs(ids, self._since(tuple(wanted.values())), sought)
        when = {job: attempt.submitted for job, attempt in wanted.items()}
        if self._completed.issuperset(wanted):
            # the queue has just called them completed: where accounting agrees, and knows where each wrote, the
            # controller has nothing to add
            facts, missing = of_jobs(when, accounting, Told(), sought)
            agrees = not missing and all(found.state is JobState.COMPLETED for found in facts.values())
            if agrees and not accounting.logs_open:
                return facts
        controller = self.sources.controller(ids, sought)
        if accounting.refusal and controller.refusal:
            raise SchedulerUnreachable(f"SLURM does not answer: {controller.refusal}; {accounting.refusal}")
        facts, missing = of_jobs(when, accounting, controller, sought)
        silent = [side for side in (accounting, controller) if side.refusal and not side.lasting]
        if missing and silent:
            # a job that one side does not know may be known to the side that is silent now
            raise SchedulerUnreachable(f"nothing can be said of job {missing[0]}: {silent[0].refusal}")
        if silent and besides is not None and (besides or facts.keys() - wanted.keys()):
            # the same of elements: the controller forgets them one by one
            raise SchedulerUnreachable(f"not all can be said of an array: {silent[0].refusal}")
        return self._ceilings.marked({job: self._by_one(found) for job, found in facts.items()})

    def _by_one(self, found: JobFacts) -> JobFacts:
        """What accounting alone says, for the controller is silent now, is not believed against its queue before."""
        by_accounting = found.source.startswith("sacct") and found.state.over
        if not by_accounting or found.job not in self._completed or found.state is JobState.COMPLETED:
            return found
        return unknown(found, f"squeue says COMPLETED, sacct says {found.state_text}")

    def _since(self, attempts: Sequence[Attempt]) -> datetime:
        known = [attempt.submitted for attempt in attempts if attempt.submitted]
        unknown = [self._clock() - _LOOKBACK] if len(known) < len(attempts) else []
        return min([*known, *unknown]) - RECYCLED

    def recent(self, since: datetime, known: Mapping[str, str] = {}) -> tuple[JobFacts, ...]:
        """Tell the user's own jobs by accounting (no steps, so no peaks), where it is silent by the controller."""
        told = self.sources.recent(user_of(str(os.geteuid())), since, known)
        found = told.jobs.values()
        if told.refusal:
            mine = f"({os.geteuid()})"
            rows = self.sources.all_records(lambda _ids: True)
            own = (row for row in rows if row.get("UserId", "").endswith(mine) and _since(row, since))
            try:
                found = from_controller(own).values()
            except SchedulerUnreachable as error:
                raise SchedulerUnreachable(f"SLURM does not answer: {error}; {told.refusal}") from error
        return tuple(noted(facts, told) for facts in found if not is_known(known, facts.job, facts.submitted))

    def without_controller(self) -> str:
        """Ask the controller what it allows; why it does not answer, empty where it does."""
        try:
            self._rulebook.rules()
        except SchedulerUnreachable as error:
            return str(error)
        return ""

    def without_accounting(self) -> str:
        """Ask accounting alone; why it does not answer, empty where it does."""
        return self.sources.recent(user_of(str(os.geteuid())), self._clock(), {}).refusal

    def peaks(self, like: JobFacts, since: datetime) -> Mapping[str, float]:
        """Tell by accounting what earlier jobs of its process held; see the seam. Given up after some seconds."""
        return peaks(self._commands, user_of(str(os.geteuid())), since, like, self.sources.fields())

    def limits(self, job: JobFacts | None, partition: str | None = None) -> Limits:
        """Tell what partition, QOS and association allow; the site's rules are asked for once an hour."""
        return self._rulebook.rules().limits(job, partition)

    @property
    def hidden(self) -> Mapping[str, str]:
        """Whose limits (``QOS``, ``accounts``) the site did not show when they were last asked for, and why."""
        return self._rulebook.hidden


def _since(row: Row, since: datetime) -> bool:
    times = [moment(row.get(name, "")) for name in ("SubmitTime", "EndTime")]
    return any(time is not None and time >= since for time in times)
