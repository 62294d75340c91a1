"""A missing file, walked back to the task that should have made it, and from there to what kept that from being."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from heal.cases import Finding, Sight
from heal.knowledge.sections import Section, sections
from heal.knowledge.words import fits

_DEPTH = 20
_CLIP = 4_000_000
_FINISHED = re.compile(r"^Finished job(?:id:)? (\d+)", re.MULTILINE)
_HANDLER = re.compile(
    r"TaskHandler\[[^\]\n]{0,200}?name: (?P<name>[^;\n]{1,300}); status: (?P<status>\w+); exit: (?P<exit>[-\w]+);"
    r"[^\]\n]{0,300}?workDir: (?P<folder>[^\]\s]{1,600})"
)
_STAGED = re.compile(r"^\s*ln -s(?:f|n|nf)? (?P<source>\S{1,1000}) (?P<name>\S{1,400})\s*$", re.MULTILINE)
_HASHED = re.compile(r"/[0-9a-f]{2}/[0-9a-f]{30}(?=/|$)")


@dataclass(frozen=True, slots=True)
class KnownTask:
    """A task and what it reads and makes. ``ok``: how it ended, None where it has not; ``ran``: it was begun.

    ``folder``: all in it is this task's. ``where`` tells where it is written; the paths of such a one may have
    wildcards in braces.
    """

    name: str
    outputs: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    ok: bool | None = None
    ran: bool = True
    folder: str = ""
    where: str = ""
    job: str = ""

    def makes(self, path: str) -> bool:
        """True where the path is one of its outputs, in a folder that is, or in its own folder."""
        if self.folder and PurePosixPath(path).is_relative_to(self.folder):
            return True
        return any(_same(output, path) or _inside(output, path) for output in self.outputs)

    def may_make(self, path: str) -> bool:
        """True where the path fits one of its outputs with something put in for the wildcards."""
        return bool(self.where) and any(fits(output, path) for output in self.outputs)


def unmade(path: str, tasks: Sequence[KnownTask], *, own: str = "") -> Finding | None:
    """Who should have made the path, and why it has not; None where nobody known does. ``own``: the task that reads."""
    maker = _maker(path, tasks, own)
    if maker is None:
        return None
    return Finding(Sight.UNMADE, path, f"{path} is what {maker.name}{maker.where} makes; {_fate(maker, tasks, own)}.")


def _fate(task: KnownTask, tasks: Sequence[KnownTask], own: str, depth: int = 0) -> str:
    if task.ok:
        return "it ended well, so the file was moved or removed later, or is not where the task was told to look"
    if task.ok is False:
        return "it failed"
    if task.ran:
        return "it was begun and its end is not known"
    for needed in task.inputs:
        before = _maker(needed, tasks, own)
        if before and before != task and not before.ok and depth < _DEPTH:
            why = _fate(before, tasks, own, depth + 1)
            return f"it never ran: {needed}, which it reads, is made by {before.name}, and {why}"
    return "it never ran"


def _maker(path: str, tasks: Sequence[KnownTask], own: str) -> KnownTask | None:
    others = [task for task in tasks if task.name != own]
    sure = [task for task in others if task.makes(path)]
    # of several tries the last one counts; one that is only written down, where none was begun
    return sure[-1] if sure else next((task for task in others if task.may_make(path)), None)


def _same(output: str, path: str) -> bool:
    one, other = output.removeprefix("./").rstrip("/"), path.removeprefix("./").rstrip("/")
    return one == other or (one[:1] != other[:1] and (one.endswith(f"/{other}") or other.endswith(f"/{one}")))


def _inside(output: str, path: str) -> bool:
    # a folder is made with all that is in it
    return not PurePosixPath(output).suffix and f"/{path.removeprefix('./')}".startswith(f"/{output.strip('./')}/")


# --- what logs and sources tell ----------------------------------------------------------------


def from_snakemake(log: str) -> tuple[KnownTask, ...]:
    """The tasks that a log of Snakemake tells of, in the order they were begun."""
    log = log[:_CLIP]
    found: dict[str, KnownTask] = {}
    for section in sections(log):
        job = "".join(section.entries.get("jobid", ())) or f"{section.name}:{section.line}"
        if section.error and job in found:
            found[job] = replace(found[job], ok=False)
        elif job not in found or not section.error:
            found.pop(job, None)
            found[job] = _task(section, job)
    for job in _FINISHED.findall(log):
        if job in found:
            found[job] = replace(found[job], ok=True)
    return tuple(found.values())


def _task(section: Section, job: str) -> KnownTask:
    listed = section.listed
    return KnownTask(
        name=f"{section.name} ({section.wildcards})" if section.wildcards else section.name,
        outputs=tuple(listed.get("output", ())),
        inputs=tuple(listed.get("input", ())),
        ok=False if section.error else None,
        job=job,
    )


def from_snakefile(text: str, source: str) -> tuple[KnownTask, ...]:
    """The rules that a Snakefile writes down with plain outputs; none of them is known to have run."""
    return tuple(
        KnownTask(
            name=f"rule {section.name}",
            outputs=tuple(section.listed["output"]),
            inputs=tuple(section.listed.get("input", ())),
            ran=False,
            where=f" ({source}:{section.line})",
        )
        for section in sections(text)
        if section.listed.get("output")
    )


def from_nextflow(log: str) -> tuple[KnownTask, ...]:
    """The tasks that ``.nextflow.log`` tells of; what they make lies in their folders."""
    found: dict[str, KnownTask] = {}
    for got in _HANDLER.finditer(log[:_CLIP]):
        over = got["status"] == "COMPLETED"
        found[got["folder"]] = KnownTask(got["name"], ok=(got["exit"] == "0") if over else None, folder=got["folder"])
    return tuple(found.values())


def staged(command_run: str) -> Mapping[str, str]:
    """Where the inputs of a Nextflow task come from, by their names in its folder, from its ``.command.run``."""
    return {got["name"].strip("'\""): got["source"].strip("'\"") for got in _STAGED.finditer(command_run[:_CLIP])}


def task_folder(path: str) -> str:
    """The folder of the Nextflow task that a path lies in; empty where it lies in none."""
    got = _HASHED.search(path)
    return path[: got.end()] if got else ""
