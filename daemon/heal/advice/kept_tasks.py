"""What heal's own store tells beside accounting: tasks that ran again, and files that nothing reads any more."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from heal.advice.ledger_of_jobs import hours
from heal.advice.suggestions import Suggestion
from heal.knowledge.job_names import Whose
from heal.records import Attempt

_FEW = 3
_LARGE_MB = 1024.0
# a file system that many share is not asked about every file of a month
_SECONDS = 5.0


@dataclass(slots=True)
class Tasks:
    """Tasks of the scheduler's jobs that ended well: how often each did, what each rule made and what was read.

    ``counted`` counts the tasks of each process.
    """

    ended: dict[tuple[Whose, str], set[str]] = field(default_factory=dict)
    again: dict[str, Whose] = field(default_factory=dict)
    made: dict[str, Whose] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    counted: dict[Whose, int] = field(default_factory=dict)

    def add(self, attempt: Attempt, whose: Whose) -> None:
        """Take an attempt that has ended in; those of one task come in the order in which they began."""
        inputs, outputs = (self._paths(attempt, name) for name in ("input", "output"))
        if not attempt.ok:
            # whoever failed will want to read it again
            self.unread |= set(inputs)
            return
        self.unread -= set(inputs)
        launches = self.ended.setdefault((whose, attempt.key), set())
        if not launches:
            self.counted[whose] = self.counted.get(whose, 0) + 1
        elif attempt.lineage not in launches:
            self.again[attempt.job] = whose
        launches.add(attempt.lineage)
        self.made |= dict.fromkeys(outputs, whose)
        self.read |= set(inputs)

    def _paths(self, attempt: Attempt, name: str) -> list[str]:
        said = attempt.facts.get(name)
        base = attempt.workdir or ""
        return (
            [os.path.normpath(Path(base, path)) for path in said if isinstance(path, str)]
            if isinstance(said, list)
            else []
        )


def suggestions(
    tasks: Tasks, again_core_s: Mapping[str, float], size_mb: Callable[[str], float]
) -> Iterator[Suggestion]:
    """What the store has evidence for; ``size_mb`` gives the size of a file now, 0 where it is not there."""
    yield from _again(tasks, again_core_s)
    yield from _left_over(tasks, size_mb)


def _again(tasks: Tasks, core_s: Mapping[str, float]) -> Iterator[Suggestion]:
    for whose in dict.fromkeys(tasks.again.values()):
        jobs = [job for job, of in tasks.again.items() if of == whose]
        count = len(jobs)
        if count < _FEW or whose.engine not in _ASK_WHY:
            continue
        what, lines = _ASK_WHY[whose.engine]
        why = (
            f"{count} tasks that had ended well ran again in a later launch "
            "(heal does not know whether their inputs or code had changed)"
        )
        known = [core_s[job] for job in jobs if job in core_s]
        saves = {"core_hours": hours(sum(known))} if known else {}
        yield Suggestion("again", whose, what, why, count, "low", saves, lines)


_ASK_WHY = {
    "snakemake": (
        "see why they run again, and keep what is still good",
        ("snakemake -n  # 'reason:' under each job", "--rerun-triggers mtime"),
    ),
    "nextflow": (
        "launch with -resume, and see why the cache misses",
        ("nextflow run … -resume", "-dump-hashes  # in both launches: which part of the hash differs"),
    ),
}


def _left_over(tasks: Tasks, size_mb: Callable[[str], float]) -> Iterator[Suggestion]:
    """Outputs that only other tasks read, and those have all ended well."""
    by_rule: dict[Whose, list[float]] = {}
    for path, whose in tasks.made.items():
        if whose.engine == "snakemake" and path in tasks.read and path not in tasks.unread and (mb := size_mb(path)):
            by_rule.setdefault(whose, []).append(mb)
    for whose, sizes in by_rule.items():
        if sum(sizes) >= _LARGE_MB:
            what = f"mark the outputs of {whose.process} as temp(), unless you want them yourself"
            why = f"{len(sizes)} files of it are there, and every task that reads them has ended well"
            saves = {"mb": sum(sizes)}
            yield Suggestion("temporary", whose, what, why, tasks.counted[whose], "medium", saves, ("output: temp(…)",))


class Sizes:
    """Looks sizes up for a bounded time; after it no file has one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = clock() + _SECONDS

    def __call__(self, path: str) -> float:
        """The size of a file in MB (2**20 bytes), 0 where it is not there or not known."""
        if self._clock() > self._until:
            return 0.0
        try:
            return Path(path).stat().st_size / 2**20
        except OSError:
            return 0.0


def taken(attempts: Iterable[Attempt], whose: Callable[[Attempt], Whose | None]) -> Tasks:
    """All attempts that belong here."""
    tasks = Tasks()
    for attempt in attempts:
        if attempt.ok is not None and (owned := whose(attempt)):
            tasks.add(attempt, owned)
    return tasks
