"""The environment that a job was submitted in, as accounting keeps it (AccountingStoreFlags=job_env). Pure.

sacct prints a variable a line, and a value that has line breaks over several. What sbatch was told of the environment
(``--export``) is in it too: of a job that was to get none of it, only SLURM's own variables are kept.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping

_HEADING = re.compile(r"^Environment used for .*\n-+\n", re.MULTILINE)
_VARIABLE = re.compile(r"^([A-Za-z_][A-Za-z0-9_.%()-]*)=(.*)$", re.DOTALL)
# what sbatch found out or was told for that one submission, and finds out again (src/sbatch)
_OF_SBATCH = frozenset({"SLURM_GET_USER_ENV", "SLURM_JOB_DEPENDENCY", "SLURM_OPEN_MODE"})


def parse_environment(text: str) -> dict[str, str] | None:
    """Read what ``sacct -j ID --env-vars`` prints, of several jobs the first; None where nothing is kept."""
    _before, *parts = _HEADING.split(text, maxsplit=2)
    if not parts:
        return None
    variables: dict[str, str] = {}
    name = ""
    # sacct ends the text with an empty line of its own
    for line in parts[0].rstrip("\n").split("\n"):
        if begun := _VARIABLE.match(line):
            name = begun[1]
            variables[name] = begun[2]
        elif name:
            variables[name] += f"\n{line}"
        else:
            return None
    return variables


def as_submitted(kept: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Make the environment to submit the job in again, of what is kept of the first time and heal's own.

    Where all of it was handed to the job that is all; else what was not is heal's, and the job gets as little of it as
    the first time.
    """
    env = {name: value for name, value in kept.items() if name not in _OF_SBATCH}
    if "PATH" not in kept:
        env = {**own, **env}
    elif not shutil.which("sbatch", path=kept["PATH"]):
        env["PATH"] = f"{kept['PATH']}:{own.get('PATH', '')}"
    if told := kept.get("SLURM_EXPORT_ENV"):
        # said by --export, by a directive or by this variable; the first two outrank it
        env["SBATCH_EXPORT"] = told
    return env
