"""The files of a repository, read and never followed out of it: from its folder, or from a commit."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from heal.knowledge.secret_files import holds_secrets

MOST_BYTES = 256 * 1024
_MOST_FILES = 20_000
_TIMEOUT_S = 20
_HEAD = 8192
# what a pipeline makes, fetches and hides; a repository of git's own says better which files are its own
_SKIPPED = frozenset({".git", ".heal", ".snakemake", ".nextflow", "work", "results", "node_modules", "__pycache__"})
_OPTIONS = (
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never"),
    *("-c", "core.quotePath=false", "--no-pager", "--literal-pathspecs"),
)


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds; ``note`` says why it could not be had, and is empty where it could."""

    text: str = ""
    note: str = ""


class Tree(Protocol):
    """The files of one repository. Nothing here raises."""

    def paths(self) -> tuple[str, ...]:
        """All paths, from the root, with ``/``, in order; bounded."""

    def read(self, path: str) -> Content:
        """One file; not what is binary, too large, a link, or made to hold secrets."""


class Reading:
    """The files of a Tree, each read once; ``notes`` say what could not be, as the keys of a mapping."""

    def __init__(self, tree: Tree) -> None:
        given = tree.paths()
        # a name that would end the line of a heading is no name of a pipeline's file
        self.paths = tuple(path for path in given if path.isprintable() and "`" not in path)
        self.known = frozenset(self.paths)
        odd = len(given) - len(self.paths)
        self.notes: dict[str, None] = {f"{odd} files with odd signs in their names: not read": None} if odd else {}
        self._tree = tree
        self._read: dict[str, Content] = {}

    def text(self, path: str, *, noted: bool = True) -> str:
        """What a file holds; empty where it cannot be read, which is noted unless it was not asked for by name."""
        if path not in self._read:
            self._read[path] = self._tree.read(path)
        content = self._read[path]
        if content.note and noted:
            self.notes[f"{path}: {content.note}"] = None
        return content.text

    def matching(self, pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
        """The files whose paths fit, with what they hold."""
        for path in self.paths:
            if pattern.search(path):
                text = self.text(path, noted=False)
                if text:
                    yield path, text


def decoded(data: bytes) -> Content:
    """The text of a file's bytes."""
    if b"\0" in data[:_HEAD]:
        return Content(note="binary: not read")
    try:
        return Content(data.decode("utf-8"))
    except UnicodeDecodeError:
        return Content(data.decode("utf-8", "replace"), "")


class FolderTree:
    """The files as they lie in a folder now: those git knows or would take, else all but what pipelines make."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._paths: tuple[str, ...] | None = None

    def paths(self) -> tuple[str, ...]:
        """As ``Tree.paths``."""
        if self._paths is None:
            found = _git(self._root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
            names = _names(found) if found is not None else _walked(self._root)
            self._paths = tuple(sorted(dict.fromkeys(names)))[:_MOST_FILES]
        return self._paths

    def read(self, path: str) -> Content:
        """As ``Tree.read``."""
        if holds_secrets(path):
            return Content(note="made to hold secrets: not read")
        try:
            number = _opened(self._root, path)
        except (OSError, ValueError) as error:
            return Content(note=f"not read: {getattr(error, 'strerror', None) or error}")
        with os.fdopen(number, "rb") as file:
            found = os.fstat(number)
            if not stat.S_ISREG(found.st_mode):
                return Content(note="no regular file: not read")
            if found.st_size > MOST_BYTES:
                return Content(note=f"{found.st_size:,} bytes, too large: not read")
            return decoded(file.read(MOST_BYTES))


class CommitTree:
    """The files of one commit."""

    def __init__(self, root: Path, commit: str) -> None:
        self._root = root
        self._commit = commit
        self._known: dict[str, str] | None = None

    def paths(self) -> tuple[str, ...]:
        """As ``Tree.paths``."""
        return tuple(sorted(self._modes()))

    def read(self, path: str) -> Content:
        """As ``Tree.read``."""
        if holds_secrets(path):
            return Content(note="made to hold secrets: not read")
        if not self._modes().get(path, "").startswith("100"):
            return Content(note="no regular file of the commit: not read")
        size = _git(self._root, "cat-file", "-s", f"{self._commit}:{path}") or b""
        if not size.strip().isdigit() or int(size) > MOST_BYTES:
            return Content(note="too large: not read")
        data = _git(self._root, "cat-file", "blob", f"{self._commit}:{path}")
        return Content(note="git cannot read it") if data is None else decoded(data)

    def _modes(self) -> dict[str, str]:
        if self._known is None:
            said = _git(self._root, "ls-tree", "-r", "-z", "--full-tree", self._commit) or b""
            rows = (row.partition("\t") for row in _names(said))
            self._known = {path: head[:6] for head, _, path in rows if path}
        return self._known


def _opened(root: Path, path: str) -> int:
    """The file, by folders none of which is a link. Raises OSError, or ValueError for what is no path inside."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise ValueError("not a path inside the repository")
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = inner
        # a pipe would be waited for without end
        return os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    finally:
        os.close(folder)


def _walked(root: Path) -> Iterator[str]:
    count = 0
    for where, folders, files in os.walk(root, followlinks=False):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.startswith(".conda"))
        for name in sorted(files):
            yield (Path(where) / name).relative_to(root).as_posix()
            count += 1
        if count > _MOST_FILES:
            return


def _names(said: bytes) -> list[str]:
    return [name for name in said.decode("utf-8", "surrogateescape").split("\0") if name]


def _git(root: Path, *words: str) -> bytes | None:
    """The answer; None where git is not here, refuses, or takes too long. Nothing of the repository's is run."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *_OPTIONS, *words],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            start_new_session=True,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return answer.stdout if answer.returncode == 0 else None
