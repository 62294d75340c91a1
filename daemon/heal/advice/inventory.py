"""What a project's folder holds that heal can check; looked through for a bounded number of files, never changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from heal.errors import HealError
from heal.proving.parses import kind_of

_MOST_FILES, _MOST_BYTES, _DEEPEST = 5_000, 2_000_000, 8
# what engines, tools and people leave that is no part of the pipeline; results and data are not read either
_OTHERS = frozenset({
    "work", "node_modules", "__pycache__", "results", "data", "logs", "venv", "env", "site-packages", "benchmarks"
})  # fmt: skip
_SNAKEFILES = ("Snakefile", "snakefile", "workflow/Snakefile", "workflow/snakefile")
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Inventory:
    """The texts of a project by their names relative to ``folder``, and what each is; ``clipped``: not all were read.

    Kinds are those of ``heal.proving.parses.kind_of``, with ``nextflow`` and ``nextflow config`` for the engine's own.
    """

    folder: Path
    texts: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    plain: frozenset[str] = frozenset()
    clipped: bool = False

    def of(self, *kinds: str) -> dict[str, str]:
        """The texts of these kinds."""
        return {name: text for name, text in self.texts.items() if self.kinds[name] in kinds}

    @property
    def snakefile(self) -> str | None:
        """The Snakefile that Snakemake takes by itself."""
        return next((name for name in _SNAKEFILES if name in self.texts), None)

    @property
    def main(self) -> str | None:
        """The script that Nextflow takes by itself."""
        return "main.nf" if "main.nf" in self.texts else None

    @property
    def jobs(self) -> dict[str, str]:
        """The scripts that say something to sbatch."""
        return {name: text for name, text in self.texts.items() if "\n#SBATCH" in f"\n{text}" and self._script(name)}

    def _script(self, name: str) -> bool:
        return self.kinds[name] in ("bash", "sh", "python", "r", "perl")

    def there(self, name: str) -> bool:
        """Whether a file of that name is there, in the folder or by an absolute path."""
        return (self.folder / name).exists()


def inventory(folder: Path) -> Inventory:
    """Look through a folder. Hidden and linked folders, work folders, data and results are left out.

    Raises ``HealError`` where it is no folder that can be read.
    """
    if not folder.is_dir():
        raise HealError(f"{folder} is no folder: name the one your pipeline lies in")
    folder = folder.resolve()
    texts: dict[str, str] = {}
    kinds: dict[str, str] = {}
    plain: set[str] = set()
    clipped = False
    for seen, path in enumerate(_walk(folder)):
        if seen >= _MOST_FILES:
            clipped = True
            break
        name = path.relative_to(folder).as_posix()
        kind = _kind(path, name)
        if (kind or name.startswith("bin/")) and (text := _text(path)) is not None:
            texts[name], kinds[name] = text, kind
            if not os.access(path, os.X_OK):
                plain.add(name)
    return Inventory(folder, texts, kinds, frozenset(plain), clipped)


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        at = Path(root)
        deep = len(at.relative_to(folder).parts) >= _DEEPEST
        folders[:] = [] if deep else sorted(name for name in folders if _wanted(at / name))
        yield from (at / name for name in sorted(files) if not name.startswith("."))


def _wanted(path: Path) -> bool:
    # a folder with a conda environment in it is somebody else's software
    return not (
        path.name.startswith(".") or path.name in _OTHERS or path.is_symlink() or (path / "conda-meta").exists()
    )


def _kind(path: Path, name: str) -> str:
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            found = kind_of(name, file.read(_HEAD))
    except OSError:
        return ""
    suffix = PurePosixPath(name).suffix
    if found == "engine":
        return {".nf": "nextflow", ".config": "nextflow config"}.get(suffix, "groovy")
    return found


def _text(path: Path) -> str | None:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        # newlines as they are: one that Windows wrote is a finding
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return None
