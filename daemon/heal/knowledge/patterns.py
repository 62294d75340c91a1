"""The known failures: read from YAML files, one failure a file, and never fatal when a file is wrong.

What a file holds is said in ``patterns/schema.json``; ``heal.knowledge.pattern_files`` reads and checks one file.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from heal import whole_file
from heal.errors import BadPattern
from heal.knowledge.pattern_files import check, parse, refused
from heal.knowledge.regexes import Regex, linear
from heal.records import FixKind, Label

# what a cached library looks like; raise it when the checked form changes
_CACHE_VERSION = 4
# a draft is still being written, a retired one is kept for its story
_SILENT = ("draft", "retired")


@dataclass(frozen=True, slots=True)
class FixSpec:
    """What a pattern proposes, before it is fitted to a task. ``folder`` may hold ``{named}`` groups of the match."""

    kind: FixKind
    resource: str | None = None
    delay_s: float | None = None
    folder: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """One way the failure shows itself. ``root`` is False where the line is only a symptom of it."""

    regex: str
    root: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """A line that fits a pattern: whether it is the cause itself, and the named parts of it."""

    root: bool
    named: dict[str, str]


@dataclass(frozen=True, slots=True)
class When:
    """Facts that a pattern insists on. An empty tuple insists on nothing; an unknown fact rules nothing out."""

    exit_code: tuple[int, ...] = ()
    state: tuple[str, ...] = ()
    engine: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """One known failure. ``label`` None marks a line that says all went well.

    ``rank`` says how near to the root cause a match stands (40 decisive, 30 direct, 20 general, 10 consequence).
    ``learnt`` is the day on which it was learnt from a failure here, empty for what a manual or a source says.
    ``tools`` names the programs whose own words it knows: on one line such a pattern is heard before a general one.
    """

    id: str
    title: str
    status: str
    label: Label | None
    cause: str
    match: tuple[Match, ...]
    confidence: float
    rank: int
    fix: FixSpec | None
    references: tuple[str, ...]
    hits: tuple[str, ...]
    misses: tuple[str, ...]
    tools: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    when: When = field(default_factory=When)
    learnt: str = ""

    def find(self, line: str) -> Found | None:
        """How this pattern fits the line; None where it does not, or where one of ``unless`` fits too."""
        if any(compiled(regex).search(line) for regex in self.unless):
            return None
        for match in self.match:
            if got := compiled(match.regex).search(line):
                return Found(match.root, {name: text or "" for name, text in got.groupdict().items()})
        return None

    def fitted(self, line: str) -> FixSpec | None:
        """What this pattern proposes for the line, with the parts that the line names filled in."""
        found = self.find(line)
        if self.fix is None or found is None:
            return self.fix
        named = defaultdict(str, found.named)
        folder = self.fix.folder.format_map(named) if self.fix.folder else None
        return replace(self.fix, folder=folder, text=self.fix.text.format_map(named))


@dataclass(frozen=True, slots=True)
class Library:
    """The patterns that loaded, and the files that did not with the reason."""

    patterns: tuple[Pattern, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()

    def get(self, pattern_id: str) -> Pattern | None:
        """The pattern of that id, or None."""
        return next((pattern for pattern in self.patterns if pattern.id == pattern_id), None)

    def digest(self) -> str:
        """The same for libraries that look for the same things."""
        rows = [[pattern.id, *(match.regex for match in pattern.match)] for pattern in self.patterns]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:32]


@lru_cache(maxsize=4096)
def compiled(regex: str) -> Regex:
    """The regex, ready to be looked for; ``<q>`` stands for any quotation mark."""
    return linear(regex)


def load(folders: Sequence[Path], *, cache_dir: Path | None = None) -> Library:
    """Every pattern below the folders; of two with one id the one of the later folder counts.

    A malformed file is named in ``broken`` and skipped. With ``cache_dir`` the checked files are kept there
    and read again in a fraction of the time, as long as no byte of them changed.
    """
    files = [(folder, path) for folder in folders for path in sorted(folder.rglob("*.yaml"))]
    bytes_of = [(folder, path, _bytes(path)) for folder, path in files]
    key = _key((path.relative_to(folder).as_posix(), data or b"") for folder, path, data in bytes_of)
    cached = cache_dir / f"patterns-{key}.json" if cache_dir else None
    rows = _cached(cached)
    if rows is None:
        rows = _compilable([_row(folder, path, data) for folder, path, data in bytes_of])
        _keep(cached, rows)
    # the paths are not part of the key: the same files elsewhere are the same patterns
    named = zip(rows, files, strict=True)
    broken = tuple((str(path), str(row["broken"])) for row, (_, path) in named if "broken" in row)
    good = {str(row["id"]): _pattern(row) for row in rows if "broken" not in row}
    alive = (pattern for pattern in good.values() if pattern.status not in _SILENT)
    return Library(tuple(alive), broken)


def only(row: dict[str, Any]) -> Library:
    """A library of the one pattern of a checked row, whatever its status."""
    return Library((_pattern(row),))


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _key(files: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256(str(_CACHE_VERSION).encode())
    for name, data in files:
        digest.update(f"\0{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()[:32]


def _row(folder: Path, path: Path, data: bytes | None) -> dict[str, Any]:
    try:
        if data is None:
            raise BadPattern("cannot be read")  # noqa: TRY301  one way out for all that is wrong with a file
        return check(parse(data), path.relative_to(folder).with_suffix("").as_posix())
    except BadPattern as error:
        return {"broken": str(error)}


def _compilable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    good = [at for at, row in enumerate(rows) if "broken" not in row]
    wrong = {good[index]: why for index, why in refused([rows[at] for at in good]).items()}
    return [{"broken": wrong[at]} if at in wrong else row for at, row in enumerate(rows)]


def _cached(path: Path | None) -> list[dict[str, Any]] | None:
    if path is None:
        return None
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return rows if isinstance(rows, list) else None


def _keep(path: Path | None, rows: list[dict[str, Any]]) -> None:
    if path is None:
        return
    # a cache that cannot be written costs time, nothing else
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        whole_file.put(path, json.dumps(rows), mode=0o666)


def _pattern(row: dict[str, Any]) -> Pattern:
    fix, when = row.get("fix"), row.get("when", {})
    return Pattern(
        id=row["id"],
        title=row["title"],
        status=row["status"],
        label=Label(row["label"]) if row["label"] else None,
        cause=row["cause"],
        match=tuple(Match(m["regex"], m.get("root", True)) for m in row["match"]),
        confidence=row["confidence"],
        rank=row["rank"],
        fix=_fix(fix) if fix else None,
        references=tuple(row["references"]),
        hits=tuple(row["hits"]),
        misses=tuple(row["misses"]),
        tools=tuple(row.get("tools", ())),
        unless=tuple(row.get("unless", ())),
        when=When(*(tuple(when.get(name, ())) for name in ("exit_code", "state", "engine"))),
        learnt=row.get("learnt", ""),
    )


def _fix(fix: dict[str, Any]) -> FixSpec:
    return FixSpec(
        FixKind(fix["kind"]), fix.get("resource"), fix.get("delay_s"), fix.get("folder"), fix.get("text", "")
    )
