"""A new pattern from one line of a log: what changes from run to run is masked, the rest is what to look for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from heal.records import Label

# stamps and process numbers that loggers put before what they say
_LEAD = re.compile(r"^\s*(?:\[[^\]]*\d[^\]]*\]\s*|\d{4}-\d\d-\d\d[T ]\S+\s+|\d\d:\d\d:\d\d\S*\s+|[\w.-]+\[\d+\]:\s*)+")
_QUOTE = "\u2018\u2019`'\"\u201c\u201d"
_LONGEST = 300
_NAMED = "; names in braces, such as {{{}}}, are filled in from the line."


@dataclass(frozen=True, slots=True)
class _Shape:
    """Something that changes: how it is found in the line, and what stands for it in the regex."""

    found: str
    regex: str
    name: str | None = None


# in this order: the wide shapes before the narrow ones inside them
_SHAPES = (
    _Shape(f"[{_QUOTE}][^{_QUOTE}]+[{_QUOTE}]", "[^'\"`]+", "what"),
    _Shape(r"\w+://\S+", r"\S+", "url"),
    _Shape(r"(?:~|\.{1,2})?(?:/[\w.@+=,-]+)+/?|\b(?:[\w.@+=-]+/)+[\w.@+=-]+", r"\S+", "path"),
    _Shape(r"\b[0-9a-fA-F]{8}-[0-9a-fA-F-]{20,}\b", r"[0-9a-fA-F-]+"),
    _Shape(r"\b(?:\d{1,3}\.){3}\d{1,3}\b", r"[\d.]+"),
    _Shape(r"\b0x[0-9a-fA-F]+\b", r"0x[0-9a-fA-F]+"),
    _Shape(
        r"\b[\w-]+\.(?:fa|fasta|fq|fastq|bam|cram|sam|vcf|bed|gtf|gff|csv|tsv|txt|h5|json)\b(?:\.gz)?", r"\S+", "file"
    ),
    # a hash or a token, of digits and letters
    _Shape(r"\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b", r"[0-9a-f]+"),
    _Shape(r"\d+(?:\.\d+)?", r"[\d.]+"),
    # a byte that is no UTF-8: in a log it is what it was
    _Shape("\ufffd+", r"\S*"),
)
_ANY = re.compile("|".join(f"(?P<s{at}>{shape.found})" for at, shape in enumerate(_SHAPES)))


def regex_of(line: str) -> str:
    """The regex for lines that say the same of other files, numbers and hosts; named groups for the first of a kind."""
    text = _LEAD.sub("", line.strip())[:_LONGEST]
    used: set[str] = set()
    parts: list[str] = []
    end = 0
    for found in _ANY.finditer(text):
        parts.append(_literal(text[end : found.start()]))
        parts.append(_masked(_SHAPES[int((found.lastgroup or "s0")[1:])], used))
        end = found.end()
    return "".join([*parts, _literal(text[end:])])


def _masked(shape: _Shape, used: set[str]) -> str:
    if shape.name is None or shape.name in used:
        body = shape.regex
    else:
        used.add(shape.name)
        body = f"(?P<{shape.name}>{shape.regex})"
    return f"<q>{body}<q>" if shape.name == "what" else body


def _literal(text: str) -> str:
    return re.sub(r"\\?\s+", r"\\s+", re.escape(text))


def draft(line: str, label: Label, learnt: str, fix: dict[str, object] | None = None) -> dict[str, object]:
    """The mapping of the pattern file to begin with. What a person has to say is said to be so.

    ``learnt``: the day. ``fix``: what healed it, where that is known.
    """
    words = re.findall(r"[a-z]{3,}", _LEAD.sub("", line).lower())[:4]
    name = "_".join(words) or "unnamed"
    regex = regex_of(line)
    named = re.search(r"\(\?P<(\w+)>", regex)
    return {
        "id": f"site/{name}",
        "title": " ".join(words).capitalize() or "Unnamed failure",
        "status": "draft",
        "learnt": learnt,
        "label": label.value,
        "cause": "Say in one sentence what is wrong" + (_NAMED.format(named[1]) if named else "."),
        "match": [regex],
        "confidence": 0.8,
        "rank": 28,
        "fix": fix or {"kind": "advice", "text": "Say what a person should do."},
        "references": ["seen here"],
        "hits": [f"a line before it\n{line.strip()}"],
        "misses": ["Write a line here that looks alike and means nothing."],
    }
