"""What is tried, in which order, and where it ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from heal.errors import CannotApply
from heal.patch import Draft, Objection, Trial
from heal.proving import tester
from heal.proving.replay import Failed
from heal.proving.tester import guarded, told
from heal.records import Attempt, Run, Verdict

RUN = Run("r", "r", "snakemake", "/data", ("snakemake",), datetime(2026, 1, 2, tzinfo=UTC))
FAILED = Failed("7f3a", RUN, Attempt(1, "r", "r", "snakemake", "a", "a", "a"))
REFUSES = Objection("no.true", Verdict.REFUSE, "a.sh", 3, "it hides the failure")
ASKS = Objection("seed", Verdict.ASK, "a.py", 0, "it changes a seed")


@dataclass
class Scripted:
    """A way of trying that says what it is told to, and counts."""

    trial: Trial | Exception
    count: int = 0

    def tried(self, draft: Draft, failed: Failed, stop: object) -> Trial:
        self.count += 1
        if isinstance(self.trial, Exception):
            raise self.trial
        return self.trial


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    (tmp_path / "a.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "main.nf").write_text("x\n", encoding="utf-8")
    return Draft(tmp_path, tmp_path / ".git", "b", "0", "c", "p", tmp_path, ("a.py",), "s", "w")


def tries(draft: Draft, check: Scripted, replay: Scripted, *objections: Objection) -> list[tuple[str, bool | None]]:
    proving = tester.Tester(lambda _draft: objections, {"snakemake": check}, replay)
    return [(trial.name, trial.passed) for trial in proving.tries(draft, FAILED)]


def test_all_is_tried_where_nothing_fails(draft: Draft):
    check, replay = Scripted(Trial("engine", True)), Scripted(Trial("replay", None))
    assert tries(draft, check, replay) == [("guard", True), ("parses", True), ("engine", True), ("replay", None)]
    assert (check.count, replay.count) == (1, 1)


def test_nothing_of_a_change_is_run_that_a_person_must_decide(draft: Draft):
    check, replay = Scripted(Trial("engine", True)), Scripted(Trial("replay", True))
    proving = tester.Tester(lambda _draft: (ASKS,), {"snakemake": check}, replay)
    found = [replace(trial, seconds=0.0) for trial in proving.tries(draft, FAILED)]
    # Then it is parsed, which runs nothing, and no more
    assert found == [
        guarded((ASKS,)),
        Trial("parses", True, found[1].said),
        Trial("engine", None, "a person decides first: it changes a seed"),
        Trial("replay", None, "a person decides first: it changes a seed"),
    ]
    assert (check.count, replay.count) == (0, 0)
    # and what does not even parse needs no person
    (draft.worktree / "a.py").write_text("x = (\n", encoding="utf-8")
    assert tries(draft, check, replay, ASKS) == [("guard", None), ("parses", False)]


def test_nothing_of_a_change_is_run_where_the_guard_could_not_be_asked(draft: Draft):
    check, replay = Scripted(Trial("engine", True)), Scripted(Trial("replay", True))

    def guard(_draft: Draft) -> list[Objection]:
        raise CannotApply("the state before cannot be read")

    found = tester.Tester(guard, {"snakemake": check}, replay).tries(draft, FAILED)
    assert [(trial.name, trial.passed, trial.said) for trial in (found[0], *found[2:])] == [
        ("guard", None, "the state before cannot be read"),
        ("engine", None, "a person decides first: the guard could not be asked"),
        ("replay", None, "a person decides first: the guard could not be asked"),
    ]
    assert (check.count, replay.count) == (0, 0)


def test_the_first_that_fails_ends_it_and_what_costs_more_is_not_begun(draft: Draft):
    check, replay = Scripted(Trial("engine", False)), Scripted(Trial("replay", True))
    assert tries(draft, check, replay) == [("guard", True), ("parses", True), ("engine", False)]
    assert tries(draft, check, replay, REFUSES) == [("guard", False)]
    (draft.worktree / "a.py").write_text("x = (\n", encoding="utf-8")
    assert tries(draft, check, replay) == [("guard", True), ("parses", False)]
    assert (check.count, replay.count) == (1, 0)


def test_what_cannot_be_tried_is_told_and_is_no_yes(draft: Draft):
    check, replay = Scripted(CannotApply("not started as snakemake")), Scripted(Trial("replay", True))
    proving = tester.Tester(lambda _draft: (), {"snakemake": check}, replay)
    found = [replace(trial, seconds=0.0) for trial in proving.tries(draft, FAILED)]
    assert found[2:] == [Trial("engine", None, "not started as snakemake"), Trial("replay", True)]


def test_an_engine_without_checks_is_not_asked(draft: Draft):
    proving = tester.Tester(lambda _draft: (), {})
    assert [trial.name for trial in proving.tries(draft, FAILED)] == ["guard", "parses"]
    # nor is a guard that was asked before
    assert [trial.name for trial in tester.Tester(None, {}).tries(draft, FAILED)] == ["parses"]


@pytest.mark.parametrize(("engine", "expected"), [(True, True), (None, None)])
def test_a_file_of_the_engines_is_read_where_the_engine_read_it(
    draft: Draft, engine: bool | None, expected: bool | None
):
    proving = tester.Tester(lambda _draft: (), {"snakemake": Scripted(Trial("engine", engine))})
    trials = proving.tries(replace(draft, files=("a.py", "main.nf")), FAILED)
    assert trials[1].passed is expected


def test_objections_are_told_with_their_place():
    assert guarded(()) == Trial("guard", True)
    assert guarded((ASKS,)) == Trial("guard", None, "a.py:0: it changes a seed [seed]")
    assert guarded((ASKS, REFUSES)) == Trial("guard", False, "a.sh:3: it hides the failure [no.true]")


def test_the_coder_is_told_what_failed_and_not_too_much_of_it():
    long = "\n".join(f"line {number}" for number in range(1000))
    said = told((Trial("parses", True), Trial("engine", None, long), Trial("replay", False, long)))
    assert said.startswith(
        "parses: passed\n\nengine: could not be tried\nline 997\nline 998\nline 999\n\nreplay: FAILED\n"
    )
    assert said.endswith("line 999")
    assert len(said) < 1000
