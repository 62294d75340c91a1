"""Settings, made into the parts of a loop; the only file that names them all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from heal.engines.launcher import Launcher
from heal.engines.processes import process_alive
from heal.engines.sbatch import Sbatch
from heal.engines.snakemake import Snakemake
from heal.evidence.history import History
from heal.evidence.looking import Looker
from heal.evidence.scan import Scanner
from heal.home import places
from heal.home.spool import Spool
from heal.journal import Body
from heal.knowledge import patterns
from heal.knowledge.patterns import Library
from heal.loop import Loop, Parts
from heal.records import Incident, Run
from heal.schedulers.command import Commands
from heal.schedulers.local import Local
from heal.schedulers.slurm_cli import SlurmCli
from heal.seams import Engine
from heal.settings import Projects, Settings
from heal.shipped import shipped
from heal.store import Scope, Store


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def library(settings: Settings) -> Library:
    """The patterns heal ships, then the site's, then the user's; a later one of the same id replaces an earlier one."""
    folders = [shipped("patterns"), *settings.patterns.folders, settings.home / "patterns"]
    return patterns.load([folder for folder in folders if folder.is_dir()], cache_dir=places.cache())


def slurm(settings: Settings, patience_s: float = 30.0, stop: Callable[[], bool] = lambda: False) -> SlurmCli | None:
    """The SLURM of this host, if its commands are here; each is given so long to answer, less when told to stop."""
    if shutil.which("squeue") is None:
        return None
    return SlurmCli(scripts_dir=settings.home / "scripts", commands=Commands(timeout_s=patience_s, stop=stop))


def build(
    settings: Settings,
    store: Store,
    *,
    scope: Callable[[], Scope],
    spools: Callable[[], Sequence[Spool]],
    tell: Callable[[Incident, Body], None],
    foreground: bool,
    adjust: Callable[[Settings], Settings] = lambda given: given,
    discovers: bool = False,
    launch_spool: Path | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Loop:
    """A loop over the real parts.

    ``foreground``: launches inherit this terminal; else they get a log file of their own. ``launch_spool``: where they
    are told to speak. ``adjust`` is applied to the settings of every project (a flag that outranks heal.toml).
    ``stop``: asked while a scheduler is waited for; True ends the wait.
    """
    home, scheduler, known = settings.home, slurm(settings, stop=stop), library(settings)
    launcher = Launcher(home, launch_spool or settings.spool, foreground=foreground, log_dir=places.logs(home))
    return Loop(
        Parts(
            store=store,
            spools=spools,
            engines=_engines(launcher, scheduler),
            slurm=scheduler,
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
        ),
        scope,
    )


def _engines(launcher: Launcher, scheduler: SlurmCli | None) -> dict[str, Engine]:
    snakemake = Snakemake(launcher)
    return {"snakemake": snakemake, "sbatch": Sbatch(scheduler)} if scheduler else {"snakemake": snakemake}


def alive(run: Run) -> bool | None:
    """Whether the run's process still exists; None where it cannot be told from this host."""
    return process_alive(run.pid, run.host, run.started) if run.pid else None
