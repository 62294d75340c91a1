"""What the profiles of a Snakemake run say of resources, found and read as Snakemake finds and reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from heal.engines.snakemake_argv import value_of, values_of
from heal.errors import CannotApply

_SNAKEFILES = ("Snakefile", "snakefile", "workflow/Snakefile", "workflow/snakefile")
_FILE = re.compile(r"(?:profile|config)(?:\.v(\d+)\+)?\.yaml")
# as argparse takes them: -s also behind letters without a value, --snakefile shortened; of a shortened option for
# profiles it is not known what it names
_MAY_NAME_ONE = re.compile(
    r"-[hntkfFlSDvpa]*s.*|--sn[a-z]*(?:=.*)?|--(?!(?:workflow-)?profile(?:=|$))(?:pro|wo)[a-z-]*(?:=.*)?", re.DOTALL
)
_FORCING = ("forceall", "force", "forcerun")


@dataclass(frozen=True, slots=True)
class Profiles:
    """The ``--set-resources`` entries that hold in the end, and what would make Snakemake run everything again.

    ``database``: where locks and what is unfinished are kept, if not in the working folder. ``snakefile``: the one that
    they name.
    """

    set_resources: tuple[str, ...] = ()
    forcing: str | None = None
    database: str | None = None
    snakefile: str | None = None


def profiles(options: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Profiles:
    """Read the profiles of a run started with these options, there, in that environment.

    Raises ``CannotApply`` where one cannot be read as Snakemake would: it is missing, no mapping, or a template.
    """
    found = Profiles()
    for path in files(options, cwd, env):
        content = _read(path)
        # a later profile replaces a key of an earlier one as a whole
        if content.get("set-resources") is not None:
            found = replace(found, set_resources=_entries(content["set-resources"], path))
        if content.get("persistence-backend-db-url"):
            found = replace(found, database=str(content["persistence-backend-db-url"]))
        if content.get("snakefile"):
            found = replace(found, snakefile=str(content["snakefile"]))
        if forcing := next((key for key in _FORCING if content.get(key)), None):
            found = replace(found, forcing=f"{forcing} in {path}")
    return found


def files(options: Sequence[str], cwd: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """The profile files, in the order in which they are read: those that are named, then the workflow's own."""
    names = named(options, env)
    paths = [] if names == ("none",) else [_file(Path(name), cwd, env) for name in names]
    of_workflow = _workflow_profile(options, cwd)
    if of_workflow is not None:
        paths.append(_file(of_workflow, cwd, env))
    return tuple(paths)


def named(options: Sequence[str], env: Mapping[str, str]) -> tuple[str, ...]:
    """The profiles that ``--profile`` names, else ``$SNAKEMAKE_PROFILE``, one or ``[several]``; ``none`` among them."""
    given = tuple(value for values in values_of(options, "--profile") for value in values[:1])
    text = env.get("SNAKEMAKE_PROFILE", "")
    if given or not text:
        return given
    if not (text.startswith("[") and text.endswith("]")):
        return (text,)
    try:
        return tuple(str(name) for name in json.loads(text))
    except ValueError:
        return tuple(name.strip() for name in text[1:-1].split(","))


def finds_snakefile(options: Sequence[str], cwd: Path, env: Mapping[str, str]) -> bool:
    """True where Snakemake surely takes the Snakefile that it finds by itself: nothing names one."""
    if any(map(_MAY_NAME_ONE.fullmatch, options)):
        return False
    try:
        return profiles(options, cwd, env).snakefile is None
    except CannotApply:
        return False


def _workflow_profile(options: Sequence[str], cwd: Path) -> Path | None:
    given = value_of(options, "--workflow-profile")
    if given == "none":
        return None
    if given and (cwd / given).is_file():
        return Path(given)
    snakefile = value_of(options, "-s", "--snakefile") or next(
        (name for name in _SNAKEFILES if (cwd / name).exists()), None
    )
    name = Path(given or "default")
    if snakefile is None:
        return Path(given) if given else None
    beside = [] if "://" in snakefile else [Path(snakefile).parent / "profiles" / name]
    candidates = [name, Path("profiles") / name, *beside]
    return next((path for path in candidates if (cwd / path).exists()), None)


def _file(profile: Path, cwd: Path, env: Mapping[str, str]) -> Path:
    home = Path(env.get("HOME") or Path.home())
    places = [cwd / profile.parent] if (cwd / profile).exists() else [cwd, *_config_folders(home, env)]
    name = profile.name if (cwd / profile).exists() else profile
    for place in places:
        path = place / name
        if path.is_file():
            return path
        if path.is_dir():
            versions = [(int(match[1] or 0), file) for file in path.iterdir() if (match := _FILE.fullmatch(file.name))]
            if versions:
                return max(versions, key=lambda version: version[0])[1]
    raise CannotApply(f"the profile {profile} of the run cannot be found any more (looked in {places})")


def _config_folders(home: Path, env: Mapping[str, str]) -> tuple[Path, Path]:
    user = Path(env["XDG_CONFIG_HOME"]) if env.get("XDG_CONFIG_HOME") else home / ".config"
    site = Path((env.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")[0])
    return user / "snakemake", site / "snakemake"


def _read(path: Path) -> Mapping[str, Any]:
    # most runs are never started again
    from ruamel.yaml import YAML  # noqa: PLC0415
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    yaml = YAML(typ="safe", pure=True)
    # Snakemake reads YAML 1.1: 1:30 is ninety there
    yaml.version = (1, 1)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise CannotApply(f"the profile {path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise CannotApply(f"the profile {path} is no mapping")
    if content.get("__use_yte__"):
        raise CannotApply(f"the profile {path} is a template: heal does not evaluate those")
    return content


def _entries(value: Any, path: Path) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(entry) for entry in value)
    if not isinstance(value, dict):
        return (str(value),)
    if not all(isinstance(of_rule, dict) for of_rule in value.values()):
        raise CannotApply(f"set-resources in {path} is not rule: resource: value")
    return tuple(f"{rule}:{name}={_text(of)}" for rule, of_rule in value.items() for name, of in of_rule.items())


def _text(value: Any) -> str:
    # Snakemake quotes a number that was text, so that it stays text
    if isinstance(value, str):
        for number in (int, float):
            try:
                number(value)
            except ValueError:
                continue
            return repr(value)
    return str(value)
