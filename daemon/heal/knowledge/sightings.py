"""What it speaks for when the things that a line names are looked up: for the line, against it, or for itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from posixpath import normpath

from heal.cases import Case, Citation, Finding, Sight
from heal.knowledge.clues import Clue
from heal.knowledge.naming import Kind, named
from heal.knowledge.roles import Role, role
from heal.records import Label, Weight

# what a sight adds to a clue of these labels whose line names the thing
_ADDS: Mapping[Sight, tuple[int, tuple[Label, ...]]] = {
    Sight.ABSENT: (3, (Label.MISSING_INPUT, Label.MISSING_OUTPUT)),
    Sight.OTHER_CASE: (3, (Label.MISSING_INPUT,)),
    Sight.NEAR_NAME: (2, (Label.MISSING_INPUT,)),
    Sight.BROKEN_LINK: (3, (Label.MISSING_INPUT,)),
    Sight.NO_FOLDER: (2, (Label.MISSING_INPUT, Label.MISSING_OUTPUT)),
    Sight.UNMADE: (2, (Label.MISSING_INPUT,)),
    Sight.EMPTY: (3, (Label.BAD_INPUT_DATA,)),
    Sight.TRUNCATED: (4, (Label.BAD_INPUT_DATA,)),
    Sight.NOT_WHAT_IT_SAYS: (4, (Label.BAD_INPUT_DATA,)),
    Sight.FORBIDDEN: (3, (Label.PERMISSION,)),
    Sight.NOT_EXECUTABLE: (3, (Label.PERMISSION,)),
    Sight.FULL: (3, (Label.DISK_FULL,)),
    Sight.ELSEWHERE: (2, (Label.MISSING_DEPENDENCY,)),
    Sight.DECLARED: (3, (Label.MISSING_DEPENDENCY,)),
    Sight.OTHER_MACHINE: (3, (Label.VERSION_INCOMPATIBILITY, Label.CONTAINER, Label.MISSING_DEPENDENCY)),
    Sight.ONE_NODE: (4, (Label.NODE_FAILURE, Label.FILESYSTEM_TRANSIENT, Label.TOOL_CRASH)),
    Sight.RESUMABLE: (1, (Label.TIME_LIMIT,)),
}
# what it takes from a clue that says otherwise
_TAKES: Mapping[Sight, tuple[int, tuple[Label, ...]]] = {
    Sight.PRESENT: (-3, (Label.MISSING_INPUT,)),
    Sight.ONE_NODE: (-3, (Label.BAD_PARAMETER, Label.WORKFLOW_SYNTAX, Label.WORKFLOW_LOGIC)),
}
# what a sight means where no line of a log says as much: label, points, confidence
_MEANS: Mapping[Sight, tuple[Label, int, float]] = {
    Sight.TRUNCATED: (Label.BAD_INPUT_DATA, 27, 0.85),
    Sight.NOT_WHAT_IT_SAYS: (Label.BAD_INPUT_DATA, 27, 0.8),
    Sight.EMPTY: (Label.BAD_INPUT_DATA, 19, 0.65),
    Sight.FULL: (Label.DISK_FULL, 26, 0.8),
    Sight.OTHER_MACHINE: (Label.VERSION_INCOMPATIBILITY, 26, 0.85),
    Sight.ABSENT: (Label.MISSING_INPUT, 16, 0.6),
    Sight.BROKEN_LINK: (Label.MISSING_INPUT, 24, 0.8),
    Sight.ONE_NODE: (Label.NODE_FAILURE, 14, 0.5),
}
# these speak of the whole task, not of a thing that a line names
_OF_THE_TASK = frozenset({Sight.ALONE, Sight.ALL_FAILED, Sight.ONE_NODE, Sight.RESUMABLE, Sight.CHANGED})


# what every successful task of the process says is not what this one failed of
_USUAL = Weight(-15, "successful tasks of this process say the same")


def weighed(clues: Iterable[Clue], case: Case) -> list[Clue]:
    """The clues with what was looked up for them and against them."""
    return [clue.weighed(*_weights(clue, case.findings), *_habit(clue, case)) for clue in clues]


def from_findings(case: Case) -> list[Clue]:
    """A clue for each finding that means something by itself."""
    return [clue for finding in case.findings if (clue := _own(finding))]


def said_better(clue: Clue, case: Case) -> Finding | None:
    """What was seen of what the line names, where that speaks for the same and tells what to do."""
    told = (one for one in case.findings if one.advice and clue.label in _ADDS[one.sight][1])
    return next((one for one in told if _speaks_of(clue.citation.text, one)), None)


def naming(case: Case, subject: str) -> Citation | None:
    """The last line of a log that names what was looked up; a task's own log before an engine's."""
    logs = [one for one in case.evidence if role(one.source, one.text) is not Role.OTHER]
    for evidence in sorted(logs, key=lambda one: role(one.source, one.text) is Role.ENGINE):
        for number, line in reversed(evidence.numbered().items()):
            if _names(line, subject):
                return Citation(evidence.source, number, line)
    return None


def _speaks_of(line: str, finding: Finding) -> bool:
    # a module is no path
    return (finding.sight is Sight.DECLARED and finding.subject in line) or _names(line, finding.subject)


def _told_of(subject: str, line: str) -> bool:
    # a program or a module is no path; of a path a log may tell only the end
    return subject in line or _names(line, subject)


def _names(line: str, subject: str) -> bool:
    """True where a path of the line is the one that was looked up, or lies in that folder."""
    goal = PurePosixPath(normpath(subject))
    if not goal.name or goal.name not in line:
        return False
    paths = [PurePosixPath(normpath(one.text)) for one in named(line) if one.kind in (Kind.PATH, Kind.PROGRAM)]
    parts = [part.parts for path in paths for part in (path, *path.parents) if part.name]
    return any(goal.parts[-len(part) :] == part for part in parts)


def _habit(clue: Clue, case: Case) -> tuple[Weight, ...]:
    return (_USUAL,) if clue.citation.text in case.usual else ()


def _weights(clue: Clue, findings: Sequence[Finding]) -> list[Weight]:
    found: list[Weight] = []
    for finding in findings:
        if finding.sight not in _OF_THE_TASK and not _told_of(finding.subject, clue.citation.text):
            continue
        for table in (_ADDS, _TAKES):
            points, labels = table.get(finding.sight, (0, ()))
            if clue.label in labels:
                found.append(Weight(points, finding.text))
    return found


def _own(finding: Finding) -> Clue | None:
    if finding.sight not in _MEANS:
        return None
    label, points, confidence = _MEANS[finding.sight]
    cited = Citation(finding.subject or "the run's tasks", 0, finding.text)
    seen = "the other tasks of its process" if finding.sight in _OF_THE_TASK else finding.subject
    return Clue(label, finding.text, confidence, (Weight(points, "seen when looked up"),), cited, by="facts", seen=seen)
