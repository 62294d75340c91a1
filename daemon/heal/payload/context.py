"""All that a model may be told about one incident, gathered and bounded, as named parts. Nothing is hidden here yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from heal.cases import Case, Citation, Evidence, Sight
from heal.evidence.history import History
from heal.knowledge.surroundings import Surroundings
from heal.payload.listing import listing
from heal.payload.past import Past
from heal.payload.regions import Pointers, Region, regions
from heal.payload.tree import Tree
from heal.records import Attempt, Diagnosis, Incident, Run

CHANGED = "changed since it last went well"
CHANGED_LATELY = "changed lately (when it last went well is not known)"
_SCRIPTS = (".command.sh", ".command.run")
_MOST_SCRIPT = 64_000
_MOST_LINES, _LINE = 24, 200
_BEFORE = 20
_WORD = re.compile(r"[A-Za-z_][\w.]{3,}")
# what an engine, conda, modules, containers and programs print of where they run and which versions they are
_ENVIRONMENT = re.compile(
    r"(?i)activating (?:conda|singularity|apptainer)|\bconda (?:activate|env)|/conda/envs?/|\.snakemake/conda/"
    r"|\bmodule (?:load|use|swap)\b|\bml load\b|\b(?:singularity|apptainer) (?:exec|run)|\bdocker run\b|\.sif\b"
    r"|\bcontainer\b.{0,4}[:=]|\b(?:python|R|java|perl|julia|nextflow|snakemake) version\b|N E X T F L O W"
    r"|\b[a-z][\w.+-]{1,30}[ /](?:version |v)?\d+\.\d+\.\d+\b|\bpython\d\.\d+/site-packages\b|openjdk|GLIBC"
)


@dataclass(frozen=True, slots=True)
class Material:
    """What heal knows of an incident already: ``attempts`` are its failed ones, the one that is told of first.

    ``last_success``: when a task of its process ended well last; None: not known.
    """

    case: Case
    diagnosis: Diagnosis
    incident: Incident | None = None
    run: Run | None = None
    attempts: tuple[Attempt, ...] = ()
    last_success: datetime | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What can be told. Every text may hold secrets: only ``heal.payload.build`` makes of it what may leave.

    ``listing`` are the repository's paths, ``points`` what points where in its files, ``script`` is what the task ran,
    as its engine rendered it. ``changes`` are those since ``last_success``, where that is known. ``notes`` say what
    could not be had.
    """

    incident: str
    engine: str
    process: str
    diagnosis: Diagnosis
    evidence: tuple[Evidence, ...] = ()
    listing: tuple[str, ...] = ()
    regions: tuple[Region, ...] = ()
    points: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    script: str = ""
    environment: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    past: tuple[Past, ...] = ()
    notes: tuple[str, ...] = ()
    last_success: datetime | None = None

    @property
    def texts(self) -> Mapping[str, str]:
        """The parts about the incident by their names, in the order in which they are told; empty ones left out."""
        parts = {
            "what is known": "\n".join(self.facts),
            "diagnosis so far": _told(self.diagnosis),
            "what points where": "\n".join(self.points),
            "what was looked up": "\n".join(self.findings),
            "the script that ran": self.script.strip("\n"),
            "environment": "\n".join(self.environment),
            CHANGED if self.last_success else CHANGED_LATELY: "\n".join(self.changes),
            "earlier incidents like it": "\n".join(one.line() for one in self.past),
            "could not be had": "\n".join(self.notes),
        }
        return {name: text for name, text in parts.items() if text}


def gather(
    material: Material,
    tree: Tree,
    *,
    root: str = "",
    read: Callable[[str], str] = lambda _path: "",
    changes: Callable[[Sequence[str]], Sequence[str]] = lambda _files: (),
    past: Callable[[], Sequence[Past]] = tuple,
) -> Context:
    """The context of one incident.

    ``root`` is the repository's folder, ``read`` the text of a file of the task's work folder (empty where it has
    none), ``changes`` what changed in files since the task last went well, ``past`` the earlier incidents like it.
    Files that were seen to have changed are asked about again: the task may have gone well since.
    """
    case, attempt = material.case, next(iter(material.attempts), None)
    script = _script(attempt, read)
    process = case.process or (material.incident.process if material.incident else "")
    engine = case.engine or (material.incident.engine if material.incident else "")
    told = regions(tree, _pointers(material, engine, process, script, root))
    texts = [one.text for one in case.evidence]
    return Context(
        incident=material.incident.id if material.incident else "",
        engine=engine,
        process=process,
        diagnosis=material.diagnosis,
        evidence=case.evidence,
        listing=listing(tree.paths()),
        regions=told.regions,
        points=told.points,
        facts=tuple(_facts(material, process)),
        findings=tuple(finding.text for finding in case.findings if finding.sight is not Sight.CHANGED),
        script=script,
        environment=environment_lines([*texts, script, _wrapper(attempt, read)]),
        changes=tuple(changes(_that_may_have_changed(case, told.regions))),
        past=tuple(past()),
        notes=told.notes,
        last_success=material.last_success,
    )


def _that_may_have_changed(case: Case, shown: Sequence[Region]) -> list[str]:
    """The files that were seen to have changed, then those that are shown; each once."""
    seen = [finding.subject for finding in case.findings if finding.sight is Sight.CHANGED]
    return list(dict.fromkeys([*seen, *(region.path for region in shown)]))


def read_text(path: str) -> str:
    """The text of a regular file, as much of it as is worth telling; empty where it cannot be read."""
    try:
        return Path(path).open("rb").read(_MOST_SCRIPT).decode("utf-8", "replace") if Path(path).is_file() else ""
    except OSError:
        return ""


def changes_by(history: History, around: Surroundings, diagnosis: Diagnosis) -> Callable[[Sequence[str]], list[str]]:
    """What changed in files, by git: the changes that mention what the diagnosis names, and the newest besides."""
    cited = [each.text for each in (diagnosis.root, *diagnosis.citations) if each]
    names = list(dict.fromkeys(word for text in cited for word in _WORD.findall(text)))
    return lambda files: [finding.text for finding in history.changes(files, names, around)]


def environment_lines(texts: Iterable[str]) -> tuple[str, ...]:
    """The lines that say where a task ran: conda, modules, container, versions; each once, bounded."""
    found: dict[str, None] = {}
    for text in texts:
        for line in text.split("\n"):
            bare = line.strip()[:_LINE]
            # a log says again, behind a stamp, what its terminal said
            if _ENVIRONMENT.search(bare) and not any(known in bare for known in found):
                found.setdefault(bare)
            if len(found) >= _MOST_LINES:
                return tuple(found)
    return tuple(found)


def _pointers(material: Material, engine: str, process: str, script: str, root: str) -> Pointers:
    found = material.diagnosis
    telling = [found.cause, *(each.text for each in (found.root, *found.citations) if each)]
    telling += [f"{each.source}:{each.line}" for each in (found.root, *found.citations) if each and each.line]
    telling += [_near(material.case.evidence, each) for each in (found.root, *found.citations) if each]
    texts = tuple(one.text for one in material.case.evidence)
    return Pointers(engine, process, tuple(telling), texts, script, root)


def _near(evidence: Sequence[Evidence], cited: Citation) -> str:
    """The lines before one that is cited: a trace leads to its error."""
    lines = next((one.numbered() for one in evidence if one.source == cited.source), {})
    return "\n".join(line for number, line in lines.items() if cited.line - _BEFORE <= number <= cited.line)


def _script(attempt: Attempt | None, read: Callable[[str], str]) -> str:
    if attempt is None:
        return ""
    for name in ("shell", "command", "script"):
        if (said := attempt.facts.get(name)) and isinstance(said, str):
            return said[:_MOST_SCRIPT]
    return read(f"{attempt.workdir}/{_SCRIPTS[0]}") if attempt.workdir else ""


def _wrapper(attempt: Attempt | None, read: Callable[[str], str]) -> str:
    return read(f"{attempt.workdir}/{_SCRIPTS[1]}") if attempt and attempt.workdir else ""


def _facts(material: Material, process: str) -> Iterator[str]:
    case, run, attempt = material.case, material.run, next(iter(material.attempts), None)
    # first what all failures of a run have in common: a model's server keeps what begins alike
    if run and run.argv:
        yield f"started in: {run.cwd}"
        yield f"command line: {' '.join(run.argv)}"
    yield f"process: {process or 'not known'}"
    if attempt:
        yield f"task: {attempt.name}, try {attempt.number}"
    if material.incident and material.incident.tasks > 1:
        yield f"tasks that failed this way: {material.incident.tasks}"
    if case.exit_code is not None:
        yield f"exit code: {case.exit_code}"
    if case.scheduler_state:
        yield f"state: {case.scheduler_state}"
    if asked := case.asked or (attempt.asked if attempt else {}):
        yield "asked for: " + ", ".join(f"{name} {value:g}" for name, value in sorted(asked.items()))
    if job := case.job:
        used = {"peak_mb": job.peak_mb, "elapsed_s": job.elapsed_s, "nodes": job.nodes}
        yield from (f"{name}: {value}" for name, value in used.items() if value not in (None, ""))
    if attempt:
        yield from _paths("inputs", attempt.facts.get("input"))
        yield from _paths("outputs", attempt.facts.get("output"))


def _paths(name: str, said: object) -> Iterator[str]:
    if isinstance(said, list | tuple) and said:
        shown = ", ".join(map(str, said[:_MOST_LINES]))
        more = f" … {len(said) - _MOST_LINES} more left out" if len(said) > _MOST_LINES else ""
        yield f"{name}: {shown}{more}"


def _told(found: Diagnosis) -> str:
    label = found.label.value if found.label else "nothing wrong"
    lines = [f"{label}, sure {found.confidence:.2f}, by {found.by}: {found.cause}"]
    if found.explanation:
        lines.append(found.explanation)
    places: dict[str, list[str]] = {}
    for cited in dict.fromkeys(each for each in (found.root, *found.citations) if each):
        places.setdefault(cited.text, []).append(f"{cited.source}:{cited.line}" if cited.line else cited.source)
    # an engine's log says again what a task's own says: that is told once
    return "\n".join([*lines, *(f"{', '.join(at)}: {text}" for text, at in places.items())])
