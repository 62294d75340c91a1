"""What tries a draft here: the guard, what parses, what the engine says, and the failed task run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from heal.consulting.parts import Guarding
from heal.engines.nextflow_replay import NextflowReplay
from heal.engines.nextflow_trial import NextflowCheck
from heal.engines.snakemake_checking import SnakemakeCheck
from heal.engines.snakemake_replay import SnakemakeReplay
from heal.proving.here import Here
from heal.proving.replay import Replay, Running, Staging
from heal.proving.tester import Proving, Tester
from heal.schedulers.command import Commands
from heal.schedulers.replaying import SlurmReplays
from heal.schedulers.sbatch_replay import SbatchReplay
from heal.settings import Settings


def tester(settings: Settings, guard: Guarding, commands: Commands | None, stop: Callable[[], bool]) -> Proving:
    """By a project's settings. ``commands`` None: there is no SLURM here."""
    again = replay(settings, commands, stop) if settings.patches.replay else None
    return Tester(guard, {"snakemake": SnakemakeCheck(), "nextflow": NextflowCheck()}, again)


def replay(settings: Settings, commands: Commands | None, stop: Callable[[], bool]) -> Replay:
    """What runs a failed task again, on this machine or as a job."""
    runners: Mapping[str, Running] = {
        "local": Here(stop=stop),
        **({"slurm": SlurmReplays(commands, stop=stop)} if commands else {}),
    }
    staging: Mapping[str, Staging] = {
        "snakemake": SnakemakeReplay(),
        "nextflow": NextflowReplay(),
        "sbatch": SbatchReplay(),
    }
    return Replay(staging, runners, minutes=settings.patches.replay_minutes)
