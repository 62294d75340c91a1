"""What is left of a line when all is taken out that changes from sample to sample."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from heal.knowledge.naming import Kind, named

_QUOTES = "\u2018\u2019`'\"\u201c\u201d"
# stands for a name, and may stand within a path
_NAME = "its_name"
_SPACE = re.compile(r"\s+")
_ZONED_YEAR = r"(?:(?:\s+[A-Z]{3,4})?\s+\d{4}\b)?"
_CLOCK = r"\s+\d\d:\d\d(?::\d\d)?"
_DAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s+)?"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# in this order: the wide shapes before the narrow ones inside them
_CHANGING: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(regex), shape)
    for regex, shape in (
        (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*", "<time>"),
        # as ctime, date and mails write it
        (rf"\b{_DAY}\w{{3}}\s+\d{{1,2}}{_CLOCK}{_ZONED_YEAR}", "<time>"),
        (rf"\b{_DAY}\d{{1,2}}\s+{_MONTH}\s+\d{{4}}{_CLOCK}(?:\s+(?:[+-]\d{{4}}|GMT|UTC))?", "<time>"),
        (r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{22}\b", "<id>"),
        (r"\b\w+://\S+", "<url>"),
        (r"slurmstepd-?[\w.-]*:", "slurmstepd:"),
        # of what is quoted, names of modules, options and columns are the failure itself; paths and numbers are not
        (f"[{_QUOTES}][^{_QUOTES}]*/[^{_QUOTES}]*[{_QUOTES}]", "<path>"),
        (r"(?:~|\.{1,2})?(?:/[\w.@+=,-]+)+/?|\b(?:[\w.@+=-]+/)+[\w.@+=-]+", "<path>"),
        (
            r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b|\b[\w-]+(?:\.[\w-]+)+\.(?:org|com|net|edu|gov|local|invalid|io)\b",
            "<host>",
        ),
        (r"\b(?:node|host|cn?|n|gpu|r\d+)[-_]?\d+\b", "<host>"),
        (
            r"\b[\w.-]+\.(?:fa|fasta|fq|fastq|bam|cram|sam|vcf|bed|gtf|gff|csv|tsv|txt|gz|bz2|h5|json|tmp)\b(?:\.gz)?",
            "<file>",
        ),
        (r"\b0x[0-9a-fA-F]+\b|\b[0-9a-fA-F]*\d[0-9a-fA-F]{7,}\b", "<n>"),
        (r"\d+", "<n>"),
    )
)


# a digit of what stays itself, as letters that no log has
_DIGITS = str.maketrans("0123456789", "\u13a0\u13a1\u13a2\u13a3\u13a4\u13a5\u13a6\u13a7\u13a8\u13a9")
_BACK = {letter: digit for digit, letter in _DIGITS.items()}
_SYMBOL_VERSION = re.compile(r"\b(?:GLIBC|GLIBCXX|CXXABI|OPENSSL|ZLIB|LIB[A-Z0-9]+)_[\d._]*\d\w*")


def normalised(line: str, names: Sequence[str] = (), code: str = "") -> str:
    """The line without numbers, ids, paths, hosts and times; equal for equal failures.

    ``names`` are what tells the task from others of its process (its sample), and are left out as well. A module, an
    option, a library and a column keep their digits; a missing key does where that is known, or where ``code``, the
    source that a traceback shows, spells it out.
    """
    # a number is left out wherever it stands, a line's or a sample's
    telling = [name for name in names if name and not name.isdigit()]
    for name in sorted(telling, key=len, reverse=True):
        line = _whole(name).sub(_NAME, line)
    for own in _keeping(line, code, known=bool(telling)):
        line = _whole(own).sub(lambda found: found[0].translate(_DIGITS), line)
    for regex, shape in _CHANGING:
        line = regex.sub(shape, line)
    return _SPACE.sub(" ", line.translate(_BACK)).strip().lower()


def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])")


def _keeping(line: str, code: str, *, known: bool) -> Iterator[str]:
    """The names in the line whose digits are the failure itself. ``known``: it is known what tells the task apart."""
    yield from _SYMBOL_VERSION.findall(line)
    for one in named(line):
        # a key that is missing may be a sample as well as a column; one that the source spells out is no sample
        told = known or "KeyError" not in line or any(f"{quote}{one.text}{quote}" in code for quote in "'\"")
        column = one.kind is Kind.COLUMN and told
        option = one.kind is Kind.OPTION and one.text.startswith("-")
        if (column or option or one.kind in (Kind.MODULE, Kind.LIBRARY)) and not one.text.isdigit():
            yield one.text
