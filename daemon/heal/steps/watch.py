"""What a scheduler says of watched jobs, made into the events that a hook would have sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from heal.jobs import JobFacts, JobState
from heal.knowledge.endings import silent
from heal.knowledge.reused import is_his, is_later
from heal.knowledge.waiting import Never, given_up, in_vain, never_starts, reason_word
from heal.records import Attempt, Event, RunRef, TaskRef
from heal.settings import Slurm

# a reason that nobody's coming and going ends is believed after this, any other after slurm.stuck_after_s
CERTAIN_AFTER_S = 60.0
# A job the scheduler has not known for this long is not coming back into its books by itself.
FORGOTTEN_AFTER = timedelta(minutes=5)
# the settings of an attempt's project; asked only where they matter, for reading them looks at the file system
Rules = Callable[[Attempt], Slurm]


def _usual(_attempt: Attempt) -> Slurm:
    return Slurm()


def endings(
    watched: Sequence[Attempt],
    facts: Mapping[str, JobFacts],
    now: datetime,
    rules: Rules = _usual,
    begun: Collection[str] = (),
    *,
    held: Callable[[JobFacts], bool] = lambda _job: False,
) -> list[Event]:
    """An event for each watched attempt, or array element of one, that is over or can never start.

    ``begun``: arrays of which some element has told its end before; ``facts`` need not have such an element any more.
    ``held``: tells of a job that waits whether it may yet start, whatever the scheduler says.
    """
    events: list[Event] = []
    elements = _by_array(facts, {attempt.job for attempt in watched} - facts.keys())
    for attempt in watched:
        own = facts.get(attempt.job)
        if own is not None and own.state is JobState.RUNNING and not is_later(attempt.submitted, own):
            continue
        named = {attempt.job: own} if own is not None else elements.get(attempt.job, {})
        whose = {job: is_his(attempt, one) for job, one in named.items()}
        # a requeued job or another one under its id: whoever asks more will know
        unclear = None in whose.values()
        found = {job: one for job, one in named.items() if whose[job]}
        said = [
            _said(attempt, attempt.key + job.removeprefix(attempt.job), one, now, rules, held=held)
            for job, one in found.items()
        ]
        events += [event for each in said for event in each]
        if own is None and not unclear and all(said) and (found or attempt.job in begun):
            events.append(_array_over(attempt, now))
        elif not found and not unclear and attempt.submitted and now - attempt.submitted > FORGOTTEN_AFTER:
            events.append(_forgotten(attempt, now))
    return events


def _by_array(facts: Mapping[str, JobFacts], arrays: Collection[str]) -> dict[str, dict[str, JobFacts]]:
    """The elements of each of these arrays, by the array's id."""
    found: dict[str, dict[str, JobFacts]] = {}
    for job in facts:
        base, dash, _ = job.partition("_")
        if dash and base in arrays:
            found.setdefault(base, {})[job] = facts[job]
    return {base: dict(sorted(elements.items())) for base, elements in found.items()}


def _said(
    attempt: Attempt, key: str, found: JobFacts, now: datetime, rules: Rules, *, held: Callable[[JobFacts], bool]
) -> list[Event]:
    """What the scheduler's word means for one job: its end, that it can never start, or nothing yet."""
    if found.state.over or found.disagreement:
        return [_ended(attempt, key, found, now, rules)] if _settled(attempt, found, now, rules) else []
    never = never_starts(found)
    stuck = never is not None and waited(attempt, never, now, rules) and not held(found)
    return [_stuck(attempt, key, found, never, now)] if never and stuck else []


def _settled(attempt: Attempt, found: JobFacts, now: datetime, rules: Rules) -> bool:
    """Both sides of the scheduler have its end, or the one that lags, or says otherwise, had its time."""
    if found.final or not found.ended:
        return found.final
    # SLURM prints the time of this host
    ended = datetime.fromisoformat(found.ended).astimezone()
    return now - ended > timedelta(seconds=rules(attempt).accounting_wait_s)


def _ended(attempt: Attempt, key: str, found: JobFacts, now: datetime, rules: Rules) -> Event:
    hidden = silent(found)
    # what SLURM killed for its memory is a failure whatever the script made of it; a step that failed is one only by
    # the project's own rule: a script may run a program to see whether it fails
    failed = found.state is not JobState.COMPLETED or (hidden and (hidden.memory or rules(attempt).failed_step_fails))
    facts: dict[str, Any] = {"state": found.state_text, "process": attempt.process, "asked": _asked(found)}
    if found.exit_code is not None:
        facts["exit"] = found.exit_code
    if found.name and found.name != attempt.process:
        # a script may give its job another name than whoever submitted it knows it by
        facts["job_name"] = found.name
    if found.restarts:
        facts["restarts"] = found.restarts
    if found.elapsed_s is not None:
        facts["elapsed_s"] = found.elapsed_s
    if found.disagreement:
        # kept with the end: the controller forgets the job within minutes, and accounting would then decide alone
        facts["disagreement"] = found.disagreement
    if given_up(found):
        # the same: what it waited for is what it may yet run after
        facts["waited_for"] = found.dependency
    if hidden:
        facts["silent" if failed else "warning"] = hidden.text
    return Event(
        f"slurm:{found.job}:{found.submitted}:{attempt.id}:end",
        "task_failed" if failed else "task_finished",
        now,
        "poll",
        RunRef(attempt.run_id, "sbatch"),
        _element(attempt, key, found),
        facts,
    )


def _element(attempt: Attempt, key: str, found: JobFacts) -> TaskRef:
    return TaskRef(
        name=attempt.name + key.removeprefix(attempt.key).replace("_", " #", 1),
        key=key,
        attempt=attempt.number,
        native_id=found.job,
        workdir=found.workdir or attempt.workdir,
        log_paths=found.log_paths or attempt.log_paths,
    )


def _array_over(attempt: Attempt, now: datetime) -> Event:
    """The array as a whole is a task that ends well once each element has said its own."""
    return _about(attempt, "task_finished", "array", {"process": attempt.process}, now)


def waited(attempt: Attempt, never: Never, now: datetime, rules: Rules) -> bool:
    """Long enough in the queue that a reason which may pass would have passed."""
    longest = rules(attempt).stuck_after_s
    patience = min(CERTAIN_AFTER_S, longest) if never.certain else longest
    return attempt.submitted is not None and now - attempt.submitted > timedelta(seconds=patience)


def _stuck(attempt: Attempt, key: str, found: JobFacts, never: Never, now: datetime) -> Event:
    facts = {
        "process": attempt.process,
        "asked": _asked(found),
        "state": found.state_text,
        "reason": reason_word(found.reason or ""),
        "ceiling": found.ceiling,
        "advice": never.advice,
        "message": in_vain(found, never),
    }
    return Event(
        f"slurm:{found.job}:{attempt.id}:stuck",
        "task_failed",
        now,
        "poll",
        RunRef(attempt.run_id, "sbatch"),
        _element(attempt, key, found),
        facts,
    )


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


def put_back(failed: Attempt, found: JobFacts, now: datetime) -> Event:
    """The event that makes a job that was requeued after its end the next try of its task."""
    task = TaskRef(failed.name, failed.key, failed.number + 1, found.job, failed.workdir, failed.log_paths)
    return Event(
        f"slurm:{found.job}:{found.submitted}:{failed.id}:again",
        "task_submitted",
        now,
        "poll",
        RunRef(failed.run_id, "sbatch"),
        task,
        {"process": failed.process, "asked": dict(failed.asked)},
    )


# words in a job's command line that say that an engine submitted it, and looks after it itself
_ENGINES = ("slurm-jobstep", ".command.run")


def unannounced(found: Sequence[JobFacts], projects: Mapping[str, datetime]) -> list[JobFacts]:
    """Of the user's jobs those that lie in a project, are nobody else's and were submitted since it was registered.

    An engine's jobs belong to the engine; jobs with heal's mark were submitted by heal, which watches them already.
    """
    folders = {job.workdir for job in found if job.workdir}
    first = {one: since for one in folders if (since := _looked_after_since(one, projects))}
    return [
        job
        for job in found
        if job.workdir in first
        and job.submitted >= first[job.workdir]
        and not any(word in job.submit_line for word in _ENGINES)
        # accounting may keep no comments, but keeps what sbatch was asked for
        and "heal:" not in f"{job.comment} {job.submit_line}"
    ]


def _looked_after_since(folder: str, projects: Mapping[str, datetime]) -> str:
    """When the first of the projects around a folder was registered, as SLURM writes times; empty where none is."""
    around = [since for project, since in projects.items() if PurePath(folder).is_relative_to(project)]
    return min(around).astimezone().replace(tzinfo=None).isoformat(timespec="seconds") if around else ""


def discovered(found: Sequence[JobFacts], now: datetime) -> list[Event]:
    """Jobs nobody announced, found in a registered project: their runs, then their tasks. An array is one run."""
    runs = {one.job: _run_of(one) for one in found}
    started = [Event(f"{run.id}:run", "run_started", now, "poll", run) for run in dict.fromkeys(runs.values())]
    return [*started, *(_found(one, runs[one.job], now) for one in found)]


def _run_of(found: JobFacts) -> RunRef:
    return RunRef(f"slurm:{found.job.split('_')[0]}:{found.submitted}", "sbatch", found.workdir or "")


def _found(found: JobFacts, run: RunRef, now: datetime) -> Event:
    name = found.name or found.job
    # of one that has ended accounting alone may only guess where it wrote, and the answer about its end tells
    logs = () if found.state.over else found.log_paths
    task = TaskRef(name, found.job, 1, found.job, found.workdir, logs)
    facts = {"process": name, "asked": _asked(found)}
    return Event(f"{run.id}:{found.job}", "task_submitted", now, "poll", run, task, facts)


def _asked(found: JobFacts) -> dict[str, float]:
    asked = {
        "memory_mb": found.asked_mb,
        "time_min": found.limit_s / 60 if found.limit_s else None,
        "cpus": float(found.cpus) if found.cpus else None,
    }
    return {name: value for name, value in asked.items() if value is not None}
