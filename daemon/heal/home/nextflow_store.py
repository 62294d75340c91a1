"""The folder that Nextflow keeps a user's plugins in, and heal's plugin in it."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

from heal.errors import HealError
from heal.shipped import NEXTFLOW_PLUGIN, nextflow_plugin


def store_folder(env: Mapping[str, str] = os.environ) -> Path:
    """``$NXF_PLUGINS_DIR``, else ``$NXF_HOME/plugins``, else ``~/.nextflow/plugins``, as Nextflow's launcher has it."""
    if env.get("NXF_PLUGINS_DIR"):
        return Path(env["NXF_PLUGINS_DIR"]).absolute()
    home = env.get("NXF_HOME") or str(Path(env.get("HOME") or Path.home()) / ".nextflow")
    return Path(home).absolute() / "plugins"


def installed(store: Path) -> bool | None:
    """True when heal's plugin is there as this heal has it, None when it is otherwise, False when it is not there."""
    own = store / NEXTFLOW_PLUGIN
    if not own.is_dir():
        return False
    try:
        return True if _contents(own) == _contents(nextflow_plugin() / NEXTFLOW_PLUGIN) else None
    except HealError:
        return None


def put(store: Path) -> None:
    """Put the plugin there, whole or not at all; nothing is done where it is there. Raises OSError, HealError."""
    if installed(store):
        return
    target, made = store / NEXTFLOW_PLUGIN, store / f".{NEXTFLOW_PLUGIN}.{uuid.uuid4().hex}"
    try:
        shutil.copytree(nextflow_plugin() / NEXTFLOW_PLUGIN, made)
        if target.exists():
            target.replace(made.with_suffix(".old"))
        made.replace(target)
    finally:
        for left in (made, made.with_suffix(".old")):
            shutil.rmtree(left, ignore_errors=True)


def remove(store: Path) -> bool:
    """Take the plugin away again; False where there was none. Raises OSError."""
    own = store / NEXTFLOW_PLUGIN
    there = own.is_dir()
    if there:
        shutil.rmtree(own)
    return there


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
