"""heal hook install snakemake --edit-conf: one line in a profile of the user's, and out of it again."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from heal import whole_file
from heal.errors import HookRefused
from heal.home import marked

LOGGER = "heal"
_LINE = f"logger: {LOGGER}"
# a folder of a profile without its file is none of Snakemake's: what heal made goes with the last of its lines
_MADE = "# made by heal: this file, and so many folders for it: {}"
_MADE_BY_HEAL = re.compile(_MADE.format(r"(\d{1,3})"))


def put(profile: Path) -> Iterator[str]:
    """Name heal among the loggers of a profile; what was done. Raises HookRefused, OSError."""
    if not os.path.lexists(profile):
        yield _make(profile)
        return
    text = marked.read(profile)
    before = _content(profile, text)
    named = before.get("logger")
    if named is not None:
        yield f"{profile} stays as it is, it {_advice(named)}"
        return
    after = marked.with_block(text, [_LINE])
    if not _says(profile, after, {**before, "logger": LOGGER}):
        raise HookRefused(f"{profile}: nothing can be added at its end; put in {_LINE!r} yourself")
    marked.replace(profile, after)
    yield f"{profile}: {_LINE!r} is in"


def take_away(profile: Path) -> Iterator[str]:
    """Take heal's lines out of a profile; what was done. Raises HookRefused, OSError."""
    if not os.path.lexists(profile):
        yield f"{profile} is not there"
        return
    text = marked.read(profile)
    after = marked.without_block(text)
    if LOGGER in (_loggers(_content(profile, after).get("logger")) or ()):
        # what it names is about to go, and Snakemake does not start without it
        raise HookRefused(
            f"{profile} names {LOGGER} in a line of yours: take it out before heal's files go; nothing was removed"
        )
    if not after and (made := _MADE_BY_HEAL.search(text)):
        _unmake(profile, int(made[1]))
        yield f"removed {profile}, which heal had made"
        return
    if after != text:
        marked.replace(profile, after)
    yield f"{profile}: heal's lines are out" if after != text else f"{profile} has none of heal's lines"


def names_heal(profile: Path) -> bool:
    """True where nothing is left to be done about the loggers of a profile."""
    return LOGGER in (_loggers(_content(profile, marked.read(profile)).get("logger")) or ())


def _make(profile: Path) -> str:
    """A profile that holds heal's line alone."""
    missing = [folder for folder in profile.absolute().parents if not folder.exists()]
    try:
        profile.parent.mkdir(parents=True, exist_ok=True)
        whole_file.put(profile, marked.with_block("", [_MADE.format(len(missing)), _LINE]), mode=0o666)
    except OSError as error:
        raise HookRefused(f"{profile} cannot be made: {error}") from error
    return f"{profile}: made, with {_LINE!r} in it"


def _unmake(profile: Path, folders: int) -> None:
    profile.unlink()
    with suppress(OSError):
        for folder in list(profile.absolute().parents)[:folders]:
            folder.rmdir()


def _advice(named: object) -> str:
    loggers = _loggers(named)
    if loggers is None:
        return "has something else than names for its logger"
    if LOGGER in loggers:
        return "names heal"
    wanted = f"logger: [{', '.join([*loggers, LOGGER])}]"
    return f"names other loggers: make that line {wanted!r}"


def _loggers(named: object) -> list[str] | None:
    """The loggers that a profile names; None where what is there are no names."""
    names = named.split() if isinstance(named, str) else [] if named is None else named
    return names if isinstance(names, list) and all(isinstance(one, str) for one in names) else None


def _says(profile: Path, text: str, wanted: dict[str, Any]) -> bool:
    try:
        return _content(profile, text) == wanted
    except HookRefused:
        return False


def _content(profile: Path, text: str) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML(typ="safe", pure=True)
    # as Snakemake reads it
    yaml.version = (1, 1)
    try:
        content = yaml.load(text)
    except RecursionError as error:
        raise HookRefused(f"{profile} is nested too deeply to be read") from error
    except (YAMLError, ValueError) as error:
        raise HookRefused(f"{profile} is no YAML: {error}") from error
    if not isinstance(content, dict | None):
        raise HookRefused(f"{profile} is no profile: it holds no names with values")
    return content or {}
