"""What is wrong with a project's files, where, and what to do; frozen like all records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol


class Severity(StrEnum):
    """How bad it is: it cannot run so, it may not do what is meant, it could be better."""

    ERROR = "error"
    WARNING = "warning"
    REMARK = "remark"


_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.REMARK: 2}


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing said against a project. ``file`` is relative to its folder; ``line`` is 1-based, 0 for all of the file.

    ``by`` says who found it: ``heal``, ``snakemake``, ``nextflow``, ``slurm``, ``bash`` or another parser, ``model``.
    """

    severity: Severity
    file: str
    line: int
    what: str
    do: str = ""
    by: str = "heal"


@dataclass(frozen=True, slots=True)
class Report:
    """What came of looking at a project: what was found, the worst first, what was looked at, what could not be."""

    issues: tuple[Issue, ...] = ()
    checked: tuple[str, ...] = ()
    unchecked: Mapping[str, str] = field(default_factory=dict)

    @property
    def wrong(self) -> bool:
        """True where an error was found."""
        return any(issue.severity is Severity.ERROR for issue in self.issues)


class RemarkGiver(Protocol):
    """Who reads a project's files after all rules have: a model. Raises ``HealError`` where it has no answer."""

    def __call__(self, report: Report, texts: Mapping[str, str]) -> Sequence[Issue]:
        """What it remarks on these files, by their names, where ``report`` does not say it already."""


def ordered(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """The worst first, then by file and line; what is said twice of one place is said once."""
    unique = dict.fromkeys(issues)
    return tuple(sorted(unique, key=lambda one: (_ORDER[one.severity], one.file, one.line, one.what)))


def remarked(report: Report, given: Iterable[Issue], texts: Mapping[str, str]) -> Report:
    """The report with a model's remarks: each a remark whatever it calls itself, and only on lines that are there."""
    lines = {name: text.count("\n") + 1 for name, text in texts.items()}
    kept = [
        replace(one, severity=Severity.REMARK, by="model") for one in given if 0 <= one.line <= lines.get(one.file, -1)
    ]
    return replace(report, issues=ordered([*report.issues, *kept]))
