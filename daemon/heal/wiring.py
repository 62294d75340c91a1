"""Settings, made into the parts of a loop; the only file that names them all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from heal.cases import Case
from heal.consulting import Consultant
from heal.consulting.consultant import AGAIN
from heal.engines.checking import Checker
from heal.engines.launcher import Launcher
from heal.engines.logs import AllLogs
from heal.engines.nextflow import Nextflow
from heal.engines.nextflow_config import resolve
from heal.engines.nextflow_exitcode import NextflowExit
from heal.engines.nextflow_follow import NextflowLogs
from heal.engines.processes import process_alive
from heal.engines.sbatch import Sbatch
from heal.engines.snakemake import Snakemake
from heal.engines.snakemake_follow import SnakemakeLogs
from heal.evidence.history import History
from heal.evidence.looking import Looker
from heal.evidence.scan import Scanner
from heal.home import places
from heal.home.site import SiteSpool
from heal.home.slurm_cluster import cluster
from heal.home.spool import Spool
from heal.jobs import JobFacts
from heal.journal import Body, Diagnosed
from heal.knowledge import patterns
from heal.knowledge.patterns import Library
from heal.loop import Loop, Parts
from heal.loop.earlier import changes_before
from heal.loop.questions import ended
from heal.records import Attempt, Incident, Run
from heal.schedulers.command import Commands
from heal.schedulers.courtesy import CallBook
from heal.schedulers.kept import Shelf
from heal.schedulers.local import Local
from heal.schedulers.pyslurm_process import PyslurmProcess
from heal.schedulers.sides import Sides
from heal.schedulers.slurm_cli import SlurmCli
from heal.schedulers.slurm_pyslurm import SlurmPy, interpreter, program
from heal.schedulers.slurm_sources import Sources
from heal.schedulers.slurm_submitting import SlurmSubmitter
from heal.seams import Engine
from heal.settings import Projects, Settings
from heal.shipped import shipped
from heal.steps.consult import Matter
from heal.steps.diagnose import diagnose
from heal.steps.gather import Reader, said_all
from heal.store import Scope, Store


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def library(settings: Settings) -> Library:
    """The patterns heal ships, then the site's, then the user's; a later one of the same id replaces an earlier one."""
    folders = [shipped("patterns"), *settings.patterns.folders, settings.home / "patterns"]
    return patterns.load([folder for folder in folders if folder.is_dir()], cache_dir=places.cache())


def commands(
    settings: Settings,
    *,
    ceiling: bool = True,
    patience_s: float = 30.0,
    stop: Callable[[], bool] = lambda: False,
) -> Commands:
    """What runs SLURM's programs: each is given so long to answer, less when told to stop, and all are counted.

    ``ceiling`` False: a person asked, and is not kept waiting by what heal asked by itself.
    """
    book = CallBook(places.calls(settings.home), settings.slurm.calls_per_minute if ceiling else None)
    return Commands(timeout_s=patience_s, stop=stop, book=book)


def slurm(commands: Commands, sides: Sides | None = None, shelf: Shelf | None = None) -> SlurmCli | None:
    """The SLURM of this host, if its commands are here. ``sides`` hears who answers, ``shelf`` keeps the rules."""
    return SlurmCli(commands, now, Sources(commands, sides), shelf) if shutil.which("squeue") else None


def sides(settings: Settings) -> Sides:
    """What is kept of who does not answer."""
    return Sides(places.silences(settings.home), now)


def end_of(settings: Settings, attempt: Attempt) -> dict[str, JobFacts]:
    """What is known of the end of a try, asked now for a person. Raises ``SchedulerUnreachable``."""
    scheduler = slurm(commands(settings, ceiling=False)) if attempt.native_id else Local()
    return ended(scheduler, [attempt]) if scheduler and not said_all(attempt) else {}


def pyslurm(
    settings: Settings, commands: Commands, tell: Callable[[str], None] = lambda _text: None
) -> PyslurmProcess | None:
    """What asks pyslurm, where the settings say so and SLURM is here; nothing is started yet.

    ``tell`` is told why it is given up, if it is.
    """
    python = interpreter(settings.slurm.pyslurm)
    return PyslurmProcess(program(python), commands, tell) if python and shutil.which("squeue") else None


def _slurm(
    settings: Settings, calls: Commands, trouble: Callable[[str], None]
) -> tuple[SlurmCli | SlurmPy | None, SlurmSubmitter | None]:
    """Who is asked about jobs, and who submits. A pyslurm that an earlier heal has given up is tried anew."""
    note = places.pyslurm_trouble(settings.home)
    note.unlink(missing_ok=True)

    def given_up(text: str) -> None:
        with suppress(OSError):
            note.write_text(text, encoding="utf-8")
        trouble(text)

    process = pyslurm(settings, calls, given_up)
    kept = sides(settings)
    shelf = Shelf(places.site_rules(settings.home), now)
    scheduler = SlurmPy(process, calls, now, kept, shelf) if process else slurm(calls, kept, shelf)
    if scheduler is None:
        return None, None
    return scheduler, SlurmSubmitter(settings.home / "scripts", calls, sources=scheduler.sources)


def site_spool(settings: Settings) -> SiteSpool:
    """Where the site's SLURM hooks speak to this user."""
    return SiteSpool(settings.slurm.site_spool, settings.spool / "bad")


def build(
    settings: Settings,
    store: Store,
    *,
    scope: Callable[[], Scope],
    spools: Callable[[], Sequence[Spool]],
    tell: Callable[[Incident, Body], None],
    foreground: bool,
    adjust: Callable[[Settings], Settings] = lambda given: given,  # every project's: a flag outranks heal.toml
    discovers: bool = False,
    launch_spool: Path | None = None,
    stop: Callable[[], bool] = lambda: False,
    trouble: Callable[[str], None] = lambda _text: None,
) -> Loop:
    """A loop over the real parts; launches have this terminal (``foreground``), or a log file of their own.

    ``launch_spool``: where they speak. ``stop`` True ends waiting for a scheduler; ``trouble`` is told what is wrong.
    """
    calls = commands(settings, stop=stop)
    known, (scheduler, submitter) = library(settings), _slurm(settings, calls, trouble)
    parts = Parts(
        store=store,
        spools=spools,
        engines=_engines(settings, store, submitter, launch_spool or settings.spool, foreground=foreground),
        slurm=scheduler,
        submitter=submitter,
        local=Local(),
        library=known,
        reader=Scanner(known, places.cache()),
        settings_for=Projects(settings, adjust),
        alive=alive,
        clock=now,
        tell=tell,
        machine=Looker(),
        history=History(),
        discovers=discovers,
        cluster=cluster(os.environ) if scheduler else "",
    )
    return Loop(_with_help(parts, settings, calls if scheduler else None), scope)


def _with_help(parts: Parts, settings: Settings, calls: Commands | None) -> Parts:
    """With what looks and asks beside the loop; ``calls`` reach SLURM, None where there is none."""
    return replace(
        parts,
        site=site_spool(settings),
        checker=Checker(),
        logs=AllLogs(NextflowLogs(parts.store.run, now, resolving=resolve), SnakemakeLogs(now)),
        exits=NextflowExit(),
        consultant=consultant(parts.store, calls, partial(_listened, parts.library, parts.reader)),
    )


def consultant(
    store: Store, calls: Commands | None, listen: Callable[[Matter, str], Diagnosed] | None = None
) -> Consultant:
    """Who asks coding models; nothing of it is loaded before the first question."""
    return Consultant(store, places.cache() / "models", store.newest_in, now, calls, listen)


def _listened(known: Library, reader: Reader, matter: Matter, said: str) -> Diagnosed:
    """The diagnosis that follows from what a task said when it was run again."""
    evidence = (*matter.evidence, reader.text(AGAIN, said))
    attempt = matter.attempts[-1]
    case = Case(
        matter.incident.engine, evidence, matter.jobs.get(attempt.job), process=attempt.process, asked=attempt.asked
    )
    return Diagnosed(diagnose(case, known), evidence, matter.findings)


def _engines(
    settings: Settings, store: Store, submitter: SlurmSubmitter | None, spool: Path, *, foreground: bool
) -> dict[str, Engine]:
    log_dir = places.logs(settings.home)
    launcher = partial(Launcher, settings.home, spool, foreground=foreground, log_dir=log_dir)
    # Snakemake's command line names heal's logger itself
    engines: dict[str, Engine] = {"snakemake": Snakemake(launcher()), "nextflow": Nextflow(launcher(attached=True))}
    if submitter is None:
        return engines
    sbatch = Sbatch(submitter, spool if settings.slurm.sentinel else None, partial(changes_before, store))
    return {**engines, "sbatch": sbatch}


def alive(run: Run) -> bool | None:
    """Whether the run's process still exists; None where it cannot be told from this host."""
    return process_alive(run.pid, run.host, run.started) if run.pid else None
