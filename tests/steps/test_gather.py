"""What of an attempt goes into its case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.evidence.test_own_part import LOG, LONG

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


Reading = Callable[[str, str, JobFacts | None, tuple[str, ...]], Diagnosis]


@pytest.fixture(scope="module")
def read(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """What is made of an engine's message, a job, and the files in the folder of a task."""
    library = load([shipped("patterns")], cache_dir=cache)
    scanner = Scanner(library, cache)

    def of(engine: str, message: str, job: JobFacts | None, files: tuple[str, ...]) -> Diagnosis:
        workdir = tmp_path_factory.mktemp("task")
        for name in files:
            (workdir / name).write_text("")
        attempt = Attempt(1, "r", "r", engine, "w:n=3", "w (n=3)", "w", native_id=job.job if job else "5_2")
        attempt = replace(attempt, workdir=str(workdir), facts={"message": message})
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
    read: Reading,
) -> None:
    found = read("snakemake", message, job, ())
    assert (found.label, found.pattern) == expected


LOST = "Process `A` terminated for an unknown reason -- Likely it has been terminated by the external system"
EMPTY = "Process `A` terminated with an error exit status (-1)"
RAN, NOT_BEGUN = (".command.run", ".command.begin"), (".command.run",)
LEFT = replace(FAILED, state=JobState.NODE_FAIL, state_text="NODE_FAIL")
CANCELLED = JobFacts("7", JobState.CANCELLED, "CANCELLED by 1000", exit_code=0, signal=15)


@pytest.mark.parametrize(
    ("message", "job", "files", "expected"),
    [
        (LOST, WELL, RAN, (Label.FILESYSTEM_TRANSIENT, "filesystem/nextflow_late_exit_code")),
        (EMPTY, WELL, RAN, (Label.FILESYSTEM_TRANSIENT, "filesystem/nextflow_late_exit_code")),
        (EMPTY, FAILED, RAN, (Label.UNKNOWN, "engine/unknown_end")),
        ("Missing output file(s) `x`", WELL, RAN, (Label.MISSING_OUTPUT, "output/in_words")),
        (LOST, FAILED, NOT_BEGUN, (Label.NODE_FAILURE, "node/nextflow_never_began")),
        ("", FAILED, NOT_BEGUN, (Label.NODE_FAILURE, "node/nextflow_never_began")),
        (LOST, FAILED, RAN, (Label.UNKNOWN, "engine/unknown_end")),
        # a folder that is not to be seen from here, and ends of which SLURM itself says why
        (LOST, FAILED, (), (Label.UNKNOWN, "engine/unknown_end")),
        (LOST, CANCELLED, NOT_BEGUN, (Label.CANCELLED, None)),
        (LOST, LEFT, NOT_BEGUN, (Label.NODE_FAILURE, None)),
        (LOST, replace(FAILED, final=False), NOT_BEGUN, (Label.UNKNOWN, "engine/unknown_end")),
        (LOST, None, NOT_BEGUN, (Label.UNKNOWN, "engine/unknown_end")),
    ],
)
def test_why_a_job_told_nextflow_nothing_is_seen_in_the_books_and_its_folder(
    message: str, job: JobFacts | None, files: tuple[str, ...], expected: tuple[Label, str], read: Reading
) -> None:
    found = read("nextflow", message, job, files)
    assert (found.label, found.pattern) == expected


def test_what_nextflow_says_of_another_task_is_no_evidence(cache: Path, tmp_path: Path) -> None:
    # Given a task that only its exit code speaks of, in a run in which a program of another one was killed before
    library = load([shipped("patterns")], cache_dir=cache)
    log = tmp_path / ".nextflow.log"
    log.write_text(LOG, encoding="utf-8")
    message = "Process `LONG` terminated with an error exit status (140)"
    attempt = Attempt(1, "r", "r", "nextflow", "LONG", "LONG", "LONG", native_id="94", workdir=LONG)
    attempt = replace(attempt, facts={"message": message, "exit": 140}, asked={"memory_mb": 60, "time_min": 1})
    job = JobFacts("94", JobState.FAILED, "FAILED", exit_code=140, signal=0, peak_mb=1.0)
    # Then its cause is its own, and the log of the run is read all the same
    case = gather(attempt, job, [str(log)], Scanner(library, cache), str(tmp_path))
    found = diagnose(case, library)
    assert (found.label, found.pattern) == (Label.TIME_LIMIT, "time/exit_140")
    assert [one.source for one in case.evidence] == [".nextflow.log", "nextflow"]
    # And of a failure of Nextflow itself all of it is
    itself = replace(attempt, key="", name="nextflow", workdir=None, native_id=None)
    whole = gather(itself, None, [str(log)], Scanner(library, cache), str(tmp_path))
    assert "eat.py" in whole.evidence[0].text
    assert "eat.py" not in case.evidence[0].text
