"""Proof that the lock on a Snakemake working folder is left from a run that is no more."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath

from heal.engines.processes import command_lines, folder_of
from heal.errors import CannotApply, NotNow
from heal.filesystem import on_network_fs

LiveJobs = Callable[[Sequence[str]], frozenset[str]]


def prove_stale(folder: Path, live_jobs: LiveJobs) -> None:
    """Return if nobody can be working in ``folder``. Raises ``CannotApply`` with what speaks against it.

    What cannot be seen speaks against it too. Raises ``NotNow`` while a Snakemake is seen at work there.
    """
    if on_network_fs(folder):
        raise CannotApply(
            f"{folder} is shared with other hosts, and heal cannot see whether one of them works there: "
            "if none does, run snakemake --unlock"
        )
    for pid, words in command_lines():
        if not is_snakemake(words):
            continue
        where = folder_of(pid)
        if where is None:
            raise CannotApply(f"process {pid} is a Snakemake whose folder cannot be seen: the lock may be its own")
        if where == folder.resolve():
            raise NotNow(f"Snakemake is at work in {folder} as process {pid}")
    submitted = unfinished_jobs(folder)
    alive = live_jobs(submitted) if submitted else frozenset()
    if alive:
        raise CannotApply(f"jobs of the run that held the lock still run: {', '.join(sorted(alive))}")


def is_snakemake(words: Sequence[str]) -> bool:
    """True for the program itself, by its script or as a module; not for what was only told to start one (heal run)."""
    script = next((word for word in words[1:4] if not word.startswith("-")), "")
    return PurePath(words[0]).name == "snakemake" or (
        PurePath(words[0]).name.startswith("python") and PurePath(script).name == "snakemake"
    )


def unfinished_jobs(folder: Path) -> tuple[str, ...]:
    """The scheduler's ids of jobs that a run in ``folder`` did not see the end of. Raises ``CannotApply``."""
    ids: set[str] = set()
    try:
        for path in (folder / ".snakemake" / "incomplete").rglob("*"):
            if path.is_file():
                ids |= _external_id(path)
    except OSError as error:
        raise CannotApply(f"what was unfinished in {folder} cannot be read: {error}") from error
    return tuple(sorted(ids))


def _external_id(path: Path) -> set[str]:
    try:
        content = json.loads(path.read_bytes() or b"{}")
    except ValueError:
        return set()
    found = content.get("external_jobid") if isinstance(content, dict) else None
    return {str(found)} if found else set()


def live_slurm_jobs(ids: Sequence[str]) -> frozenset[str]:
    """Which of these jobs SLURM still has waiting or running. Raises ``CannotApply`` where it does not say."""
    command = ["squeue", "--noheader", "--format=%i", f"--jobs={','.join(ids)}"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotApply(f"SLURM cannot be asked whether {', '.join(ids)} still run: {error}") from error
    # an id that SLURM has forgotten is none that runs
    if answer.returncode != 0 and "Invalid job id" not in answer.stderr:
        raise CannotApply(f"SLURM cannot be asked whether {', '.join(ids)} still run: {answer.stderr.strip()}")
    return frozenset(answer.stdout.split())
