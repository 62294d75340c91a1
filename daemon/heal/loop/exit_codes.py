"""Jobs that an engine waits for in vain: what SLURM proves of their end is told to the engine, and noted ahead."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from heal.jobs import JobFacts
from heal.knowledge.reused import is_his
from heal.loop.parts import Parts
from heal.records import Attempt, Event, RunRef
from heal.seams import ExitFiles

# an engine that can see the end tells of it by then
_PATIENCE = timedelta(seconds=15)
# what neither side of SLURM could prove is asked about again
_ASK_EVERY = timedelta(seconds=20)

Asking = Callable[[Sequence[Attempt]], Mapping[str, JobFacts]]


class ExitCodes:
    """Keeps in mind which jobs are over that their engine has not told of. ``ask``: what SLURM knows of such jobs."""

    def __init__(self, parts: Parts, ask: Asking) -> None:
        self._parts = parts
        self._ask = ask
        self._over: dict[int, tuple[Attempt, datetime]] = {}
        self._done: set[int] = set()
        self._next: datetime | None = None

    def heard(self, attempts: Sequence[Attempt], known: Mapping[str, JobFacts]) -> None:
        """Take down which of the jobs that engines follow are over; those that were told of are forgotten."""
        here, now = {one.id for one in attempts}, self._parts.clock()
        self._done &= here
        over = [one for one in attempts if (job := known.get(one.job)) and job.state.over and is_his(one, job)]
        since = {number: at for number, (_, at) in self._over.items()}
        self._over = {one.id: (one, since.get(one.id, now)) for one in over if one.id not in self._done}

    def write(self) -> None:
        """Write what is missing, once it is due and proven; SLURM is asked once for all, and only then."""
        exits, now = self._parts.exits, self._parts.clock()
        due = [attempt for attempt, since in self._over.values() if now - since >= _PATIENCE]
        if exits is None or not due or (self._next and now < self._next):
            return
        self._next = now + _ASK_EVERY
        vain = [attempt for attempt in due if exits.missing(attempt.workdir or "") and self._may(attempt)]
        waiting = self._still_waiting(vain)
        jobs = self._ask(waiting) if waiting else {}
        for attempt in waiting:
            if (job := jobs.get(attempt.job)) is not None and is_his(attempt, job):
                self._settle(exits, attempt, job, now)

    def _settle(self, exits: ExitFiles, attempt: Attempt, job: JobFacts, now: datetime) -> None:
        code = exits.owed(attempt.workdir or "", job, now)
        if code is not None:
            self._note(attempt, job, code)
            exits.write(attempt.workdir or "", code)
            self._done.add(attempt.id)
            del self._over[attempt.id]

    def _still_waiting(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        """Of these the ones whose engine runs, and has not told of their end meanwhile."""
        watched = self._parts.store.watched_jobs([one.job for one in attempts]) if attempts else ()
        numbers = {one.id for one in watched}
        return [one for one in attempts if one.id in numbers and self._parts.left_to_engine(one)]

    def _may(self, attempt: Attempt) -> bool:
        run = self._parts.store.run(attempt.run_id)
        return run is not None and self._parts.settings_for(run.cwd).nextflow.write_exitcode

    def _note(self, attempt: Attempt, job: JobFacts, code: int) -> None:
        """Said ahead, as every effect; said again after a crash it changes nothing."""
        facts = {"job": job.job, "workdir": attempt.workdir, "exit": code, "state": job.state_text}
        said = f"exitcode:{job.job}:{job.submitted}:{attempt.id}"
        run, body = RunRef(attempt.run_id), json.dumps({"facts": facts})
        self._parts.store.take(Event(said, "exitcode_written", self._parts.clock(), "heal", run, None, facts, body))
