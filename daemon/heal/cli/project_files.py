"""What heal init writes into a project's folder: heal.toml with every setting, and .heal/."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from heal.errors import HealError
from heal.home import places
from heal.settings import FILE_NAME


def missing(here: Path) -> list[str]:
    """What is to be written; of a link that leads nowhere its user decides."""
    there = {FILE_NAME: os.path.lexists(here / FILE_NAME), ".heal/": (here / ".heal" / ".gitignore").exists()}
    return [name for name, is_there in there.items() if not is_there]


def write(here: Path) -> Iterator[str]:
    """Write what is missing; what was done. Raises HealError."""
    from heal import whole_file

    wanted = missing(here)
    try:
        places.of_project(here)
        if FILE_NAME in wanted:
            whole_file.put(here / FILE_NAME, commented(), mode=0o666)
    except OSError as error:
        raise HealError(
            f"{here} cannot be made a project: {' and '.join(wanted)} cannot be written there: {error}. "
            "Run heal init in a folder that you can write in; heal run needs none"
        ) from error
    file = here / FILE_NAME
    if ".heal/" in wanted:
        yield "wrote .heal/.gitignore"
    if FILE_NAME in wanted:
        yield f"wrote {FILE_NAME}: every setting, commented out, with its default"
    elif file.exists():
        yield f"kept {FILE_NAME} as it is" if wanted else f"kept {FILE_NAME} and .heal/ as they are"
    else:
        yield f"left {FILE_NAME} as it is: a link to {file.readlink()}, which is not there; make it, or remove the link"


def commented() -> str:
    """heal.toml with every setting, its meaning and its default, all commented out."""
    from heal.settings import sections

    lines = ["# Settings of heal for this project. Every line that is commented out shows the default.", ""]
    for name, doc, model in sections():
        lines += [f"# {doc}", f"[{name}]"]
        for key, field in model.model_fields.items():
            said = f"   # {field.description}" if field.description else ""
            default = field.get_default(call_default_factory=True)
            shown = _toml(default)
            lines.append(f"# {key} = {shown}{said}")
        lines.append("")
    return "\n".join([*lines, *_CHECK, ""])


# no section of its own: there are as many as there are names
_CHECK = (
    "# What must hold for a result before heal believes a task that ended well, by rule, process or job name:",
    "#[check.NAME]",
    '#command="samtools quickcheck -v {outputs}"',
    '#outputs="exist", "not_empty", "gzip" or "bam"',
    '#files=["out/*.bed"]   # where the engine declares no outputs',
    "#seconds=60",
    "",
    "# A coding model to be asked where no rule helps, by a name of your own; and who is asked by whom:",
    "#[model.NAME]",
    '#base_url="http://127.0.0.1:8000/v1"',
    '#model="the name the server knows it by"',
    "#[routes]",
    '#default=["NAME"]',
)


def _toml(value: Any) -> str:
    match value:
        case None:
            return "(no limit)"
        case str() | Path():
            return f'"{value}"'
        case bool():
            return str(value).lower()
        case tuple():
            return "[" + ", ".join(_toml(str(each)) for each in value) + "]"
        case _:
            return str(value)
