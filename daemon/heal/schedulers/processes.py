"""Live processes of this host that carry a token (Linux: /proc; elsewhere nothing is seen)."""

from __future__ import annotations

import os
import re
from pathlib import Path

# an interpreter, its option and a site's own script of that name
_WORDS = 3


def still_submitting(token: str, proc: Path = Path("/proc"), own_job: str | None = None) -> frozenset[str]:
    """Tell which of ``<token>``, ``<token>.<n>`` and their parts a submission of this host carries: it is not over.

    It carries it as HEAL_TOKEN. The jobs it submits do as well, so the program's name counts, or that it is in no job:
    sites put scripts in sbatch's place that start programs of other names. ``own_job``: the job in which heal itself
    runs.
    """
    own = own_job or os.environ.get("SLURM_JOB_ID")
    wanted = re.compile(rf"{re.escape(token)}(\.\d+)*")
    found = set()
    for folder in proc.glob("[0-9]*"):
        try:
            variables = dict(
                variable.partition("=")[::2] for variable in _texts(folder / "environ") if variable.startswith(_NAMES)
            )
            tag = variables.get("HEAL_TOKEN", "")
            if wanted.fullmatch(tag) and (
                variables.get("SLURM_JOB_ID") == own or _is_sbatch(_texts(folder / "cmdline"))
            ):
                found.add(tag)
        except OSError:
            # gone in the meantime, or another user's
            continue
    return frozenset(found)


_NAMES = ("HEAL_TOKEN=", "SLURM_JOB_ID=")


def _is_sbatch(words: list[str]) -> bool:
    return any(word.rpartition("/")[2] == "sbatch" for word in words[:_WORDS])


def _texts(path: Path) -> list[str]:
    return path.read_bytes().decode("utf-8", "surrogateescape").split("\0")
