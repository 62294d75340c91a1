"""Stands in for ``snakemake`` and ``sbatch`` on the PATH of a command under ``heal run``.

    python3 -I -S shim.py PROGRAM FOLDER argv…

PROGRAM is the name called, FOLDER the heal folder whose ``bin`` was found on PATH. The real program is the next of
that name outside any such folder. It gets the arguments as they are, but for Snakemake's logger, and its end is ours.
Inside a job of the run and under another shim it is started as if there was no shim.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

# -I leaves this script's own folder out
sys.path.insert(0, str(Path(__file__).resolve().parent))

# what marks a folder of shims, ours or another heal's
MARK = ".heal-shims"


def main(words: Sequence[str]) -> None:
    """Become the real program, or (sbatch) stay beside it until it has ended."""
    program, folder, args = words[0], Path(words[1]), list(words[2:])
    env = without_shims(os.environ)
    real = shutil.which(program, path=env["PATH"])
    if real is None:
        sys.stderr.write(f"{program}: command not found\n")
        sys.exit(127)
    if _aside(os.environ):
        _become(real, args, env)
    if program == "sbatch":
        from sbatch_shim import submit  # noqa: PLC0415 - the other program's start must not pay for it

        submit(real, args, without_plugin(env, folder / "python"))
    from snakemake_shim import with_logger  # noqa: PLC0415 - as above

    env["HEAL_SHIM"] = program
    _become(real, with_logger(real, args, env), with_plugin(env, folder / "python"))


def without_shims(env: Mapping[str, str]) -> dict[str, str]:
    """The environment without folders of shims on its PATH."""
    # an empty entry is the current folder
    folders = env.get("PATH", os.defpath).split(os.pathsep)
    return {**env, "PATH": os.pathsep.join(folder for folder in folders if not (Path(folder) / MARK).exists())}


def with_plugin(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment with the logger plugin on PYTHONPATH, whatever became of it since the run began."""
    rest = [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path and path != str(folder)]
    return {**env, "PYTHONPATH": os.pathsep.join([*rest, str(folder)])}


def without_plugin(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment as it was before the plugin came onto PYTHONPATH."""
    rest = [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path != str(folder)]
    kept = {name: value for name, value in env.items() if name != "PYTHONPATH"}
    return kept | ({"PYTHONPATH": os.pathsep.join(rest)} if any(rest) else {})


def _aside(env: Mapping[str, str]) -> bool:
    job = env.get("SLURM_JOB_ID", "")
    return bool(env.get("HEAL_SHIM")) or (bool(job) and job != env.get("HEAL_OUTER_JOB", ""))


def _become(real: str, args: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    # Python ignores these for itself; the program is to find them as the shell would give them
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execve(real, [real, *args], dict(env))  # noqa: S606 - the user's own call
    except OSError as error:
        sys.stderr.write(f"{real}: {error.strerror}\n")
        sys.exit(126)


if __name__ == "__main__":
    main(sys.argv[1:])
