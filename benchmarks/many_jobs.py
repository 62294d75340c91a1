"""Many jobs at once, on a SLURM of recorded answers: a failed array of 10,000, and 50,000 jobs that are only watched.

``python -m benchmarks.many_jobs``. What heal does is real (store, parsers, loop, the programs it starts), the cluster
is not: its programs print what was recorded, so that calls can be counted and nothing has to be waited for.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import row
from tests.fakes.site import Job, Site

from heal.engines.sbatch import Sbatch
from heal.evidence.history import History
from heal.evidence.looking import Looker
from heal.evidence.scan import Scanner
from heal.home import places
from heal.knowledge.patterns import load
from heal.loop import Loop, Parts
from heal.records import Event, RunRef, TaskRef
from heal.schedulers.command import Commands
from heal.schedulers.courtesy import CallBook
from heal.schedulers.local import Local
from heal.schedulers.slurm_cli import SlurmCli
from heal.schedulers.slurm_submitting import SlurmSubmitter
from heal.settings import Settings
from heal.shipped import shipped
from heal.store import Scope, Store

ELEMENTS = 10_000
WATCHED = 50_000
START = datetime(2026, 11, 29, 1, tzinfo=UTC)
RUN = RunRef("r1", "sbatch", "/usr", ("sbatch", "--array=0-9999", "work.sh"))
FAILED = 'reading sample {0}\nTraceback (most recent call last):\n  File "work.py", line 9, in <module>\nMemoryError\n'


class Bench:
    """A heal with a clock in hand over a recorded site."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.now = START
        self.run = RUN
        self.site = Site(folder / "site")
        self.store = store
        self.folder = folder
        settings = Settings(home=folder)
        self.book = CallBook(folder / "calls", settings.slurm.calls_per_minute, lambda: self.now.timestamp())  # noqa: PLW0108 - the clock moves
        # what submits runs in the user's environment: the site's programs must be found there too
        os.environ["PATH"] = self.site.path
        commands = Commands(book=self.book)
        slurm = SlurmCli(commands, lambda: self.now)
        submitter = SlurmSubmitter(folder / "scripts", commands, lambda: self.now)
        library = load([shipped("patterns")], cache_dir=places.cache())
        self.loop = Loop(
            Parts(
                store=store,
                spools=list,
                engines={"sbatch": Sbatch(submitter)},
                slurm=slurm,
                submitter=submitter,
                local=Local(),
                library=library,
                reader=Scanner(library, places.cache()),
                settings_for=lambda _folder: settings,
                alive=lambda _run: False,
                clock=lambda: self.now,
                tell=lambda _incident, _body: None,
                machine=Looker(),
                history=History(),
            ),
            Scope,
        )
        # as heal run keeps it of what it starts
        kept = folder / "env.json"
        kept.write_text(json.dumps({**os.environ}), encoding="utf-8")
        self.store.take(Event("run", "run_started", START, "runner", RUN, None, {"env_file": str(kept)}))

    def found(self, run: RunRef) -> None:
        """What is submitted from now on heal found by itself: of it neither command line nor environment are known."""
        self.run = run
        self.store.take(Event(f"{run.id}:run", "run_started", START, "poll", run, None, {}))

    def submitted(self, jobs: list[str]) -> None:
        self.store.take_many(
            [
                Event(
                    f"e{job}",
                    "task_submitted",
                    START,
                    "runner",
                    self.run,
                    TaskRef("work", job, 1, job, "/usr"),
                    {"process": "work", "asked": {"memory_mb": 100}},
                )
                for job in jobs
            ]
        )

    def pass_time(self, seconds: float) -> float:
        """One turn; the seconds of the processor that it took heal itself."""
        self.now += timedelta(seconds=seconds)
        self.site.show()
        before = time.process_time()
        self.loop.turn()
        return time.process_time() - before


def array(folder: Path) -> None:
    with Store.open(folder / "heal.db") as store:
        bench = Bench(folder, store)
        # what is loaded when the first failure is read is not the array's cost
        bench.loop.parts.reader.text("warm", "MemoryError\n")
        bench.submitted(["5000"])
        jobs = [Job(f"5000_{index}") for index in range(ELEMENTS)]
        bench.site.put(jobs)
        bench.pass_time(60)
        watching = Counter(bench.site.calls())
        for index, job in enumerate(jobs):
            path = folder / f"{index}.log"
            path.write_text(FAILED.format(index), encoding="utf-8")
            job.state, job.exit, job.rss, job.log = "FAILED", "1:0", "98000K", str(path)
        begun = time.monotonic()
        spent = bench.pass_time(60)
        while not bench.site.submissions():
            spent += bench.pass_time(5)
        decided = time.monotonic() - begun
        canary = next(job for job in bench.store.watched() if job.job.startswith("900001"))
        bench.site.put([Job(canary.job, "COMPLETED", log="/dev/null", submitted="2026-11-29T01:05:00")])
        rest = bench.pass_time(60)
        while len(bench.site.submissions()) < 2:
            rest += bench.pass_time(5)
        calls = Counter(bench.site.calls()) - watching
        incidents = bench.store.newest(10)
    said = ", ".join(
        f"{count} {name}" for name, count in sorted(Counter(one.split()[0] for one in calls.elements()).items())
    )
    row(
        f"an array of {ELEMENTS:,} elements that all fail: from the last event to the canary's submission, processor",
        f"{spent:.1f} s",
        f"{spent / ELEMENTS * 1e3:.2f} ms an element, {decided:.1f} s by the clock, at most {most_held():.0f} MB; "
        f"and {rest:.1f} s from the canary's end to the rest's submission",
    )
    row(
        f"the same, in all: {len(incidents)} incident, {len(bench.site.submissions())} submissions",
        f"{calls.total()} calls of SLURM's programs",
        said,
    )


def watched(folder: Path) -> None:
    with Store.open(folder / "heal.db") as store:
        bench = Bench(folder, store)
        jobs = [str(10_000 + number) for number in range(WATCHED)]
        bench.submitted(jobs)
        bench.site.put(Job(job) for job in jobs)
        bench.pass_time(60)
        first = Counter(bench.site.calls()).total()
        spent = bench.pass_time(200)
        calls = Counter(bench.site.calls()).total() - first
        kept = most_held()
    row(
        f"{WATCHED:,} watched jobs: one snapshot of the queue, taken in",
        f"{spent:.1f} s of the processor",
        f"{calls} call of SLURM's programs; at most {kept:.0f} MB of memory",
    )


def most_held() -> float:
    """The most memory that this process held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(wanted: list[str]) -> None:
    for part in (watched, array):
        if not wanted or part.__name__ in wanted:
            with tempfile.TemporaryDirectory() as folder:
                part(Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
