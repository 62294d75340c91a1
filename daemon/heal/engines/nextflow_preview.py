"""The command lines that try a launch of Nextflow on changed files, elsewhere, without running a task's script.

A preview builds the whole pipeline, its channels and its handlers of the end included: what those write or send they
write or send. So what is known to do so is left out: reports, notifications, mails, and the results' folder is another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from heal.engines.nextflow_argv import CommandLine, Part

# of the launcher: what stays; logs and the background are not the launch's meaning
_LAUNCHER = ("-c", "-config", "-C", "-config-ignore-includes", "-D")
_FILES = ("-c", "-config", "-C", "-params-file")
# of run: which launch it is and where its files come from, what it reports, where it computes
_NOT_RUN = frozenset({
    "-name", "-latest", "-resume", "-preview", "-r", "-revision", "-hub", "-user", "-d", "-deep", "-stdin", "-bg",
    "-ansi-log", "-with-trace", "-with-report", "-with-timeline", "-with-dag", "-with-weblog", "-with-tower", "-N",
    "-with-notification", "-w", "-work-dir", "-bucket-dir", "-output-dir", "-params-file", "-dump-channels",
    "-dump-hashes", "-main-script", "-stub", "-stub-run",
})  # fmt: skip
# by the names that pipelines of nf-core have for them
_SENDS = ("email", "email_on_fail", "hook_url")
_RESULTS = "outdir"
_PARAMETER = re.compile(r"^params\.(\w+) = (.*)$", re.MULTILINE)
_QUIET = "".join(
    f"{scope}.enabled = false\n"
    for scope in ("trace", "report", "timeline", "dag", "weblog", "tower", "notification", "lineage")
)

_SURROUNDS = (
    "docker",
    "podman",
    "singularity",
    "apptainer",
    "charliecloud",
    "shifter",
    "sarus",
    "conda",
    "spack",
    "wave",
)
PREVIEW, STUBS = "-preview", "-stub-run"
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_PROCESS = re.compile(r"^\s*process\s+\w+\s*\{", re.MULTILINE)
_STUB = re.compile(r"^\s*stub\s*:", re.MULTILINE)
_NOT_HERE = frozenset({"-process.executor", "-with-wave", *(f"-with-{scope}" for scope in _SURROUNDS)})
# the stubs run on this machine, by themselves: no scheduler, no container, no environment is asked. A selector outranks
# what a process says itself, and this one no other file has
STUBS_HERE = "process { withName: '^.*$' { executor = 'local' } }\n" + "".join(
    f"{scope}.enabled = false\n" for scope in _SURROUNDS
)

# a path of the launch to where it is now
Place = Callable[[str], str]


def flat_config(line: CommandLine, script: str, place: Place) -> tuple[str, ...]:
    """Print the configuration that this launch would have with that script."""
    launcher = _placed([part for part in line.launcher if part.name in _LAUNCHER], place)
    named = [word for path in line.values("-c", "-config") for word in ("-c", place(path))]
    profile = line.values("-profile")[-1:]
    return (*line.start, *launcher, *named, "config", "-flat", *(("-profile", *profile) if profile else ()), script)


def trial(line: CommandLine, script: str, place: Place, own: str, how: str) -> tuple[str, ...]:
    """Build the pipeline as this launch would, and go on as ``how`` says, which is ``PREVIEW`` or ``STUBS``.

    ``own`` holds ``quiet.config`` and ``params.json``.
    """
    launcher = _placed([part for part in line.launcher if part.name in _LAUNCHER], place)
    quiet = ("-C", f"{own}/quiet.config") if line.launcher_values("-C") else ()
    parts = [part for part in line.parts if part.name and part.name not in _NOT_RUN and not _redirected(part)]
    if how == STUBS:
        parts = [part for part in parts if part.name not in _NOT_HERE]
    more = () if quiet else ("-c", f"{own}/quiet.config")
    tail = ("-params-file", f"{own}/params.json", "-w", f"{own}/tasks", how)
    return (*line.start, *launcher, *quiet, "run", script, *_placed(parts, place), *more, *tail)


def parameters(line: CommandLine, given: Mapping[str, Any], flat: str, own: str) -> dict[str, Any]:
    """The content of ``params.json``: what the launch takes from its own file (``given``), results going to ``own``.

    ``flat``: the configuration as ``flat_config`` prints it. What nobody has named is not named here either, as some
    pipelines refuse a parameter that they do not know.
    """
    kept = {name: value for name, value in given.items() if name not in (*line.parameters, *_SENDS, _RESULTS)}
    declared = {name for name, _value in _PARAMETER.findall(flat)}
    return kept | ({_RESULTS: f"{own}/results"} if _RESULTS in {*declared, *given, *line.parameters} else {})


def quiet_config(flat: str) -> str:
    """The content of ``quiet.config``: no reports, and nobody is sent anything."""
    sends = [name for name, value in _PARAMETER.findall(flat) if name in _SENDS and value != "null"]
    return _QUIET + "".join(f"params.{name} = null\n" for name in sends)


def only_stubs(folder: Path) -> bool:
    """Tell whether each process of a pipeline has a stub: Nextflow runs the script of one that has none."""
    texts = (
        _COMMENT.sub("", path.read_text(encoding="utf-8", errors="replace")) for path in sorted(folder.rglob("*.nf"))
    )
    processes = [body for text in texts for body in _PROCESS.split(text)[1:]]
    return bool(processes) and all(_STUB.search(body) for body in processes)


def _redirected(part: Part) -> bool:
    return part.name.removeprefix("--") in (*_SENDS, _RESULTS) and part.name.startswith("--")


def _placed(parts: list[Part], place: Place) -> tuple[str, ...]:
    words: list[str] = []
    for part in parts:
        value = part.value
        named = part.name in _FILES and value is not None
        words += [part.name, place(value)] if named and value is not None else part.words
    return tuple(words)
