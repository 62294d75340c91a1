"""The loggers that a Snakemake profile names, found without a YAML reader: a line ``logger:`` and what it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_SNAKEFILES = ("Snakefile", "snakefile", "workflow/Snakefile", "workflow/snakefile")
_FILE = re.compile(r"(?:profile|config)(?:\.v(\d+)\+)?\.yaml")
_LOGGER = re.compile(r"^logger:[ \t]*([^\n#]*)[^\n]*\n((?:[ \t]*-[ \t]+[^\n]+\n?)*)", re.MULTILINE)


def profile_loggers(args: Sequence[str], env: Mapping[str, str], cwd: Path) -> list[str]:
    """The loggers of the profiles of this invocation, as the last profile that names any has them.

    Empty where a profile cannot be read: Snakemake will say what is wrong with it.
    """
    loggers: list[str] = []
    for path in _files(args, env, cwd):
        try:
            found = _LOGGER.search(path.read_text(encoding="utf-8", errors="replace") + "\n")
        except OSError:
            continue
        if found:
            words = re.split(r"[\s,\[\]]+", found[1]) + re.findall(r"-[ \t]+([^\s#]+)", found[2])
            loggers = [word.strip("'\"") for word in words if word.strip("'\"")]
    return loggers


def _files(args: Sequence[str], env: Mapping[str, str], cwd: Path) -> Iterator[Path]:
    named = list(_values(args, "--profile")) or _several(env.get("SNAKEMAKE_PROFILE", ""))
    user = Path(env.get("XDG_CONFIG_HOME") or Path(env.get("HOME", "/")) / ".config") / "snakemake"
    site = Path((env.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")[0]) / "snakemake"
    for name in named:
        if name not in ("", "none"):
            yield from _file([place / name for place in (cwd, user, site)])
    own = [*_values(args, "--workflow-profile"), ""][0] or "default"
    if own != "none":
        snakefiles = list(_values(args, "--snakefile", "-s")) or [name for name in _SNAKEFILES if (cwd / name).exists()]
        beside = [(cwd / snakefile).parent / "profiles" / own for snakefile in snakefiles[:1]]
        yield from _file([cwd / own, cwd / "profiles" / own, *beside])


def _several(text: str) -> list[str]:
    """The names in a value that Snakemake takes for one, or for ``[several]``."""
    if not (text.startswith("[") and text.endswith("]")):
        return [text]
    try:
        return [str(name) for name in json.loads(text)]
    except ValueError:
        return [name.strip() for name in text[1:-1].split(",")]


def _file(places: Sequence[Path]) -> Iterator[Path]:
    """The file of the first of these places that is a profile."""
    for place in places:
        if place.is_file():
            yield place
            return
        if place.is_dir():
            known = [(int(match[1] or 0), path) for path in place.iterdir() if (match := _FILE.fullmatch(path.name))]
            if known:
                yield max(known)[1]
                return


def _values(args: Sequence[str], *names: str) -> Iterator[str]:
    for place, word in enumerate(args):
        name, equals, value = word.partition("=")
        if name in names:
            yield value if equals else next(iter(args[place + 1 : place + 2]), "")
