"""The time that a line of a log was written at, as far as the line says so.

Times are taken as the clock on the wall said them: logs of one job rarely name their zone, and when some do it is the
same wall.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_CLOCK = r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d)(?:[.,](?P<part>\d{1,6}))?"
# what a line begins with, brackets and a word or two included
_LEAD = r"^.{0,40}?"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        # 2026-03-01T12:00:01.250Z, 2026/03/01 12:00:01; slurmstepd has it in the midst of a line
        rf"(?P<year>20\d\d)[-/](?P<number>0[1-9]|1[0-2])[-/](?P<day>[0-3]\d)[T _]{_CLOCK}",
        # Thu Nov 20 11:58:25 2026 (Snakemake, ctime)
        rf"{_LEAD}\b{_MONTH} +(?P<day>\d{{1,2}}) {_CLOCK} (?P<year>20\d\d)\b",
        # Nov-20 11:58:25.922 (Nextflow), Nov 20 11:58:25 (syslog)
        rf"{_LEAD}\b{_MONTH}[- ] ?(?P<day>\d{{1,2}}) {_CLOCK}",
        # 20/Nov/2026:11:58:25, 20 Nov 2026 11:58:25
        rf"{_LEAD}\b(?P<day>\d{{1,2}})[/ ]{_MONTH}[/ ](?P<year>20\d\d)[: ]{_CLOCK}",
        # 11:58:25.922 INFO
        rf"^\W{{0,2}}{_CLOCK}\b",
    )
)
_DIGIT = re.compile(r"\d:[0-5]\d:")


def stamp(line: str, near: datetime | None = None) -> datetime | None:
    """When the line was written; what it leaves out, the year or the day, is taken from ``near``."""
    if not _DIGIT.search(line):
        return None
    for shape in _SHAPES:
        if got := shape.search(line):
            return _read(got.groupdict(), near)
    return None


def first_whole(lines: Iterable[str]) -> datetime | None:
    """The first time among the lines that names its day and year."""
    return next((found for line in lines if (found := stamp(line))), None)


def _read(got: dict[str, str | None], near: datetime | None) -> datetime | None:
    year, day = got.get("year"), got.get("day")
    if near is None and (year is None or day is None):
        return None
    month = got.get("month")
    number = _MONTHS.index(month) + 1 if month else int(got.get("number") or (near.month if near else 1))
    try:
        return datetime(  # noqa: DTZ001  the zone is not known, and the same for all
            int(year or (near.year if near else 1)),
            number,
            int(day or (near.day if near else 1)),
            int(got["hour"] or 0),
            int(got["minute"] or 0),
            int(got["second"] or 0),
            int((got["part"] or "0").ljust(6, "0")),
        )
    except ValueError:
        # the 31st of February is a number that looks like a day
        return None
