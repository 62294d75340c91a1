"""A failed attempt, made into the case that diagnose looks at: its logs, the engine's word, the scheduler's facts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from heal.cases import Case, Evidence
from heal.jobs import JobFacts
from heal.records import Attempt

# what an engine prints about a failure is short; a megabyte of it is a bug of the engine
_MESSAGE_CHARS = 64_000
_BRACKETS = re.compile(r"\(([^()]*)\)\s*$")


class Reader(Protocol):
    """Turns a file or a text into evidence."""

    def read(self, path: Path, *, source: str | None = None) -> Evidence:
        """Scan a file; what could not be read is stated in the notes."""

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
    evidence = [reader.read(Path(path), source=_shown(path, shown_from)) for path in _distinct(logs)]
    if message := str(attempt.facts.get("message") or ""):
        evidence.append(reader.text(attempt.engine, message[:_MESSAGE_CHARS]))
    return Case(
        engine=attempt.engine,
        evidence=tuple(evidence),
        job=job,
        exit_code=_exit_code(attempt, job),
        scheduler_state=job.state_text if job else None,
        process=attempt.process,
        asked=attempt.asked,
        names=_names(attempt.name),
    )


def settled(attempt: Attempt, job: JobFacts | None) -> bool:
    """True when the scheduler's word on this attempt is final; a job that still seems to run is lagging accounting."""
    return attempt.native_id is None or (job is not None and job.state.over)


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
