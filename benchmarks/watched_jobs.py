"""50,000 jobs of one user that a daemon follows, on a SLURM of recorded answers, in the shapes that they come in.

``python -m benchmarks.watched_jobs [SHAPE]``. The daemon has a registered project and looks for strangers in it; all
jobs lie there. Each shape is a process of its own, so that memory is that shape's alone; the jobs of the recorded site
are in it, too, some 10 MB. Processor time is heal's own, without that of SLURM's programs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.many_jobs import Bench, each_alone
from benchmarks.measure import most_held, row
from tests.fakes.site import Job

from heal.store import Store

JOBS = 50_000
ARRAYS = 5
EACH = JOBS // ARRAYS


@dataclass(frozen=True, slots=True)
class Look:
    """A turn in which the queue was asked: seconds of the processor, calls, and the most memory held so far, in MB."""

    cpu: float
    calls: int
    held: float

    def told(self, what: str) -> None:
        row(
            what,
            f"{self.cpu:.1f} s of the processor",
            f"{self.calls} calls of SLURM's programs; at most {self.held:.0f} MB of memory",
        )


class Watch:
    """A daemon over 50,000 jobs."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder / "heal.db")
        self.bench = Bench(folder, self.store)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.store.close()

    def look(self, seconds: float = 200) -> Look:
        before = len(self.bench.site.calls())
        spent = self.bench.pass_time(seconds)
        return Look(spent, len(self.bench.site.calls()) - before, most_held())

    def begin(self) -> Look:
        """The first look, and one more: what the site's rules cost once an hour is no part of what is measured then."""
        first = self.look(60)
        self.look(60)
        return first


def elements(first: int = 0) -> Iterable[Job]:
    return (Job(f"{100_000 * array}_{index}") for array in range(1, ARRAYS + 1) for index in range(first, EACH))


def bases() -> list[str]:
    return [str(100_000 * array) for array in range(1, ARRAYS + 1)]


def singles(folder: Path) -> None:
    """A submission each, announced by heal run."""
    with Watch(folder) as watch:
        jobs = [str(10_000 + number) for number in range(JOBS)]
        watch.bench.submitted(jobs)
        watch.bench.site.put(Job(job) for job in jobs)
        watch.begin().told(f"{JOBS:,} jobs that run, a submission each, announced by heal run: the first look")
        watch.look().told("the same, a look at which nothing is new")
        watch.bench.site.others = JOBS
        for job in jobs[:2]:
            watch.bench.site.put([Job(job, "COMPLETED", queued=False)])
        watch.look().told(f"the same, two of them have ended, and the controller has {JOBS:,} jobs of other people")


def found(folder: Path) -> None:
    """A submission each, which nobody announced."""
    with Watch(folder) as watch:
        watch.bench.site.put(Job(str(10_000 + number)) for number in range(JOBS))
        watch.begin().told(f"{JOBS:,} jobs that run, a submission each, that nobody announced: found and stored, once")
        watch.look().told("the same, a look at which nothing is new")
        # longer than accounting is left alone
        watch.look(700).told("the same, and accounting is asked for strangers, as every ten minutes")


def arrays(folder: Path) -> None:
    """Five arrays of 10,000, announced by heal run."""
    with Watch(folder) as watch:
        watch.bench.submitted(bases())
        watch.bench.site.put(elements())
        watch.begin().told(f"{JOBS:,} elements that run, of {ARRAYS} arrays that heal run announced: the first look")
        watch.look().told("the same, a look at which nothing is new")
        for job in [*watch.bench.site.jobs.values()][::500]:
            job.state = "COMPLETED"
        watch.look(400).told(f"the same, {JOBS // 500} of them have ended: asked about as every five minutes")


def found_arrays(folder: Path) -> None:
    """Five arrays of 10,000, which nobody announced."""
    with Watch(folder) as watch:
        watch.bench.site.put(elements())
        watch.begin().told(f"{JOBS:,} elements that run, of {ARRAYS} arrays that nobody announced: found, once")
        watch.look().told("the same, a look at which nothing is new")


def waiting(folder: Path) -> None:
    """Five arrays of 10,000, most of which wait: SLURM writes those as one."""
    with Watch(folder) as watch:
        watch.bench.submitted(bases())
        watch.bench.site.put(job for job in elements() if int(job.id.partition("_")[2]) < 10)
        watch.bench.site.put(Job(f"{base}_[10-{EACH - 1}]", "PENDING") for base in bases())
        watch.begin().told(f"{ARRAYS} such arrays of which all but ten elements each wait: the first look")
        watch.look().told("the same, a look at which nothing is new")


def ended(folder: Path) -> None:
    """Five arrays of 10,000 that all end between two looks."""
    with Watch(folder) as watch:
        watch.bench.submitted(bases())
        watch.bench.site.put(elements())
        watch.begin()
        watch.look()
        _come_home(watch, f"{JOBS:,} elements of {ARRAYS} arrays that all end between two looks")


def unseen(folder: Path) -> None:
    """The same while no heal ran, so that the controller has forgotten them."""
    with Watch(folder) as watch:
        watch.bench.submitted(bases())
        watch.bench.site.put(elements())
        for job in watch.bench.site.jobs.values():
            job.queued = False
        _come_home(watch, "such elements that all ended while no heal ran")


def _come_home(watch: Watch, what: str) -> None:
    for job in watch.bench.site.jobs.values():
        job.state, job.rss = "COMPLETED", "50000K"
    looks = [watch.look(40)]
    while watch.store.watched():
        looks.append(watch.look(40))
    row(
        f"{what}: until all ends are stored",
        f"{sum(look.cpu for look in looks):.1f} s of the processor",
        f"in {len(looks)} looks, at most {max(look.cpu for look in looks):.1f} s each; "
        f"{sum(look.calls for look in looks)} calls of SLURM's programs; at most {looks[-1].held:.0f} MB of memory",
    )


SHAPES = {one.__name__: one for one in (singles, found, arrays, found_arrays, waiting, ended, unseen)}

if __name__ == "__main__":
    each_alone("benchmarks.watched_jobs", SHAPES, sys.argv[1:])
