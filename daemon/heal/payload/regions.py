"""The lines of a pipeline's own files that a failure points to, bounded, with their numbers. Pure over a Tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from heal.payload import blocks
from heal.payload.blocks import Block
from heal.payload.mentions import located, mentions
from heal.payload.tree import Reading, Tree

WHOLE = 200
_BESIDE = 15
_ALONE = 30
_HEAD = 80
_MOST = 24
_MOST_PLACES = 3
_KEY_LINES = 4
# what all failures of a project have in common: a model's server keeps what begins alike
_BASE = (
    *("Snakefile", "workflow/Snakefile", "main.nf", "nextflow.config", "conf/base.config"),
    *("config/config.yaml", "config/config.yml", "config.yaml", "config.yml", "params.yaml", "params.yml"),
)
# what a pipeline is made of; with no more of it than this it is shown whole
_PIPELINE = re.compile(
    r"(?:^|/)Snakefile$|\.(?:smk|nf|config)$|(?:^|/)(?:envs|config|conf)/[^/]+\.ya?ml$"
    r"|(?:^|/)(?:bin|scripts?|src|templates)/[^/]+$|^[^/]+\.(?:py|R|r|sh|bash|pl|jl|awk|sbatch|slurm)$"
)
_SMALL, _SMALL_FILES = 500, 40
_SNAKEMAKE = re.compile(r"(?:^|/)Snakefile$|\.smk$")
_NEXTFLOW = re.compile(r"\.nf$")
_CONFIG = re.compile(r"\.(?:ya?ml|json|toml|config)$")
_COMMAND_WORD = re.compile(r"[\w./+-]+")


@dataclass(frozen=True, slots=True)
class Region:
    """Lines ``start`` to ``end`` of a file (from 1, both included; None: to its end) and ``why`` they are shown.

    ``text`` is all that the file holds. ``base``: shown for every failure of the project. ``focus`` are the lines that
    matter, (0, 0) where all do. ``told``: a line of its file is named where the cause is told.
    """

    path: str
    text: str
    start: int = 1
    end: int | None = None
    why: str = field(default="", compare=False)
    base: bool = field(default=False, compare=False)
    focus: tuple[int, int] = field(default=(0, 0), compare=False)
    told: bool = field(default=False, compare=False)

    @property
    def count(self) -> int:
        """How many lines the file has."""
        return self.text.count("\n") + (not self.text.endswith("\n") and bool(self.text))

    @property
    def last(self) -> int:
        """The number of the last line that is shown."""
        return self.count if self.end is None else min(self.end, self.count)

    @property
    def whole(self) -> bool:
        """True where all of the file is shown."""
        return self.start <= 1 and self.last >= self.count

    @property
    def lines(self) -> list[str]:
        """The lines that are shown, without their ends."""
        return [line.rstrip("\r") for line in self.text.split("\n")[max(0, self.start - 1) : self.last]]


@dataclass(frozen=True, slots=True)
class Pointers:
    """What points to places: the engine and the rule or process, texts that name files, the command that ran.

    ``telling`` are the texts that name the cause; what they name comes first. ``root`` is the repository's folder, for
    paths that are absolute.
    """

    engine: str = ""
    process: str = ""
    telling: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    command: str = ""
    root: str = ""


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions, the likeliest first. ``points`` say in words what points where, ``notes`` what could not be read."""

    regions: tuple[Region, ...] = ()
    points: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def regions(tree: Tree, pointers: Pointers, whole: int = WHOLE) -> Regions:
    """What the failure points to. A file of at most ``whole`` lines is shown whole, of a longer one what holds it."""
    reading = Reading(tree)
    telling = list(_places(reading, pointers.telling, pointers.root, whole, "named where the cause is told"))
    found = [
        *telling,
        *_definition(reading, pointers, whole),
        *_command(reading, pointers.command, whole),
        *_places(reading, pointers.texts, pointers.root, whole, "named in the evidence"),
    ]
    first = {one.path: (place, one) for place, one in reversed(list(enumerate(found)))}
    base = sorted(_base(reading, whole), key=lambda one: first[one.path][0] if one.path in first else len(found))
    base = [replace(one, focus=first[one.path][1].focus) if one.path in first else one for one in base]
    told = {one.path for one in telling if one.focus != (0, 0)}
    shown = tuple(replace(one, told=one.path in told) for one in (*_apart(_bounded(found), base), *base))
    points = tuple(dict.fromkeys(map(_point, found)))[:_MOST]
    return Regions(shown, points, tuple(reading.notes))


def _point(one: Region) -> str:
    start, end = one.focus if one.focus != (0, 0) else (one.start, one.last)
    place = one.path if (start, end) == (1, one.count) else f"{one.path}:{start}" + (f"-{end}" if end > start else "")
    return f"{place} ({one.why})"


def _base(reading: Reading, whole: int) -> Iterator[Region]:
    """The same for every failure of the project: a small pipeline as a whole, of a larger one its main files."""
    for path in _BASE:
        if path in reading.known and (text := reading.text(path)):
            region = Region(path, text, why="the pipeline's main files", base=True)
            yield region if region.count <= whole else replace(region, end=_HEAD)
    others = [path for path in reading.paths if _PIPELINE.search(path) and path not in _BASE]
    if len(others) > _SMALL_FILES:
        return
    rest = [Region(path, reading.text(path), why="a small pipeline is shown whole", base=True) for path in others]
    rest = [region for region in rest if 0 < region.count <= whole]
    if sum(region.count for region in rest) <= _SMALL:
        yield from rest


def _places(reading: Reading, texts: Iterable[str], root: str, whole: int, why: str) -> Iterator[Region]:
    lines: dict[str, list[int]] = {}
    for one in located(mentions(texts), reading.paths, root):
        lines.setdefault(one.path, []).append(one.line)
    for path, numbers in lines.items():
        text = reading.text(path)
        region = Region(path, text, why=why)
        inside = [line for line in dict.fromkeys(numbers) if 0 < line <= region.count]
        if not text or (region.count > whole and not inside):
            continue
        for line in inside[:_MOST_PLACES]:
            yield _around(region, line) if region.count > whole else replace(region, focus=(line, line))
        if not inside:
            yield region


def _around(region: Region, line: int) -> Region:
    block = blocks.around(region.path, region.text, line) or Block(max(1, line - _ALONE), line + _ALONE)
    return replace(region, start=block.start, end=min(block.end, region.count), focus=(line, line))


def _definition(reading: Reading, pointers: Pointers, whole: int) -> Iterator[Region]:
    name = pointers.process.rpartition(":")[2]
    if not name:
        return
    find = _nextflow_process if pointers.engine == "nextflow" else _snakemake_rule
    for path, text, block in find(reading, name):
        region = Region(path, text, why=f"defines {name}", focus=(block.start, block.end))
        held = "\n".join(text.split("\n")[block.start - 1 : block.end])
        yield region if region.count <= whole else _wider(region, block)
        for named in blocks.files_of(held):
            if other := _beside(reading, path, named):
                yield from _file(reading, other, whole, f"named by {name}")
        yield from _command(reading, held, whole)
        yield from _settings(reading, blocks.keys_of(held), whole)


def _wider(region: Region, block: Block) -> Region:
    return replace(region, start=max(1, block.start - _BESIDE // 3), end=min(block.end + 2, region.count))


def _snakemake_rule(reading: Reading, name: str) -> Iterator[tuple[str, str, Block]]:
    wanted = [name]
    for one in wanted:
        for path, text in reading.matching(_SNAKEMAKE):
            if block := blocks.rule_at(text, one):
                yield path, text, block
                wanted += [made for made in [blocks.inherited(text, one)] if made and made not in wanted]
            for used, there in blocks.from_modules(text, one):
                yield path, text, used
                wanted += [there] if there not in wanted else []


def _nextflow_process(reading: Reading, name: str) -> Iterator[tuple[str, str, Block]]:
    files = list(reading.matching(_NEXTFLOW))
    wanted = [name]
    for _, text in files:
        wanted += [one for one in blocks.aliases(text, name) if one not in wanted]
    for one in wanted:
        for path, text in files:
            if block := blocks.process_at(text, one):
                yield path, text, block


def _beside(reading: Reading, path: str, named: str) -> str:
    """A file that another names: beside it, or from the root."""
    folder = PurePosixPath(path).parent
    for base in (folder, PurePosixPath("."), folder.parent):
        parts: list[str] = []
        for part in (base / named).parts:
            parts = parts[:-1] if part == ".." and parts else [*parts, part]
        joined = "/".join(part for part in parts if part != ".")
        if joined in reading.known:
            return joined
    return ""


def _command(reading: Reading, command: str, whole: int) -> Iterator[Region]:
    """The scripts of the repository that a command calls: by their path, or by name from ``bin``."""
    names = {PurePosixPath(path).name: path for path in reading.paths if "bin" in PurePosixPath(path).parts[:-1]}
    for word in dict.fromkeys(_COMMAND_WORD.findall(command)):
        path = word.removeprefix("./") if word.removeprefix("./") in reading.known else names.get(word, "")
        if path and not _CONFIG.search(path):
            yield from _file(reading, path, whole, "called by the task's command")


def _file(reading: Reading, path: str, whole: int, why: str) -> Iterator[Region]:
    text = reading.text(path)
    if text:
        region = Region(path, text, why=why)
        yield region if region.count <= whole else replace(region, end=_HEAD)


def _settings(reading: Reading, keys: Sequence[str], whole: int) -> Iterator[Region]:
    """The lines of configuration files that set the keys."""
    if not keys:
        return
    sets = re.compile(rf"^[\s\"']*(?:params\.)?(?:{'|'.join(map(re.escape, keys))})[\"']?\s*[:=]", re.MULTILINE)
    for path, text in reading.matching(_CONFIG):
        hits = [text.count("\n", 0, got.start()) + 1 for got in sets.finditer(text)]
        if not hits:
            continue
        region = Region(path, text, why="sets what the task uses")
        if region.count <= whole:
            yield region
            continue
        for line in hits[:_MOST_PLACES]:
            yield replace(region, start=max(1, line - _KEY_LINES), end=min(line + _KEY_LINES, region.count))


def _bounded(found: Sequence[Region]) -> list[Region]:
    """Each place once: of one file at most a few, those that overlap made one, as many as a person would read."""
    kept: dict[str, list[Region]] = {}
    for one in found:
        mine = kept.setdefault(one.path, [])
        touching = [other for other in mine if other.start <= one.last + 1 and one.start <= other.last + 1]
        if touching:
            first = touching[0]
            start, end = min(each.start for each in [one, *touching]), max(each.last for each in [one, *touching])
            joined = replace(first, start=start, end=end)
            apart = [other for other in mine if other is first or other not in touching]
            kept[one.path] = [joined if other is first else other for other in apart]
        elif len(mine) < _MOST_PLACES:
            mine.append(one)
    return [one for each in kept.values() for one in each][:_MOST]


def _apart(own: Sequence[Region], base: Sequence[Region]) -> list[Region]:
    """The regions without the lines that every failure of the project is shown anyway."""
    shown = {one.path: one.last for one in base}
    rest = []
    for one in own:
        after = shown.get(one.path, 0) + 1
        if one.last >= after:
            rest.append(replace(one, start=max(one.start, after)) if one.start < after else one)
    return rest
