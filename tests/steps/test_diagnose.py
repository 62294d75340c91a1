"""What is said to be the cause when facts and lines speak for different things."""

from dataclasses import replace
from pathlib import Path

import pytest

from heal.cases import Case, Citation, Evidence
from heal.evidence.scan import Scanner
from heal.jobs import JobFacts, JobState
from heal.knowledge.patterns import Library, load
from heal.records import Diagnosis, Label
from heal.shipped import shipped
from heal.steps.diagnose import diagnose, fingerprint

OOM = "slurmstepd: error: Detected 1 oom_kill event in StepId=7.batch. Some of the step tasks have been OOM Killed."
LIMIT = "slurmstepd: error: *** JOB 7 ON cn1 CANCELLED AT 2025-01-01T00:00:00 DUE TO TIME LIMIT ***"
STOPPED = "slurmstepd: error: *** JOB 7 ON cn1 CANCELLED AT 2025-01-01T00:00:00 ***"


@pytest.fixture(scope="module")
def library(cache: Path) -> Library:
    return load([shipped("patterns")], cache_dir=cache)


@pytest.fixture(scope="module")
def scanner(library: Library, cache: Path) -> Scanner:
    return Scanner(library, cache)


class Judge:
    """Makes a case of a few words and asks for the cause."""

    def __init__(self, library: Library, scanner: Scanner) -> None:
        self.library, self.scanner = library, scanner

    def case(
        self,
        *logs: tuple[str, str],
        job: JobFacts | None = None,
        exit_code: int | None = None,
        state: str | None = None,
    ) -> Case:
        evidence = tuple(self.scanner.text(source, text) for source, text in logs)
        return Case("slurm", evidence, job=job, exit_code=exit_code, scheduler_state=state, process="align")

    def label(
        self,
        *logs: tuple[str, str],
        job: JobFacts | None = None,
        exit_code: int | None = None,
        state: str | None = None,
    ) -> Label | None:
        return diagnose(self.case(*logs, job=job, exit_code=exit_code, state=state), self.library).label


@pytest.fixture(scope="module")
def judge(library: Library, scanner: Scanner) -> Judge:
    return Judge(library, scanner)


def killed(peak: float, asked: float = 50.0) -> JobFacts:
    return JobFacts("7", JobState.FAILED, "FAILED", exit_code=0, signal=9, peak_mb=peak, asked_mb=asked, source="sacct")


@pytest.mark.parametrize(
    ("job", "log", "label"),
    [
        (JobFacts("7", JobState.OUT_OF_MEMORY), "", Label.OUT_OF_MEMORY),
        (JobFacts("7", JobState.OUT_OF_MEMORY), "KeyError: 'x'", Label.OUT_OF_MEMORY),
        (JobFacts("7", JobState.FAILED, exit_code=0, signal=9), OOM, Label.OUT_OF_MEMORY),
        (killed(peak=314.6), "", Label.OUT_OF_MEMORY),
        # full from 95 % on
        (killed(peak=47.6), "", Label.OUT_OF_MEMORY),
        (killed(peak=47.5), "", Label.OUT_OF_MEMORY),
        (killed(peak=47.4), "", Label.UNKNOWN),
        (killed(peak=3.0), "", Label.UNKNOWN),
        (killed(peak=3.0), "job.sh: line 4: 312 Killed    tool", Label.UNKNOWN),
        (JobFacts("7", JobState.TIMEOUT), "", Label.TIME_LIMIT),
        (JobFacts("7", JobState.TIMEOUT), "WARNING: cannot open file 'x': No such file or directory", Label.TIME_LIMIT),
        (JobFacts("7", JobState.NODE_FAIL), "", Label.NODE_FAILURE),
        (JobFacts("7", JobState.PREEMPTED), STOPPED, Label.NODE_FAILURE),
        (JobFacts("7", JobState.CANCELLED, "CANCELLED by 1044"), STOPPED, Label.CANCELLED),
        (JobFacts("7", JobState.CANCELLED, "CANCELLED by 1044"), "KeyboardInterrupt", Label.CANCELLED),
        (JobFacts("7", JobState.CANCELLED, "CANCELLED by 0"), OOM, Label.OUT_OF_MEMORY),
        (JobFacts("7", JobState.CANCELLED, "CANCELLED by 0"), LIMIT, Label.TIME_LIMIT),
        (JobFacts("7", JobState.COMPLETED, exit_code=0), "ERROR: out of memory", None),
        (JobFacts("7", JobState.FAILED, exit_code=0, signal=53), "", Label.MISSING_INPUT),
    ],
)
def test_facts_and_lines_are_weighed(judge: Judge, job: JobFacts, log: str, label: Label | None) -> None:
    assert judge.label(("slurm-7.out", log), job=job) is label


@pytest.mark.parametrize(
    ("code", "label"),
    [
        (124, Label.TIME_LIMIT),
        (126, Label.PERMISSION),
        (127, Label.MISSING_DEPENDENCY),
        (130, Label.CANCELLED),
        (139, Label.TOOL_CRASH),
        (140, Label.TIME_LIMIT),
        # sysexits(3)
        (64, Label.BAD_PARAMETER),
        (66, Label.MISSING_INPUT),
        (77, Label.PERMISSION),
        (137, Label.UNKNOWN),
        (1, Label.UNKNOWN),
        (0, None),
    ],
)
def test_an_exit_code_alone_is_a_guess_and_never_sure(judge: Judge, code: int, label: Label | None) -> None:
    found = diagnose(judge.case(("log", "working"), exit_code=code), judge.library)

    assert found.label is label
    assert label is None or found.confidence < 0.9


def test_any_words_count_more_than_what_sysexits_mean(judge: Judge) -> None:
    found = diagnose(judge.case(("log", "working"), exit_code=65), judge.library)
    told = judge.label(("log", "bash: line 3: samtools: command not found"), exit_code=65)

    assert (found.cause, found.confidence < 0.6, told) == (
        "By its exit code 65, where the program keeps to sysexits(3), the input data is not as it should be (EX_DATAERR).",
        True,
        Label.MISSING_DEPENDENCY,
    )


def test_of_a_job_that_was_cancelled_only_what_is_known_is_told(judge: Judge) -> None:
    said = [
        diagnose(judge.case(("log", "step 3"), state=state), judge.library).cause
        for state in ("CANCELLED", "CANCELLED by 1001", "CANCELLED by 0")
    ]

    assert said == [
        "Somebody cancelled the job.",
        "User 1001 cancelled the job.",
        "root (an administrator, or SLURM itself) cancelled the job.",
    ]


def test_a_fact_is_cited_as_a_line_of_its_own(judge: Judge) -> None:
    found = diagnose(judge.case(job=killed(peak=314.625)), judge.library)

    assert found.root == Citation("sacct", 0, "FAILED 0:9, MaxRSS 322176K of 51200K asked")
    assert (found.by, found.pattern, found.confidence >= 0.9) == ("facts", None, True)


def test_where_facts_and_a_line_agree_the_line_is_shown(judge: Judge) -> None:
    found = diagnose(judge.case(("log", f"a\n{OOM}"), job=JobFacts("7", JobState.OUT_OF_MEMORY)), judge.library)

    assert (found.root, found.by, found.pattern) == (Citation("log", 2, OOM), "pattern", "memory/kernel_oom_kill")


@pytest.mark.parametrize(
    ("log", "label", "line"),
    [
        ("tool: x.fa: No such file or directory\nERROR ~ Error executing process > 'A'", Label.MISSING_INPUT, 1),
        ("job.sh: line 3: aligner: command not found\ntool: truncated file. Aborting", Label.MISSING_DEPENDENCY, 1),
        ("cat: a.txt: No such file or directory\ncat: b.txt: No such file or directory", Label.MISSING_INPUT, 1),
        (
            "wget: timed out: Connection timed out\nmirror is optional, continuing\nNameError: name 'x' is not defined",
            Label.SCRIPT_ERROR,
            3,
        ),
        (
            "WARNING: could not open file a.cfg: No such file or directory\nIndexError: list index out of range",
            Label.SCRIPT_ERROR,
            2,
        ),
        ("# raise --mem on: std::bad_alloc\nx: error: unrecognized arguments: --mem", Label.BAD_PARAMETER, 2),
        ("all is quiet", Label.UNKNOWN, None),
    ],
)
def test_the_cause_wins_over_what_follows_from_it(judge: Judge, log: str, label: Label, line: int | None) -> None:
    found = diagnose(judge.case(("log", log), exit_code=1), judge.library)

    assert (found.label, found.root.line if found.root else None) == (label, line)


def test_a_traceback_is_cited_with_the_users_own_frame(judge: Judge) -> None:
    log = (
        "Traceback (most recent call last):\n"
        '  File "agg.py", line 9, in <module>\n    total(rows)\n'
        '  File "agg.py", line 4, in total\n    return frame["n"]\n'
        '  File "/env/lib/python3.11/site-packages/pandas/core/frame.py", line 4102, in __getitem__\n    indexer = get(key)\n'
        "KeyError: 'n'"
    )

    found = diagnose(judge.case(("log", log), exit_code=1), judge.library)

    assert found.citations[:2] == (
        Citation("log", 8, "KeyError: 'n'"),
        Citation("log", 4, '  File "agg.py", line 4, in total'),
    )
    assert found.cause == "The script failed on an error of its own: KeyError: 'n'."


def test_scripts_settings_and_data_prove_nothing(judge: Judge) -> None:
    words = f"{OOM}\nstd::bad_alloc\n"
    names = ("job.sh", "main.nf", "Snakefile", "config.yaml", ".command.sh", "run", "counts.tsv")
    logs = [(name, ("#!/bin/bash\n" if name == "run" else "") + words) for name in names]

    assert judge.label(*logs, exit_code=1) is Label.UNKNOWN


def test_a_line_far_from_the_end_of_a_log_is_not_sure_unless_the_job_is_known_to_have_failed(judge: Judge) -> None:
    log = f"{OOM}\n" + "working\n" * 40

    without = diagnose(judge.case(("log", log)), judge.library)
    known = diagnose(judge.case(("log", log), exit_code=1), judge.library)

    assert (without.label, without.confidence) == (Label.OUT_OF_MEMORY, 0.8)
    assert (known.label, known.confidence >= 0.9) == (Label.OUT_OF_MEMORY, True)


def test_nobody_knows_and_says_so(judge: Judge) -> None:
    found = diagnose(Case("slurm", (Evidence("log", notes=("missing",)),), exit_code=1), judge.library)

    assert (found.label, found.by, found.confidence <= 0.3, found.root) == (Label.UNKNOWN, "nobody", True, None)
    assert "log: missing" in found.explanation


def test_without_facts_an_engine_that_says_all_went_well_is_believed(judge: Judge) -> None:
    assert (
        judge.label(("log", "cat: x: No such file or directory\nTrying to restart job 1.\n3 of 3 steps (100%) done"))
        is None
    )
    assert judge.label(("log", "3 of 3 steps (100%) done\ncat: x: No such file or directory")) is Label.MISSING_INPUT


def test_without_facts_a_log_that_ends_with_success_is_believed_and_less_sure(judge: Judge) -> None:
    scare = "GET /genome\ncurl: (22) The requested URL returned error: 503\n"
    end = 'waiting for 1 pod\ndeployment "api" successfully rolled out\nbye\n'

    def bare(text: str) -> Diagnosis:
        return diagnose(replace(judge.case(("log", text)), process=""), judge.library)

    ended = bare("GET /genome\n" + end)
    known = bare(scare + end).label
    later = bare(scare + end + "cat: x: No such file or directory").label
    amid = bare(scare + end + "reading\nsorting\nmerging\nwriting").label
    of_a_task = judge.label(("log", scare + end))
    failed = judge.label(("log", scare + end), exit_code=1)

    assert (ended.label, ended.confidence) == (None, 0.6)
    assert (known, later, amid, of_a_task, failed) == (Label.NETWORK,) * 5


def of(judge: Judge, log: str, exit_code: int = 1, process: str = "align") -> str:
    case = Case("slurm", (judge.scanner.text("log", log),), exit_code=exit_code, process=process)
    return fingerprint(case, diagnose(case, judge.library))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("KeyError: 'S1'", "KeyError: 'S2'"),
        ("tool: /a/b/S1.bam: No such file or directory", "tool: /c/S2.bam: No such file or directory"),
        (
            "sort: write failed: /tmp/sortA1: No space left on device",
            "sort: write failed: /tmp/sortZ9: No space left on device",
        ),
        (OOM, "slurmstepd: error: StepId=9.batch exceeded memory limit (9 > 8), being killed"),
        (LIMIT, LIMIT.replace("cn1", "cn2").replace("JOB 7", "JOB 8")),
        ("job.sh: line 4: 312 Segmentation fault x", "job.sh: line 4: 9931 Segmentation fault x"),
    ],
)
def test_the_same_failure_has_one_fingerprint(judge: Judge, one: str, other: str) -> None:
    assert of(judge, one) == of(judge, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("KeyError: 'S1'", "IndexError: list index out of range"),
        (OOM, LIMIT),
        ("tool: a.bam: No such file or directory", "tool: a.bam: Permission denied"),
    ],
)
def test_different_failures_have_different_fingerprints(judge: Judge, one: str, other: str) -> None:
    assert of(judge, one) != of(judge, other)


def test_process_and_way_of_ending_are_part_of_the_fingerprint(judge: Judge) -> None:
    line = "KeyError: 'S1'"

    assert len({of(judge, line), of(judge, line, process="sort"), of(judge, line, exit_code=139)}) == 3
