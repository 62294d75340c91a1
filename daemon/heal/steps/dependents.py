"""Jobs that wait for a job that failed: what they wait for, and what they should wait for once it runs again.

A dependency is SLURM's own text (man sbatch, --dependency; as squeue %E and scontrol print it):
``afterok:81500(failed),afterany:81499_*(unfulfilled)``. Only ``afterok`` and ``aftercorr`` are spoilt by a failure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from heal.jobs import JobFacts, JobState
from heal.knowledge.waiting import NEVER_SATISFIED, given_up
from heal.records import Attempt

_TERM = re.compile(r"^(?P<kind>\w+):(?P<job>\d+)(?P<part>_\d+|_\*)?(?P<more>\+\d+)?(?:\((?P<state>\w+)\))?$")
_SPOILT = ("afterok", "aftercorr")


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a job that others wait for: the jobs that run in its place, or that nothing can be said yet.

    ``instead`` empty: all of it has come home, so nothing of it need be waited for.
    """

    instead: tuple[str, ...] = ()


def waited_for(dependency: str) -> tuple[str, ...]:
    """The ids of jobs (of arrays: their own) whose failure would keep this job from ever starting."""
    return tuple(dict.fromkeys(found["job"] for found in _terms(dependency) if found and found["kind"] in _SPOILT))


def taken_for_failed(dependency: str, *, parts: bool = False) -> frozenset[str]:
    """Of the jobs waited for those whose failure is written into the dependency: SLURM does not look at them again.

    ``parts``: and those of which an element is.
    """
    return frozenset(
        found["job"]
        for found in _terms(dependency)
        if found and found["kind"] in _SPOILT and found["state"] == "failed" and (parts or not found["part"])
    )


def repointed(dependency: str, standing: Callable[[str], Standing | None]) -> str | None:
    """The dependency as it should be; None where nothing is to be changed, or not yet.

    ``standing`` tells of a job whether it was submitted again; None: it was not, or not all of it that failed.
    Alternatives (``a?b``) are left alone: one of them may still be met.
    """
    if "?" in dependency or not dependency:
        return None
    terms: list[str] = []
    changed = False
    for text, found in zip(dependency.split(","), _terms(dependency), strict=True):
        if found is None:
            return None
        now = standing(found["job"]) if found["kind"] in _SPOILT else None
        if now is None:
            # a dependency that is met already is not printed; one that has failed and is not healed stays as it is
            terms.append(re.sub(r"\(\w+\)$", "", text))
            continue
        changed = True
        terms += [f"{found['kind']}:{job}" for job in now.instead]
    return ",".join(dict.fromkeys(terms)) if changed else None


def as_given_up(attempt: Attempt, job: JobFacts | None) -> JobFacts | None:
    """A job that SLURM cancelled for what it waits for, as it was then; None for any other.

    The controller forgets it within minutes, and accounting knows no dependencies: its end tells what it waited for.
    """
    if job is not None and (given_up(job) or job.cancelled_by is not None):
        return job if given_up(job) else None
    waited_for = attempt.facts.get("waited_for")
    if not isinstance(waited_for, str):
        return None
    submitted = attempt.submitted.isoformat() if attempt.submitted else ""
    known = job or JobFacts(attempt.job, JobState.CANCELLED, "CANCELLED", submitted=submitted)
    return replace(known, reason=NEVER_SATISFIED, dependency=waited_for)


def _terms(dependency: str) -> Iterator[re.Match[str] | None]:
    return (_TERM.match(text) for text in dependency.split(",")) if dependency else iter(())
