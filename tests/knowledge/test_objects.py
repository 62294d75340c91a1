"""The thing that a line names, in a cause that is worded in general."""

from __future__ import annotations

from pathlib import Path

import pytest

from heal.cases import Case
from heal.evidence.scan import Scanner
from heal.knowledge.objects import about
from heal.knowledge.patterns import load
from heal.records import Label
from heal.shipped import shipped
from heal.steps.diagnose import diagnose


@pytest.mark.parametrize(
    ("label", "line", "thing"),
    [
        (Label.MISSING_INPUT, "gzip: in.fastq.gz: No such file or directory", "in.fastq.gz"),
        (Label.PERMISSION, "PermissionError: [Errno 13] Permission denied: '/home/bob/project'", "/home/bob/project"),
        (Label.BAD_PARAMETER, "samtools view: unrecognised option '--threds'", "--threds"),
        (Label.ENVIRONMENT_SOLVE, "ERROR: Unable to locate a modulefile for 'star/2.7.11b'", "star/2.7.11b"),
        (Label.NETWORK, "curl: (6) Could not resolve host: ftp.example.invalid", "ftp.example.invalid"),
        (Label.NETWORK, "wget: unable to resolve host address \u2018ftp.ncbi.invalid\u2019", "ftp.ncbi.invalid"),
        (Label.NETWORK, "pymongo: mongo.lab.example:18402: [Errno 111] Connection refused", "mongo.lab.example:18402"),
        (Label.BAD_PARAMETER, "Fatal error: Identity must be specified with --id", "--id"),
        (Label.ENVIRONMENT_SOLVE, "ERROR: No matching distribution found for numpy==1.19.5", "numpy==1.19.5"),
        (Label.ENVIRONMENT_SOLVE, "E: Unable to locate package gatk4", "gatk4"),
        (Label.MISSING_INPUT, "grdimage [ERROR]: Cannot find file etopo_local.grd", "etopo_local.grd"),
        (Label.CONTAINER, "Error: lab/qc:1.4: image not known", "lab/qc:1.4"),
        (
            Label.AUTH,
            "cannot open URL 'https://lab:hunter2@data.example/x.rds?token=abc': HTTP status was '403 Forbidden'",
            "https://data.example/x.rds",
        ),
        (
            Label.AUTH,
            "fatal: Authentication failed for 'https://bob:p@ssw0rd99@git.example/lab/pipe.git/'",
            "https://git.example/lab/pipe.git/",
        ),
        (Label.AUTH, "403 for https://data.example/x&token=abc;sig=d", "https://data.example/x"),
        (Label.MISSING_INPUT, "no database at postgres://bob:hunter@22x@db", "postgres://db"),
        (Label.NETWORK, "cannot reach https://localhost:8443/api", "https://localhost:8443/api"),
        (Label.CONTAINER, "pulling docker://bob:p@ss9@hub.example/lab/qc:1.4", "hub.example/lab/qc:1.4"),
        (Label.CONTAINER, "pulling docker://hub.example/qc@sha256:0a1b", "hub.example/qc@sha256:0a1b"),
    ],
)
def test_what_the_line_names_is_told(label: Label, line: str, thing: str) -> None:
    assert about("It failed.", label, line) == f"It failed: {thing}."


@pytest.mark.parametrize(
    ("label", "line"),
    [
        (Label.OUT_OF_MEMORY, "gzip: in.fastq.gz: Cannot allocate memory"),
        (Label.NETWORK, "Failed to connect to the host via ssh"),
        (Label.MISSING_OUTPUT, 'MissingOutputException in rule asm in file "/data/Snakefile", line 4:'),
        (Label.BAD_INPUT_DATA, "ERROR: Lost atoms: original 500 current 13 (src/thermo.cpp:439)"),
        (Label.MISSING_INPUT, "scons: *** [calib.out] Source not found"),
        (Label.MISSING_INPUT, "a file could not be opened"),
        # where the password ends is not sure
        (Label.AUTH, "403 for https://bob:p/ssw0rd@git.example/pipe.git"),
        (Label.MISSING_INPUT, "cannot open 'https://bob:pa'ss9word@git.example/pipe.git'"),
        (Label.MISSING_INPUT, 'cannot open "https://bob:pa"ss9word@git.example/pipe.git"'),
        (Label.AUTH, "403 for https://bob:pa ss9word@git.example"),
    ],
)
def test_what_it_does_not_name_is_not_made_up(label: Label, line: str) -> None:
    assert about("It failed.", label, line) == "It failed."


def test_a_general_pattern_names_the_file(cache: Path) -> None:
    library = load([shipped("patterns")], cache_dir=cache)
    log = Scanner(library, cache).text("log.txt", "start\nERROR 4: tiles/n46e008.tif: No such file or directory\n")

    found = diagnose(Case("", (log,), exit_code=1), library)

    assert found.cause == "A file or folder that the step needs does not exist: tiles/n46e008.tif."
