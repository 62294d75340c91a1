"""The controller's queue in few words a job: what squeue is asked for many jobs at once, and what it tells.

Names, comments and paths are left out: a person may put anything into them, and fifty thousand jobs would be tens of
megabytes. Of what is left (man squeue: %i %T %r %V %E) only a reason may have a ``|``, where a site's plugin words it.
"""

from __future__ import annotations

from dataclasses import replace
from sys import intern

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, JobState
from heal.schedulers.slurm_components import is_leading, leader
from heal.schedulers.slurm_facts import elements
from heal.schedulers.slurm_values import state_of

_FIELDS = 5


def squeue_own(user: str) -> list[str]:
    """Ask for all of a user's own jobs that the controller knows, ended ones too."""
    return ["squeue", f"--user={user}", "--states=all", "--noheader", "--format=%i|%T|%r|%V|%E"]


def from_queue(text: str) -> dict[str, JobFacts]:
    """Tell state, reason, submission and dependency by job id; waiting elements of an array one by one.

    A heterogeneous job is its first component. Raises ``SchedulerUnreachable`` where a line is no job.
    """
    found: dict[str, JobFacts] = {}
    for told in map(_job, text.splitlines()):
        if "+" in told.job:
            if is_leading(told.job):
                found[leader(told.job)] = replace(told, job=leader(told.job))
            continue
        for facts in elements(told):
            found[facts.job] = facts
    return found


def _job(line: str) -> JobFacts:
    values = line.split("|")
    if len(values) < _FIELDS or not values[0][:1].isdigit():
        raise SchedulerUnreachable(f"squeue answered with what is no job: {line[:120]!r}")
    # fifty thousand jobs say few different words
    job, state, *words, submitted, dependency = map(intern, values)
    reason = "|".join(words)
    return JobFacts(
        job=job,
        state=state_of(state),
        state_text=state,
        reason=None if reason == "None" else reason,
        submitted=submitted,
        source="squeue",
        dependency="" if dependency == "(null)" else dependency,
        # whether all in it went well is for accounting to say
        final=state_of(state) is not JobState.COMPLETED,
    )
