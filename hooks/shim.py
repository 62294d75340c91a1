"""Stands in for ``snakemake``, ``nextflow`` and ``sbatch`` on the PATH of a command under ``heal run``.

    python3 -I -S shim.py PROGRAM FOLDER argv…

PROGRAM is the name called (``python`` and ``java`` by ``launch.py``, for an engine in them), FOLDER the heal folder
whose ``bin`` was found on PATH. The real program is the one that HEAL_REAL names (``launch.py`` sets it where the
command is a path), else the next of that name outside any such folder. It gets the arguments as they are, but for
Snakemake's logger, and its end is ours. Inside a job of an engine and under another shim it is started as if there was
no shim; so is an ``sbatch`` in a job of the user's own.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

# -I leaves this script's own folder out
sys.path.insert(0, str(Path(__file__).resolve().parent))

# what marks a folder of shims, ours or another heal's
MARK = ".heal-shims"


def main(words: Sequence[str]) -> None:
    """Become the real program, or (sbatch) stay beside it until it has ended."""
    program, folder, args = words[0], Path(words[1]), list(words[2:])
    env = without_shims(as_given(os.environ))
    real = shutil.which(env.pop("HEAL_REAL", program), path=env["PATH"])
    if real is None:
        sys.stderr.write(f"{program}: command not found\n")
        sys.exit(127)
    if _aside(program, os.environ):
        _become(real, args, env)
    if program == "sbatch":
        from sbatch_shim import submit  # noqa: PLC0415 - the other programs' start must not pay for it

        submit(real, args, without_plugin(env, folder / "python"), _inside(env, folder))
    if program in ("nextflow", "java"):
        _nextflow(real, args, without_plugin(env, folder / "python"), folder / "nextflow", is_java=program == "java")
    from snakemake_shim import with_logger  # noqa: PLC0415 - as above

    # python -m snakemake: these two stay where they are
    start = args[: 2 if program == "python" else 0]
    env["HEAL_SHIM"] = "snakemake"
    words = with_logger(real, args[len(start) :], env, is_python=bool(start))
    _become(real, [*start, *words], with_plugin(env, folder / "python"))


def _inside(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What sbatch has and hands on to its job: where the user wants that, the shims, for an engine in there."""
    if not env.get("HEAL_IN_JOBS"):
        return without_plugin(env, folder / "python")
    given = {name: value for name, value in as_given(os.environ).items() if name != "HEAL_REAL"}
    return without_plugin({**given, "HEAL_SUBMITTED": "1"}, folder / "python")


def _nextflow(real: str, args: Sequence[str], env: Mapping[str, str], attached: Path, *, is_java: bool) -> NoReturn:
    """``is_java``: ``real`` is the Java of a ``java … nextflow.cli.Launcher``."""
    import nextflow_shim  # noqa: PLC0415 - as above

    start, words = nextflow_shim.apart(args) if is_java else ([], args)
    if not nextflow_shim.runs(words):
        _become(real, args, env)
    own = {**env, "HEAL_SHIM": "nextflow"}
    changed = nextflow_shim.with_java(real, own, attached) if is_java else nextflow_shim.with_plugin(own, attached)
    with suppress(Exception):
        nextflow_shim.tell([real, *start], words, own, plugin=changed != own)
    _become(str(attached / "java") if is_java and changed != own else real, args, changed)


def as_given(env: Mapping[str, str]) -> dict[str, str]:
    """The environment without the locale that Python gives itself, and its children, where there is none (PEP 538)."""
    try:
        given = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return dict(env)
    kept = {name: value for name, value in env.items() if name != "LC_CTYPE"}
    locale = [os.fsdecode(entry[9:]) for entry in given if entry.startswith(b"LC_CTYPE=")]
    return kept | ({"LC_CTYPE": locale[0]} if locale else {})


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


def _aside(program: str, env: Mapping[str, str]) -> bool:
    job = env.get("SLURM_JOB_ID", "")
    if env.get("HEAL_SHIM"):
        return True
    # a job that the user submitted may be where the pipeline is driven from; what that submits is its own business
    own = bool(env.get("HEAL_SUBMITTED")) and program != "sbatch"
    return bool(job) and job != env.get("HEAL_OUTER_JOB", "") and not own


def _become(real: str, args: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    # Python ignores these for itself; the program is to find them as the shell would give them
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execve(real, [real, *args], dict(env))  # noqa: S606 - the user's own call
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            # a script without a first line is a shell's, as for execvp
            os.execve("/bin/sh", ["/bin/sh", real, *args], dict(env))  # noqa: S606 - as above
        sys.stderr.write(f"{real}: {error.strerror}\n")
        sys.exit(126)


if __name__ == "__main__":
    main(sys.argv[1:])
