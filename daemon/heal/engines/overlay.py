"""What a project's rules ask for by ``heal resources --apply``: a file of heal's own, given to Snakemake at its start.

``.heal/resources.json`` in the folder that Snakemake is started in: ``{"v": 1, "rules": {"align": {"mem_mb": 5600}}}``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from heal import whole_file
from heal.engines.snakemake_argv import merged, read, values_of, with_resources
from heal.engines.snakemake_profile import profiles
from heal.errors import CannotApply
from heal.home import places

NAME = "resources.json"

# per rule, by Snakemake's names
Resources = Mapping[str, Mapping[str, int]]


def load(project: Path) -> dict[str, dict[str, int]]:
    """What is kept for a project; nothing where it has no such file. Raises ``CannotApply`` for one that is none."""
    path = project / ".heal" / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        rules = content["rules"]
        return {str(rule): {str(name): int(value) for name, value in of.items()} for rule, of in rules.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CannotApply(f"{path} cannot be read ({error}); remove it, or make it again: heal resources") from error


def keep(project: Path, resources: Resources) -> Path:
    """Keep these beside what is kept for other rules and resources; the file. Raises OSError, ``CannotApply``."""
    rules = load(project)
    for rule, asked in resources.items():
        rules.setdefault(rule, {}).update(asked)
    path = places.of_project(project) / NAME
    whole_file.put(path, json.dumps({"v": 1, "rules": rules}, indent=1, sort_keys=True) + "\n", mode=0o666)
    return path


def entries(resources: Resources) -> tuple[str, ...]:
    """As ``--set-resources`` takes them."""
    return merged((), resources)


def given(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> tuple[str, ...]:
    """The command line of a Snakemake with what is kept for its folder; as it is where nothing is.

    What the user says on the command line outranks it, what a profile says does not. Raises ``CannotApply`` where
    something is kept and cannot be given: this is no Snakemake, or a profile cannot be read.
    """
    kept = load(cwd)
    if not kept:
        return tuple(argv)
    line = read(argv)
    named = values_of(line.options, "--set-resources")
    if not named:
        return with_resources(line, merged(profiles(line.options, cwd, env).set_resources, kept))
    said = [entry.partition("=")[0].partition(":") for entry in named[-1]]
    own = {(rule, name) for rule, _colon, name in said}
    ours = {
        rule: {name: value for name, value in asked.items() if (rule, name) not in own} for rule, asked in kept.items()
    }
    return with_resources(line, merged(named[-1], ours))
