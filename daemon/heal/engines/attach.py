"""The environment of a command under ``heal run``: shims first on PATH, the logger plugin on PYTHONPATH.

What the shim of ``nextflow`` needs lies beside them: the Nextflow plugin, and what puts it on the class path.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from heal import whole_file
from heal.errors import HealError
from heal.shipped import LOGGER_PLUGIN, NEXTFLOW_PLUGIN, logger_plugin, nextflow_plugin, shipped

PROGRAMS = ("snakemake", "nextflow", "sbatch")
# the shims know a folder of shims by this file
_MARK = ".heal-shims"
_OF_ANOTHER = ("HEAL_SHIM", "HEAL_SUBMITTED", "HEAL_IN_JOBS")
# where heal was moved or taken away since, or is not on this host: as if there was no shim
_SHIM = """\
#!/bin/sh
[ -x {python} ] && [ -r {shim} ] && exec {call} "$@"
heal_rest= IFS=:
for heal_each in $PATH; do
    [ "$heal_each" = {shims} ] || heal_rest=$heal_rest${{heal_rest:+:}}$heal_each
done
PATH=$heal_rest
exec {program} "$@"
"""


def attach(
    folder: Path, env: Mapping[str, str], *, spool: Path, in_flight_s: float | None = 0.0, in_jobs: bool = False
) -> dict[str, str]:
    """Give the environment that makes the engines and ``sbatch`` below the command speak to ``spool``.

    ``in_flight_s``: how many seconds an engine may wait for heal's answer about a task that failed; 0: it does not ask;
    None: as long as whoever listens on ``spool`` says.
    ``in_jobs``: engines in the jobs that a user's own ``sbatch`` submits speak as well.
    ``folder`` gets a ``bin``, a ``python`` and a ``nextflow`` folder, made anew where they differ from what this heal
    would make; several processes may do so at once. Raises OSError where it cannot be written, HealError where heal's
    own files are missing.
    """
    shims, python = folder / "bin", folder / "python"
    _make_shims(folder, shims)
    _make_nextflow(folder / "nextflow")
    changed = {
        "PATH": _first(str(shims), env.get("PATH", os.defpath)),
        "HEAL_SPOOL": str(spool),
        "HEAL_OUTER_JOB": env.get("SLURM_JOB_ID", ""),
        **({} if in_flight_s is None else {"HEAL_IN_FLIGHT": f"{in_flight_s:g}"}),
        **({"HEAL_IN_JOBS": "1"} if in_jobs else {}),
    }
    if _make_plugin(python):
        changed["PYTHONPATH"] = _last(str(python), env.get("PYTHONPATH", ""))
    # a heal run inside another's engine, or its job, is a beginning of its own
    return {name: value for name, value in env.items() if name not in _OF_ANOTHER} | changed


def _make_shims(folder: Path, shims: Path) -> None:
    shims.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(shims / _MARK, "Programs here stand in for others under heal run.\n", 0o600)
    shim = shipped("hooks") / "shim.py"
    for program in PROGRAMS:
        words = [sys.executable, "-I", "-S", str(shim), program, str(folder)]
        named = {"python": sys.executable, "shim": str(shim), "shims": str(shims), "program": program}
        quoted = {name: shlex.quote(text) for name, text in named.items()}
        _write(shims / program, _SHIM.format(call=shlex.join(words), **quoted), 0o700)


def _make_nextflow(own: Path) -> None:
    """Put the Nextflow plugin where the shim looks for it; without it heal follows Nextflow's log."""
    try:
        built = nextflow_plugin()
        agent, plugin = (built / f"{NEXTFLOW_PLUGIN}{kind}.jar" for kind in ("-agent", ""))
        files = {"agent.jar": agent.read_bytes(), "plugin.jar": plugin.read_bytes()}
    except (HealError, FileNotFoundError):
        shutil.rmtree(own, ignore_errors=True)
        return
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in files.items():
        _write(own / name, content, 0o600)
    _write(own / "java", (shipped("hooks") / "nextflow_java.sh").read_bytes(), 0o700)


def _write(path: Path, text: str | bytes, mode: int) -> None:
    content = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    with suppress(OSError):
        if path.read_bytes() == content and path.stat().st_mode & 0o777 == mode:
            return
    whole_file.put(path, content, mode=mode, masked=False)


def _make_plugin(python: Path) -> bool:
    """Put the plugin's package into a folder of its own; False where this heal has none."""
    source = logger_plugin()
    if source is None:
        return False
    python.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = python / LOGGER_PLUGIN
    if target.is_symlink() and target.readlink() == source:
        return True
    made = python / f".{LOGGER_PLUGIN}.{uuid.uuid4().hex}"
    try:
        made.symlink_to(source, target_is_directory=True)
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        made.replace(target)
    except OSError:
        # a file system without symbolic links
        made.unlink(missing_ok=True)
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return True


def _first(entry: str, path: str) -> str:
    rest = [other for other in path.split(os.pathsep) if other != entry]
    return os.pathsep.join([entry, *rest])


def _last(entry: str, path: str) -> str:
    rest = [other for other in path.split(os.pathsep) if other and other != entry]
    return os.pathsep.join([*rest, entry])
