"""Policy, budgets and the rule that nothing is tried twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from heal.journal import Decided
from heal.records import Change, Diagnosis, Fix, FixKind, Label, Outcome, Verdict
from heal.settings import Policy, Settings
from heal.steps.decide import Ledger, decide

SETTINGS = Settings(home=Path("/home/ada/.local/state/heal"))
SURE = Diagnosis(Label.OUT_OF_MEMORY, "it needed more memory", 0.97)
MORE = Fix(FixKind.RESOURCES, "align", (Change("memory_mb", 400, 800),))
NOTHING = Ledger(task=0, run=0, day=0)


def test_resources_are_changed_without_asking():
    assert decide(MORE, SURE, (), NOTHING, SETTINGS) == Decided(Verdict.AUTO, "policy.resources = auto")


@pytest.mark.parametrize("kind", [FixKind.ENVIRONMENT, FixKind.CONFIG, FixKind.PATCH])
def test_edits_are_asked_for(kind: FixKind):
    said = decide(Fix(kind, "align"), SURE, (), NOTHING, SETTINGS)
    assert said == Decided(Verdict.ASK, f"policy.{kind.value} = ask")


def test_advice_waits_for_a_person():
    advice = Fix(FixKind.ADVICE, "align", (), "renew the licence")
    assert decide(advice, SURE, (), NOTHING, SETTINGS) == Decided(Verdict.ASK, "advice: only a person can do this")


@pytest.mark.parametrize("outcome", [*(one for one in Outcome if one is not Outcome.HEALED), None])
def test_the_same_fix_is_never_applied_twice(outcome: Outcome | None):
    said = decide(MORE, SURE, ((MORE, outcome),), NOTHING, SETTINGS)
    assert said == Decided(Verdict.REFUSE, "this was tried on the same failure before and did not help")


def test_what_healed_other_tasks_may_heal_these():
    assert decide(MORE, SURE, ((MORE, Outcome.HEALED),), NOTHING, SETTINGS).verdict is Verdict.AUTO


@pytest.mark.parametrize(
    ("ledger", "why"),
    [
        (Ledger(3, 3, 3), "3 remedies were tried for this task, and budget.per_task allows 3"),
        (Ledger(0, 20, 20), "20 remedies were tried for this run, and budget.per_run allows 20"),
        (Ledger(0, 0, 200), "200 remedies were tried for the last 24 hours, and budget.per_day allows 200"),
    ],
)
def test_a_spent_budget_refuses(ledger: Ledger, why: str):
    assert decide(MORE, SURE, (), ledger, SETTINGS) == Decided(Verdict.REFUSE, why)


def test_a_doubtful_cause_is_asked_about():
    doubtful = Diagnosis(Label.OUT_OF_MEMORY, "perhaps memory", 0.4)
    said = decide(MORE, doubtful, (), NOTHING, SETTINGS)
    assert said == Decided(Verdict.ASK, "the cause is not sure enough (0.40) to act without a yes")


@pytest.mark.parametrize(
    ("confidence", "said"),
    [
        (0.59, Decided(Verdict.ASK, "the cause is not sure enough (0.59) to act without a yes")),
        (0.6, Decided(Verdict.AUTO, "policy.patch = auto")),
    ],
)
def test_a_patch_is_applied_without_a_yes_only_where_the_cause_is_sure(confidence: float, said: Decided):
    # Given somebody who lets heal apply patches by itself
    settings = SETTINGS.model_copy(update={"policy": Policy(patch=Verdict.AUTO)})
    found = Diagnosis(Label.SCRIPT_ERROR, "a name is wrong", confidence)
    assert decide(Fix(FixKind.PATCH, "align"), found, (), NOTHING, settings) == said


def test_a_pattern_on_trial_may_only_ask():
    found = Diagnosis(Label.OUT_OF_MEMORY, "it needed more memory", 0.9, pattern="memory/new", by="pattern")
    said = decide(MORE, found, (), NOTHING, SETTINGS, only_asks="it is on trial")
    assert said == Decided(Verdict.ASK, "it is on trial")
