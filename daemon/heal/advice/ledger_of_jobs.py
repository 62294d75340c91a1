"""All that suggestions are made from, summed up in one pass over any number of jobs. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from heal.advice.past_jobs import PastJob
from heal.knowledge.job_names import Whose, alike
from heal.knowledge.sizing import Ending, Usage
from heal.knowledge.spread import Spread

# limits of time that schedulers treat alike enough to be compared, in hours
CLASSES = (1, 4, 12, 24, 72)
_SECONDS = 3600
# more names than this are not told apart
_MOST = 5_000


@dataclass(slots=True)
class Process:
    """The jobs of one rule, process or job name. Sums are of seconds, or of seconds times cores or MB."""

    jobs: int = 0
    failed: int = 0
    run: Spread = field(default_factory=Spread)
    wait: Spread = field(default_factory=Spread)
    waited: int = 0
    run_s: float = 0.0
    wait_s: float = 0.0
    node_s: float = 0.0
    core_s: float = 0.0
    lost_core_s: dict[Ending, float] = field(default_factory=dict)
    ended: Counter[Ending] = field(default_factory=Counter)
    by_partition: dict[str, Spread] = field(default_factory=dict)
    newest_partition: tuple[str, str] = ("", "")
    most_mb: float | None = None

    def add(self, job: PastJob) -> None:
        """Take a job in."""
        usage = job.usage
        self.jobs += 1
        self.ended[usage.ending] += 1
        self.run.add(usage.elapsed_s)
        self.run_s += usage.elapsed_s
        self.node_s += usage.elapsed_s * usage.nodes
        held = usage.elapsed_s * usage.cpus
        self.core_s += held
        if usage.ending in (Ending.MEMORY, Ending.TIME, Ending.FAILED):
            self.failed += 1
            self.lost_core_s[usage.ending] = self.lost_core_s.get(usage.ending, 0.0) + held
        self.newest_partition = max(self.newest_partition, (usage.submitted, job.partition))
        self.most_mb = max(self.most_mb or 0.0, usage.asked_mb or 0.0) or None
        if job.waited_s is not None:
            self.waited += 1
            self.wait_s += job.waited_s
            # a spread holds what is above 0; to have waited for no second is to have waited for a moment
            seconds = max(job.waited_s, 1.0)
            self.wait.add(seconds)
            self.by_partition.setdefault(job.partition, Spread()).add(seconds)


@dataclass(slots=True)
class Ledger:
    """Jobs by whose they are, waits by partition and by the time that was asked for, ends by node.

    ``again``: ids of jobs that ran a task which had ended well before, and what each of them cost.
    """

    processes: dict[Whose, Process] = field(default_factory=dict)
    waits: dict[tuple[str, int], Spread] = field(default_factory=dict)
    well_on: Counter[str] = field(default_factory=Counter)
    failed_on: Counter[str] = field(default_factory=Counter)
    failing: dict[str, set[Whose]] = field(default_factory=dict)
    again: frozenset[str] = frozenset()
    again_core_s: dict[str, float] = field(default_factory=dict)

    def reading(self, jobs: Iterable[PastJob]) -> Iterator[Usage]:
        """Take jobs in, and hand on what each used."""
        for job in jobs:
            self.add(job)
            yield job.usage

    def add(self, job: PastJob) -> None:
        """Take a job in."""
        usage, whose = job.usage, group(job.usage.whose)
        if whose in self.processes or len(self.processes) < _MOST:
            self.processes.setdefault(whose, Process()).add(job)
        if job.waited_s is not None and usage.limit_s:
            key = (job.partition, limit_class(usage.limit_s))
            self.waits.setdefault(key, Spread()).add(max(job.waited_s, 1.0))
        if job.job in self.again:
            self.again_core_s[job.job] = usage.elapsed_s * usage.cpus
        if not job.node:
            return
        if usage.ending is Ending.WELL:
            self.well_on[job.node] += 1
        elif usage.ending is Ending.FAILED:
            # what ran out of memory or time would have done so anywhere
            self.failed_on[job.node] += 1
            self.failing.setdefault(job.node, set()).add(whose)


def group(whose: Whose) -> Whose:
    """Jobs by hand whose names differ in their numbers alone are taken together."""
    return whose._replace(process=alike(whose.process)) if whose.engine == "sbatch" else whose


def limit_class(limit_s: float) -> int:
    """The upper edge, in hours, of the class that a time limit is in; 0: longer than all."""
    return next((edge for edge in CLASSES if limit_s <= edge * _SECONDS), 0)


def hours(seconds: float) -> float:
    """Seconds as hours."""
    return seconds / _SECONDS
