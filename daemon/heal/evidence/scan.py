"""One pass over a log of any size: where the known failures stand in it, and the few lines around them."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import hyperscan

from heal.cases import Evidence, Hit
from heal.evidence.complaints import STORM, WORDS
from heal.evidence.excerpt import Excerpt
from heal.evidence.textfile import Block, TextFile, lines_of
from heal.knowledge.pattern_files import for_hyperscan
from heal.knowledge.patterns import Library, Pattern

# kept of each pattern: the first show where it began, the last where it ended
FIRST, LAST = 3, 3
_CITED = 400
_CLIP = 2048
_QUOTE_REACH = 16384
_FLAGS = hyperscan.HS_FLAG_MULTILINE
# so many blocks of a storm of complaints, and it pays to be told of one complaint a block only
_STORMY = 6


class Scanner:
    """Looks for every pattern of a library at once.

    The compiled form is kept in ``cache_dir``; one that is damaged, or that another machine made, is made again.
    """

    def __init__(
        self, library: Library, cache_dir: Path | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._patterns = library.patterns
        self._clock = clock
        self._owner = [index for index, pattern in enumerate(library.patterns) for _ in pattern.match]
        self._database = _database(library, cache_dir)
        self._in_storms = cache(partial(_database, library, cache_dir, once=True))

    def read(self, path: Path, *, source: str | None = None, seconds: float = 20) -> Evidence:
        """What the file says, under the name ``source`` (its path, unless told). Never raises for what a file holds."""
        text = TextFile(path)
        deadline = self._clock() + seconds
        return self._evidence(source or str(path), text.blocks(), text.notes, deadline)

    def text(self, source: str, text: str) -> Evidence:
        """What the text says."""
        data = text.encode("utf-8", "replace")
        notes = [] if data else ["empty"]
        return self._evidence(source, lines_of(iter([data])), notes, float("inf"))

    def _evidence(self, source: str, blocks: Iterable[Block], notes: list[str], deadline: float) -> Evidence:
        kept = [_Kept() for _ in self._patterns]
        excerpt = Excerpt()
        lines = 0
        for block in blocks:
            if self._clock() > deadline:
                notes.append(f"not read from line {block.line} on: it took too long")
                break
            excerpt.saw(block)
            lines = block.last_line
            self._look(block, kept, excerpt)
        hits = sorted(
            (spot.line, pattern.id, spot.text)
            for pattern, keep in zip(self._patterns, kept, strict=True)
            for spot in keep.spots()
        )
        passages = excerpt.passages()
        if excerpt.clipped:
            notes.append("clipped: only the lines around what was found are shown")
        found = tuple(Hit(name, source, line, cited) for line, name, cited in hits)
        return Evidence(source, passages, found, tuple(notes), lines)

    def _look(self, block: Block, kept: list[_Kept], excerpt: Excerpt) -> None:
        calm = excerpt.storms < _STORMY
        found, complaints = self._ends(block.text, self._database if calm else self._in_storms())
        for index, ends in found.items():
            pattern, keep = self._patterns[index], kept[index]
            few = ends if len(ends) <= FIRST + LAST else ends[:FIRST] + ends[-LAST:]
            for end in few:
                if spot := _confirmed(block, end, pattern):
                    keep.add(spot)
                    excerpt.around(block, end)
        if complaints:
            excerpt.complained(block, complaints if calm and len(complaints) < STORM else None)

    def _ends(self, text: bytes, database: hyperscan.Database) -> tuple[dict[int, list[int]], list[int]]:
        """By pattern, where its matches end, the first of each line; and where words end that complain."""
        found: dict[int, list[int]] = {}
        line_end: dict[int, int] = {}
        complaints: list[int] = []
        owner, words = self._owner, len(self._owner)

        def seen(regex: int, _start: int, end: int, _flags: int, _context: Any) -> None:
            if regex == words:
                complaints.append(end)
                return
            index = owner[regex]
            if end > line_end.get(index, -1):
                found.setdefault(index, []).append(end)
                stop = text.find(b"\n", max(end - 1, 0))
                line_end[index] = len(text) if stop < 0 else max(stop, end)

        if text:
            database.scan(text, match_event_handler=seen)
        return found, complaints


@dataclass(frozen=True, slots=True)
class _Spot:
    line: int
    text: str


@dataclass(slots=True)
class _Kept:
    first: list[_Spot] = field(default_factory=list)
    last: deque[_Spot] = field(default_factory=lambda: deque(maxlen=LAST))

    def add(self, spot: _Spot) -> None:
        newest = self.last[-1] if self.last else self.first[-1] if self.first else None
        # the overlap of two windows shows one line twice
        if newest and newest.line == spot.line:
            return
        if len(self.first) < FIRST:
            self.first.append(spot)
        else:
            self.last.append(spot)

    def spots(self) -> list[_Spot]:
        return [*self.first, *self.last]


def _confirmed(block: Block, end: int, pattern: Pattern) -> _Spot | None:
    text = block.text
    start = text.rfind(b"\n", 0, max(end - 1, 0)) + 1
    stop = text.find(b"\n", max(end - 1, start))
    stop = len(text) if stop < 0 else stop
    left, right = max(start, end - _CLIP * 3 // 4), min(stop, end + _CLIP // 4)
    # a window that starts within a line, or a clipped line, must not satisfy a '^'
    lead = "… " if left > start or (start == 0 and block.inside) else ""
    line = lead + text[left:right].decode("utf-8", "replace")
    line = _without_command(text, start, line)
    if not line or not pattern.find(line) or quoted(text, start):
        return None
    return _Spot(block.line_at(start), _cited(line, lead, text[left:end]))


# a Snakemake error repeats the whole command of the rule, over as many lines as it has (its strict mode comes first);
# another program's "Command 'x' not found" is what that program says
_COMMAND, _COMMAND_ENDS = b"Command 'set -", re.compile(r"^.*'(?= (?:returned non-zero exit status|died with) )")
_ENDINGS = (b"' returned non-zero exit status", b"' died with ")


def _without_command(text: bytes, start: int, line: str) -> str:
    """The line without what it shows of a command that failed: words of a script are not what it said."""
    before = b"\n" + text[max(0, start - _QUOTE_REACH) : start]
    begin = before.rfind(b"\n" + _COMMAND)
    inside = begin >= 0 and not any(ending in before[begin:] for ending in _ENDINGS)
    if not inside and not text.startswith(_COMMAND, start):
        return line
    ends = _COMMAND_ENDS.match(line)
    return f"Command '…'{line[ends.end() :]}" if ends else ""


def _cited(line: str, lead: str, before: bytes) -> str:
    if len(line) <= _CITED:
        return line.rstrip()
    hit = len(lead) + len(before.decode("utf-8", "replace"))
    left = max(0, min(hit - _CITED * 3 // 4, len(line) - _CITED))
    cut = line[left : left + _CITED].rstrip()
    return f"… {cut}" if left else cut


def quoted(text: bytes, start: int) -> bool:
    """True where the line at ``start`` is a program's text that is only shown, by an engine, a shell or a traceback."""
    line = text[start : start + 16]
    if line.startswith((b"+ ", b"++ ", b"+++ ")):
        return True
    before = b"\n" + text[max(0, start - _QUOTE_REACH) : start]
    previous = before[before.rfind(b"\n", 0, max(len(before) - 1, 0)) + 1 :]
    if line.startswith(b"    ") and previous.startswith(b'  File "') and b", line " in previous:
        return True
    return line.startswith(b"  ") and (_in_command(before) or _in_shell(before, line))


def _in_command(before: bytes) -> bool:
    # Nextflow repeats the task's script between these two headings
    begin = before.rfind(b"\nCommand executed")
    return begin >= 0 and before.find(b"\nCommand exit status", begin) < 0


def _in_shell(before: bytes, line: bytes) -> bool:
    # Snakemake repeats the shell command of a rule under this heading, indented further
    begin = before.rfind(b"\n    shell:\n")
    if begin < 0 or not line.startswith(b"        "):
        return False
    rest = before[begin + 12 :].splitlines()
    return all(row.startswith(b"        ") and not row.startswith(b"        (") for row in rest if row.strip())


# --- the compiled form -------------------------------------------------------------------------


def _database(library: Library, cache_dir: Path | None, *, once: bool = False) -> hyperscan.Database:
    """The library's regexes, and last the words that complain: each place of theirs, or ``once`` a block."""
    path = cache_dir / f"{'storm' if once else 'scan'}-{_machine_key(library)}.hs" if cache_dir else None
    if path and (ready := _loaded(path)):
        return ready
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    regexes = [for_hyperscan(match.regex) for pattern in library.patterns for match in pattern.match]
    count = len(regexes) + 1
    flag = hyperscan.HS_FLAG_CASELESS | (hyperscan.HS_FLAG_SINGLEMATCH if once else 0)
    flags = [*[_FLAGS] * len(regexes), flag]
    database.compile(expressions=[*regexes, WORDS], ids=list(range(count)), elements=count, flags=flags)
    if path:
        _keep(path, hyperscan.dumpb(database))
    return database


def _loaded(path: Path) -> hyperscan.Database | None:
    try:
        data = path.read_bytes()
        # hyperscan checks its header only: a flipped bit further on would crash the process
        body, mark = data[:-32], data[-32:]
        if hashlib.sha256(body).digest() != mark:
            return None
        database = hyperscan.loadb(body, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except (OSError, hyperscan.error):
        return None
    return database


def _keep(path: Path, body: bytes) -> None:
    # a cache that cannot be written costs time, nothing else
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.new")
        fresh.write_bytes(body + hashlib.sha256(body).digest())
        fresh.replace(path)


def _machine_key(library: Library) -> str:
    features = ""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        features = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    parts = (library.digest(), WORDS.decode(), version("hyperscan"), platform.machine(), features)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
