"""What is left of a line when all is taken out that changes from sample to sample."""

from __future__ import annotations

import re
from collections.abc import Sequence

_QUOTES = "\u2018\u2019`'\"\u201c\u201d"
# stands for a name, and may stand within a path
_NAME = "its_name"
_SPACE = re.compile(r"\s+")
# in this order: the wide shapes before the narrow ones inside them
_CHANGING: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(regex), shape)
    for regex, shape in (
        (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*|\b\w{3} \d{1,2} \d\d:\d\d(?::\d\d)?", "<time>"),
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


def normalised(line: str, names: Sequence[str] = ()) -> str:
    """The line without numbers, ids, paths, hosts and times; equal for equal failures.

    ``names`` are what tells the task from others of its process (its sample), and are left out as well.
    """
    # a number is left out wherever it stands, a line's or a sample's
    telling = [name for name in names if name and not name.isdigit()]
    for name in sorted(telling, key=len, reverse=True):
        line = re.sub(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", _NAME, line)
    for regex, shape in _CHANGING:
        line = regex.sub(shape, line)
    return _SPACE.sub(" ", line).strip().lower()
