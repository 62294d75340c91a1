"""What SLURM says of jobs that engines follow, where their engine does not: they wait in vain, or hide a kill."""

from __future__ import annotations

from datetime import datetime

from heal.jobs import JobFacts, JobState
from heal.knowledge.endings import silent
from heal.knowledge.waiting import Never, in_vain, reason_word
from heal.records import WAITS, Attempt, Event, RunRef, TaskRef

# what the engine does about it, and how to give the job up
_GOES_ON = {
    "snakemake": (
        "Snakemake waits for it, and goes on once it can start. To give it up, end Snakemake (Ctrl-C), which cancels "
        "its jobs, and start it again with a request that fits: for a job that is only cancelled it may wait for ever."
    ),
    "nextflow": (
        "Nextflow waits for it, and goes on once it can start. To give it up, cancel it (scancel {job}): "
        "some minutes later Nextflow takes the task for failed, and its errorStrategy decides."
    ),
}


def key_of(job: JobFacts) -> str:
    """The key of a wait, as a task that is none: for another reason it is another one."""
    return f"{WAITS}{job.job}:{reason_word(job.reason or '') or job.state_text}"


def waits(attempt: Attempt, job: JobFacts, never: Never, number: int, now: datetime) -> Event:
    """The event that tells of a job which can never start while its engine waits for it.

    It is about a task of its own: how the attempt ends is for the engine to say. ``number`` counts its tellings.
    """
    facts = {
        "process": attempt.process,
        "job": job.job,
        "state": job.state_text,
        "reason": reason_word(job.reason or ""),
        "ceiling": job.ceiling,
        "advice": f"{never.in_place} {_GOES_ON.get(attempt.engine, '').format(job=job.job)}".strip(),
        "message": in_vain(job, never),
        "will_retry": False,
    }
    task = TaskRef(attempt.name, key_of(job), number)
    return _said("task_failed", RunRef(attempt.run_id, attempt.engine), task, facts, now)


def waits_no_longer(told: Attempt, now: datetime) -> Event:
    """The event that ends what ``waits`` began."""
    task = TaskRef(told.name, told.key, told.number + 1)
    # under the name of no process: that its job started is no success of one
    return _said("task_finished", RunRef(told.run_id, told.engine), task, {"process": told.key}, now)


def _said(kind: str, run: RunRef, task: TaskRef, facts: dict[str, object], now: datetime) -> Event:
    return Event(f"{task.key}:{run.id}:{task.attempt}", kind, now, "heal", run, task, facts)


def doubt(attempt: Attempt, job: JobFacts) -> str:
    """What SLURM saw in a job that its engine calls done; empty where it saw nothing, or cannot say for sure."""
    if not job.state.over or job.disagreement:
        return ""
    if job.state is JobState.COMPLETED:
        hidden = silent(job) if job.final else None
        return hidden.text if hidden else ""
    return f"{attempt.engine} has its results, but SLURM says that the job is {job.state_text}"
