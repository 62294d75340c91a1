"""The environment of a command under ``heal run``: shims first on PATH, the logger plugin on PYTHONPATH."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import uuid
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from heal.shipped import shipped

PROGRAMS = ("snakemake", "sbatch")
PLUGIN = "snakemake_logger_plugin_heal"
# the shims know a folder of shims by this file
_MARK = ".heal-shims"


def attach(folder: Path, env: Mapping[str, str], *, spool: Path) -> dict[str, str]:
    """Give the environment that makes ``snakemake`` and ``sbatch`` below the command speak to ``spool``.

    ``folder`` gets a ``bin`` and a ``python`` folder, made anew where they differ from what this heal would make;
    several processes may do so at once. Raises OSError where it cannot be written, HealError where heal's own files
    are missing.
    """
    shims, python = folder / "bin", folder / "python"
    _make_shims(folder, shims)
    changed = {
        "PATH": _first(str(shims), env.get("PATH", os.defpath)),
        "HEAL_SPOOL": str(spool),
        "HEAL_OUTER_JOB": env.get("SLURM_JOB_ID", ""),
    }
    if _make_plugin(python):
        changed["PYTHONPATH"] = _last(str(python), env.get("PYTHONPATH", ""))
    # a heal run inside another's Snakemake is a beginning of its own
    return {name: value for name, value in env.items() if name != "HEAL_SHIM"} | changed


def _make_shims(folder: Path, shims: Path) -> None:
    shims.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(shims / _MARK, "Programs here stand in for others under heal run.\n", 0o600)
    shim = shipped("hooks") / "shim.py"
    for program in PROGRAMS:
        words = [sys.executable, "-I", "-S", str(shim), program, str(folder)]
        _write(shims / program, f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', 0o700)


def _write(path: Path, text: str, mode: int) -> None:
    with suppress(OSError, UnicodeDecodeError):
        if path.read_text(encoding="utf-8") == text and path.stat().st_mode & 0o777 == mode:
            return
    made = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    made.write_text(text, encoding="utf-8")
    made.chmod(mode)
    made.replace(path)


def _make_plugin(python: Path) -> bool:
    """Put the plugin's package into a folder of its own; False where this heal has none."""
    spec = find_spec(PLUGIN)
    if spec is None or not spec.submodule_search_locations:
        return False
    source = Path(spec.submodule_search_locations[0]).resolve()
    python.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = python / PLUGIN
    if target.is_symlink() and target.readlink() == source:
        return True
    made = python / f".{PLUGIN}.{uuid.uuid4().hex}"
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
