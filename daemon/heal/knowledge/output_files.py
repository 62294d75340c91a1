"""Where the output of a SLURM job went: its filename patterns filled in (man sbatch, filename pattern)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath

_PATTERN = re.compile(r"%(\d*)(.)")
_NOWHERE = "/dev/null"
_UNTIDY = re.compile(r"//|/\.?(?:/|$)")


def output_files(job: str, workdir: str | None, stdout: str, stderr: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """The paths, stderr's first; of a job that was told none, SLURM's usual one. None that cannot be filled in.

    ``known`` are the letters of a pattern besides ``%A``, ``%a``, ``%j`` of a job that is no element, and ``%%``: an
    element of an array has a number of its own inside SLURM, which its id does not tell.
    """
    if not workdir:
        return ()
    base, _, element = job.partition("_")
    usual = "slurm-%A_%a.out" if element else "slurm-%j.out"
    own = {"A": base, "a": element} if element else {"A": base, "j": base, "J": base}
    letters = {**known, **own, "%": "%"}
    paths = [_filled(pattern, letters) for pattern in (stderr, stdout or usual)]
    return tuple(dict.fromkeys(_in(workdir, path) for path in paths if path and path != _NOWHERE))


def _in(workdir: str, path: str) -> str:
    whole = path if path.startswith("/") else f"{workdir}/{path}"
    # of ten thousand elements a turn asks for their paths more than once, and nearly all are written as they should be
    return str(PurePath(whole)) if _UNTIDY.search(whole) else whole


def _filled(pattern: str, letters: Mapping[str, str]) -> str:
    """The path that a pattern stands for; empty where it cannot be told."""
    if any(not letters.get(letter) for _width, letter in _PATTERN.findall(pattern)):
        return ""
    return _PATTERN.sub(lambda found: letters[found[2]].zfill(int(found[1] or 0)), pattern)
