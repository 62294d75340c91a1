"""The engines that heal doctor finds, and how well heal can follow each."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from heal.errors import HealError, SchedulerUnreachable

_PATIENCE_S = 60.0
_VERSION = re.compile(r"(\d{1,4})(?:\.[\w.+-]{1,60})?")

Row = tuple[str, str, str]


def engines() -> Iterator[Row]:
    """Name, what is there, and what to do about it."""
    yield _snakemake()
    yield _nextflow()


def program(called: str, name: str) -> Row:
    """Whether a program is there."""
    path = shutil.which(called)
    return (name, path or "not on PATH", "")


def _snakemake() -> Row:
    from heal.schedulers.command import Commands

    path = shutil.which("snakemake")
    if path is None:
        return ("Snakemake", "not on PATH", "activate the environment it is in, then look again")
    try:
        said = Commands(timeout_s=_PATIENCE_S).ask([path, "--version"], most_mb=1).stdout.strip()
    except SchedulerUnreachable as error:
        return ("Snakemake", f"{path} does not tell its version", str(error))
    version = _VERSION.fullmatch(said)
    if version is None:
        return ("Snakemake", f"{path} does not tell its version", "")
    old = int(version[1]) < 9  # noqa: PLR2004 - logger plugins came with 9
    return (
        "Snakemake",
        f"{said} at {path}",
        "too old for logger plugins: it runs, but heal sees nothing of it" if old else "",
    )


def _nextflow() -> Row:
    from heal.engines.nextflow_version import version_of
    from heal.shipped import nextflow_plugin

    path = shutil.which("nextflow")
    if path is None:
        return ("Nextflow", "not on PATH", "")
    version = version_of(Path(path), os.environ)
    said = f"{version} at {path}" if version else f"{path} does not tell its version"
    try:
        nextflow_plugin()
    except HealError as error:
        return ("Nextflow", said, f"{error} Till then heal reads Nextflow's log")
    known = tuple(int(part) for part in version.split(".")[:2]) if version else None
    # what the plugin implements came with it
    old = known is not None and known < (25, 4)
    return ("Nextflow", said, "too old for heal's plugin: heal reads its log instead" if old else "")
