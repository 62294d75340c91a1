"""Programs, modules and libraries: where this machine has them, on the task's PATH or in an environment beside it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from heal.cases import Finding, Sight
from heal.evidence.paths import look_at
from heal.knowledge.naming import Kind, Named, Part
from heal.knowledge.surroundings import Surroundings

_MOST_ENVIRONMENTS = 200
_MOST_NAMES = 20_000
_TOLD = 3
_NEAR = 0.85
_SYSTEM_LIBRARIES = ("/lib/*-linux-gnu", "/usr/lib/*-linux-gnu", "/lib64", "/usr/lib64", "/usr/lib", "/usr/local/lib")


def look_for(named: Named, around: Surroundings) -> list[Finding]:
    """Where the program, module or library is; nothing for a task in a container, which has its own."""
    if around.contained:
        return []
    if "/" in named.text and named.kind is not Kind.MODULE:
        return look_at(named.text, Part.PROGRAM if named.kind is Kind.PROGRAM else Part.LIBRARY, around)
    match named.kind:
        case Kind.PROGRAM:
            return _program(named.text, around)
        case Kind.MODULE:
            return _module(named.text, around)
        case _:
            return _library(named.text, around)


def search_path(around: Surroundings) -> tuple[str, ...]:
    """The folders of the task's PATH, or of heal's own where the task's is not known."""
    known = around.path if around.path is not None else tuple(os.environ.get("PATH", "").split(os.pathsep))
    return tuple(dict.fromkeys(folder for folder in known if folder))


def environments(around: Surroundings) -> Iterator[Path]:
    """The environments that the workflow or the user has, those of the workflow first; each once."""
    seen: set[str] = set()
    for folder in _candidates(around):
        # what is on the PATH already is not beside it
        real = os.path.realpath(folder)
        if real not in seen and (folder / "bin").is_dir() and str(folder / "bin") not in search_path(around):
            seen.add(real)
            yield folder
        if len(seen) == _MOST_ENVIRONMENTS:
            return


def _candidates(around: Surroundings) -> Iterator[Path]:
    yield from map(Path, around.environments)
    for root in map(Path, around.roots):
        for below in (".snakemake/conda", "work/conda", "envs", ".pixi/envs"):
            yield from _below(root / below)
        yield from (root / name for name in (".venv", "venv", "env"))
    for cache in (os.environ.get("NXF_CONDA_CACHEDIR"), *os.environ.get("CONDA_ENVS_PATH", "").split(os.pathsep)):
        yield from _below(Path(cache)) if cache else ()
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises without a home
    with suppress(OSError, UnicodeDecodeError):
        known = (home / ".conda" / "environments.txt").read_text(encoding="utf-8").splitlines()
        yield from (Path(line) for line in known[:_MOST_ENVIRONMENTS] if line.startswith("/"))
    for conda in ("miniforge3", "mambaforge", "miniconda3", "anaconda3", "micromamba", ".conda"):
        yield from ((home / conda), *_below(home / conda / "envs"))
    yield from (Path("/opt/conda"), *_below(Path("/opt/conda/envs")))


def _below(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as listed:
            return sorted(folder / one.name for one in islice(listed, _MOST_ENVIRONMENTS) if one.is_dir())
    except OSError:
        return []


# --- programs ----------------------------------------------------------------------------------


def _program(name: str, around: Surroundings) -> list[Finding]:
    path = search_path(around)
    there = [f"{folder}/{name}" for folder in path if os.path.isfile(f"{folder}/{name}")]  # noqa: PTH113 - texts
    for place in there:
        found = look_at(place, Part.PROGRAM, around)
        if found and all(one.sight is Sight.PRESENT for one in found):
            if around.path is None:
                text = f"{name} is installed here: {place}. Which folders the task searched is not known."
                return [Finding(Sight.ELSEWHERE, name, text)]
            return [Finding(Sight.PRESENT, name, f"{name} is on the PATH: {place}.")]
    if there:
        return look_at(there[0], Part.PROGRAM, around)
    whose = "the task's" if around.path is not None else "heal's own"
    absent = Finding(Sight.ABSENT, name, f"{name} is in none of the {len(path)} folders of {whose} PATH.")
    return [*([absent] if around.here else []), *_elsewhere(name, around), *_almost(name, path)]


def _elsewhere(name: str, around: Surroundings) -> Iterator[Finding]:
    places = [str(folder / "bin" / name) for folder in environments(around) if (folder / "bin" / name).is_file()]
    own = os.environ.get("PATH", "").split(os.pathsep) if around.path is not None else []
    beside = [*own, *(f"{root}{below}" for root in around.roots for below in ("", "/bin", "/scripts"))]
    on_path = search_path(around)
    places += [
        f"{folder}/{name}"
        for folder in dict.fromkeys(beside)
        if folder and folder not in on_path and os.path.isfile(f"{folder}/{name}")  # noqa: PTH113 - texts
    ]
    # one folder may have two names: /bin and /usr/bin
    yield from _told(name, list({os.path.realpath(place): place for place in reversed(places)}.values())[::-1])


def _told(name: str, places: Sequence[str]) -> Iterator[Finding]:
    if places:
        more = f" and in {len(places) - _TOLD} more places" if len(places) > _TOLD else ""
        text = f"{name} is installed, where the task did not look: {', '.join(places[:_TOLD])}{more}."
        yield Finding(Sight.ELSEWHERE, name, text)


def _almost(name: str, path: Sequence[str]) -> Iterator[Finding]:
    names: dict[str, str] = {}
    for folder in path:
        with suppress(OSError), os.scandir(folder) as listed:
            names |= {one.name: folder for one in islice(listed, _MOST_NAMES)}
    cased = [one for one in names if one.lower() == name.lower()]
    if cased:
        text = f"{cased[0]} is on the PATH, in {names[cased[0]]}: the name is spelled in other case."
        yield Finding(Sight.OTHER_CASE, cased[0], text)
    elif near := difflib.get_close_matches(name, names, n=1, cutoff=_NEAR):
        yield Finding(Sight.NEAR_NAME, near[0], f"{near[0]} is on the PATH, in {names[near[0]]}.")


# --- modules and libraries ---------------------------------------------------------------------


def _module(name: str, around: Surroundings) -> list[Finding]:
    top = name.partition(".")[0].partition("/")[0]
    packages = [
        place
        for folder in environments(around)
        for place in (*sorted(folder.glob("lib/python3*/site-packages")), folder / "lib" / "R" / "library")
    ]
    return list(_told(top, [str(one) for one in packages if (one / top).is_dir() or (one / f"{top}.py").is_file()]))


def _library(name: str, around: Surroundings) -> list[Finding]:
    base = name.partition(".so")[0] + ".so" if ".so" in name else name
    folders = [one for shape in _SYSTEM_LIBRARIES for one in sorted(Path("/").glob(shape[1:]))]
    beside = [folder / below for folder in environments(around) for below in ("lib", "include")]
    exact = [str(folder / name) for folder in (*beside, *folders) if (folder / name).exists()]
    if exact:
        return list(_told(name, exact))
    other = [found for folder in (*folders, *beside) for found in islice(_versions(folder, base), 1)]
    if other:
        return [Finding(Sight.NEAR_NAME, name, f"{other[0]} is here, where {name} is asked for: another version.")]
    text = f"{name} is in no library folder of this machine, nor of an environment beside the task."
    return [Finding(Sight.ABSENT, name, text)] if around.here else []


def _versions(folder: Path, base: str) -> Iterator[Path]:
    if base.endswith(".so"):
        yield from sorted(folder.glob(f"{base}*"))
