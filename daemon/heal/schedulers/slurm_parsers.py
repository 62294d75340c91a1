"""Text of sacct, scontrol, squeue and sinfo as rows of named fields. Pure: no fact is judged here.

What a command prints is kept as it is; ``slurm_facts`` makes sense of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from heal.errors import SchedulerUnreachable
from heal.jobs import Limits
from heal.schedulers.slurm_values import memory_mb, seconds

Row = Mapping[str, str]

# a control character: names, comments and command lines hold "|" often enough
DELIMITER = "\x1f"
_JOB_ID = re.compile(r"^\d+")
_RECORD = re.compile(r"(?m)^(?=JobId=\d+ )")
_KEY = re.compile(r"(?:^|(?<=\s))([A-Z][A-Za-z:/&]*)=")
# the name ends where the user id begins, whatever the user has put into it
_NAME = re.compile(r" JobName=(.*?) (?=UserId=[^ ]+\(\d+\) GroupId=)", re.DOTALL)
# printed behind the free texts (Comment, SubmitLine), so that the last one is SLURM's own
_LAST_WINS = frozenset({"StdErr", "StdIn", "StdOut"})


def parse_fields(text: str) -> frozenset[str]:
    """Read the field names that ``sacct -e`` lists, in lower case."""
    return frozenset(text.lower().split())


def parse_sacct(text: str, fields: Sequence[str]) -> tuple[Row, ...]:
    """Read the rows of ``sacct --parsable2 --noheader --delimiter=<DELIMITER> -o <fields>``, steps included.

    A line break inside a comment or a command line breaks the row: what has too few delimiters is its neighbour's.
    Raises ``SchedulerUnreachable`` where the text is no such table.
    """
    rows: list[Row] = []
    for line in _whole_lines(text, len(fields) - 1):
        values = line.split(DELIMITER)
        if len(values) != len(fields) or not _JOB_ID.match(values[0]):
            raise SchedulerUnreachable(f"sacct answered with what is no table: {line[:120]!r}")
        rows.append(dict(zip(fields, values, strict=True)))
    return tuple(rows)


def _whole_lines(text: str, delimiters: int) -> Iterator[str]:
    pending = ""
    for line in text.split("\n"):
        if pending and (pending.count(DELIMITER) < delimiters or DELIMITER not in line):
            pending += "\n" + line
            continue
        if pending:
            yield pending.rstrip("\n")
        pending = line
    if pending:
        yield pending.rstrip("\n")


def parse_jobs(text: str) -> tuple[Row, ...]:
    """Read the records of ``scontrol --oneliner show job``. ``(null)`` and ``N/A`` are left out: nothing is known.

    Raises ``SchedulerUnreachable`` where the text is neither records nor SLURM's word that there are none.
    """
    records = [part for part in _RECORD.split(text) if part.strip()]
    if len(records) == 1 and records[0].strip() == "No jobs in the system":
        return ()
    return tuple(_job(record) for record in records)


def _job(record: str) -> Row:
    if not record.startswith("JobId="):
        raise SchedulerUnreachable(f"scontrol answered with what is no job: {record[:120]!r}")
    row = _pairs(_NAME.sub(" ", record, count=1))
    name = _NAME.search(record)
    return row | ({"JobName": name.group(1)} if name else {})


def _pairs(record: str) -> dict[str, str]:
    keys = list(_KEY.finditer(record))
    ends = [key.start() for key in keys[1:]] + [len(record)]
    row: dict[str, str] = {}
    for key, end in zip(keys, ends, strict=True):
        value = record[key.end() : end].strip()
        if value in ("", "(null)", "N/A") or (key.group(1) in row and key.group(1) not in _LAST_WINS):
            continue
        row[key.group(1)] = value
    return row


def parse_tags(text: str, token: str) -> dict[str, str]:
    """Find in lines ``<id>|<comment>`` the tags ``heal:<token>`` and ``heal:<token>.<n>``: tag to job id.

    The id of an array element becomes the array's own: one submission, one id.
    """
    wanted = re.compile(rf"(?<![\w:.-])heal:({re.escape(token)}(?:\.\d+)?)(?![\w.-])")
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
    """Read the script that ``sacct -j ID -B`` prints under two lines of heading; None where none is stored."""
    found = re.match(r"^Batch Script for \S+\n-+\n(#!.*)", text, re.DOTALL)
    return found.group(1).rstrip("\n") + "\n" if found else None


def parse_submitted(text: str) -> str | None:
    """Read the id that ``sbatch --parsable`` prints last: ``123`` or ``123;cluster``; plugins may print before it."""
    lines = text.split()
    found = re.match(r"^(\d+)(?:;\S+)?$", lines[-1]) if lines else None
    return found.group(1) if found else None


def parse_limits(partitions: str, nodes: str, partition: str | None) -> Limits | None:
    """Read what one job may ask for, of ``scontrol --oneliner show partition`` and ``sinfo -N -o '%R|%m|%c'``.

    Of several partitions (``a,b``) the first counts; of none, the default one. None where there is no such partition.
    """
    rows = [_pairs(line) for line in partitions.splitlines() if line.startswith("PartitionName=")]
    name = partition.split(",")[0] if partition else None
    chosen = next(
        (row for row in rows if (row["PartitionName"] == name if name else row.get("Default") == "YES")), None
    )
    if chosen is None:
        return None
    sizes = [
        parts[1:] for parts in (line.split("|") for line in nodes.splitlines()) if parts[0] == chosen["PartitionName"]
    ]
    limit = seconds(chosen.get("MaxTime", ""))
    return Limits(
        memory_mb=_memory_limit(chosen, sizes),
        time_min=None if limit is None else limit / 60,
        source=f"partition {chosen['PartitionName']}",
    )


def _memory_limit(partition: Row, sizes: Sequence[Sequence[str]]) -> float | None:
    # one job's --mem is per node: the largest node is the most that can ever be had
    amounts = [float(memory) for memory, _ in sizes if memory.isdigit()]
    cpus = max((int(count) for _, count in sizes if count.isdigit()), default=0)
    node = memory_mb(partition.get("MaxMemPerNode", ""))
    each = memory_mb(partition.get("MaxMemPerCPU", ""))
    caps = [max(amounts)] if amounts else []
    caps += [node[0]] if node else []
    # man slurm.conf: a job that wants more than MaxMemPerCPU is given more cpus, so all of a node's cpus bound it
    caps += [each[0] * cpus] if each and cpus else []
    return min(caps, default=None)
