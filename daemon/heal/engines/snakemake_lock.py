"""Proof that the lock on a Snakemake working folder is left from a run that is no more."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path, PurePath

from heal.engines.processes import command_lines, family, folder_of, in_container, others_hidden
from heal.errors import CannotApply, NotNow
from heal.filesystem import on_network_fs
from heal.jobs import base_of

# which of these jobs, and of the engine's jobs of that folder, the scheduler still has
LiveJobs = Callable[[Sequence[str], Path], frozenset[str]]

# Snakemake's SLURM executor names all jobs of a run by a uuid, after a prefix where one is set
_JOB_NAME = re.compile(r"(?:.*_)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LOCKED_FOLDER = re.compile(r"in the following directory:\n(?P<folder>/.*)\n")


def locked_folder(message: str) -> Path | None:
    """The folder that Snakemake could not lock, by its own words; a ``workdir:`` is known to it alone."""
    found = _LOCKED_FOLDER.search(message)
    return Path(found["folder"]) if found else None


def prove_stale(folder: Path, live_jobs: LiveJobs) -> None:
    """Return if nobody can be working in ``folder``. Raises ``CannotApply`` with what speaks against it.

    What cannot be seen speaks against it too. Raises ``NotNow`` while a Snakemake or a job of it is at work there.
    """
    if on_network_fs(folder):
        raise CannotApply(
            f"{folder} is shared with other hosts, and heal cannot see whether one of them works there: "
            "if none does, run snakemake --unlock"
        )
    if _beyond_sight(folder):
        raise CannotApply(
            f"processes that heal cannot see from here may work in {folder}: if none does, run snakemake --unlock"
        )
    _nobody_at_work(folder)
    alive = live_jobs(unfinished_jobs(folder), folder)
    if alive:
        raise NotNow(f"jobs of the run that held the lock still run: {', '.join(sorted(alive))}")


def nothing_left(folder: Path, live_jobs: LiveJobs) -> None:
    """Return if no job of the scheduler's that was unfinished in ``folder`` still waits or runs. Raises ``NotNow``."""
    try:
        left = unfinished_jobs(folder)
        alive = live_jobs(left, folder) if left else frozenset[str]()
    except CannotApply as error:
        raise NotNow(str(error)) from error
    theirs = sorted(one for one in alive if base_of(one) in {base_of(job) for job in left})
    if theirs:
        raise NotNow(f"jobs that the run left behind still run: {', '.join(theirs)}")


def _beyond_sight(folder: Path) -> bool:
    """True where others may come to the folder whom this process cannot see."""
    if in_container() and folder.stat().st_dev != Path("/").stat().st_dev:
        # a volume, which is the host's or another container's as well
        return True
    return others_hidden() and any(owner != os.geteuid() for owner in _owners(folder))


def _nobody_at_work(folder: Path) -> None:
    own = family()
    for pid, words in command_lines():
        surely = is_snakemake(words) or _is_job(words)
        if pid in own or not (surely or _may_be_snakemake(words)):
            continue
        there = _works_in(pid, folder)
        if there and surely:
            who = "Snakemake" if is_snakemake(words) else "a job that Snakemake left"
            raise NotNow(f"{who} is at work in {folder} as process {pid}")
        if there:
            raise CannotApply(f"process {pid} ({' '.join(words[:3])}) works in {folder} and may drive Snakemake there")
        if there is None and is_snakemake(words):
            raise CannotApply(f"process {pid} is a Snakemake whose folder cannot be seen: the lock may be its own")


def _works_in(pid: int, folder: Path) -> bool | None:
    """Whether a process works in the folder; in a container it has another name for it, and it is the same one."""
    try:
        return Path(f"/proc/{pid}/cwd").samefile(folder)
    except FileNotFoundError:
        # it has ended, or its folder was removed
        return False
    except OSError:
        where = folder_of(pid)
        return None if where is None else where == folder.resolve()


def is_snakemake(words: Sequence[str]) -> bool:
    """True for the program itself, by its script or as a module; not for what was only told to start one (heal run)."""
    script = next((word for word in words[1:4] if not word.startswith("-")), "")
    return PurePath(words[0]).name == "snakemake" or (_is_python(words) and PurePath(script).name == "snakemake")


def _is_job(words: Sequence[str]) -> bool:
    """True for the shell of a rule, which outlives a Snakemake that was killed."""
    return PurePath(words[0]).name in ("bash", "sh") and any("set -euo pipefail" in word for word in words[1:])


def _may_be_snakemake(words: Sequence[str]) -> bool:
    """True for a Python program of the user's own, which may run Snakemake by its API; heal's own are told apart."""
    script = PurePath(next((word for word in words[1:4] if not word.startswith("-")), ""))
    return _is_python(words) and script.name not in ("heal", "launch.py", "shim.py")


def _is_python(words: Sequence[str]) -> bool:
    return PurePath(words[0]).name.startswith("python")


def _owners(folder: Path) -> set[int]:
    """Who made the locks."""
    kept = folder / ".snakemake"
    return {path.lstat().st_uid for path in (*(kept / "locks").glob("*.lock"), *kept.glob("metadata.db"))}


# --- the jobs of the run -----------------------------------------------------------------------


def unfinished_jobs(folder: Path) -> tuple[str, ...]:
    """The scheduler's ids of jobs that a run in ``folder`` did not see the end of. Raises ``CannotApply``."""
    ids = set(_of_database(folder / ".snakemake" / "metadata.db"))
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


def _of_database(path: Path) -> Iterable[str]:
    """The same of a run with ``--persistence-backend db``, whose database lies there unless it says otherwise."""
    if not path.exists():
        return []
    asked = "SELECT external_jobid FROM snakemake_metadata WHERE incomplete AND external_jobid IS NOT NULL"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as database:
            return [str(job) for (job,) in database.execute(asked)]
    except sqlite3.Error as error:
        raise CannotApply(f"what was unfinished cannot be read from {path}: {error}") from error


def live_slurm_jobs(ids: Sequence[str], folder: Path) -> frozenset[str]:
    """Which of these jobs SLURM still has waiting or running, and which that Snakemake submitted from ``folder``.

    Raises ``CannotApply`` where it does not say. Where SLURM is not installed no job of a run can have been its.
    """
    command = ["squeue", "--noheader", "--me", "--format=%i|%F|%j|%Z"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError as error:
        if not ids:
            return frozenset()
        raise CannotApply(f"SLURM cannot be asked whether {', '.join(ids)} still run: {error}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotApply(f"SLURM cannot be asked whether jobs of that run are left: {error}") from error
    if answer.returncode != 0:
        raise CannotApply(f"SLURM cannot be asked whether jobs of that run are left: {answer.stderr.strip()}")
    return frozenset(_live(answer.stdout, ids, folder))


def _live(queue: str, ids: Sequence[str], folder: Path) -> Iterable[str]:
    wanted = {job.partition(";")[0] for job in ids}
    for line in queue.splitlines():
        job, array, rest = (*line.split("|", 2), "", "")[:3]
        name, _, where = rest.rpartition("|")
        # the elements of an array that wait are one line (5_[2-3])
        mine = job in wanted or any(base_of(one) == array for one in wanted)
        if mine or (_JOB_NAME.fullmatch(name) and Path(where).resolve() == folder.resolve()):
            yield job
