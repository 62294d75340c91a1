"""Files below a folder, read and put in place without ever following a symbolic link."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from heal.errors import PatchRefused

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Held:
    """What a regular file holds, and whether its owner may run it."""

    data: bytes
    executable: bool

    @property
    def mark(self) -> str:
        """The same for equal content and right to run."""
        return f"{hashlib.sha256(self.data).hexdigest()}{'x' if self.executable else ''}"


def mark(held: Held | None) -> str:
    """As ``Held.mark``; a file that is not there has one too."""
    return held.mark if held else "absent"


def held(root: Path, path: str, most: int | None = None) -> Held | None:
    """What stands there; None where nothing does. Raises PatchRefused for all that is no regular file.

    ``most``: the largest size that is read; beyond it PatchRefused is raised.
    """
    with _folder(root, path) as folder:
        if folder is None:
            return None
        name = PurePosixPath(path).name
        try:
            number = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PatchRefused(f"{path} cannot be read as a file (no symbolic links): {error.strerror}") from error
        with os.fdopen(number, "rb") as file:
            found = os.fstat(number)
            if not stat.S_ISREG(found.st_mode):
                raise PatchRefused(f"{path} is no regular file")
            if most is not None and found.st_size > most:
                raise PatchRefused(f"{path} has {found.st_size} bytes, more than the {most} that a patch may touch")
            return Held(file.read(), bool(found.st_mode & stat.S_IXUSR))


def private_folder(folder: Path) -> None:
    """Make a folder that only its owner can look into: copies in it may be of files that nobody else may read.

    Raises OSError where it cannot be made; one that belongs to somebody else stays as it is.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(PermissionError):
        folder.chmod(0o700)


def staged(file: Path, what: Held) -> None:
    """Write a file whole and through to the disk; to be moved to its place later. Raises OSError."""
    file.unlink(missing_ok=True)
    mode = 0o777 if what.executable else 0o666  # less the user's umask
    number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(number, "wb") as out:
        out.write(what.data)
        out.flush()
        os.fsync(out.fileno())


def dressed(file: Path, root: Path, path: str, *, executable: bool) -> None:
    """Give a staged file the rights, lists and group of the one whose place it takes, as far as they can be given."""
    with _folder(root, path) as folder:
        if folder is None:
            return
        place = f"/proc/self/fd/{folder}/{PurePosixPath(path).name}"
        try:
            found = os.lstat(place)
        except OSError:
            return
        for name in _lists(place):
            try:
                os.setxattr(file, name, os.getxattr(place, name, follow_symlinks=False))
            except OSError:
                continue
    if found.st_gid != file.stat().st_gid:
        with suppress(OSError):  # a group that the user is not in: git's own checkout would not keep it either
            os.chown(file, -1, found.st_gid)
    mode = stat.S_IMODE(found.st_mode)
    file.chmod(mode | (mode & 0o444) >> 2 if executable else mode & ~0o111)


def kept(root: Path, path: str, copy: Path) -> None:
    """Hold on to the file itself by a second name, so that nothing written to it meanwhile is lost. Raises OSError."""
    with _folder(root, path) as folder:
        if folder is None:
            raise FileNotFoundError(path)
        copy.unlink(missing_ok=True)
        os.link(PurePosixPath(path).name, copy, src_dir_fd=folder, follow_symlinks=False)


def put(root: Path, path: str, staged_file: Path, *, new: bool) -> None:
    """Move a staged file to its place in one step. ``new``: nothing may stand there, else FileExistsError."""
    with _folder(root, path, make=new) as folder:
        if folder is None:
            raise FileNotFoundError(path)
        name = PurePosixPath(path).name
        if new:
            os.link(staged_file, name, dst_dir_fd=folder, follow_symlinks=False)
        else:
            os.rename(staged_file, name, dst_dir_fd=folder)
        os.fsync(folder)


def taken(root: Path, path: str, to: Path) -> None:
    """Move a file away, and the folders that are empty then are removed up to the root."""
    with _folder(root, path) as folder:
        if folder is not None:
            os.rename(PurePosixPath(path).name, to, src_dir_fd=folder)
    for above in PurePosixPath(path).parents:
        if str(above) == ".":
            return
        try:
            (root / above).rmdir()
        except OSError:
            return


@contextmanager
def _folder(root: Path, path: str, *, make: bool = False) -> Iterator[int | None]:
    """The open folder that a path lies in; None where it is missing. Raises PatchRefused at a symbolic link."""
    number: int | None = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in PurePosixPath(path).parts[:-1]:
            assert number is not None  # noqa: S101 - for the type checker: it ends the loop
            inner = _inner(number, part, path, make=make)
            os.close(number)
            number = inner
            if number is None:
                break
        yield number
    finally:
        if number is not None:
            os.close(number)


def _inner(folder: int, name: str, path: str, *, make: bool) -> int | None:
    if make:
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=folder)
    try:
        return os.open(name, _FOLDER, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PatchRefused(f"{path} lies behind {name}, which is no folder of its own: {error.strerror}") from error


def _lists(place: str) -> list[str]:
    try:
        return os.listxattr(place, follow_symlinks=False)
    except OSError:
        return []
