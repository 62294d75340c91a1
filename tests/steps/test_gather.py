"""What of an attempt goes into its case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from heal.evidence.scan import Scanner
from heal.jobs import JobFacts, JobState
from heal.knowledge.patterns import load
from heal.records import Attempt, Diagnosis, Label
from heal.shipped import shipped
from heal.steps.diagnose import diagnose
from heal.steps.gather import gather

SAID = "SLURM-job '5_2' failed, SLURM status is: 'FAILED'. Reason: Unknown.For further error details see the log."
BLAMED = f"{SAID}\nheal: array element 5_2 made its own files, and failed for w/2.txt, which another element makes"
MISSED = 'MissingOutputException in rule w in file "/x/Snakefile", line 4:\nJob 2  completed successfully, but some'
WELL = JobFacts("5_2", JobState.COMPLETED, "COMPLETED", exit_code=0, signal=0)
FAILED = JobFacts("5_2", JobState.FAILED, "FAILED", exit_code=1, signal=0)


@pytest.fixture(scope="module")
def diagnosed(cache: Path) -> Callable[[str, JobFacts | None], Diagnosis]:
    library = load([shipped("patterns")], cache_dir=cache)
    scanner = Scanner(library, cache)

    def of(message: str, job: JobFacts | None) -> Diagnosis:
        facts = {"message": message}
        attempt = Attempt(
            1, "r", "r", "snakemake", "w:n=3", "w (n=3)", "w", native_id=job.job if job else "5_2", facts=facts
        )
        return diagnose(gather(attempt, job, [], scanner, "/"), library)

    return of


@pytest.mark.parametrize(
    ("message", "job", "expected"),
    [
        (SAID, WELL, (Label.TOOL_CRASH, "engine/snakemake_array")),
        (SAID, FAILED, (Label.UNKNOWN, None)),
        (SAID, None, (Label.UNKNOWN, None)),
        # the job went well, and nobody says that the books hold anything else
        (
            "Job 4  completed successfully, but some output files are missing.",
            WELL,
            (Label.MISSING_OUTPUT, "output/in_words"),
        ),
        (MISSED, WELL, (Label.TOOL_CRASH, "engine/snakemake_array")),
        (MISSED, replace(WELL, job="52"), (Label.FILESYSTEM_TRANSIENT, "filesystem/snakemake_late_output")),
        (MISSED, FAILED, (Label.MISSING_OUTPUT, "output/missing_output")),
        (BLAMED, FAILED, (Label.TOOL_CRASH, "engine/snakemake_array")),
    ],
)
def test_an_engine_that_the_books_contradict_is_wrong(
    message: str,
    job: JobFacts | None,
    expected: tuple[Label, str],
    diagnosed: Callable[[str, JobFacts | None], Diagnosis],
) -> None:
    found = diagnosed(message, job)
    assert (found.label, found.pattern) == expected
