"""Tells Nextflow how a job ended that could not say so itself: the ``.exitcode`` that its wrapper did not write.

Nextflow's grid executors learn of the end of a task from that file alone (``GridTaskHandler.readExitStatus``). A job
that was killed leaves none, and Nextflow waits until it has found the job inactive for ``exitReadTimeout`` (270 s), in
all some seven minutes, before it gives the task up without an exit code. SLURM knows at once. What is written is what
the wrapper would have written, had the kill left it the time, and only what SLURM's books prove.

By the same file Nextflow knows, when it resumes, that a task is done (``TaskProcessor.checkCachedOutput``): where a
check refuses what the task made, it is put aside, and the task runs again.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from heal.errors import CannotApply
from heal.jobs import JobFacts, JobState

_NAME, _WRAPPER = ".exitcode", ".command.run"
# what a node has written is seen here by then, over a network file system too: the folder is read anew
SETTLES = timedelta(seconds=15)
_KILLED, _WARNED = 128 + 9, 128 + 12
# above the signals that programs die of stand SLURM's own numbers: 53 (no output file), 125 (out of memory)
_LAST_SIGNAL, _MEMORY_SIGNAL = 31, 125
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EACCES)


class NextflowExit:
    """The exit seam over the work folders of Nextflow."""

    def missing(self, workdir: str) -> bool:
        """Tell whether this is a work folder of the user's own, and without an exit code."""
        return _is_own(Path(workdir)) and _is_missing(Path(workdir))

    def owed(self, workdir: str, job: JobFacts, now: datetime) -> int | None:
        """Give the exit code that is proven and missing in a work folder; None where nothing is to be written (yet)."""
        code = proven(job)
        return code if code is not None and _settled(job, now) and self.missing(workdir) else None

    def write(self, workdir: str, code: int) -> str:
        """Write it, whole or not at all and never over one that is there; what was done, in words."""
        folder = Path(workdir)
        made = folder / f".heal-exitcode-{os.getpid()}"
        try:
            _create(made, code)
            try:
                os.link(made, folder / _NAME)
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                # Nextflow waits for the content of one that is empty
                _create(folder / _NAME, code)
            finally:
                made.unlink(missing_ok=True)
        except FileExistsError:
            return f"{folder / _NAME} is there by now"
        except OSError as error:
            return f"{folder / _NAME} cannot be written: {error}"
        return f"wrote {code} to {folder / _NAME}"


def undo(workdir: str) -> None:
    """Let a task that is done run again when its run is resumed. Twice is the same. Raises ``CannotApply``."""
    folder = Path(workdir)
    if not _is_own(folder):
        raise CannotApply(
            f"{workdir or 'its work folder'} is no work folder of yours here: Nextflow would take it again"
        )
    try:
        (folder / _NAME).rename(folder / f"{_NAME}.refused")
    except FileNotFoundError:
        return
    except OSError as error:
        raise CannotApply(f"{folder / _NAME} cannot be put aside: {error}") from error


def proven(job: JobFacts) -> int | None:
    """Give the exit code that the wrapper of a job would have written; None where SLURM's books prove none.

    A job that a person cancelled, and one whose node was lost, say nothing of what the task would have come to.
    """
    if not job.final:
        return None
    if job.state is JobState.OUT_OF_MEMORY:
        return _KILLED
    if job.state is JobState.TIMEOUT:
        # what it ends with that heeds the warning Nextflow asks for (--signal B:USR2@30)
        return _WARNED
    return _own_end(job) if job.state is JobState.FAILED else None


def _own_end(job: JobFacts) -> int | None:
    if job.signal == _MEMORY_SIGNAL:
        return _KILLED
    if job.signal:
        return 128 + job.signal if job.signal <= _LAST_SIGNAL else None
    # accounting before 25.11 takes 128 away from codes above it; 0 is no failure
    return (job.exit_code or None) if job.source.startswith("scontrol") else None


def _settled(job: JobFacts, now: datetime) -> bool:
    """True when it has been over for a while; SLURM prints the time of this host."""
    try:
        return now - datetime.fromisoformat(job.ended).astimezone() >= SETTLES
    except ValueError:
        return False


def _is_own(folder: Path) -> bool:
    """True for a work folder of Nextflow that is this user's."""
    try:
        here, wrapper = folder.lstat(), (folder / _WRAPPER).lstat()
    except OSError:
        return False
    plain = stat.S_ISDIR(here.st_mode) and stat.S_ISREG(wrapper.st_mode)
    return folder.is_absolute() and plain and here.st_uid == wrapper.st_uid == os.geteuid()


def _is_missing(folder: Path) -> bool:
    """True where there is no exit code; the folder is read, which asks a network file system anew."""
    try:
        return _NAME not in os.listdir(folder)  # noqa: PTH208 - names are all there is to it
    except OSError:
        return False


def _create(path: Path, code: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        os.write(descriptor, str(code).encode("ascii"))
        os.fsync(descriptor)
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise
    finally:
        os.close(descriptor)
