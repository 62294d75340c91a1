"""A failed attempt, made into the case that diagnose looks at: its logs, the engine's word, the scheduler's facts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from heal.cases import Case, Evidence
from heal.jobs import JobFacts, JobState
from heal.knowledge import whose_words
from heal.knowledge.endings import NO_OUTPUT_FILE
from heal.knowledge.roles import Role, role
from heal.records import Attempt

# what an engine prints about a failure is short; a megabyte of it is a bug of the engine
_MESSAGE_CHARS = 64_000
# Snakemake's SLURM executor, of what it read there
_BY_BOOKS = re.compile(r"^SLURM-job '\S+' failed, SLURM status is:", re.MULTILINE)
# Nextflow, of a job that is over and left no exit code until exitReadTimeout, or a file for it that stayed empty
_NO_EXIT_CODE = re.compile(r"terminated (?:for an unknown reason|with an error exit status \(-1\))")
_BRACKETS = re.compile(r"\(([^()]*)\)\s*$")


class Reader(Protocol):
    """Turns a file or a text into evidence."""

    def read(self, path: Path, *, source: str | None = None, task: tuple[str, str] | None = None) -> Evidence:
        """Scan a file, of a log of many tasks what is not another's; what could not be read is stated in the notes."""

    def text(self, source: str, text: str) -> Evidence:
        """Scan a text."""


def gather(
    attempt: Attempt,
    job: JobFacts | None,
    logs: Sequence[str],
    reader: Reader,
    shown_from: str,
) -> Case:
    """The case of one failed attempt. Paths are shown relative to ``shown_from`` where they lie below it."""
    job = job or _as_said(attempt)
    read = (
        reader.read(Path(path), source=_shown(path, shown_from), task=_among_others(attempt, path))
        for path in _distinct(logs)
    )
    evidence = [_own(one, attempt) for one in read]
    message = str(attempt.facts.get("message") or "")
    more = (
        _lost(attempt, job, message, reader) if attempt.engine == "nextflow" else _contradicted(attempt, job, message)
    )
    if message := (message[:_MESSAGE_CHARS] + more).strip("\n"):
        check = attempt.facts.get("check")
        evidence.append(reader.text(f"check.{check}" if check else attempt.engine, message))
    return Case(
        engine=attempt.engine,
        evidence=tuple(evidence),
        job=job,
        exit_code=_exit_code(attempt, job),
        scheduler_state=job.state_text if job else str(attempt.facts.get("state") or "") or None,
        process=attempt.process,
        asked=attempt.asked,
        names=_names(attempt.name),
    )


def _among_others(attempt: Attempt, log: str) -> tuple[str, str] | None:
    """Which task is meant in the log of a run of Nextflow; None in one of the task's own."""
    folder = attempt.workdir
    if attempt.engine != "nextflow" or not attempt.key or not folder or Path(log).is_relative_to(folder):
        return None
    return attempt.name, folder


def _own(evidence: Evidence, attempt: Attempt) -> Evidence:
    """Of the log that Snakemake keeps of a run, what it tells of this task."""
    if attempt.engine != "snakemake" or not attempt.key or role(evidence.source) is not Role.ENGINE:
        return evidence
    outputs = attempt.facts.get("output")
    paths = frozenset(map(str, outputs)) if isinstance(outputs, list | tuple) else frozenset()
    return whose_words.own(evidence, whose_words.Job(attempt.process, paths, attempt.key.partition(":")[2]))


def _as_said(attempt: Attempt) -> JobFacts | None:
    """A job of which the event that told of it said all: it waits and can never start, or SLURM contradicts itself."""
    if apart := attempt.facts.get("disagreement"):
        return JobFacts(attempt.job, JobState.UNKNOWN, source="scontrol and sacct", disagreement=str(apart))
    reason, state = attempt.facts.get("reason"), str(attempt.facts.get("state") or "")
    if not isinstance(reason, str) or not said_all(attempt):
        return None
    ceiling = str(attempt.facts.get("ceiling") or "")
    # an engine's job is told of beside the task that it is
    job = str(attempt.facts.get("job") or attempt.job)
    return JobFacts(job, JobState.PENDING, state, reason=reason, ceiling=ceiling, source="scheduler")


def _contradicted(attempt: Attempt, job: JobFacts | None, message: str) -> str:
    """What is to be said where the books say that the job of a Snakemake ended well, and Snakemake does not.

    The patterns engine/snakemake_array and filesystem/snakemake_late_output know it.
    """
    if not _went_well(job):
        return ""
    said = "\nheal: SLURM says that"
    if _BY_BOOKS.search(message):
        return f"{said} job {attempt.job} ended well, and Snakemake takes it for failed"
    if not message.startswith("MissingOutputException"):
        return ""
    # inside a job Snakemake looks for the output before the job ends well; an array's elements tidy up each other's
    if "_" in attempt.job:
        return f"{said} array element {attempt.job} ended well, and Snakemake misses its files"
    return f"{said} job {attempt.job} ended well: on its node the files were there that Snakemake misses here"


def said_all(attempt: Attempt) -> bool:
    """True where the event that told of it said all that the scheduler has to say, and it is a person's turn.

    The job can never start, or one side of the scheduler says that it went well and the other that it did not.
    """
    return "advice" in attempt.facts or "disagreement" in attempt.facts


def _lost(attempt: Attempt, job: JobFacts | None, message: str, reader: Reader) -> str:
    """What is to be said of a Nextflow task whose job is over and told Nextflow nothing, by the books and its folder.

    The patterns filesystem/nextflow_late_exit_code and node/nextflow_never_began know it.
    """
    if _went_well(job) and _NO_EXIT_CODE.search(message):
        return f"\nheal: SLURM says that job {attempt.job} ended well, and Nextflow found no exit code of it"
    if job and job.final and job.state is JobState.FAILED and attempt.workdir and not _began(attempt.workdir, reader):
        return f"\nheal: job {attempt.job} left no .command.begin: it ended before the first line of its script"
    return ""


def _began(workdir: str, reader: Reader) -> bool:
    """False where the folder of a task holds what its job was to run, and not the file that is made first of all."""
    begin, script = (reader.read(Path(workdir) / f".command.{name}").notes for name in ("begin", "run"))
    return "missing" not in begin or "missing" in script


def _went_well(job: JobFacts | None) -> bool:
    return bool(job and job.final and job.state is JobState.COMPLETED and not job.exit_code)


def settled(attempt: Attempt, job: JobFacts | None) -> bool:
    """True when the scheduler's word on this attempt is final; a job that still seems to run is lagging accounting."""
    if said_all(attempt):
        return True
    return attempt.native_id is None or (job is not None and job.state.over and job.final)


def only_its_log_tells(attempt: Attempt, job: JobFacts | None) -> bool:
    """True where a job ran on a node and failed there, and by the scheduler's word alone nobody knows why."""
    if attempt.native_id is None or said_all(attempt):
        return False
    return job is None or (job.state is JobState.FAILED and bool(job.nodes) and job.signal != NO_OUTPUT_FILE)


def _exit_code(attempt: Attempt, job: JobFacts | None) -> int | None:
    said = attempt.facts.get("exit")
    if isinstance(said, int):
        return said
    return job.exit_code if job else None


def _names(task: str) -> tuple[str, ...]:
    """``align (sample=S7, lane=2)`` is one of many by S7 and 2; ``ALIGN (S7)`` by S7."""
    inside = _BRACKETS.search(task)
    return tuple(part.partition("=")[2] or part for part in re.split(r"[,\s]+", inside[1]) if part) if inside else ()


def _shown(path: str, start: str) -> str:
    try:
        return str(Path(path).relative_to(start))
    except ValueError:
        return path


def _distinct(paths: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(paths))
