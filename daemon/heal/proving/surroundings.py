"""The environment in which a patch is tried: the run's own, without what would tell heal, or the wrong job, of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from heal.knowledge.secret_names import secret_name

_MARK = ".heal-shims"
# of the job in which the run was driven, or heal runs; what configures SLURM's commands stays
_OF_JOB = ("SLURM_", "SLURMD_", "SBATCH_", "PMI_", "PMIX_", "SRUN_")
# who answers there opens other machines, or acts for the user elsewhere
_ANSWERING = ("SSH_AUTH_SOCK", "SSH_AGENT_PID", "GPG_AGENT_INFO", "DBUS_SESSION_BUS_ADDRESS")
_KEPT = ("SLURM_CONF", "SLURM_CLUSTERS", "SLURM_TIME_FORMAT")


def quiet(env: Mapping[str, str], temporary: str) -> dict[str, str]:
    """Take out heal's shims and hooks, and what is secret.

    What reports to heal all the same does so to ``temporary``, and nobody reads it. Caches and temporary files go there
    as well.
    """
    kept = {
        name: value
        for name, value in without_secrets(env).items()
        if not name.startswith("HEAL_") and (name in _KEPT or not name.startswith(_OF_JOB))
    }
    return kept | {
        "PATH": without_shims(env),
        "HEAL_SPOOL": f"{temporary}/spool",
        "TMPDIR": temporary,
        "XDG_CACHE_HOME": f"{temporary}/cache",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def without_shims(env: Mapping[str, str]) -> str:
    """The PATH of an environment without the folder of programs that stand in for others under ``heal run``."""
    paths = env.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(path for path in paths if not (Path(path) / _MARK).exists())


def without_secrets(env: Mapping[str, str]) -> dict[str, str]:
    """What a change that nobody has allowed yet may see of an environment; what needs a secret fails without it."""
    return {name: value for name, value in env.items() if not secret_name(name) and name not in _ANSWERING}
