"""What is known of a failure before anybody judges it: the texts, what was found in them, what was looked up.

Frozen like all records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from heal.jobs import JobFacts


@dataclass(frozen=True, slots=True)
class Citation:
    """A line that proves something: where it stands (1-based line, 0 for a fact) and what it says."""

    source: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern that matched a line of a text."""

    pattern: str
    source: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive lines of a text; ``line`` is the number of the first, from 1."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Bounded passages of a text and what was found in all of it, with where it came from.

    ``notes`` state what could not be had: unreadable, binary, clipped, empty, missing.
    ``lines`` is how many lines the whole text has, as far as it was read.
    """

    source: str
    passages: tuple[Passage, ...] = ()
    hits: tuple[Hit, ...] = ()
    notes: tuple[str, ...] = ()
    lines: int = 0

    def numbered(self) -> dict[int, str]:
        """The lines that were kept, by their number, in order."""
        return {
            number: line
            for passage in self.passages
            for number, line in enumerate(passage.text.split("\n"), start=passage.line)
        }

    @property
    def text(self) -> str:
        """What was kept, one passage after the other."""
        return "\n".join(passage.text for passage in self.passages)


class Sight(StrEnum):
    """What was seen of a thing that the evidence names; each speaks for or against a cause."""

    ABSENT = "absent"  # the path does not exist
    OTHER_CASE = "other_case"  # it exists, spelled in other case
    NEAR_NAME = "near_name"  # a file of almost that name stands there
    PRESENT = "present"  # the path exists and holds something
    EMPTY = "empty"  # it exists and holds nothing
    BROKEN_LINK = "broken_link"  # a symbolic link to nothing
    TRUNCATED = "truncated"  # a compressed file that ends too early
    NOT_WHAT_IT_SAYS = "not_what_it_says"  # its content is not of the kind its name promises
    FORBIDDEN = "forbidden"  # the user may not read or enter it
    NOT_EXECUTABLE = "not_executable"  # a program or script without the right to be run
    OTHER_MACHINE = "other_machine"  # an executable built for another kind of machine
    NO_FOLDER = "no_folder"  # the folder it should be written to does not exist
    FULL = "full"  # its file system has no room, or no more files, left
    ELSEWHERE = "elsewhere"  # the program is installed, in an environment that the task did not use
    DECLARED = "declared"  # another step of the workflow declares an environment that has it
    UNMADE = "unmade"  # a task of the run should have made it, and failed or never ran
    CHANGED = "changed"  # a tracked file that bears on it changed since the task last succeeded
    ALONE = "alone"  # only this task of many failed
    ALL_FAILED = "all_failed"  # every task of this process failed
    ONE_NODE = "one_node"  # the failures are all on one node, and others went well elsewhere
    RESUMABLE = "resumable"  # a checkpoint stands beside a run that ran out of time
    UNANSWERED = "unanswered"  # its file system did not answer in time


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found when a thing that the evidence names was looked up; ``text`` is a sentence for a person.

    ``advice``: what a person can do, where what was found tells it better than the words of a log.
    """

    sight: Sight
    subject: str
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of one failed attempt: what ``diagnose`` looks at.

    ``names`` are what tells the task from others of its process: its sample, its chromosome. ``usual`` are lines that
    successful tasks of the process say too.
    """

    engine: str
    evidence: tuple[Evidence, ...] = ()
    job: JobFacts | None = None
    exit_code: int | None = None
    scheduler_state: str | None = None
    process: str = ""
    asked: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    names: tuple[str, ...] = ()
    usual: frozenset[str] = frozenset()
