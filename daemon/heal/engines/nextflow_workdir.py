"""What the folder of a task says of it: ``.command.run`` and ``.command.sh`` as Nextflow writes them. Pure.

From ``BashWrapperBuilder``, ``SimpleFileCopyStrategy`` and ``SlurmExecutor.getDirectives`` of Nextflow 23.10, 24.10 and
25.04: a header of ``#SBATCH`` lines, the declared outputs (``### outputs:``, since 24.04), and in ``nxf_stage`` one
line for each input file, in the order in which the process declares them.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import dataclass, field

_MAX_PATHS = 50
# ln -s SOURCE NAME, ln SOURCE NAME, cp -fRL SOURCE NAME, after a mkdir for a name with a folder
_STAGED = re.compile(r"^(?:mkdir -p .+? && )?(?:ln -s|ln|cp -fRL) (?P<words>.+)$")
_OUTPUT = re.compile(r"^### - '(.*)'$")
_PATTERN = re.compile(r"[*?\[{]")
_MEMORY = re.compile(r"^(\d+)M$")
_CLOCK = re.compile(r"^(?:(\d+)-)?(\d+):(\d\d):(\d\d)$")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?!\.?\d)")
_SHEBANG = re.compile(r"^#!.*\n")


@dataclass(frozen=True, slots=True)
class WorkDir:
    """The folder of one task. ``inputs`` are the files staged into it, by the path they have; ``script`` what runs."""

    path: str
    script: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    asked: dict[str, float] = field(default_factory=dict)

    def made_from(self) -> str:
        """Eight hexadecimal digits over what the task is made from: its input files by their paths, and its script.

        The script stands for the values in it. What was asked for is left out of it: a try with more memory is the
        same task.
        """
        asked = _as_said(self.asked)
        script = _NUMBER.sub(lambda number: asked.get(number[0], number[0]), self.script)
        text = "".join(f"{path}\n" for path in self.inputs) + script
        return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]


def workdir(path: str, run: str, script: str) -> WorkDir:
    """Read the texts of ``.command.run`` and ``.command.sh``; either may be empty or cut short."""
    lines = run.splitlines()
    return WorkDir(
        path,
        script=_SHEBANG.sub("", script).strip("\n"),
        inputs=tuple(_staged(lines)),
        outputs=tuple(f"{path}/{name}" for name in _declared(lines) if not _PATTERN.search(name)),
        asked=_asked(_directives(lines)),
    )


def told_paths(paths: tuple[str, ...]) -> list[str]:
    """As many paths of one task as are worth telling."""
    return list(paths[:_MAX_PATHS])


def _as_said(asked: dict[str, float]) -> dict[str, str]:
    """The numbers by which a script may say what it was given, and what stands in their place."""
    scales = {"memory_mb": (1024 * 1024, 1024, 1, 1 / 1024), "time_min": (60_000, 60, 1, 1 / 60), "cpus": (1,)}
    return {f"{value * scale:.12g}": f"<{name}>" for name, value in asked.items() for scale in scales[name]}


def _staged(lines: list[str]) -> list[str]:
    if "nxf_stage() {" not in lines:
        return []
    body = lines[lines.index("nxf_stage() {") + 1 :]
    end = body.index("}") if "}" in body else len(body)
    found = (_STAGED.match(line.strip()) for line in body[:end])
    words = [_words(match["words"]) for match in found if match]
    return [each[0] for each in words if len(each) == 2]  # noqa: PLR2004 - the source and its name here


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return []


def _declared(lines: list[str]) -> list[str]:
    if "### outputs:" not in lines:
        return []
    found: list[str] = []
    for line in lines[lines.index("### outputs:") + 1 :]:
        match = _OUTPUT.match(line)
        if match is None:
            break
        found.append(match[1])
    return found


def _directives(lines: list[str]) -> dict[str, str]:
    """What stands in the ``#SBATCH`` lines; the last of one name counts, as it does for SLURM."""
    found: dict[str, str] = {}
    for line in lines:
        if line.startswith("#SBATCH "):
            name, _, value = line.removeprefix("#SBATCH ").strip().replace("=", " ", 1).partition(" ")
            found[name] = value.strip()
    return found


def _asked(said: dict[str, str]) -> dict[str, float]:
    """What was asked of SLURM; a task that asks for one core does not say so."""
    if not said:
        return {}
    cpus = int(said["-c"]) if said.get("-c", "").isdigit() else 1
    asked: dict[str, float] = {"cpus": cpus}
    if memory := _MEMORY.match(said.get("--mem", "")):
        asked["memory_mb"] = int(memory[1])
    elif memory := _MEMORY.match(said.get("--mem-per-cpu", "")):
        asked["memory_mb"] = int(memory[1]) * cpus
    if clock := _CLOCK.match(said.get("-t", "")):
        days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        asked["time_min"] = _whole(days * 1440 + hours * 60 + minutes + seconds / 60)
    return asked


def _whole(value: float) -> float:
    return int(value) if value == int(value) else round(value, 2)
