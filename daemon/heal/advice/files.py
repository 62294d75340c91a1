"""Looks at a project's files one by one: do they parse, can they be run, is what they name there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from heal.advice import job_scripts, nextflow_text, shell_text, snakemake_text
from heal.advice.inventory import Inventory
from heal.advice.issues import Issue, Severity
from heal.advice.snakemake_said import is_profile
from heal.errors import BadSettings
from heal.patch import Draft
from heal.proving.parses import parses
from heal.settings import load

_LINE = re.compile(r"\bline:? (\d+)")
_READ_BY = {"bash": "bash -n", "sh": "sh -n", "r": "R's parser", "python": "Python's parser"}
_PARSED = ("python", "bash", "sh", "r", "yaml", "toml", "json")
_WITHOUT = 8
_STRICT_SHELLS = ("bash", "sh")


def parse_errors(found: Inventory, *, snakefiles: bool) -> tuple[list[Issue], dict[str, str]]:
    """What does not parse, and what could not be tried. ``snakefiles``: those too, as no Snakemake has read them."""
    issues: list[Issue] = []
    untried: dict[str, str] = {}
    for name, kind in found.kinds.items():
        if kind not in (*_PARSED, *(("snakefile",) if snakefiles else ())):
            continue
        trial = parses(_draft(found.folder, name))
        said = trial.said.removeprefix(f"{name}: ")
        if trial.passed is None:
            untried[name] = said
        elif trial.passed is False:
            line, what = _tidied(said) if kind == "yaml" else (int(at[1]) if (at := _LINE.search(said)) else 0, said)
            issues.append(Issue(Severity.ERROR, name, line, what, "correct the line", _READ_BY.get(kind, kind)))
    return issues, untried


def _tidied(said: str) -> tuple[int, str]:
    """The line and the words of an error of YAML's, which quotes the beginning of what it read as well as its end."""
    lines = [int(number) for number in _LINE.findall(said)]
    parts = [part.strip() for part in said.split(";")]
    words = [
        part for part in parts if re.match(r"while |expected |found |could not |mapping |block |duplicate |did ", part)
    ]
    return (lines[-1] if lines else 0), ": ".join(words) or said


def _draft(folder: Path, name: str) -> Draft:
    # no history to compare with: every file is as its author wants it
    return Draft(folder, folder / ".git-none", "", "", "", "", folder, (name,), "", "")


def settings(folder: Path) -> Iterator[Issue]:
    """What is wrong with the heal.toml that holds for a folder."""
    try:
        load(folder)
    except BadSettings as error:
        at = re.search(r"heal\.toml:(\d+)", str(error)) or re.search(r"\(at line (\d+)", str(error))
        said = re.sub(r"^\S*/heal\.toml(?::\d+)?: ", "", str(error))
        yield Issue(Severity.ERROR, "heal.toml", int(at[1]) if at else 0, said, "correct the line, or take it out")


def modes(found: Inventory) -> Iterator[Issue]:
    """Programs in ``bin/`` that cannot be run, and scripts whose first line ends as on Windows."""
    for name, text in found.texts.items():
        if name.startswith("bin/") and name.count("/") == 1:
            if name in found.plain:
                yield Issue(Severity.ERROR, name, 0, "it is no executable file", f"chmod +x {name}")
            if not text.startswith("#!") and not text.startswith("\x7fELF"):
                yield Issue(
                    Severity.ERROR, name, 1, "its first line names no interpreter", "#!/usr/bin/env python3, say"
                )
        if text.startswith("#!") and text.partition("\n")[0].endswith("\r"):
            what = "its first line ends as on Windows: no such interpreter will be found"
            yield Issue(Severity.ERROR, name, 1, what, f"dos2unix {name}")


def shell_scripts(found: Inventory, env: Mapping[str, str], version: int | None) -> Iterator[Issue]:
    """Scripts for a shell and for sbatch. ``version``: as for ``snakemake``."""
    for name, text in found.jobs.items():
        yield from job_scripts.job_script(name, text)
        for folder in job_scripts.log_folders(text):
            if not found.there(folder):
                what = f"the folder {folder} of its log is not there: SLURM makes none, and the job fails without a log"
                line = snakemake_text.line_of(text, rf"#SBATCH.*{re.escape(folder)}")
                yield Issue(Severity.WARNING, name, line, what, f"mkdir -p {folder}")
    for name, text in found.of(*_STRICT_SHELLS).items():
        yield from shell_text.unset_variables(name, text, env)
        yield from _as_of(version, snakemake_text.old_options(name, text))


def snakemake(found: Inventory, env: Mapping[str, str], *, dry_run: bool, version: int | None) -> Iterator[Issue]:
    """The Snakefiles by their text. ``dry_run``: Snakemake has built all jobs, and has missed no input of theirs.

    ``version`` is Snakemake's, the first number of it; None where there is none here.
    """
    sources = found.of("snakefile")
    there = _there(found)
    for name, text in sources.items():
        yield from _as_of(version, snakemake_text.removed(name, text))
        yield from snakemake_text.missing_files(name, text, there, parsed=dry_run)
        yield from snakemake_text.shell_variables(name, text, env)
    if not dry_run:
        yield from snakemake_text.unmade_inputs(sources, there)
    yield from snakemake_text.missing_keys(sources, _config(found, sources))
    for name, text in found.of("yaml").items():
        if is_profile(name):
            yield from _as_of(version, snakemake_text.old_profile(name, _yaml(text), text))
    for name, text in found.of("json", "yaml").items():
        if re.fullmatch(r"cluster\.(?:json|ya?ml)", name.rpartition("/")[2]) and "__default__" in text and sources:
            do = "move it to set-resources and default-resources of a profile"
            gone = Issue(Severity.ERROR, name, 0, "cluster configurations are gone since Snakemake 8", do)
            yield from _as_of(version, [gone])


def _as_of(version: int | None, gone: Iterable[Issue]) -> Iterator[Issue]:
    """What is gone since 8 stops nothing where an older one is used."""
    old = version is not None and version < _WITHOUT
    return (replace(issue, severity=Severity.WARNING) if old else issue for issue in gone)


def nextflow(found: Inventory) -> Iterator[Issue]:
    """Nextflow's scripts and configuration files by their text."""
    sources = found.of("nextflow", "nextflow config")
    for name, text in sources.items():
        yield from nextflow_text.old_syntax(name, text)
        yield from nextflow_text.missing_files(name, text, found.there)
    if found.main:
        yield from nextflow_text.undeclared_params(sources, found.texts.get("nextflow_schema.json", ""))


def _there(found: Inventory) -> Callable[[str, str], bool]:
    def there(path: str, base: str) -> bool:
        return (found.folder / base).parent.joinpath(path).exists() if base else found.there(path)

    return there


def _config(found: Inventory, sources: Mapping[str, str]) -> dict[str, Any] | None:
    """What the configuration files hold that the Snakefiles name; None where one is not there, or none is named."""
    names = snakemake_text.configfiles(sources)
    read = [_yaml(found.texts[name]) if name in found.texts else None for name in names]
    if not read or not all(isinstance(each, dict) for each in read):
        return None
    merged: dict[str, Any] = {}
    for each in read:
        merged |= each or {}
    return merged


def _yaml(text: str) -> Any:
    try:
        return YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError):
        return None
