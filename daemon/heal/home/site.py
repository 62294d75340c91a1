"""The site's spool: what SLURM's own hooks say of this user's jobs, in a folder that an admin made (docs/hooks.md)."""

from __future__ import annotations

import os
import pwd
import stat
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from heal.home.places import private_folder

# what a hook writes is never larger
MAX_BYTES = 64 * 1024
# hooks keep a folder below ten thousand files; whatever else is in it, no turn reads more than this
MOST_FILES = 20_000
# a folder that others may write to could hold anybody's words
_OTHERS = stat.S_IWOTH
_ANYBODY = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Slip:
    """One file of the site's spool. Names are used again: the same slip has the same number and time as well."""

    path: Path
    inode: int
    changed: int


class SiteSpool:
    """A user's folder below ``base``. ``kept_bad``: a folder of the user's own, for files that are no event.

    The folder is read only while nobody but root, the owner of the base and the user can write to it.
    """

    def __init__(self, base: Path, kept_bad: Path, user: str | None = None) -> None:
        self.base = base
        self.user = _user_name() if user is None else user
        self.folder = base / self.user if self.user else None
        self._bad = kept_bad

    def refusal(self) -> str:
        """Why the folder is not read although it is there; empty where it is read, or is not there."""
        if self.folder is None:
            return ""
        try:
            return self._refused(self.folder, self.base.lstat(), self.folder.lstat())
        except OSError:
            return ""

    def _refused(self, folder: Path, base: os.stat_result, own: os.stat_result) -> str:
        if not stat.S_ISDIR(base.st_mode) or not stat.S_ISDIR(own.st_mode):
            return f"{folder} is no folder, or leads to one by a link"
        if base.st_mode & _ANYBODY or base.st_uid not in self._trusted(own.st_uid):
            return f"{self.base} is not its admin's alone"
        if own.st_mode & _OTHERS or own.st_uid not in self._trusted(base.st_uid):
            return f"{folder} can be written by others"
        usable = os.access(folder, os.R_OK | os.W_OK | os.X_OK)
        return "" if usable else f"{folder} may not be read, or nothing may be removed from it"

    def _trusted(self, *more: int) -> set[int]:
        return {0, os.geteuid(), *more}

    def folders(self) -> list[Path]:
        """The folder to be watched for news; none where it is not there or not to be read."""
        return [self.folder] if self.folder is not None and self.folder.is_dir() and not self.refusal() else []

    def slips(self) -> list[Slip]:
        """What is there now, oldest first; of a flood as much as a turn can bear."""
        if self.folder is None or self.refusal():
            return []
        found: list[Slip] = []
        with suppress(OSError), os.scandir(self.folder) as entries:
            for entry in islice(entries, MOST_FILES):
                if entry.name.endswith(".json") and not entry.name.startswith("."):
                    # what another heal has just taken is gone
                    with suppress(OSError):
                        seen = entry.stat(follow_symlinks=False)
                        found.append(Slip(self.folder / entry.name, seen.st_ino, seen.st_mtime_ns))
        return sorted(found, key=lambda slip: (slip.changed, slip.path))

    def text(self, slip: Slip) -> str | None:
        """What it says; None where it is no text of a hook's: a link, a pipe, somebody else's, too large, not UTF-8."""
        try:
            # a pipe is not waited for, a link not followed
            descriptor = os.open(slip.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            seen = os.fstat(file.fileno())
            known = self._trusted(self.base.stat().st_uid)
            if not stat.S_ISREG(seen.st_mode) or seen.st_nlink != 1 or seen.st_uid not in known:
                return None
            read = file.read(MAX_BYTES + 1)
        try:
            return read.decode("utf-8") if len(read) <= MAX_BYTES else None
        except UnicodeDecodeError:
            return None

    def done(self, slip: Slip) -> None:
        """It is of no further use: remove it. What cannot be removed stays."""
        with suppress(OSError):
            slip.path.unlink()

    def bad(self, slip: Slip, text: str | None, why: str) -> None:
        """Keep what is no event in the user's own folder, with the reason, and remove it."""
        private_folder(self._bad)
        kept = self._bad / f"site-{slip.changed}-{slip.path.name}"
        kept.with_suffix(".why").write_text(why + "\n", encoding="utf-8")
        if text is not None:
            kept.write_text(text, encoding="utf-8")
        self.done(slip)

    def dropped(self) -> int:
        """How many events the hooks could not leave here, at least."""
        try:
            return int((self.base / ".dropped" / self.user).read_text(encoding="ascii").strip() or 0)
        except (OSError, ValueError):
            return 0


def _user_name() -> str:
    """The name of this user, as SLURM has it; empty where this host knows none."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return ""
