"""What lines of real logs name, and what no text may do to the reading of it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heal.knowledge.naming import Kind, Named, named, places

LINES = [
    ('[E::hts_open_format] Failed to open file "/d/s1.bam" : No such file or directory', Kind.PATH, "/d/s1.bam"),
    ("bash: line 3: samtools: command not found", Kind.PROGRAM, "samtools"),
    ("sh: 1: bwa: not found", Kind.PROGRAM, "bwa"),
    ("/usr/bin/env: \u2018python2\u2019: No such file or directory", Kind.PROGRAM, "python2"),
    ('exec: "salmon": executable file not found in $PATH', Kind.PROGRAM, "salmon"),
    ("job.sh: line 1: ./go.sh: cannot execute: required file not found", Kind.PROGRAM, "./go.sh"),
    ("./c: error while loading shared libraries: libx.so.3: cannot open shared object", Kind.LIBRARY, "libx.so.3"),
    ("/usr/bin/ld: cannot find -lhts: No such file or directory", Kind.LIBRARY, "libhts.so"),
    ("ModuleNotFoundError: No module named 'pysam'", Kind.MODULE, "pysam"),
    ("Error in library(x) : there is no package called \u2018monocle3\u2019", Kind.MODULE, "monocle3"),
    ("  cannot open file 'results/my counts.csv': No such file or directory", Kind.PATH, "results/my counts.csv"),
    ("gzip: in.fastq.gz: No such file or directory", Kind.PATH, "in.fastq.gz"),
    ("job.sh: line 2: reads/S9.fq: No such file or directory", Kind.PATH, "reads/S9.fq"),
    ("PermissionError: [Errno 13] Permission denied: '/home/bob/project'", Kind.PATH, "/home/bob/project"),
    ("java.io.FileNotFoundException: /d/ref.fa (No such file or directory)", Kind.PATH, "/d/ref.fa"),
    ("tar (child): refs.tar.gz: Cannot open: No such file or directory", Kind.PATH, "refs.tar.gz"),
    ('fopen("x.txt") failed', Kind.PATH, "x.txt"),
    ("  Missing output file(s) `*.html` expected by process `FASTQC (1)`", Kind.PATH, "*.html"),
    ("curl: (6) Could not resolve host: ftp.example.org", Kind.HOST, "ftp.example.org"),
    ("Can't stage file https://data.example.org/r.fq -- reason: x", Kind.URL, "https://data.example.org/r.fq"),
    ("Error: localhost/qc-tools:3.1: image not known", Kind.IMAGE, "localhost/qc-tools:3.1"),
    ("samtools view: unrecognised option '--threds'", Kind.OPTION, "--threds"),
    ("KeyError: 'gene_id'", Kind.COLUMN, "gene_id"),
    ("job.sh: line 3: SAMPLE: unbound variable", Kind.VARIABLE, "SAMPLE"),
]


@pytest.mark.parametrize(("line", "kind", "text"), LINES)
def test_a_line_names_what_it_is_about_first(line: str, kind: Kind, text: str):
    assert named(line)[:1] == (Named(kind, text),)


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ("frobnix: cannot open Reads.FQ: No such file or directory", ["Reads.FQ"]),
        ("frobnix: failed to open reads/S1.fq: No such file or directory", ["reads/S1.fq"]),
        ("frobnix: could not read my reads.fq: No such file or directory", ["reads.fq", "my reads.fq"]),
        ("frobnix: my reads.fq: No such file or directory", ["reads.fq", "my reads.fq"]),
    ],
)
def test_what_failed_with_a_file_is_no_part_of_its_name(line: str, paths: list[str]):
    assert [one.text for one in named(line) if one.kind is Kind.PATH] == paths


@pytest.mark.parametrize(
    "line",
    [
        "samtools view: writing to standard output failed: No space left on device",
        "gzip: stdin: unexpected end of file",
        "cp: error: Input/output error",
        "AttributeError: module has no attribute np.float_",
        "pandas.errors.EmptyDataError: No columns to parse from file",
        'MissingInputException in rule a in file "/d/Snakefile", line 4:',
    ],
)  # fmt: skip
def test_streams_reasons_and_places_are_not_named(line: str):
    assert [one for one in named(line) if one.kind is Kind.PATH] == []


def test_a_rename_names_both_ends():
    found = named("FileNotFoundError: [Errno 2] No such file or directory: 'a.txt' -> 'b.txt'")
    assert [one.text for one in found] == ["a.txt", "b.txt"]


def test_places_are_files_with_their_lines():
    assert places('  File "scripts/x.py", line 12, in <module>') == (("scripts/x.py", 12),)
    assert places("bash: job.sh: line 3: S: unbound variable") == (("job.sh", 3),)


PIECES = st.sampled_from(
    [
        "'",
        '"',
        "`",
        ": ",
        "/",
        ".",
        " ",
        "a",
        "No such file",
        "cannot open ",
        "-l",
        "(",
        "://",
        "\0",
        "\n",
        ".so",
        "x.fa",
    ]
)


@given(st.one_of(st.text(max_size=3000), st.lists(PIECES, max_size=3000).map("".join)))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_it(text: str):
    assert all(one.text in text or one.kind is Kind.LIBRARY for one in named(text))
    places(text)


@pytest.mark.parametrize(
    "piece", ["a", "/", "'", "a/", "a: ", "x.fa ", "open 'a", "lookup ", "] not", "-l", "no such file"]
)
def test_no_text_makes_it_slow(piece: str):
    begun = time.process_time()
    named(piece * 200_000)
    assert time.process_time() - begun < 2
