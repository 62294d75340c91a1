"""Whose the errors in a Snakemake's log are: one log tells of all its jobs, in the order in which they fail. Pure.

What Snakemake says of an error stands before the block of its job (``Error in rule a:``), which may come later, or
after that of another job that fails at the same time. Read in logs of 7.32, 8.30 and 9.27.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from heal.cases import Evidence, Passage

# what another Snakemake, started for the job, said it said elsewhere: the error is about itself
SPAWNED = "SpawnedJobError"
_STAMP = re.compile(r"\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\]")
_HEAD = re.compile(r"(?P<error>Error in )?(?:local)?(?:rule|checkpoint) (?P<rule>\w+):")
_FIELD = re.compile(r"    (?P<name>[a-z_]+): (?P<value>.*)")
_BEGINS = re.compile(r"\w+(?:Error|Exception)(?::\s*$| in (?:rule|checkpoint) )")
_TRACEBACK = "Traceback (most recent call last):"
# what Snakemake says when it goes on
_GOES_ON = re.compile(
    r"Select jobs to execute|Execute \d+ jobs|Waiting |Finished job|Trying to restart job|\d+ of \d+ steps"
    r"|Exiting because|Removing output files|Complete log|Shutting down|Terminating processes"
)
_NAMED = re.compile(
    r"(?:\bin |\()(?:rule|checkpoint) (\w+)\b|\b__(?:rule|checkpoint)_(\w+)"
    r"|--target-jobs '?(\w+):|--allowed-rules '?(\w+)"
)
_OF_A_FILE = re.compile(r" \([a-z ]+\)$")
# said of any job that fails; the rest may be said of Snakemake itself
_OF_A_JOB = "RuleException:"
_COMMENT = re.compile(r"\((?:one of the commands|command) exited with .*\)")


@dataclass(frozen=True, slots=True)
class Job:
    """A job as far as its words can be told by it; what is not known is empty. ``wildcards`` as in ``s=A,t=1``.

    ``command`` are the lines of a shell.
    """

    rule: str
    outputs: frozenset[str] = frozenset()
    wildcards: str = ""
    command: tuple[str, ...] = ()


@dataclass(slots=True)
class _Part:
    """Lines that belong together: words of an error (``rule`` empty), or a block about a job."""

    rule: str = ""
    error: bool = False
    lines: dict[int, str] = field(default_factory=dict)
    cut: bool = False

    @property
    def text(self) -> str:
        return "\n".join(self.lines.values())

    def is_of(self, job: Job) -> bool:
        """Whether the block may be the job's."""
        said = {found["name"]: found["value"].strip() for found in map(_FIELD.fullmatch, self.lines.values()) if found}
        outputs = {_OF_A_FILE.sub("", path) for path in said.get("output", "").split(", ") if path}
        if outputs and job.outputs:
            return self.rule == job.rule and not outputs.isdisjoint(job.outputs)
        wildcards = ",".join(sorted(said.get("wildcards", "").split(", ")))
        return self.rule == job.rule and (not wildcards or not job.wildcards or wildcards == job.wildcards)

    @property
    def job(self) -> Job:
        """The job of the block, by its rule and the command that it shows."""
        shown = tuple(line for line in self.lines.values() if line.startswith("        "))
        return Job(self.rule, command=shown)


def own(evidence: Evidence, job: Job) -> Evidence:
    """A Snakemake's log as it tells of one job: without the errors and blocks that are another's, or may be."""
    lines = evidence.numbered()
    others = frozenset(number for part in _others(list(_parts(lines)), job) for number in part.lines)
    if not others:
        return evidence
    passages: list[Passage] = []
    before = 0
    for number, line in lines.items():
        if number in others:
            continue
        if passages and number == before + 1:
            passages[-1] = replace(passages[-1], text=f"{passages[-1].text}\n{line}")
        else:
            passages.append(Passage(number, line))
        before = number
    hits = tuple(hit for hit in evidence.hits if hit.line not in others)
    return replace(evidence, passages=tuple(passages), hits=hits)


def shared(lines: Iterable[str], job: Job, beside: Sequence[Job]) -> tuple[list[str], list[str]]:
    """Of what was said before the block of a job that fails while others run ``beside`` it: its own, and what is left.

    An error that neither names a rule nor shows a command is its own only where it is the only one, and no job has its
    words elsewhere.
    """
    every = _errors(lines)
    errors = [error for error in every if SPAWNED not in error]
    unsaid = [error for error in errors if not _rules(error) and not any(_runs(one, error) for one in beside)]
    mine = (
        [error for error in errors if _runs(job, error)]
        or [error for error in errors if _is_named(job, error, beside)]
        or (unsaid if len(unsaid) == 1 and errors == every else [])
    )
    return _lines(mine), _lines(error for error in errors if error not in mine)


def _errors(lines: Iterable[str]) -> list[str]:
    """Errors as they were said; what stands before the first is one, too."""
    found: list[list[str]] = []
    for line in lines:
        # a chain of tracebacks is one
        if not found or _BEGINS.match(line) or (line == _TRACEBACK and found[-1][0] != _TRACEBACK):
            found.append([])
        found[-1].append(line)
    return ["\n".join(each) for each in found]


def _lines(errors: Iterable[str]) -> list[str]:
    return [line for error in errors for line in error.split("\n")]


def _is_named(job: Job, error: str, beside: Sequence[Job]) -> bool:
    """Whether an error names the job's rule and, where others of that rule run, what it makes."""
    several = any(one.rule == job.rule for one in beside)
    return job.rule in _rules(error) and (not several or any(output in error for output in job.outputs))


def _rules(text: str) -> frozenset[str]:
    """The rules that an error names."""
    return frozenset(name for found in _NAMED.findall(text) for name in found if name)


def _runs(job: Job, error: str) -> bool:
    """Whether an error shows the job's command."""
    command = _command(job.command)
    return bool(command) and command in _squeezed(error)


def _command(lines: Iterable[str]) -> str:
    """A command as one line, without what Snakemake says of it."""
    return _squeezed(" ".join(line for line in lines if not _COMMENT.fullmatch(line.strip())))


def _squeezed(text: str) -> str:
    return " ".join(text.split())


# --- parts -----------------------------------------------------------------------------------


def _parts(lines: Mapping[int, str]) -> Iterator[_Part]:
    """The errors and the blocks, in order; ``cut`` where lines behind a part were not kept."""
    part: _Part | None = None
    before = 0
    for number, line in lines.items():
        if part is not None and number != before + 1:
            part.cut = True
            yield part
            part = None
        begun = _begun(line, part)
        if part is not None and (begun or not _goes_on(part, line)):
            yield part
            part = None
        part = begun or part
        if part is not None:
            part.lines[number] = line
        before = number
    if part is not None:
        yield part


def _begun(line: str, part: _Part | None) -> _Part | None:
    if head := _HEAD.fullmatch(line):
        return _Part(head["rule"], bool(head["error"]))
    if _BEGINS.match(line) or (line == _TRACEBACK and (part is None or part.rule)):
        return _Part()
    return None


def _goes_on(part: _Part, line: str) -> bool:
    if part.rule:
        return line.startswith("    ")
    return not _STAMP.fullmatch(line) and not _GOES_ON.match(line)


def _others(parts: Sequence[_Part], job: Job) -> Iterator[_Part]:
    """The parts that are another job's, or may be."""
    yield from (part for part in parts if part.rule and not part.is_of(job))
    told = [part for part in parts if part.error or not part.rule]
    for words, blocks in _groups(told):
        claims = {id(part): _claimed(part, blocks) for part in words}
        left = [block for block in blocks if not any(block in claimed for claimed in claims.values())]
        for part in words:
            if not _is_own(part, claims[id(part)] or ([] if _rules(part.text) else left or blocks), job):
                yield part


def _groups(parts: Sequence[_Part]) -> Iterator[tuple[list[_Part], list[_Part]]]:
    """Errors that were said one after the other, with the blocks that follow before the next error."""
    words: list[_Part] = []
    blocks: list[_Part] = []
    cut = False
    for part in parts:
        if cut or (not part.rule and blocks):
            yield words, blocks
            words, blocks = [], []
        (blocks if part.rule else words).append(part)
        cut = part.cut
    yield words, blocks


def _claimed(part: _Part, blocks: Sequence[_Part]) -> list[_Part]:
    """The blocks that an error is surely about: of a rule that it names, or with the command that it shows."""
    named = _rules(part.text)
    of_rule = [block for block in blocks if block.rule in named]
    return [block for block in of_rule or blocks if _runs(block.job, part.text)] or of_rule


def _is_own(part: _Part, blocks: Sequence[_Part], job: Job) -> bool:
    if blocks:
        return all(block.is_of(job) for block in blocks)
    if named := _rules(part.text):
        # a job that lacks an output has no block
        return job.rule in named and (not job.outputs or any(output in part.text for output in job.outputs))
    return not part.cut and not part.text.startswith(_OF_A_JOB)
