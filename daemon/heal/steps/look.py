"""Looks up what a first diagnosis speaks of: in files, environments, history, the run's other tasks and its graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from heal.cases import Case, Evidence, Finding, Sight
from heal.knowledge.declared import brought_elsewhere, folders
from heal.knowledge.graph import KnownTask, from_nextflow, from_snakefile, from_snakemake, staged, task_folder, unmade
from heal.knowledge.naming import Kind, Named, Part, named, places
from heal.knowledge.sections import text_of
from heal.knowledge.siblings import compared
from heal.knowledge.surroundings import Surroundings
from heal.knowledge.usage import part, reads
from heal.records import Diagnosis, Label

_MOST = 12
_CITED = 4
# a line of a source that is shorter stands in many places
_LONG_ENOUGH = 8
# lines after the root that an engine names the files in
_AFTER = 12
# what is told without a name is about what the task reads
_OF_INPUTS = frozenset(
    {Label.MISSING_INPUT, Label.BAD_INPUT_DATA, Label.TOOL_CRASH, Label.UNKNOWN, Label.FILESYSTEM_TRANSIENT}
)
_OF_OUTPUTS = frozenset({Label.MISSING_OUTPUT, Label.DISK_FULL})
_BY_LABEL = {
    **dict.fromkeys((Label.MISSING_INPUT, Label.BAD_INPUT_DATA), Part.INPUT),
    **dict.fromkeys(_OF_OUTPUTS, Part.OUTPUT),
}
# a machine's doing, not the workflow's: no change of the sources explains it
_NOT_OF_SOURCES = frozenset(
    {
        *(Label.OUT_OF_MEMORY, Label.TIME_LIMIT, Label.DISK_FULL, Label.NODE_FAILURE, Label.FILESYSTEM_TRANSIENT),
        *(Label.NETWORK, Label.SCHEDULER_REJECTED, Label.LOCKED, Label.AUTH, Label.CANCELLED),
    }
)
_INSTALLED = (Kind.PROGRAM, Kind.MODULE)
_CUT_OFF = frozenset({Label.TIME_LIMIT, Label.NODE_FAILURE, Label.CANCELLED, Label.OUT_OF_MEMORY})


class Looking(Protocol):
    """Looks at this machine, and changes nothing."""

    def look(self, names: Sequence[Named], around: Surroundings) -> tuple[Finding, ...]:
        """What is seen of the named things."""

    def saved(self, around: Surroundings) -> tuple[Finding, ...]:
        """The newest checkpoint in the task's folder that was written since it started."""

    def sources(self, around: Surroundings) -> Mapping[str, str]:
        """The texts of the task's script and the workflow's sources, by their paths."""


class Remembering(Protocol):
    """Knows what was changed."""

    def changes(self, files: Sequence[str], names: Sequence[str], around: Surroundings) -> tuple[Finding, ...]:
        """The changes to these files that mention one of the names."""


def look(
    case: Case, diagnosis: Diagnosis, around: Surroundings, machine: Looking, history: Remembering
) -> tuple[Finding, ...]:
    """What is found about the failure; what speaks most directly of what the root line names comes first."""
    if diagnosis.label is None:
        return ()
    around = _completed(case, around)
    sources = machine.sources(around)
    around = replace(around, environments=(*around.environments, *folders(sources)))
    names = subjects(case, diagnosis, around, sources)
    seen = [one for one in machine.look(names, around) if not _unmade_yet(one, names, diagnosis)]
    found = [
        *declared_elsewhere(case, diagnosis, sources, around.task),
        *seen,
        *_walked_back(case, around, sources, names, seen),
    ]
    if around.own:
        found += compared(case.process, around.own, around.siblings)
    if diagnosis.label in _CUT_OFF:
        found += machine.saved(around)
    if diagnosis.label not in _NOT_OF_SOURCES:
        told = [*(one.text for one in names), *_code(case, diagnosis)]
        found += history.changes(_files(case, diagnosis, around, sources), told, around)
    return tuple(dict.fromkeys(found))


def declared_elsewhere(
    case: Case, diagnosis: Diagnosis, sources: Mapping[str, str], task: str = ""
) -> tuple[Finding, ...]:
    """What another step's declared environment has of the programs and modules that the cited lines miss."""
    process = case.process or task.partition(" ")[0] or _completed(case, Surroundings()).task.partition(" ")[0]
    if diagnosis.label is not Label.MISSING_DEPENDENCY or not process:
        return ()
    lacking = [one.text for line in _lines(case, diagnosis) for one in named(line) if one.kind in _INSTALLED]
    found = (brought_elsewhere(text, process, sources) for text in dict.fromkeys(lacking))
    return tuple(one for one in found if one)


def _unmade_yet(seen: Finding, names: Sequence[Named], diagnosis: Diagnosis) -> bool:
    """What a task that failed should have made is not there: that says nothing, unless it ended well without."""
    if seen.sight is not Sight.ABSENT or diagnosis.label in _OF_OUTPUTS:
        return False
    made = [one.text for one in names if one.kind is Kind.PATH and one.part is Part.OUTPUT]
    return any(f"/{seen.subject}".endswith(f"/{text.lstrip('/')}") for text in made)


def subjects(case: Case, diagnosis: Diagnosis, around: Surroundings, sources: Mapping[str, str]) -> tuple[Named, ...]:
    """What is to be looked up: what the cited lines name, then what the task reads or makes."""
    found = [one for line in _lines(case, diagnosis) for one in named(line)]
    script = _script(case, around, sources)
    if not any(one.kind is Kind.PATH for one in found):
        if diagnosis.label in _OF_INPUTS:
            # what it makes is named in its command like what it reads, and is half made when it fails
            named_there = [path for path in reads(around.script or script) if path not in around.outputs]
            # nor is the log of a rule anything that it reads
            read = [path for path in named_there if part(path, script) is not Part.OUTPUT]
            found += [Named(Kind.PATH, path, Part.INPUT) for path in (*around.inputs, *read)]
        if diagnosis.label in _OF_OUTPUTS:
            made = around.outputs or (
                (around.workdir or around.cwd or ".",) if diagnosis.label is Label.DISK_FULL else ()
            )
            found += [Named(Kind.PATH, path, Part.OUTPUT) for path in made]
    distinct = {one.text: one for one in reversed(found)}
    ordered = [distinct.pop(one.text) for one in found if one.text in distinct]
    return tuple(_with_part(one, diagnosis, around, script) for one in ordered[:_MOST])


def _with_part(one: Named, diagnosis: Diagnosis, around: Surroundings, script: str) -> Named:
    if one.part is not Part.UNKNOWN or one.kind is not Kind.PATH:
        return one
    if one.text in around.outputs:
        return replace(one, part=Part.OUTPUT)
    if one.text in around.inputs:
        return replace(one, part=Part.INPUT)
    found = part(one.text, script)
    if found is Part.PROGRAM and "/" not in one.text and "." not in one.text:
        return Named(Kind.PROGRAM, one.text, found)
    if found is Part.UNKNOWN:
        # what a label itself says of the file that its line names
        found = _BY_LABEL.get(diagnosis.label or Label.UNKNOWN, found)
    return replace(one, part=found)


def _script(case: Case, around: Surroundings, sources: Mapping[str, str]) -> str:
    """What is known of the task's own doing: its script, and of a workflow's rules only its own."""
    parts = [around.script]
    for path, text in sources.items():
        if _holds_rules(path):
            parts.append(text_of(text, case.process))
        elif path.endswith(".command.sh"):
            parts.append(text)
    return "\n".join(parts)


def _holds_rules(path: str) -> bool:
    return path.endswith(("Snakefile", ".smk"))


def _completed(case: Case, around: Surroundings) -> Surroundings:
    """With what the engine's message itself says that the task reads and makes, where nobody else does."""
    if around.inputs or around.outputs:
        return around
    tasks = [task for one in case.evidence for task in from_snakemake(one.text) if task.ok is False]
    own = [task for task in tasks if not case.process or task.name.partition(" ")[0] == case.process]
    if len(own) != 1:
        return around
    return replace(around, inputs=own[0].inputs, outputs=own[0].outputs, task=around.task or own[0].name)


def _lines(case: Case, diagnosis: Diagnosis) -> Iterator[str]:
    """The root line, the lines of an engine that go on from it, then the other cited ones."""
    if diagnosis.root is None:
        return
    yield diagnosis.root.text
    evidence = next((one for one in case.evidence if one.source == diagnosis.root.source), None)
    yield from _going_on(evidence, diagnosis.root.line) if evidence else ()
    yield from (one.text for one in diagnosis.citations[:_CITED] if one != diagnosis.root)


def _going_on(evidence: Evidence, line: int) -> Iterator[str]:
    lines = evidence.numbered()
    root = lines.get(line, "")
    if "MissingInputException" in root:
        rest = [lines.get(number, "") for number in range(line + 1, line + _AFTER)]
        at = next((number for number, text in enumerate(rest) if text.strip() == "affected files:"), len(rest))
        yield from (f"'{text.strip()}'" for text in rest[at + 1 :] if text.startswith("        "))
    elif "MissingOutputException" in root:
        rest = [lines.get(number, "") for number in range(line + 1, line + _AFTER)]
        # what stands beside it follows, and is not what is missing
        mark = " (missing locally"
        yield from (f"{text.partition(mark)[0]}{mark})" for text in rest if mark in text)


def _files(case: Case, diagnosis: Diagnosis, around: Surroundings, sources: Mapping[str, str]) -> list[str]:
    """The sources that bear on the failure: those the cited lines point to, then those the workflow consists of."""
    pointed = [file for line in _lines(case, diagnosis) for file, _ in places(line)]
    return list(dict.fromkeys([*pointed, *around.sources, *sources]))


def _code(case: Case, diagnosis: Diagnosis) -> list[str]:
    """The lines of sources that the cited frames of a traceback stand for, as the traceback shows them."""
    texts = {one.source: one.numbered() for one in case.evidence}
    frames = [one for one in diagnosis.citations[:_CITED] if places(one.text)]
    shown = [texts.get(one.source, {}).get(one.line + 1, "").strip() for one in frames]
    return [line for line in shown if len(line) >= _LONG_ENOUGH]


# --- the graph ---------------------------------------------------------------------------------


def _walked_back(
    case: Case, around: Surroundings, sources: Mapping[str, str], names: Sequence[Named], seen: Sequence[Finding]
) -> Iterator[Finding]:
    """Who should have made what the task reads and is not there."""
    absent = {
        one.subject for one in seen if one.sight in (Sight.ABSENT, Sight.BROKEN_LINK, Sight.EMPTY, Sight.TRUNCATED)
    }
    missing = [
        one.text
        for one in names
        if one.kind is Kind.PATH
        and one.part in (Part.INPUT, Part.UNKNOWN)
        and any(path == one.text or path.endswith(f"/{one.text.removeprefix('./')}") for path in absent)
    ]
    if not missing:
        return
    tasks = _tasks(case, around, sources)
    links = {
        name: goal for path, text in sources.items() if path.endswith(".run") for name, goal in staged(text).items()
    }
    for path in missing:
        goal = links.get(path, path)
        if found := unmade(goal, tasks, own=around.task) or _of_a_folder(path, goal):
            yield found


def _of_a_folder(path: str, goal: str) -> Finding | None:
    folder = task_folder(goal)
    if not folder or goal == path:
        return None
    text = f"{path} is taken from the task in {folder}, of which nothing more is known."
    return Finding(Sight.UNMADE, path, text)


def _tasks(case: Case, around: Surroundings, sources: Mapping[str, str]) -> tuple[KnownTask, ...]:
    logs = [around.log, *(one.text for one in case.evidence)]
    begun = [task for log in logs if log for task in (*from_snakemake(log), *from_nextflow(log))]
    written = [
        task
        for path, text in sources.items()
        if _holds_rules(path)
        for task in from_snakefile(text, path.rpartition("/")[2])
    ]
    return (*around.tasks, *begun, *written)
