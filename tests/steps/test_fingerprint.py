"""The same failure keeps its fingerprint whatever it is called; another cause gets another."""

import string
from datetime import UTC, datetime
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heal.cases import Case, Citation, Evidence, Passage
from heal.knowledge.likeness import normalised
from heal.records import Diagnosis, Label
from heal.steps.diagnose import fingerprint

NAMES = st.text(string.ascii_letters, min_size=3, max_size=12)
SAMPLES = st.one_of(NAMES, st.from_regex(r"[A-Z]{1,4}[0-9]{1,6}(_L00[1-8])?", fullmatch=True))
# what programs say, with all that changes from try to try
LINES = (
    '[E::hts_open_format] Failed to open file "{folder}/{sample}.bam" : No such file or directory',
    "[{time}] ERROR aligner: read {size} of {folder}/{sample}.fastq.gz is malformed",
    "ValueError: sample {sample} has {size} rows",
    "ModuleNotFoundError: No module named 'pysam'",
    "ModuleNotFoundError: No module named 'numpy'",
    "KeyError: 'gene_id'",
    "KeyError: 'strand'",
    "tool: unrecognized option '--threads'",
    "tool: unrecognized option '--outdir'",
    "slurmstepd-{host}: error: *** JOB {job} ON {host} CANCELLED AT {time} ***",
    "Segmentation fault at {address} in thread {size}",
    "curl: (7) Failed to connect to {host} port 443",
    "bash: line 3: samtools: command not found",
    "bash: line 3: bedtools: command not found",
    "sort: write failed: {folder}/sort{sample}: No space left on device",
)

FILLS = st.fixed_dictionaries(
    {
        # a sample called "command" cannot be told from the word that a program says
        "sample": SAMPLES.filter(lambda name: not any(name in line for line in LINES)),
        "folder": st.lists(NAMES, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts)),
        "host": st.from_regex(r"(node|cn|gpu|r[1-9])-?[0-9]{1,4}", fullmatch=True),
        "address": st.integers(0x1000, 2**63).map(hex),
        "job": st.integers(1, 99_999_999),
        "time": st.integers(631152000, 3786912000).map(lambda at: datetime.fromtimestamp(at, UTC).isoformat()),
        "size": st.integers(1, 10**12),
    }
)


def of(line: str, fill: dict[str, object], process: str = "align") -> str:
    case = Case("slurm", exit_code=1, process=process, names=(str(fill["sample"]),))
    return fingerprint(case, Diagnosis(Label.UNKNOWN, "", 0.5, Citation("log", 1, line.format(**fill))))


@given(FILLS, FILLS)
def test_one_failure_of_many_samples_is_one(one: dict[str, object], other: dict[str, object]) -> None:
    assert [of(line, one) for line in LINES] == [of(line, other) for line in LINES]


@given(st.integers(1, 400), st.integers(1, 400))
def test_one_failure_of_many_tasks_that_are_only_counted_is_one(one: int, other: int) -> None:
    # ALIGN (2) is no reason to see something of its own in "line 2"
    line = "/work/{job:02x}/93ab54c0ffee/.command.sh: line 2: $1: unbound variable"
    assert of(line, {"sample": one, "job": one}) == of(line, {"sample": other, "job": other})


@given(FILLS)
def test_different_failures_are_kept_apart(fill: dict[str, object]) -> None:
    assert [pair for pair in combinations(LINES, 2) if of(pair[0], fill) == of(pair[1], fill)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("[Mon Nov 30 07:18:42 2026] bad thing", "[Tue Dec  1 17:18:42 2026] bad thing"),
        ("Mon Nov 30 07:18:42 CET 2026 bad thing", "Sat Dec 12 17:18:42 UTC 2026 bad thing"),
        ("Mon, 30 Nov 2026 07:18:42 +0100 bad thing", "Tue, 1 Dec 2026 07:18:42 GMT bad thing"),
        ("gene table has 3 columns", "gene table has 4 columns"),
        ("KeyError: 'S1_L001'", "KeyError: 'S2_L001'"),
        ("unrecognized arguments: S1.fq", "unrecognized arguments: S2.fq"),
    ],
)
def test_times_and_numbers_tell_no_failures_apart(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("No module named 'py3x'", "No module named 'py2x'"),
        ("tool: error: unrecognized arguments: --in1", "tool: error: unrecognized arguments: --in2"),
        ("tool: unrecognized option '-1'", "tool: unrecognized option '-2'"),
        ("libhts.so.2: cannot open shared object file", "libhts.so.3: cannot open shared object file"),
        ("version `GLIBC_2.34' not found", "version `GLIBC_2.38' not found"),
        ("KeyError: 'gene1'", "KeyError: 'gene2'"),
        ("no such column: gene1", "no such column: gene2"),
        ("there is no package called 'org.Hs2'", "there is no package called 'org.Hs3'"),
    ],
)
def test_names_that_differ_in_a_digit_are_two(one: str, other: str) -> None:
    # a task whose sample is known: the key is none
    assert normalised(one, ("S1",)) != normalised(other, ("S1",))


TRACEBACK = """\
Traceback (most recent call last):
  File "/data/proj/scripts/fit.py", line 7, in fit
    return {code}
  File "/usr/lib/python3/dist-packages/pandas/core/frame.py", line 3458, in __getitem__
    indexer = self.columns.get_loc(key)
KeyError: '{key}'
"""


def of_key(code: str, key: str) -> str:
    evidence = Evidence("log", (Passage(1, TRACEBACK.format(code=code, key=key)),))
    root = Citation("log", 6, f"KeyError: '{key}'")
    return fingerprint(Case("slurm", (evidence,), exit_code=1), Diagnosis(Label.SCRIPT_ERROR, "", 0.5, root))


def test_a_missing_key_that_the_source_spells_out_is_a_column_and_another_is_another_cause() -> None:
    assert of_key('table["dose1"]', "dose1") != of_key('table["dose2"]', "dose2")


def test_a_missing_key_that_comes_from_the_data_may_be_a_sample() -> None:
    assert of_key("table[name]", "S1") == of_key("table[name]", "S2")


@given(st.text(max_size=300), FILLS)
def test_any_line_has_one(line: str, fill: dict[str, object]) -> None:
    case = Case("slurm", names=(str(fill["sample"]),))

    found = fingerprint(case, Diagnosis(Label.UNKNOWN, "", 0.5, Citation("log", 1, line)))

    assert len(found) == 16
