"""What can be told of one line without knowing any program: its words, its shape, what it is about.

A trait is a short text; ``said`` puts it into words for a person. Every regex here is bounded: no text makes it slow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from heal.knowledge.senses import senses, stem

_CLIP = 480
_MOST_WORDS = 60
_ANSI = re.compile(r"\x1b?\[[0-9;]{0,12}m|\x1b\[[0-9;?]{0,12}[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_STAMP = re.compile(
    r"^\s*[\[(]?"
    r"(?:\d{4}[-/.]\d\d[-/.]\d\d[T ,_]?|\w{3}[- ]\d{1,2}[ ,]\s?|\d\d/\d\d(?:/\d\d(?:\d\d)?)?[ ,]?)?(?:\d{4} )?"
    r"\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?[\])]?[:,]?\s*|^\[\s*\d{1,9}\.\d{1,9}\] "
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT = (
    (re.compile(r"(?i)\bcan['\u2019]?t\b|\bcould(?: not|n['\u2019]t)\b|\bcan not\b|\bunable to\b"), "cannot"),
    (re.compile(r"(?i)\b(?:is|are|was|were|does|do|did|has|have|should|would|must|need)n['\u2019]t\b"), "not"),
    (re.compile(r"(?i)\b(?:does|do|did|has|have|is|are|was|were) not\b"), "not"),
)
_SUFFIXES = {
    suffix: f" @{kind} "
    for kind, suffixes in (
        ("library", "so dll sty cls pm jar dylib whl mod"),
        ("source", "py R r pl sh c cc cpp cxx h hpp rs go java jl rb js ts ml nf smk cwl wdl m f90 php lua hs"),
        ("settings", "yaml yml toml ini cfg conf config mk"),
        (
            "datafile",
            (
                "fa fasta fna faa fq fastq bam cram sam bai fai vcf bcf bed gtf gff gff3 csv tsv txt h5 hdf5 h5ad nc"
                " npy npz rds RData json xml mtx tif tiff png jpg pdb gro nwk aln sto hmm phy nex mzML sdf mol2"
                " parquet db dat bin"
            ),
        ),
    )
    for suffix in suffixes.split()
}
_FILE = re.compile(
    r"(?<![\w.])[\w./~+@=,%-]{0,200}\w\.(?P<suffix>[A-Za-z]\w{0,7})(?:\.(?:b?gz|bz2|xz|zst|\d{1,4})){0,3}(?!\w)"
)
_MAKEFILES = re.compile(r"\b(?:Snakefile|Makefile|Dockerfile)\b")
# in this order: what a mark stands for, and the marks that take its place
_MARKS = tuple(
    (re.compile(regex), mark)
    for regex, mark in (
        (r"\b[a-zA-Z][a-zA-Z0-9+]{1,9}://[^\s'\"<>)\]]{1,400}", " @url "),
        (r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b|\b[\w-]{1,60}(?:\.[\w-]{1,60}){1,6}:\d{2,5}\b", " @host "),
        (r"(?<![\w./])(?:~|\.{1,2})?/[\w.@+=,%/-]{1,400}|(?<![\w.])[\w.@+=-]{1,200}/[\w.@+=,%/-]{1,400}", " @path "),
        (r"(?<![\w-])--?[A-Za-z][\w-]{0,60}", " @option "),
        (r"\b0x[0-9a-fA-F]{1,20}\b", " @address "),
        (r"(?<![\w.])[-+]?\d{1,20}(?:[.,]\d{1,20}){0,3}(?![\w])", " # "),
    )
)
_TOKEN = re.compile(r"[A-Za-z]{1,40}|@[a-z]{1,10}|#")
_SHAPES = tuple(
    (name, re.compile(regex))
    for name, regex in (
        ("error:", r"(?i)^\W{0,6}(?:fatal )?error\b.{0,24}?[:!]"),
        ("level error", r"(?:^|[\s\[|])(?:ERROR|FATAL|CRITICAL|SEVERE|error|fatal)(?:$|[\s\]|:>])"),
        ("level warning", r"(?i)(?:^|[\s\[|])warn(?:ing)?s?(?:$|[\s\]|:>])|^W[:\d]"),
        (
            "level info",
            r"(?:^|[\s\[|])(?:INFO|DEBUG|TRACE|NOTE|NOTICE|info|debug)(?:$|[\s\]|:>])|^\s{0,4}(?:Note|Info)\b",
        ),
        ("prog:", r"^[\w./+-]{1,60}: "),
        ("prog: error:", r"(?i)^[\w./+-]{1,60}: (?:fatal |internal )?error\b"),
        ("prog: line n:", r"^[\w./+-]{1,80}: (?:line )?\d{1,6}:"),
        ("[E::x]", r"^\[[EW]::"),
        ("[x]", r"^\[[\w .:()-]{1,60}\] "),
        ("E:", r"^E: "),
        ("traceback", r"^\s{0,8}Traceback \("),
        ("frame", r"^\s{1,12}(?:at |File \"|from |in `|#\d|\d{1,3}: )|^\s{0,4}#\d{1,3} "),
        (
            "exception:",
            r"^(?:[\w$]{1,60}[.:]{1,2}){0,8}[A-Z]\w{0,60}(?:Error|Exception|Exit|Interrupt|Failure|Warning)\b:?",
        ),
        ("caused by", r"(?i)^\s{0,8}caused by|^\s{0,8}- cause"),
        ("what():", r"^\s{0,4}what\(\):"),
        ("error in r", r"^Error (?:in|:)"),
        ("arrow", r"^\s{0,8}(?:-->|=>|->|\^|~{2,}|\|)"),
        ("json", r"^\s{0,12}[{\[\"]"),
        ("bullet", r"^\s{0,8}[-*\u2022] "),
        ("stars", r"^\s{0,4}(?:\*{2,}|!{1,3}|-{3,}|={3,}|#{2,})"),
        ("comment", r"^\s{0,4}(?:#|//|>) "),
        ("indented", r"^(?: {2,}|\t)\S"),
        ("ends :", r":\s*$"),
        ("ends !", r"!\s*$"),
        ("ends .", r"\.\s*$"),
        ("ends ...", r"\.\.\.\s*$"),
        ("asks", r"\?\s*$"),
        ("number", r"\d"),
        ("value (n)", r"\(-?\d[\d.,]{0,12}\)"),
        ("quoted", r"['\"`\u2018\u201c][^'\"`\u2019\u201d\n]{1,80}['\"`\u2019\u201d]"),
        ("name = value", r"\b\w{1,40} ?[=:] ?[\w.'\"/-]{1,60}"),
        ("percent", r"\d ?%"),
        ("file:line", r"[\w./-]{1,80}:\d{1,6}(?::\d{1,5})?:"),
        ("errno", r"(?i)\berrno\b|os error \d"),
        ("short", r"^.{0,24}$"),
        ("long", r"^.{200,}"),
    )
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line taken apart: its words in their simple form, its traits, and what it is about."""

    words: tuple[str, ...]
    traits: tuple[str, ...]
    senses: tuple[str, ...]
    shapes: tuple[str, ...]


def plain(text: str) -> str:
    """The line without colours, control characters and the time it was written at."""
    return _STAMP.sub("", _ANSI.sub("", text[: _CLIP + 80]), count=1)[:_CLIP]


def line(text: str) -> Line:
    """The line taken apart. Never raises, whatever the text."""
    clean = plain(text)
    shapes = tuple(name for name, regex in _SHAPES if regex.search(clean))
    words = _words(clean)
    about = tuple(senses(words))
    pairs = [f"w:{one} {two}" for one, two in pairwise(words)]
    both = sorted(about)
    together = [f"a:{one}+{two}" for at, one in enumerate(both) for two in both[at + 1 :]]
    traits = (
        *(f"w:{word}" for word in words),
        *pairs,
        *(f"a:{name}" for name in about),
        *together,
        *(f"s:{name}" for name in shapes),
    )
    return Line(words, tuple(dict.fromkeys(traits)), about, shapes)


def _marked(got: re.Match[str]) -> str:
    return _SUFFIXES.get(got["suffix"], got[0])


def _words(clean: str) -> tuple[str, ...]:
    for regex, short in _NOT:
        clean = regex.sub(short, clean)
    clean = _MAKEFILES.sub(" @source ", _FILE.sub(_marked, clean))
    for regex, mark in _MARKS:
        clean = regex.sub(mark, clean)
    pieces = _TOKEN.findall(_CAMEL.sub(" ", clean.replace("_", " ")))[:_MOST_WORDS]
    return tuple(piece if piece[0] in "@#" else stem(piece.lower()) for piece in pieces)


_ABOUT = {
    "w": "the words {!r}",
    "a": "it is about {}",
    "s": "the shape of the line: {}",
}


def said(trait: str) -> str:
    """The trait in words for a person."""
    kind, _, what = trait.partition(":")
    return _ABOUT.get(kind, "{}").format(what.replace("+", " and ") if kind == "a" else what)


def telling(spoke: Sequence[tuple[float, str]], most: int) -> list[tuple[float, str]]:
    """Of traits with their weights, the heaviest first, those that say most; a word within a longer one is left out."""
    chosen: list[tuple[float, str]] = []
    for points, trait in spoke:
        if points <= 0 or len(chosen) == most:
            break
        words = set(trait.partition(":")[2].replace("+", " ").split())
        if not any(words & set(other.partition(":")[2].replace("+", " ").split()) for _points, other in chosen):
            chosen.append((points, trait))
    return chosen
