"""Many failures at once, on a SLURM of recorded answers: an array of 10,000, by a daemon that also looks for strangers.

``python -m benchmarks.many_jobs``. What heal does is real (store, parsers, loop, the programs it starts, the questions
to a model's server), the cluster is not: its programs print what was recorded, so that calls can be counted and nothing
has to be waited for. Each part is a process of its own, or the memory of one would be another's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import most_held, row
from tests.consulting.given import project
from tests.fakes.site import Job, Site
from tests.models.server import ModelServer, says

from heal.consulting import Consultant
from heal.engines.sbatch import Sbatch
from heal.evidence.history import History
from heal.evidence.looking import Looker
from heal.evidence.scan import Scanner
from heal.home import places
from heal.journal import Diagnosed
from heal.knowledge.patterns import load
from heal.loop import Loop, Parts
from heal.model_settings import Model
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
START = datetime(2026, 11, 29, 1, tzinfo=UTC)
MEMORY = 'reading sample {0}\nTraceback (most recent call last):\n  File "work.py", line 9, in <module>\nMemoryError\n'
NAME = (
    "sample {0}\nTraceback (most recent call last):\n"
    "  File \"align.py\", line 3, in <module>\nNameError: name 'smaple' is not defined\n"
)

NO_FIX, USAGE = "NO FIX: nobody knows what it should be", {"prompt_tokens": 5980, "completion_tokens": 20}


class Bench:
    """A daemon with a clock in hand over a recorded site, where the folder of all jobs is a registered project."""

    def __init__(self, folder: Path, store: Store, workdir: str = "/usr") -> None:
        self.now = START
        self.site = Site(folder / "site", workdir=workdir)
        self.store = store
        self.folder = folder
        self.settings = Settings(home=folder)
        per_minute = self.settings.slurm.calls_per_minute
        self.book = CallBook(folder / "calls", per_minute, lambda: self.now.timestamp())  # noqa: PLW0108 - the clock moves
        # what submits runs in the user's environment: the site's programs must be found there too
        os.environ["PATH"] = self.site.path
        commands = Commands(book=self.book)
        slurm = SlurmCli(commands, lambda: self.now)
        submitter = SlurmSubmitter(folder / "scripts", commands, lambda: self.now, sources=slurm.sources)
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
                settings_for=lambda _folder: self.settings,
                alive=lambda _run: False,
                clock=lambda: self.now,
                tell=lambda _incident, _body: None,
                machine=Looker(),
                history=History(),
                discovers=True,
            ),
            Scope,
        )
        registered = START - timedelta(days=1)
        facts = {"path": workdir}
        body = json.dumps({"facts": facts})
        self.store.take(Event("project", "project", registered, "person", facts=facts, body=body))

    def submitted(self, jobs: list[str], argv: tuple[str, ...] = ("sbatch", "--array=0-9999", "work.sh")) -> None:
        """What heal run tells of their submission, with the environment it kept; of others neither is known."""
        kept = self.folder / "env.json"
        kept.write_text(json.dumps({**os.environ}), encoding="utf-8")
        run, facts = RunRef("r1", "sbatch", self.site.workdir, argv), {"process": "work", "asked": {"memory_mb": 100}}
        tasks = [TaskRef("work", job, 1, job, self.site.workdir) for job in jobs]
        self.store.take(Event("run", "run_started", START, "runner", run, None, {"env_file": str(kept)}))
        self.store.take_many(
            [Event(f"e{task.key}", "task_submitted", START, "runner", run, task, facts) for task in tasks]
        )

    def fail(self, log: str) -> None:
        """All jobs fail, each with a log of its own."""
        for index, job in enumerate(self.site.jobs.values()):
            path = self.folder / f"{index}.log"
            path.write_text(log.format(index), encoding="utf-8")
            job.state, job.exit, job.rss, job.log = "FAILED", "1:0", "98000K", str(path)

    def pass_time(self, seconds: float) -> float:
        """One turn; the seconds of the processor that it took heal itself."""
        self.now += timedelta(seconds=seconds)
        self.site.show()
        before = time.process_time()
        self.loop.turn()
        return time.process_time() - before


def array(folder: Path) -> None:
    """Submitted under heal run, which kept command line and environment."""
    with Store.open(folder / "heal.db") as store:
        bench = Bench(folder, store)
        bench.submitted(["5000"])
        _healed(bench, f"an array of {ELEMENTS:,} elements that all fail")


def found(folder: Path) -> None:
    """Submitted by hand, in a registered project."""
    with Store.open(folder / "heal.db") as store:
        _healed(Bench(folder, store), "such an array that the daemon found by itself")


def _healed(bench: Bench, what: str) -> None:
    # what is loaded when the first failure is read is not the array's cost
    bench.loop.parts.reader.text("warm", "MemoryError\n")
    bench.site.put(Job(f"5000_{index}") for index in range(ELEMENTS))
    bench.pass_time(60)
    bench.pass_time(60)
    watching = Counter(bench.site.calls())
    bench.fail(MEMORY)
    begun = time.monotonic()
    spent = bench.pass_time(60)
    while not bench.site.submissions():
        spent += bench.pass_time(5)
    decided = time.monotonic() - begun
    [canary] = [job.job for job in bench.store.watched() if job.job.startswith("900001")]
    bench.site.put([Job(canary, "COMPLETED", log="/dev/null", submitted="2026-11-29T01:05:00")])
    rest = bench.pass_time(60)
    while len(bench.site.submissions()) < 2:
        rest += bench.pass_time(5)
    calls = Counter(call.split()[0] for call in (Counter(bench.site.calls()) - watching).elements())
    row(
        f"{what}: from the last event to the canary's submission, processor",
        f"{spent:.1f} s",
        f"{spent / ELEMENTS * 1e3:.2f} ms an element, {decided:.1f} s by the clock, at most {most_held():.0f} MB; "
        f"and {rest:.1f} s from the canary's end to the rest's submission: {spent + rest:.1f} s in all",
    )
    row(
        f"the same, in all: {len(bench.store.newest(10))} incident, {len(bench.site.submissions())} submissions",
        f"{calls.total()} calls of SLURM's programs",
        ", ".join(f"{count} {name}" for name, count in sorted(calls.items())) + "; what looks for strangers included",
    )


def cause(folder: Path) -> None:
    """An array of one mistake in a script of a repository, with a model that may be asked."""
    script = "#!/bin/bash\npython align.py $SLURM_ARRAY_TASK_ID\n"
    repository = project(folder / "p", {"job.sh": script, "align.py": "import sys\n\nprint(smaple)\n"})
    with Store.open(folder / "heal.db") as store, ModelServer(says(NO_FIX, usage=USAGE)) as server:
        bench = Bench(folder, store, str(repository))
        model = Model(base_url=server.url, model="m", context=30_000, max_output=500)
        bench.settings = bench.settings.model_copy(update={"model": {"local": model}})
        consultant = Consultant(store, folder / "cache", store.newest_in, lambda: bench.now)
        bench.loop = Loop(replace(bench.loop.parts, consultant=consultant), Scope)
        bench.submitted(["5000"], ("sbatch", f"--array=0-{ELEMENTS - 1}", "job.sh"))
        bench.site.put(Job(f"5000_{index}") for index in range(ELEMENTS))
        bench.pass_time(60)
        bench.fail(NAME)
        spent = bench.pass_time(60)
        while consultant.wait():
            spent += bench.pass_time(5)
        for _ in range(20):
            spent += bench.pass_time(60)
            while consultant.wait():
                spent += bench.pass_time(5)
        [(incident, bodies)] = store.newest(10)
        asked = len(server.bodies)
    row(
        f"{incident.tasks:,} elements of an array that fail for one name that is not defined: questions to a model",
        f"{asked}",
        f"{sum(isinstance(body, Diagnosed) for body in bodies)} diagnosis, {spent:.1f} s of the processor, "
        f"at most {most_held():.0f} MB; the server is a real one that counts, its model is not",
    )


def each_alone(module: str, parts: Mapping[str, Callable[[Path], None]], wanted: list[str]) -> None:
    """Run the one part that is wanted, or each in a process of its own."""
    if wanted:
        with tempfile.TemporaryDirectory() as folder:
            parts[wanted[0]](Path(folder))
        return
    for name in parts:
        subprocess.run([sys.executable, "-m", module, name], check=True)


if __name__ == "__main__":
    each_alone("benchmarks.many_jobs", {"array": array, "found": found, "cause": cause}, sys.argv[1:])
