"""Text of sacct, scontrol, squeue and sinfo as rows of named fields. Pure: no fact is judged here.

What a command prints is kept as it is; ``slurm_facts`` makes sense of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from sys import intern

from heal.errors import SchedulerUnreachable

Row = Mapping[str, str]

# a control character: names, comments and command lines hold "|" often enough
DELIMITER = "\x1f"
# of a text that is no answer
_SHOWN = 120
# a command line is at most 2 MB, a comment less
_LONGEST_ROW = 4_000_000
_JOB_ID = re.compile(r"^\d+")
_TAGGED = re.compile(r"\d+[^|\n]*\|")
_RECORD = re.compile(r"JobId=\d+ ")
_KEY = re.compile(r"(?:^|(?<=\s))([A-Z][A-Za-z:/&]*)=")
# the name ends where the user id begins, whatever the user has put into it
_NAME = re.compile(r" JobName=(.*?) (?=(?:SLUID=\S+ )?(?:HetJobIdSet=\S+ )?UserId=[^ ]+\(\d+\) GroupId=)", re.DOTALL)
# printed since 25.05; a command line may hold anything
_COMMAND = re.compile(r" SubmitLine=(.*?) (?=WorkDir=/)", re.DOTALL)
# printed behind the free texts (Comment, SubmitLine), so that the last one is SLURM's own
_NOTHING = frozenset({"", "(null)", "N/A"})
_LAST_WINS = frozenset({"StdErr", "StdIn", "StdOut"})
_NONE = "No jobs in the system"
_SUBMITTED = re.compile(r"^([1-9][0-9]*)(?:;\S+)?\n", re.MULTILINE)


def parse_fields(text: str) -> frozenset[str]:
    """Read the field names that ``sacct -e`` lists, in lower case. Raises ``SchedulerUnreachable`` where none are."""
    found = frozenset(text.lower().split())
    if "jobid" not in found:
        raise SchedulerUnreachable(f"sacct answered with what names no field JobID: {text[:_SHOWN]!r}")
    return found


def parse_sacct(text: str, fields: Sequence[str]) -> tuple[Row, ...]:
    """Read the rows of ``sacct --parsable2 --noheader --delimiter=<DELIMITER> -o <fields>``, steps included.

    Raises ``SchedulerUnreachable`` where the text is no such table.
    """
    return tuple(sacct_rows(text.split("\n"), fields))


def sacct_rows(lines: Iterable[str], fields: Sequence[str]) -> Iterator[Row]:
    """Read the same line by line, as it comes; no more than one row is held.

    A line break inside a comment or a command line breaks the row: what has too few delimiters is its neighbour's.
    What many rows say alike is one string: who keeps something of fifty thousand of them keeps little.
    """
    for row in _whole_lines(lines, len(fields) - 1):
        values = row.split(DELIMITER)
        if len(values) != len(fields) or not _JOB_ID.match(values[0]):
            raise _no_table(row)
        yield dict(zip(fields, map(intern, values), strict=True))


def _whole_lines(lines: Iterable[str], delimiters: int) -> Iterator[str]:
    parts: list[str] = []
    there = length = 0
    for line in lines:
        found = line.count(DELIMITER)
        if parts and there >= delimiters and found:
            yield "\n".join(parts).rstrip("\n")
            parts, there, length = [], 0, 0
        elif parts and length > _LONGEST_ROW:
            raise _no_table("\n".join(parts))
        if parts or line:
            parts.append(line)
            there, length = there + found, length + len(line) + 1
    if parts:
        yield "\n".join(parts).rstrip("\n")


def _no_table(text: str) -> SchedulerUnreachable:
    return SchedulerUnreachable(f"sacct answered with what is no table: {text[:_SHOWN]!r}")


def parse_jobs(text: str) -> tuple[Row, ...]:
    """Read the records of ``scontrol --oneliner show job``. ``(null)`` and ``N/A`` are left out: nothing is known.

    Raises ``SchedulerUnreachable`` where the text is neither records nor SLURM's word that there are none.
    """
    return tuple(job_rows(text.split("\n")))


def job_rows(lines: Iterable[str], takes: Callable[[Row], bool] = lambda _ids: True) -> Iterator[Row]:
    """Read the same line by line, as it comes; no more than one record is held.

    ``takes`` chooses by a record's ids alone (JobId, ArrayJobId, ArrayTaskId, HetJobId, …): the others are not read.
    """
    for record in _records(lines):
        if not _RECORD.match(record):
            if record.strip() in ("", _NONE):
                continue
            raise SchedulerUnreachable(f"scontrol answered with what is no job: {record[:_SHOWN]!r}")
        # they are SLURM's own numbers, and stand before all that a user may have written
        ids = record.partition(" JobName=")[0].split(" ")
        if takes(dict(part.partition("=")[::2] for part in ids)):
            yield _job(record)


def _records(lines: Iterable[str]) -> Iterator[str]:
    """A record is a line, but for line breaks in what a user wrote."""
    held: list[str] = []
    for line in lines:
        if held and _RECORD.match(line):
            yield "\n".join(held)
            held = []
        held.append(line)
    if held:
        yield "\n".join(held)


def _job(record: str) -> Row:
    free = {"JobName": _NAME.search(record), "SubmitLine": _COMMAND.search(record)}
    row = _pairs(_COMMAND.sub(" ", _NAME.sub(" ", record, count=1), count=1))
    return row | {name: found.group(1) for name, found in free.items() if found}


def _pairs(record: str) -> dict[str, str]:
    # text before the first key, then key and value in turn
    parts = _KEY.split(record)
    row: dict[str, str] = {}
    for key, text in zip(parts[1::2], parts[2::2], strict=True):
        value = text.strip()
        if value in _NOTHING or (key in row and key not in _LAST_WINS):
            continue
        row[key] = intern(value)
    return row


def parse_tags(text: str, token: str) -> dict[str, str]:
    """Find in lines ``<id>|<comment>`` the tags ``heal:<token>``, ``heal:<token>.<n>`` and their parts: tag to job id.

    The id of an array element becomes the array's own: one submission, one id. Raises ``SchedulerUnreachable`` where
    the text does not begin with such a line.
    """
    if text and not _TAGGED.match(text):
        raise SchedulerUnreachable(f"squeue answered with what is no job: {text[:_SHOWN]!r}")
    wanted = re.compile(rf"(?<![\w:.-])heal:({re.escape(token)}(?:\.\d+)*)(?![\w.-])")
    tags: dict[str, str] = {}
    job = ""
    for line in text.splitlines():
        head, bar, _ = line.partition("|")
        if bar and _JOB_ID.match(head):
            job = head
        for tag in wanted.findall(line):
            tags.setdefault(tag, re.split(r"[_+.]", job)[0])
    return tags


def parse_script(text: str) -> str | None:
    """Read the script that ``sacct -j ID -B`` prints under two lines of heading; None where none is stored.

    Of an array asked for as a whole it is the first element's.
    """
    found = re.match(r"^Batch Script for \S+\n-+\n(#!.*?)(?=\nBatch Script for \d\S*\n-{80}\n|\Z)", text, re.DOTALL)
    return found.group(1).rstrip("\n") + "\n" if found else None


def parse_submitted(text: str) -> str | None:
    """Read the id that ``sbatch --parsable`` prints as a line of its own: ``123`` or ``123;cluster``.

    Plugins and wrappers may print before and behind it. None where no whole line is one, or several are: a number of
    another meaning, or half of one, would be another job's id.
    """
    found = _SUBMITTED.findall(text)
    return found[0] if len(found) == 1 else None


def parse_partitions(text: str) -> tuple[Row, ...]:
    """Read the records of ``scontrol --oneliner show partition``.

    Raises ``SchedulerUnreachable`` where the text is neither records nor SLURM's word that there are none.
    """
    records = [line for line in text.splitlines() if line.startswith("PartitionName=")]
    if not records and text.strip() != "No partitions in the system":
        raise SchedulerUnreachable(f"scontrol answered with what is no partition: {text[:_SHOWN]!r}")
    return tuple(_pairs(record) for record in records)


def parse_table(text: str, fields: Sequence[str], program: str) -> list[Row]:
    """Read the rows of a table whose fields are separated by ``|``; lines with more or fewer are left out.

    Raises ``SchedulerUnreachable`` where all are, naming the program that said it.
    """
    split = [line.split("|") for line in text.splitlines()]
    rows: list[Row] = [dict(zip(fields, values, strict=True)) for values in split if len(values) == len(fields)]
    if split and not rows:
        raise SchedulerUnreachable(f"{program} answered with what is no table: {text[:_SHOWN]!r}")
    return rows
