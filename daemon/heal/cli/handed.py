"""What somebody handed over to be diagnosed: a log, a folder, a job's number… and which files are evidence for it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from heal.errors import NothingThere, NotOneJob
from heal.jobs import JobFacts, JobState
from heal.knowledge.surroundings import Surroundings

FACTS = "facts.json"
STDIN = "-"
# what a folder of one failure never exceeds; beyond it somebody named their home by mistake
MOST_FILES = 2000
_SKIPPED = frozenset({".git", "conda", "node_modules", "__pycache__"})
# what Snakemake keeps beside its logs are its own books
_SNAKEMAKE = ".snakemake"
_SNAKEMAKE_TEXTS = ("log", "slurm_logs")
# what a log holds where something was run, or could not be: --unlock, --dag and --list write logs as well
_A_RUN = re.compile(r"(?m)^(?:Job stats:|(?:local)?(?:rule|checkpoint) |\w*(?:Error|Exception)\b|Nothing to be done)")
_MOST_LOGS = 50
# a step of a job is told of as its job
_JOB = re.compile(r"(\d+(?:_\d+)?)(?:\.(?:batch|extern|\d+))?")
_MOST_ELEMENTS = 8
# of an engine's log only the end is searched for the logs it names
_TAIL = 1 << 20
_MOST_NAMED = 12
# Snakemake: "log: a.log, b.log (check log file(s) for error details)"; Nextflow: "Work dir:", then the folder
_SNAKEMAKE_LOGS = re.compile(r"^ +log: (.+?)(?: \(check log file\(s\) for error details\))?$", re.MULTILINE)
_NEXTFLOW_DIRS = re.compile(r"^Work dir:\s*\n\s+(/\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Handed:
    """The evidence of one thing handed over: files with the names to show them under, and facts.

    ``around`` is where it happened, as far as that can be told; None where it may have been anywhere.
    """

    files: tuple[tuple[Path, str], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    job: JobFacts | None = None
    around: Surroundings | None = None


def handed(word: str) -> Handed:
    """What the word stands for.

    Raises NothingThere where it is no path and no job that SLURM knows, NotOneJob where it is an array that is no case.
    """
    path = Path(word)
    if not word.strip():
        raise NothingThere(
            "an empty word names nothing: give a log, a folder, a job, an incident, or - for standard input"
        )
    # unlike Path.resolve, this takes a link that leads to itself for what it is
    if f"{os.path.realpath(word)}/".startswith(("/proc/", "/sys/")):
        raise NothingThere(f"{word} belongs to the kernel, and reading there may wait for ever: give a log or a folder")
    if path.is_dir():
        return _of_folder(path)
    if path.exists():
        return Handed(((path, word), *_named_by(path)), around=_near(path))
    if (number := _JOB.fullmatch(word)) and (job := _job(number[1])):
        files = tuple((Path(log), log) for log in job.log_paths)
        return Handed(files, {"engine": "slurm"}, job, Surroundings(workdir=job.workdir or ""))
    raise NothingThere(f"{not_there(word)} and no incident of heal: heal status lists those")


def not_there(word: str) -> str:
    """What a word is not, as far as could be looked: a SLURM that is not here was not asked."""
    asked = shutil.which("squeue") or not _JOB.fullmatch(word)
    job = "that SLURM knows" if asked else "that could be asked about (no SLURM command is on the PATH)"
    return f"{word} is no file, no folder, no job {job}"


# --- folders -----------------------------------------------------------------------------------


def _of_folder(path: Path) -> Handed:
    if _is_task_folder(path):
        return _task_folder(path)
    # with facts.json somebody has gathered a case, whatever else lies there
    log = None if (path / FACTS).exists() else _newest_log(path)
    return _snakemake_folder(path, log) if log else _folder(path)


def _newest_log(folder: Path) -> Path | None:
    """The log of the last run of Snakemake in the folder; their names begin with the time."""
    logs = sorted((folder / _SNAKEMAKE / "log").glob("*.snakemake.log"), reverse=True)
    return next((log for log in logs[:_MOST_LOGS] if _A_RUN.search(_tail(log))), logs[0] if logs else None)


def _snakemake_folder(folder: Path, log: Path) -> Handed:
    """A folder that Snakemake ran in: what its last run said, and the logs of the tasks that it names."""
    files = ((log, os.path.relpath(log, folder)), *_named_by(log))
    return Handed(files, {"engine": "snakemake"}, around=Surroundings(cwd=str(folder.absolute())))


def _is_task_folder(path: Path) -> bool:
    """True for the work folder of a Nextflow task."""
    return (path / ".command.run").is_file() and (path / ".command.sh").is_file()


def _task_folder(path: Path) -> Handed:
    """A Nextflow task: its own output first, its script, its exit code; its data is not read."""
    names = [".command.err", ".command.out", ".command.log", ".command.sh"]
    files = [path / name for name in names]
    files += sorted(file for ending in ("log", "err", "out") for file in path.glob(f"*.{ending}") if file.is_file())
    exit_code = _number(path / ".exitcode")
    facts = {"engine": "nextflow"} | ({"exit_code": exit_code} if exit_code is not None else {})
    return Handed(
        tuple((file, file.name) for file in files if file.is_file()),
        facts,
        around=Surroundings(workdir=str(path.absolute())),
    )


def _folder(path: Path) -> Handed:
    return Handed(tuple((file, file.relative_to(path).as_posix()) for file in _files(path)), _facts(path / FACTS))


def _files(folder: Path) -> Iterator[Path]:
    """The files below, those nearest to the top first: what was handed over in person counts most."""
    found: list[Path] = []
    for where, folders, names in os.walk(folder):
        own = Path(where).name == _SNAKEMAKE
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and (not own or name in _SNAKEMAKE_TEXTS))
        found += [Path(where, name) for name in names if name != FACTS]
        if len(found) >= MOST_FILES:
            break
    yield from sorted(found, key=lambda path: (len(path.parts), path.as_posix()))


def _facts(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _near(path: Path) -> Surroundings | None:
    """Of a log below the folder somebody stands in, that folder; one from elsewhere is about another place."""
    here = Path.cwd()
    return Surroundings(cwd=str(here), here=False) if here in path.absolute().parents else None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


# --- logs that name other logs -----------------------------------------------------------------


def _named_by(path: Path) -> tuple[tuple[Path, str], ...]:
    """The tasks' own logs that an engine's log names, as far as they are there; the last ones first."""
    text = _tail(path)
    base = path.absolute().parent
    # .snakemake/log/<time>.snakemake.log names its logs from the folder that holds .snakemake
    base = base.parent.parent if base.parent.name == ".snakemake" else base
    logs = [base / name.strip() for names in _SNAKEMAKE_LOGS.findall(text) for name in names.split(",")]
    outputs = (".command.err", ".command.out", ".command.log")
    logs += [Path(folder, name) for folder in _NEXTFLOW_DIRS.findall(text) for name in outputs]
    there = [log for log in dict.fromkeys(reversed(logs)) if log.is_file() and log != path.absolute()]
    return tuple((log, os.path.relpath(log)) for log in there[:_MOST_NAMED])


def _tail(path: Path) -> str:
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            return file.read(_TAIL).decode("utf-8", "replace")
    except OSError:
        return ""


# --- jobs --------------------------------------------------------------------------------------


def _job(number: str) -> JobFacts | None:
    """What SLURM says of the job, of an array the one element that failed; None where it knows nothing of it.

    Raises NotOneJob where none, or more than one, of an array's elements failed.
    """
    if shutil.which("squeue") is None:
        return None
    from heal.records import Attempt
    from heal.settings import load
    from heal.wiring import commands, slurm

    scheduler = slurm(commands(load(Path.cwd()), ceiling=False))
    asked = Attempt(0, "", "", "slurm", number, number, number, native_id=number)
    known = scheduler.facts([asked]) if scheduler else {}
    return known.get(number) or (_element(number, known) if known else None)


def _element(array: str, elements: Mapping[str, JobFacts]) -> JobFacts:
    failed = sorted(
        (job for job, facts in elements.items() if facts.state.over and facts.state is not JobState.COMPLETED),
        key=lambda job: (len(job), job),
    )
    if len(failed) == 1:
        return elements[failed[0]]
    if not failed:
        raise NotOneJob(f"{array} is a job array, and none of its {len(elements)} elements has failed")
    more = f" and {len(failed) - _MOST_ELEMENTS} more" if len(failed) > _MOST_ELEMENTS else ""
    raise NotOneJob(
        f"{array} is a job array: {len(failed)} of its {len(elements)} elements failed, "
        f"{', '.join(failed[:_MOST_ELEMENTS])}{more}: ask about one of them, such as heal diagnose {failed[0]}"
    )
