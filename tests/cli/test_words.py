"""What a person reads: plain words, numbers with units, the proof under the cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from heal.cases import Citation
from heal.cli import words
from heal.journal import (
    Applied,
    Applying,
    Consulted,
    Decided,
    Delayed,
    Dependent,
    Diagnosed,
    Dismissed,
    GaveUp,
    Observed,
    Proposed,
    State,
)
from heal.patch import Draft, Objection, Size, Sized, Trial
from heal.records import Attempt, Change, Diagnosis, Fix, FixKind, Label, Outcome, Verdict

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
TASK = Attempt(
    id=1,
    run_id="r1",
    lineage="r1",
    engine="snakemake",
    key="align:sample=S7",
    name="align (sample=S7)",
    process="align",
    native_id="81723",
    submitted=START,
    ended=START + timedelta(minutes=4, seconds=12),
)
ROOT = Citation(
    "logs/align/S7.log", 212, "slurmstepd: error: exceeded memory limit (4294971392 > 4194304000), being killed"
)
MEMORY = Diagnosis(Label.OUT_OF_MEMORY, "It needed more memory than it was given.", 0.98, ROOT, (ROOT,))
MORE = Fix(FixKind.RESOURCES, "align", (Change("memory_mb", 4096, 6144),), "asked 4.0 GB, peaked at 4.1 GB")


def test_a_diagnosis_is_told_with_its_proof():
    assert words.entry(Diagnosed(MEMORY, took_s=252), "7f3a", [TASK]) == [
        "align (sample=S7) failed after 4m12s · SLURM 81723 · out of memory, sure (0.98)",
        "  slurmstepd: error: exceeded memory limit (4294971392 > 4194304000), being killed      logs/align/S7.log:212",
        "  It needed more memory than it was given.",
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"state": "FAILED", "elapsed_s": 3}, "align (sample=S7) failed after 3s · SLURM 81723"),
        ({"state": "FAILED"}, "align (sample=S7) failed · SLURM 81723"),
        ({}, "align (sample=S7) failed · SLURM 81723"),
    ],
)
def test_of_a_job_it_is_told_how_long_it_ran_and_not_how_long_it_waited_or_when_heal_heard(
    said: dict[str, Any], told: str
):
    assert words.failure(replace(TASK, facts=said), 1) == told


def test_an_engine_that_waits_for_a_job_in_vain_is_not_said_to_have_failed():
    waits = replace(TASK, key="waits:81723", name="snakemake", native_id=None, ended=None, facts={"job": "81723"})
    assert words.entry(Diagnosed(MEMORY), "7f3a", [waits])[0] == (
        "snakemake waits in vain · SLURM 81723 · out of memory, sure (0.98)"
    )


def test_what_an_engine_repeats_in_words_of_its_own_is_shown_once():
    # Given a line of a task's log that its engine cites, in its report and in its log, and another one
    cited = (
        Citation("a.log", 3, "MemoryError"),
        Citation("nextflow", 20, "  MemoryError"),
        Citation(".nextflow.log", 40, "Nov-29 06:12:22.157 [main] ERROR nextflow.cli.Launcher - MemoryError"),
        Citation("a.log", 2, '  File "a.py", line 3'),
    )
    found = Diagnosis(Label.OUT_OF_MEMORY, "", 0.98, cited[0], cited)
    # Then it is shown where it stands, and the other one with it
    assert words.entry(Diagnosed(found), "7f3a", [TASK])[1:] == [
        "  MemoryError      a.log:3",
        '    File "a.py", line 3      a.log:2',
    ]


def test_the_line_of_a_workflow_is_shown_although_the_error_names_its_rule():
    cited = (
        Citation("snakemake", 2, "Missing input files for rule one:"),
        Citation("Snakefile", 3, "rule one:"),
        Citation(".snakemake/log/x.log", 9, "Missing input files for rule one:"),
    )
    found = Diagnosis(Label.MISSING_INPUT, "", 0.99, cited[0], cited[1:])
    assert words.entry(Diagnosed(found), "7f3a", [TASK])[1:] == [
        "  Missing input files for rule one:      snakemake:2",
        "  rule one:      Snakefile:3",
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (Proposed(MORE), ["  asked 4.0 GB, peaked at 4.1 GB", "  → align: memory 4.0 GB → 6.0 GB"]),
        (
            Proposed(MORE, (Dependent("81724", "sort", "afterok:81723(failed)"),)),
            [
                "  asked 4.0 GB, peaked at 4.1 GB",
                "  → align: memory 4.0 GB → 6.0 GB",
                "  waits for it: SLURM 81724 (sort)",
            ],
        ),
        (
            Proposed(Fix(FixKind.ADVICE, "align", (), "look"), (Dependent("7", "", "afterok:6(failed)"),)),
            ["  → align: advice: look", "  waits for it: SLURM 7"],
        ),
        (
            Proposed(
                Fix(FixKind.ADVICE, "align", (), "look"),
                tuple(Dependent(f"{n}", "s", "afterok:9(failed)", cancelled=n == 10) for n in range(10, 17)),
            ),
            [
                "  → align: advice: look",
                "  wait for it: SLURM 10 (s, cancelled for it, runs again after it), 11 (s), 12 (s), 13 (s), 14 (s), 15 (s) and 1 more",
            ],
        ),
        (Decided(Verdict.AUTO, "policy.resources = auto"), []),
        (
            Decided(Verdict.ASK, "policy.patch = ask"),
            ["  → waiting for you (policy.patch = ask) · heal show 7f3a · heal accept 7f3a"],
        ),
        (Delayed("t0k3n", "no room"), ["  → not yet, heal keeps at it: no room"]),
        (Applying("t0k3n", MORE), ["incident 7f3a · align: memory 4.0 GB → 6.0 GB"]),
        (Applied("t0k3n"), ["  → started again; what is finished stays"]),
        (Applied("t0k3n", jobs={"81723": "81800"}), ["  → submitted again as 81800"]),
        (Observed("t0k3n", Outcome.HEALED), ["align (sample=S7) came home · incident 7f3a healed"]),
        (GaveUp("the partition has no more"), ["incident 7f3a: heal stops here: the partition has no more"]),
        (Dismissed("ada", "wrong input"), ["incident 7f3a dismissed (ada): wrong input"]),
    ],
)
def test_each_entry_is_one_line(body: object, told: list[str]):
    assert words.entry(body, "7f3a", [TASK]) == told  # type: ignore[arg-type]


DRAFT = Draft(
    repository=Path("/project"),
    git_dir=Path("/project/.git"),
    branch="heal/7f3a-call-new",
    base="b" * 40,
    commit="c" * 40,
    patch_id="p" * 40,
    worktree=Path("/project/.heal/worktrees/7f3a-call-new"),
    files=("Snakefile", "scripts/a.py"),
    subject="Call new, not old",
    why="The program old is gone.",
)
TRIALS = (
    Trial("guard", passed=True),
    Trial("dry run", passed=True, seconds=2.0, reruns="2 jobs (table 2) more than without the change"),
    Trial("replay", passed=None, said="no bubblewrap here"),
)


def test_a_patch_is_told_with_how_it_was_tried_and_what_runs_again():
    doubts = (Objection("new-network", Verdict.ASK, "scripts/a.py", 3, "curl was not called before"),)
    reviewed = ("reviewer: it does more than asked: old is called elsewhere too",)
    told = Consulted("the first doubt", DRAFT, TRIALS, doubts, doubts=reviewed)
    assert words.entry(told, "7f3a", [TASK]) == [
        "  Call new, not old · Snakefile, scripts/a.py · heal diff 7f3a",
        "  why: The program old is gone.",
        "  guard passed · dry run passed · replay could not be tried (no bubblewrap here)",
        "  runs again: 2 jobs (table 2) more than without the change",
        "  mind: reviewer: it does more than asked: old is called elsewhere too",
        "  mind: curl was not called before",
    ]


def test_a_patch_that_nothing_tried_is_told_by_its_change_alone():
    assert words.entry(Consulted("edited by ada", DRAFT), "7f3a", [TASK]) == [
        "  Call new, not old · Snakefile, scripts/a.py · heal diff 7f3a",
        "  why: The program old is gone.",
    ]


def test_where_no_git_is_its_user_is_told_how_to_have_one():
    own = replace(DRAFT, git_dir=Path("/project/.heal/shadow.git"))
    assert words.entry(Consulted("", own), "7f3a", [TASK])[2:] == [
        "  this folder is in no git repository: heal keeps a history of its own of it (git init makes it yours)"
    ]


def test_how_much_work_it_was_is_told_with_the_rule_that_says_so():
    big = Sized(Size.BIG, "8 files, and at most 6 are asked about at once")
    said = "  size: big (8 files, and at most 6 are asked about at once)"
    assert words.entry(Consulted("", DRAFT, TRIALS[:1], size=big), "7f3a", [TASK])[2:] == [said, "  guard passed"]
    assert words.entry(Consulted("it was stopped", size=big), "7f3a", [TASK]) == ["  no patch: it was stopped", said]


def test_where_models_have_no_patch_it_is_said_why():
    assert words.entry(Consulted("coder: it says NO FIX"), "7f3a", [TASK]) == ["  no patch: coder: it says NO FIX"]


@pytest.mark.parametrize(
    ("confidence", "said"),
    [
        (0.95, "out of memory, sure (0.95)"),
        (0.7, "out of memory, likely (0.70)"),
        (0.3, "out of memory, perhaps (0.30)"),
    ],
)
def test_how_sure_it_is_is_said_in_words_and_in_a_number(confidence: float, said: str):
    assert words.label(Diagnosis(Label.OUT_OF_MEMORY, "", confidence)) == said


def test_an_unknown_cause_is_said_to_be_unknown():
    assert words.label(Diagnosis(Label.UNKNOWN, "", 0.1)) == "cause unknown"


def test_a_long_line_is_clipped():
    text = words.citation(Citation("a.log", 7, "x" * 500))
    assert text == "x" * 159 + "…" + "      a.log:7"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change("time_min", 10, 20), "time 10 min → 20 min"),
        (Change("time_min", 120, 240), "time 2.0 h → 4.0 h"),
        (Change("delay_s", None, 40.0), "again after 40s"),
        (Change("node", None, "n017"), "without node n017"),
        (Change("folder", None, "logs"), "folder logs is made"),
        (Change("memory_mb", None, 800), "memory ? → 800 MB"),
    ],
)
def test_changes_are_told_with_units(change: Change, said: str):
    assert words.change(change) == said


def test_the_state_says_what_heal_did_or_wants():
    advice = Fix(FixKind.ADVICE, "align", (), "renew the licence")
    assert words.state(State.HEALED, [Proposed(MORE)], "7f3a") == "healed · memory 4.0 GB → 6.0 GB"
    assert words.state(State.WAITING, [Proposed(advice)], "7f3a") == "needs you · heal show 7f3a"
    assert words.state(State.WAITING, [Proposed(MORE)], "7f3a") == "waiting for you · heal accept 7f3a"
    assert words.state(State.GIVEN_UP, [], "7f3a") == "given up"
    held_up = [Proposed(MORE), Applying("t", MORE), Delayed("t", "no room")]
    assert words.state(State.APPLYING, held_up, "7f3a") == "applying, held up · heal show 7f3a"
    assert words.state(State.APPLYING, held_up[:2], "7f3a") == "applying"
    trying = [Proposed(MORE), Applying("t", MORE, ("k3",))]
    assert words.state(State.OBSERVING, trying, "7f3a", 9214) == "observing · memory 4.0 GB → 6.0 GB for 1 of 9,214"
    assert words.state(State.OBSERVING, trying, "7f3a", 1) == "observing"


@pytest.mark.parametrize(("seconds", "said"), [(5, "5s ago"), (400, "6m ago"), (7300, "2h ago"), (200_000, "2d ago")])
def test_how_long_ago(seconds: int, said: str):
    assert words.ago(START, START + timedelta(seconds=seconds)) == said
