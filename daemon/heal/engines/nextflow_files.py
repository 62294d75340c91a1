"""What a Nextflow leaves in the folder it was started in: its logs, its history, its lock, its reports."""

from __future__ import annotations

import fcntl
import os
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from heal.engines.nextflow_argv import CommandLine, read
from heal.errors import CannotApply
from heal.records import Run

# Nextflow says who it is in the first lines of its log, and which settings apply to a process when it makes it
_HEAD_BYTES = 64_000
# so far into its log Nextflow says which settings apply to which process
RULES_BYTES = 4_000_000
_ROTATED = 10
_STAMP = re.compile(r"^([A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d\.\d{3}) ")
_LOG_BEFORE_START, _SLACK = timedelta(minutes=15), timedelta(seconds=2)
# struct flock of Linux: type, whence, start, length, pid
_FLOCK = "hhqqi"
_COLUMNS = 7
_SUBMITTED = re.compile(r"\[SLURM\] submitted process .* > jobId: (\d+(?:_\d+)?);")
_COMPLETED = re.compile(r"Task completed > TaskHandler\[jobId: (\d+(?:_\d+)?);")
_WENT_WELL = re.compile(r"Task completed > TaskHandler\[.*; exit: 0; error: -; workDir: ")
# what LevelDB keeps its entries in
_ENTRIES = (".log", ".sst", ".ldb")


@dataclass(frozen=True, slots=True)
class Launch:
    """A line of the history. ``status`` is OK, ERR, or ``-``: it goes on, or was killed and could not say."""

    name: str
    status: str
    session: str
    command: str

    @property
    def killed(self) -> bool:
        """True for one that could not say how it ended, if it does not go on."""
        return self.status == "-"


def session_of(run: Run) -> str | None:
    """The session and so the cache of a run: its id is ``<session>.<run name>``; None where it is not."""
    session, dot, _name = run.id.partition(".")
    return session if dot and re.fullmatch(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", session) else None


def log_of(run: Run, env: Mapping[str, str]) -> Path | None:
    """Nextflow's log of this very launch among those it keeps (``.nextflow.log``, then ``.1`` to ``.9``), or None.

    It is the one that names the session and the run; where it came to neither, the last one begun before the run spoke.
    """
    base = log_base(run, env)
    heads = [(path, _head(path)) for path in (base, *(base.with_name(f"{base.name}.{n}") for n in range(1, _ROTATED)))]
    session, _dot, name = run.id.partition(".")
    for path, head in heads:
        if f"Session UUID: {session}" in head and re.search(rf"Run name: {re.escape(name)}$", head, re.MULTILINE):
            return path
    if session_of(run):
        return None
    last = run.started.astimezone() + _SLACK
    nameless = [(_begun(head, last), path) for path, head in heads if "Session UUID: " not in head]
    return max(((begun, path) for begun, path in nameless if begun), default=(None, None))[1]


def log_base(run: Run, env: Mapping[str, str]) -> Path:
    """Where a run writes its log: ``-log``, else ``NXF_LOG_FILE``, else ``.nextflow.log``."""
    try:
        named = read(run.argv).launcher_values("-log")
    except CannotApply:
        named = ()
    return Path(run.cwd) / (named[-1] if named else env.get("NXF_LOG_FILE") or ".nextflow.log")


def rules_text(log: Path | None) -> str:
    """The part of a log in which Nextflow says which settings apply to which process; empty without one."""
    return _head(log, RULES_BYTES) if log else ""


def own_folder(cwd: str, env: Mapping[str, str]) -> Path:
    """Where Nextflow keeps history and cache: ``NXF_CACHE_DIR``, else ``.nextflow`` in the launch folder."""
    return Path(cwd) / (env.get("NXF_CACHE_DIR") or ".nextflow")


def history(folder: Path) -> tuple[Launch, ...]:
    """The launches that a folder's history names, oldest first; none where there is no history."""
    try:
        lines = (folder / "history").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    rows = (line.split("\t", _COLUMNS - 1) for line in lines)
    return tuple(Launch(row[2], row[3], row[5], row[6]) for row in rows if len(row) == _COLUMNS)


def holder(folder: Path, session: str) -> int | None:
    """The process that holds the cache of a session; None where nobody does, 0 where it cannot be told who.

    The system is asked, and the lock is not taken for a moment either: a Nextflow that starts just then would give up.
    Raises ``CannotApply`` where the lock cannot be asked about.
    """
    path = folder / "cache" / session / "db" / "LOCK"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotApply(f"whether {path} is held cannot be asked: {error}") from error
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _whence, _start, _length, pid = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    except OSError as error:
        raise CannotApply(f"whether {path} is held cannot be asked: {error}") from error
    finally:
        os.close(descriptor)
    return None if kind == fcntl.F_UNLCK else max(pid, 0)


def kept_nothing(folder: Path, session: str, log: Path | None) -> bool:
    """True where tasks of a launch ended well and the cache of its session holds nothing; False where nobody can tell.

    Nextflow does not say so itself: what it cannot write there is lost in silence.
    """
    try:
        entries = [path for path in (folder / "cache" / session / "db").iterdir() if path.suffix in _ENTRIES]
        if log is None or not entries or any(path.stat().st_size for path in entries):
            return False
        with log.open(encoding="utf-8", errors="replace") as lines:
            return any(map(_WENT_WELL.search, lines))
    except OSError:
        return False


def unfinished_jobs(log: Path | None) -> tuple[str, ...]:
    """The scheduler's ids of jobs that a launch submitted and did not see the end of, as its log tells.

    Raises ``CannotApply`` where there is no log to tell.
    """
    try:
        if log is None:
            raise FileNotFoundError("its log is gone")
        submitted: dict[str, None] = {}
        with log.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if match := _SUBMITTED.search(line):
                    submitted[match[1]] = None
                elif match := _COMPLETED.search(line):
                    submitted.pop(match[1], None)
    except OSError as error:
        raise CannotApply(f"which jobs of the killed Nextflow still run cannot be told: {error}") from error
    return tuple(submitted)


def in_the_way(line: CommandLine, scopes: Mapping[str, Any], cwd: str) -> list[Path]:
    """Reports of the launch before this one with a name of their own: Nextflow does not start over one that is there.

    A report whose name has no time in it, and may not be overwritten (``overwrite`` in its scope).
    """
    found = []
    for kind in ("trace", "report", "timeline", "dag"):
        said = scopes.get(kind)
        scope = said if isinstance(said, Mapping) else {}
        if not (line.flag(f"-with-{kind}") or scope.get("enabled") is True) or scope.get("overwrite") is True:
            continue
        named = (line.values(f"-with-{kind}") or (scope.get("file"),))[-1]
        if isinstance(named, str) and "://" not in named and (Path(cwd) / named).is_file():
            found.append(Path(cwd) / named)
    return found


def put_aside(paths: Sequence[Path]) -> list[str]:
    """Give each of these the next free number in its name (``report.1.html``); said in words."""
    said = []
    for path in paths:
        free = next(
            there for n in range(1, 10_000) if not (there := path.with_name(f"{path.stem}.{n}{path.suffix}")).exists()
        )
        try:
            path.rename(free)
        except OSError as error:
            raise CannotApply(f"{path} is in the way of a second launch and cannot be renamed: {error}") from error
        said.append(f"kept the earlier {path.name} as {free.name}")
    return said


def _head(path: Path, most: int = _HEAD_BYTES) -> str:
    try:
        with path.open("rb") as file:
            return file.read(most).decode(errors="replace")
    except OSError:
        return ""


def _begun(head: str, last: datetime) -> datetime | None:
    """When a log was begun, if that was shortly before ``last``; its stamps have no year and are local time."""
    match = _STAMP.match(head)
    if not match:
        return None
    for year in (last.year, last.year - 1):
        try:
            begun = datetime.strptime(f"{year} {match[1]}", "%Y %b-%d %H:%M:%S.%f").astimezone()
        except ValueError:
            continue
        if last - _LOG_BEFORE_START <= begun <= last:
            return begun
    return None
