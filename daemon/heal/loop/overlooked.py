"""Jobs that somebody cancelled and whose engine waits for them all the same: a person is told, and nothing is ended.

snakemake-executor-plugin-slurm from 2.4.0 on takes ``CANCELLED by 1000`` for the state of a job that still runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from heal.jobs import JobFacts, JobState
from heal.loop.casebook import Casebook
from heal.loop.parts import Parts
from heal.loop.questions import Questions
from heal.loop.waits import Waits
from heal.records import WAITS, Attempt, Event, Run, RunRef, TaskRef
from heal.settings import Slurm
from heal.store import Scope

_ENGINE = "snakemake"


class Overlooked:
    """Asks about the jobs of living Snakemakes that take long, seldom, by one question for all of them."""

    def __init__(self, parts: Parts, book: Casebook, questions: Questions, scope: Callable[[], Scope]) -> None:
        self._parts = parts
        self._questions = questions
        self._scope = scope
        self._waits = Waits(parts, book, scope, lambda first: "reason" not in first.facts)
        self._asked: datetime | None = None

    def look(self) -> None:
        """Tell of those that were cancelled long ago, and of those told that their engine has seen it after all."""
        now, mine = self._parts.clock(), self._scope()
        for incident, ill in self._waits.told().values():
            over = {one.id: f"{one.name} has seen the end of job {_job(one)}" for one in ill if self._seen(one)}
            self._waits.settle(incident, ill, over, _ENGINE, now)
        runs = [one for one in self._parts.store.open_runs() if one.engine == _ENGINE and mine.takes(one.lineage)]
        runs = [run for run in runs if run.pid is not None and self._parts.alive(run) is not False]
        if runs and self._parts.slurm is not None:
            self._parts.store.take_many(self._new(runs, now))

    def _new(self, runs: Sequence[Run], now: datetime) -> list[Event]:
        rules = {run.id: self._parts.settings_for(run.cwd).slurm for run in runs}
        if self._asked and now - self._asked < _interval(rules.values()):
            return []
        self._asked = now
        since = {run: now - timedelta(seconds=own.overlooked_after_s) for run, own in rules.items()}
        begun = [one for run in runs for one in self._parts.store.beside(run.lineage)]
        old = [one for one in begun if one.run_id in since and _is_old(one, since[one.run_id])]
        jobs = self._questions.facts(old) if old else {}
        by_id = {run.id: run for run in runs}
        return [
            _waits(by_id[one.run_id], one, jobs[one.job], now)
            for one in old
            if one.job in jobs and _was_cancelled(jobs[one.job], since[one.run_id])
        ]

    def _seen(self, told: Attempt) -> bool:
        mine = [one for one in self._parts.store.of_job(_job(told)) if one.run_id == told.run_id]
        return any(one.ok is not None for one in mine)


def _job(told: Attempt) -> str:
    return str(told.facts.get("job"))


def _interval(rules: Iterable[Slurm]) -> timedelta:
    """Never more often than SLURM is asked about watched jobs."""
    return timedelta(seconds=min(max(one.poll_seconds, one.overlooked_after_s / 2) for one in rules))


def _is_old(attempt: Attempt, since: datetime) -> bool:
    waited = attempt.ok is None and attempt.native_id is not None
    return waited and attempt.submitted is not None and attempt.submitted < since


def _was_cancelled(job: JobFacts, since: datetime) -> bool:
    if job.state is not JobState.CANCELLED or not job.final or not job.ended:
        return False
    # SLURM prints the time of this host
    return datetime.fromisoformat(job.ended).astimezone() < since


def _waits(run: Run, attempt: Attempt, job: JobFacts, now: datetime) -> Event:
    message = (
        f"heal: snakemake (process {run.pid}) still waits for job {attempt.job} of {attempt.name}, "
        f"which SLURM says is {job.state_text} since {job.ended}"
    )
    task = TaskRef(run.engine, f"{WAITS}{attempt.job}")
    facts = {"process": run.engine, "job": attempt.job, "message": message, "will_retry": False}
    return Event(f"waits:{run.id}:{attempt.job}", "task_failed", now, "heal", RunRef(run.id, run.engine), task, facts)
