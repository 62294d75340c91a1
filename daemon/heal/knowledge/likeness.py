"""What is left of a line when all is taken out that changes from sample to sample."""

from __future__ import annotations

import re

_QUOTES = "\u2018\u2019`'\"\u201c\u201d"
_SPACE = re.compile(r"\s+")
# in this order: the wide shapes before the narrow ones inside them
_CHANGING: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(regex), shape)
    for regex, shape in (
        (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*|\b\w{3} \d{1,2} \d\d:\d\d(?::\d\d)?", "<time>"),
        (r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{22}\b", "<id>"),
        (r"\b\w+://\S+", "<url>"),
        (r"slurmstepd-?[\w.-]*:", "slurmstepd:"),
        (f"[{_QUOTES}][^{_QUOTES}]*[{_QUOTES}]", "<quoted>"),
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
        (r"\b0x[0-9a-fA-F]+\b|\b[0-9a-fA-F]*\d[0-9a-fA-F]{7,}\b", "<hex>"),
        (r"\d+", "<n>"),
    )
)


def normalised(line: str) -> str:
    """The line without numbers, ids, paths, hosts, times and quoted names; equal for equal failures."""
    for regex, shape in _CHANGING:
        line = regex.sub(shape, line)
    return _SPACE.sub(" ", line).strip().lower()
