"""What a project's processes ask for by ``heal resources --apply``: a configuration of heal's own, given to Nextflow.

``.heal/resources.config`` in the folder that Nextflow is started in. It is named before all other files of the command
line, so that what a person names there counts more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from heal import whole_file
from heal.engines.nextflow_argv import Part, read
from heal.errors import CannotApply
from heal.home import places

NAME = "resources.config"
_MARK = "// heal: "
_UNITS = {"memory": "MB", "time": "min"}

# per process, by Nextflow's directives, in MB and minutes
Resources = Mapping[str, Mapping[str, int]]


def lines(resources: Resources) -> Iterator[str]:
    """As a configuration says it: a later try of a task gets as many times as much."""
    yield "process {"
    for process, asked in sorted(resources.items()):
        said = [f"{name} = {{ {value}.{_UNITS[name]} * task.attempt }}" for name, value in sorted(asked.items())]
        if said:
            # SLURM tells ':' and '_' of a name apart no more, so both fit
            yield f"    withName: '(.*:)?{process.replace('_', '[:_]')}' {{ {'; '.join(said)} }}"
    yield "}"


def load(project: Path) -> dict[str, dict[str, int]]:
    """What is kept for a project; nothing where it has no such file. Raises ``CannotApply`` for one that is none."""
    path = project / ".heal" / NAME
    try:
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        kept = json.loads(first.removeprefix(_MARK))["processes"]
        return {
            str(one): {name: int(value) for name, value in of.items() if name in _UNITS} for one, of in kept.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CannotApply(f"{path} cannot be read ({error}); remove it, or make it again: heal resources") from error


def keep(project: Path, resources: Resources) -> Path:
    """Keep these beside what is kept for other processes; the file. Raises OSError, ``CannotApply``."""
    kept = load(project)
    for process, asked in resources.items():
        kept.setdefault(process, {}).update(asked)
    path = places.of_project(project) / NAME
    head = _MARK + json.dumps({"v": 1, "processes": kept}, sort_keys=True)
    whole_file.put(path, "\n".join([head, *lines(kept), ""]), mode=0o666)
    return path


def entries(resources: Resources) -> tuple[str, ...]:
    """In short words: ``ALIGN:memory=1300MB``."""
    return tuple(
        f"{process}:{name}={value}{_UNITS[name]}"
        for process, asked in sorted(resources.items())
        for name, value in sorted(asked.items())
    )


def given(argv: Sequence[str], cwd: Path) -> tuple[str, ...]:
    """The command line of a Nextflow with what is kept for its folder; as it is where nothing is.

    Raises ``CannotApply`` where something is kept and cannot be given: this is no ``nextflow run``, or names with
    ``-C`` the only file that is to be read.
    """
    if not load(cwd):
        return tuple(argv)
    line = read(argv)
    if line.launcher_values("-C"):
        raise CannotApply("nextflow -C names the only configuration that is to be read")
    path = f".heal/{NAME}"
    return replace(line, launcher=(Part("-c", ("-c", path)), *line.launcher)).words
