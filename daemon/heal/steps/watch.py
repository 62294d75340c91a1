"""What a scheduler says of watched jobs, made into the events that a hook would have sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from heal.jobs import JobFacts, JobState
from heal.records import Attempt, Event, RunRef, TaskRef

# why a job waits that no waiting will end (man squeue, JOB REASON CODES)
_NEVER = {"DependencyNeverSatisfied": "a job that it depends on has failed"}
_NEVER_AFTER = timedelta(minutes=1)
# A job the scheduler has not known for this long is not coming back into its books by itself.
FORGOTTEN_AFTER = timedelta(minutes=5)


def next_poll_after(youngest_age_s: float, poll_seconds: float) -> float:
    """Seconds to the next question: a young job is looked at sooner, none more often than every 3 s.

    A job that dies within its first minute is the common case after a change; about ten questions cover it.
    """
    return min(poll_seconds, max(3.0, youngest_age_s / 4))


def endings(watched: Sequence[Attempt], facts: Mapping[str, JobFacts], now: datetime) -> list[Event]:
    """An event for each watched attempt, or array element of one, that is over."""
    events = []
    for attempt in watched:
        own = facts.get(attempt.job)
        if own is not None:
            if own.state.over:
                events.append(_ended(attempt, attempt.key, own, now))
            elif own.state is JobState.PENDING and own.reason in _NEVER and _old(attempt, now):
                events.append(_stuck(attempt, own.reason, now))
            continue
        elements = {job: found for job, found in facts.items() if job.startswith(f"{attempt.job}_")}
        events += [
            _ended(attempt, attempt.key + job.removeprefix(attempt.job), found, now)
            for job, found in sorted(elements.items())
            if found.state.over
        ]
        if elements and all(found.state.over for found in elements.values()):
            events.append(_array_over(attempt, now))
        if not elements and attempt.submitted and now - attempt.submitted > FORGOTTEN_AFTER:
            events.append(_forgotten(attempt, now))
    return events


def _ended(attempt: Attempt, key: str, found: JobFacts, now: datetime) -> Event:
    kind = "task_finished" if found.state is JobState.COMPLETED else "task_failed"
    element = key.removeprefix(attempt.key)
    facts: dict[str, Any] = {"state": found.state_text, "process": attempt.process, "asked": _asked(found)}
    if found.exit_code is not None:
        facts["exit"] = found.exit_code
    task = TaskRef(
        name=attempt.name + element.replace("_", " #", 1),
        key=key,
        attempt=attempt.number,
        native_id=found.job,
        workdir=found.workdir,
        log_paths=found.log_paths or attempt.log_paths,
    )
    said_of = f"slurm:{found.job}:{found.submitted}:{attempt.id}:end"
    return Event(said_of, kind, now, "poll", RunRef(attempt.run_id, "sbatch"), task, facts)


def _array_over(attempt: Attempt, now: datetime) -> Event:
    """The array as a whole is a task that ends well once each element has said its own."""
    return _about(attempt, "task_finished", "array", {"process": attempt.process}, now)


def _old(attempt: Attempt, now: datetime) -> bool:
    """Long enough in the queue that a reason which may pass would have passed."""
    return attempt.submitted is not None and now - attempt.submitted > _NEVER_AFTER


def _stuck(attempt: Attempt, reason: str, now: datetime) -> Event:
    said = f"SLURM job {attempt.native_id} waits and can never start: {reason} ({_NEVER[reason]})"
    return _about(attempt, "task_failed", "stuck", {"process": attempt.process, "message": said, "state": reason}, now)


def _forgotten(attempt: Attempt, now: datetime) -> Event:
    said = f"SLURM no longer knows job {attempt.native_id}: neither the controller nor accounting has a record of it"
    return _about(attempt, "task_failed", "forgotten", {"process": attempt.process, "message": said}, now)


def _about(attempt: Attempt, kind: str, what: str, facts: Mapping[str, Any], now: datetime) -> Event:
    task = TaskRef(attempt.name, attempt.key, attempt.number, attempt.native_id, attempt.workdir, attempt.log_paths)
    return Event(
        f"slurm:{attempt.job}:{attempt.id}:{what}", kind, now, "poll", RunRef(attempt.run_id, "sbatch"), task, facts
    )


def resubmitted(failed: Attempt, job: str, token: str, now: datetime) -> Event:
    """The event that makes a job heal submitted itself a watched one; the same however often it is made."""
    task = TaskRef(failed.name, failed.key, failed.number + 1, job, failed.workdir)
    facts = {"process": failed.process, "asked": dict(failed.asked)}
    return Event(
        f"heal:{token}:{failed.key}", "task_submitted", now, "poll", RunRef(failed.run_id, "sbatch"), task, facts
    )


# words in a job's command line that say that an engine submitted it, and looks after it itself
_ENGINES = ("slurm-jobstep", ".command.run")


def unannounced(found: Sequence[JobFacts], projects: Sequence[str], since: datetime) -> list[JobFacts]:
    """Of the user's jobs those that lie in a project, are nobody else's and were submitted after ``since``.

    An engine's jobs belong to the engine; jobs with heal's mark were submitted by heal, which watches them already.
    """
    first = since.astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
    return [
        job
        for job in found
        if job.submitted >= first
        and job.workdir
        and any(PurePath(job.workdir).is_relative_to(project) for project in projects)
        and not any(word in job.submit_line for word in _ENGINES)
        and "heal:" not in job.comment
    ]


def discovered(found: JobFacts, now: datetime) -> tuple[Event, Event]:
    """A job nobody announced, found in a registered project: its run and its task."""
    run = RunRef(f"slurm:{found.job}:{found.submitted}", "sbatch", found.workdir or "")
    name = found.name or found.job
    task = TaskRef(name, found.job, 1, found.job, found.workdir, found.log_paths)
    started = Event(f"{run.id}:run", "run_started", now, "poll", run, None, {})
    submitted = Event(
        f"{run.id}:task", "task_submitted", now, "poll", run, task, {"process": name, "asked": _asked(found)}
    )
    return started, submitted


def _asked(found: JobFacts) -> dict[str, float]:
    asked = {
        "memory_mb": found.asked_mb,
        "time_min": found.limit_s / 60 if found.limit_s else None,
        "cpus": float(found.cpus) if found.cpus else None,
    }
    return {name: value for name, value in asked.items() if value is not None}
