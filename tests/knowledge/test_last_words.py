"""The end of a log of which nobody tells how the job ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from heal.cases import Case, Citation, Evidence, Passage
from heal.evidence.scan import Scanner
from heal.knowledge.last_words import ends_well
from heal.knowledge.patterns import Library, load
from heal.records import Label
from heal.shipped import shipped
from heal.steps.diagnose import diagnose

SCARY = "fetching\nERROR: the mirror cannot be reached, trying another one\nfetched 3 files"


def log(text: str, source: str = "log.txt") -> Evidence:
    return Evidence(source, (Passage(1, text),), lines=text.count("\n") + 1)


def said(text: str, source: str = "log.txt") -> list[Citation]:
    return [clue.citation for clue in ends_well(Case("", (log(text, source),)))]


@pytest.mark.parametrize(
    "end",
    [
        "done",
        "model written",
        "3 frames stacked\nmanual built",
        "attempt 3 ok",
        "wrote out/calls.vcf",
        "6 of 6 tiles written, 0 failed",
        "QC passed: 0 errors, 0 failures",
        "rc 0",
        "Workflow dbaf1cd7 stopped. Success: True",
        "hisat2x is optional\ndone",
        "done\n12000",
    ],
)
def test_the_last_lines_say_that_all_went_well(end: str) -> None:
    text = f"{SCARY}\n{end}"

    assert said(text)
    assert diagnose(Case("", (log(text),)), Library()).label is None


@pytest.mark.parametrize(
    "end",
    [
        "done\nbasis incomplete",
        "mean 2001 ok\ncdo: Open failed on >tas_2002.nc<",
        "Crash dump is being written to: erl_crash.dump...done",
        "ERROR: out of memory\ndone",
        "0...50...100 - done.",
        "solver finished with status 17",
        "calibration written: 1",
        "9 passed, 2 failed",
        "cn12 : ok=0 changed=0 unreachable=1 failed=0",
        "not all files saved",
        "done\nstep 2\nstep 3\nstep 4",
    ],
)
def test_the_last_lines_do_not_say_so(end: str) -> None:
    assert said(f"{SCARY}\nnext\n{end}") == []


def test_what_a_script_or_an_engine_says_last_is_not_said_of_the_job() -> None:
    assert said("x\ndone", "job.sh") == said("x\ndone", ".nextflow.log") == []


def test_a_task_of_which_an_engine_tells_that_it_failed_did_not_end_well() -> None:
    found = diagnose(Case("snakemake", (log(f"{SCARY}\ndone"),), process="align"), Library())

    assert found.label is not None


def test_the_end_of_one_text_says_nothing_of_another(cache: Path) -> None:
    library = load([shipped("patterns")], cache_dir=cache)
    broken = Scanner(library, cache).text("b.err", "start\nERROR: file in.bam does not exist\n")

    found = diagnose(Case("", (log("x\ndone", "a.out"), broken)), library)

    assert found.label is Label.MISSING_INPUT


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("slurmstepd: error: Detected 1 oom_kill event in StepId=1.batch.", Label.OUT_OF_MEMORY),
        (
            "slurmstepd: error: *** JOB 17 ON n1 CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT ***",
            Label.TIME_LIMIT,
        ),
        ("gzip: stdout: No space left on device", Label.DISK_FULL),
        ("job.sh: line 3: 1234 Segmentation fault      (core dumped) ./model", Label.TOOL_CRASH),
        ("job.sh: line 3: samtools: command not found", Label.MISSING_DEPENDENCY),
        ("ModuleNotFoundError: No module named 'pysam'", Label.MISSING_DEPENDENCY),
        ('Exception in thread "main" java.lang.OutOfMemoryError: Java heap space', Label.OUT_OF_MEMORY),
        ("Error in fit(x) : no starting values\nExecution halted", Label.SCRIPT_ERROR),
        ("ERROR: could not open input.bam", Label.MISSING_INPUT),
        ("srun: error: n1: task 0: Exited with exit code 1", Label.UNKNOWN),
        ("make: *** [Makefile:3: all] Error 1", Label.UNKNOWN),
        ("FATAL: stop", Label.UNKNOWN),
    ],
)
@pytest.mark.parametrize("end", ["Job finished", "Job finished successfully"])
def test_no_last_word_outranks_a_failure_that_stands_in_the_log(cache: Path, line: str, label: Label, end: str) -> None:
    library = load([shipped("patterns")], cache_dir=cache)
    text = Scanner(library, cache).text("slurm-17.out", f"start\n{line}\ncopying logs home\n{end}\n")

    found = diagnose(Case("", (text,)), library)

    assert (found.label, "nobody told that the job failed" in found.explanation) == (label, found.root is not None)


def test_an_engine_that_made_it_good_is_believed_whatever_its_tasks_said_before(cache: Path) -> None:
    library = load([shipped("patterns")], cache_dir=cache)
    text = "curl: (22) The requested URL returned error: 503\n3 of 3 steps (100%) done\ncopying logs home\ndone\n"

    found = diagnose(Case("", (Scanner(library, cache).text("log.txt", text),)), library)

    assert found.label is None


@pytest.mark.parametrize(
    ("end", "code", "told"),
    [("12000", None, True), ("12000", 1, False), ("ERROR: giving up", None, False), ("", None, False)],
    ids=["it goes on", "it failed", "it ends in trouble", "it ends there"],
)
def test_a_cause_is_told_with_the_doubt_whether_the_job_failed(
    cache: Path, end: str, code: int | None, told: bool
) -> None:
    library = load([shipped("patterns")], cache_dir=cache)
    text = Scanner(library, cache).text("log.txt", f"start\ncurl: (22) The requested URL returned error: 503\n{end}\n")

    found = diagnose(Case("", (text,), exit_code=code), library)

    assert (found.label, "nobody told that the job failed" in found.explanation) == (Label.NETWORK, told)
