"""Files as git has them: in a commit, in the index, as they would be checked out."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from heal.errors import PatchRefused
from heal.patches.files import Held
from heal.patches.running import Git

REGULAR, EXECUTABLE = "100644", "100755"
_LINK, _SUBMODULE, _TREE = "120000", "160000", "040000"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# git itself takes a name of these for its own on some file systems
_GIT_LIKE = re.compile(r"\.git[\s.]*|git~\d+", re.IGNORECASE)
_OF_GIT = {".gitattributes", ".gitmodules"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a commit or of the index."""

    mode: str
    blob: str

    @property
    def executable(self) -> bool:
        """Whether its owner may run it."""
        return self.mode == EXECUTABLE


def checked_path(path: str) -> str:
    """The path, if it may name a file of a patch. Raises PatchRefused: it leaves the repository, or is git's own."""
    parts = path.split("/")
    if not path or path.startswith("/") or any(part in ("", ".", "..") for part in parts) or _CONTROL.search(path):
        raise PatchRefused(f"{path!r} is no path inside the repository")
    if any(_GIT_LIKE.fullmatch(part) for part in parts) or parts[-1].lower() in _OF_GIT or ".heal" in parts:
        raise PatchRefused(f"{path} belongs to git or to heal, and no patch may touch it")
    return path


def of_commit(git: Git, commit: str, paths: Sequence[str]) -> dict[str, Entry]:
    """The files among these paths that a commit has. Raises PatchRefused for a link, a submodule and what is in one."""
    above = [str(each) for path in paths for each in PurePosixPath(path).parents if str(each) != "."]
    found: dict[str, Entry] = {}
    for row in git.names("ls-tree", "-z", "--full-tree", commit, "--", *dict.fromkeys([*above, *paths])):
        head, _, name = row.partition("\t")
        mode, _kind, blob = head.split(" ")
        if name not in paths and name not in above:
            continue  # what else lies in a folder
        if mode == _LINK:
            raise PatchRefused(f"{name} is a symbolic link: a patch changes files only")
        if mode == _SUBMODULE:
            raise PatchRefused(f"{name} is a submodule: patch it in its own repository")
        if name in paths and mode == _TREE:
            raise PatchRefused(f"{name} is a folder")
        if name not in paths and mode != _TREE:
            raise PatchRefused(f"{name} is a file, and nothing can lie below it")
        if name in paths:
            found[name] = Entry(mode, blob)
    return found


def of_index(git: Git, paths: Sequence[str]) -> dict[str, Entry]:
    """The files among these paths that the index has. Raises PatchRefused where an entry is no plain one."""
    found: dict[str, Entry] = {}
    for row in git.names("ls-files", "-z", "--stage", "-v", "--full-name", "--", *paths):
        head, _, name = row.partition("\t")
        tag, mode, blob, stage = head.split(" ")
        if stage != "0":
            raise PatchRefused(f"{name} is in the midst of a merge: resolve it first")
        if tag != "H":
            raise PatchRefused(f"{name} is marked in the index (assume-unchanged or skip-worktree): unmark it first")
        if name in paths:
            found[name] = Entry(mode, blob)
    return found


def content(git: Git, entry: Entry | None) -> bytes | None:
    """What a file holds in git; None: no file."""
    return git.run("cat-file", "blob", entry.blob).out if entry else None


def checked_out(git: Git, entry: Entry | None, path: str) -> Held | None:
    """What a file would hold in the work tree: line endings and encoding as the attributes there say."""
    if entry is None:
        return None
    return Held(git.run("cat-file", "--filters", f"--path={path}", entry.blob).out, entry.executable)


def stored(git: Git, data: bytes) -> str:
    """Put content into git as it is; its name there."""
    return git.text("hash-object", "-w", "-t", "blob", "--stdin", stdin=data)


def behind_filters(git: Git, names: Collection[str]) -> frozenset[str]:
    """The paths whose attributes name a filter: what git holds of them is not what the file holds."""
    if not names:
        return frozenset()
    told = b"".join(os.fsencode(name) + b"\0" for name in names)
    said = os.fsdecode(git.run("check-attr", "-z", "--stdin", "filter", stdin=told).out).split("\0")
    return frozenset(path for path, _attribute, value in _threes(said) if value not in ("unspecified", "unset"))


def ignored(git: Git, path: str) -> bool:
    """Whether git is told to ignore a file or folder, named from where git runs."""
    # this command takes neither :(literal) nor the variable for it; a name that begins with a dot has no magic
    return git.having(GIT_LITERAL_PATHSPECS="0").ask("check-ignore", "--quiet", "--", f"./{path}").code == 0


def told(entries: Mapping[str, Entry | None], commit: str) -> bytes:
    """The same for git update-index -z --index-info; None: the entry is removed. ``commit``: how long hashes are."""
    nothing = "0" * len(commit)
    rows = (
        f"{one.mode} {one.blob} 0\t{path}\0" if one else f"0 {nothing} 0\t{path}\0" for path, one in entries.items()
    )
    return "".join(rows).encode("utf-8", "surrogateescape")


def tree_with(git: Git, commit: str, index: str, entries: Mapping[str, Entry | None]) -> str:
    """The tree of a commit with these files in place of its own, made in an index file of its own."""
    aside = git.having(GIT_INDEX_FILE=index)
    aside.run("read-tree", commit)
    aside.run("update-index", "-z", "--index-info", stdin=told(entries, commit))
    return aside.text("write-tree")


def _threes(words: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    return ((words[n], words[n + 1], words[n + 2]) for n in range(0, len(words) - 2, 3))
