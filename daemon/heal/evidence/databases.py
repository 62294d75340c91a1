"""What hyperscan makes of regexes, kept on disk: one that is damaged, or that another machine made, is made again."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import hyperscan

from heal import whole_file
from heal.knowledge.pattern_files import for_hyperscan
from heal.knowledge.patterns import Library

LINES = hyperscan.HS_FLAG_MULTILINE
ANY_CASE = hyperscan.HS_FLAG_CASELESS
ONCE = hyperscan.HS_FLAG_SINGLEMATCH
# kept files are told apart by this too; raise it when their content changes
_VERSION = 3


class Shared:
    """A database that several threads may search at a time; one of no expressions finds nothing."""

    def __init__(self, expressions: Sequence[tuple[bytes, int]]) -> None:
        self._database = made(expressions) if expressions else None
        self._scratches: list[hyperscan.Scratch] = []

    def scan(self, text: bytes, seen: Callable[[int, int, int, int, Any], bool | None]) -> bool:
        """Whether the text was searched to its end: it is not where ``seen`` says to stop."""
        if self._database is None or not text:
            return True
        try:
            scratch = self._scratches.pop()
        except IndexError:
            scratch = hyperscan.Scratch(self._database)
        try:
            self._database.scan(text, match_event_handler=seen, scratch=scratch)
        except hyperscan.ScanTerminated:
            return False
        finally:
            self._scratches.append(scratch)
        return True

    def matching(self, text: bytes) -> list[int]:
        """Which of its expressions match in the text, by their places."""
        found: dict[int, None] = {}
        self.scan(text, lambda number, *_: found.setdefault(number))
        return sorted(found)


def made(expressions: Sequence[tuple[bytes, int]]) -> hyperscan.Database:
    """The database of the expressions, each with its flags; their ids are their places."""
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    regexes, flags = [regex for regex, _ in expressions], [flag for _, flag in expressions]
    database.compile(expressions=regexes, ids=list(range(len(regexes))), elements=len(regexes), flags=flags)
    return database


def kept(path: Path | None, make: Callable[[], Sequence[tuple[bytes, int]]]) -> hyperscan.Database:
    """The database in the file, or one made anew and kept there."""
    if path and (ready := _loaded(path)):
        return ready
    database = made(make())
    if path:
        keep(path, hyperscan.dumpb(database))
    return database


def of_patterns(library: Library) -> list[tuple[bytes, int]]:
    """The library's expressions, in its order."""
    return of_regexes(match.regex for pattern in library.patterns for match in pattern.match)


def of_regexes(regexes: Iterable[str]) -> list[tuple[bytes, int]]:
    """The expressions of a pattern file as hyperscan takes them."""
    return [(for_hyperscan(regex), LINES) for regex in regexes]


def read(path: Path) -> bytes | None:
    """What was kept there, if it is whole."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    # hyperscan checks its header only: a flipped bit further on would crash the process
    body, mark = data[:-32], data[-32:]
    return body if hashlib.sha256(body).digest() == mark else None


def keep(path: Path, body: bytes) -> None:
    """Puts it there, with its mark."""
    # a cache that cannot be written costs time, nothing else
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        whole_file.put(path, body + hashlib.sha256(body).digest(), mode=0o666)


def key(library: Library) -> str:
    """The same for libraries that look for the same things, by the same hyperscan on the same kind of processor."""
    features = ""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        features = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    parts = (library.digest(), str(_VERSION), version("hyperscan"), platform.machine(), features)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _loaded(path: Path) -> hyperscan.Database | None:
    body = read(path)
    if body is None:
        return None
    try:
        database = hyperscan.loadb(body, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except hyperscan.error:
        return None
    return database
