"""The ledger of models: budgets hold whoever asks at once, and a call is written down before it is made."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heal.dialogue import Call, Spent
from heal.errors import ModelBudgetSpent
from heal.model_settings import ModelBudget
from heal.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
DAY = timedelta(hours=24)
PLENTY = ModelBudget()


def begun(name, tokens=100, cost=0.0, incident="7f3a", at=NOON):
    return Call(name, at, "coder", "local", incident, tokens, cost, at + timedelta(minutes=5))


def ended(call, verdict="ok", tokens=60, cost=0.0):
    return replace(
        call,
        verdict=verdict,
        tokens=tokens,
        cost=cost,
        tokens_in=50,
        tokens_out=10,
        tokens_cached=32,
        seconds=2.5,
        first_token_seconds=0.25,
    )


def test_a_call_is_kept_as_it_began_ended_and_was_judged(store):
    # given
    first, second = begun("a"), begun("b", at=LATER)
    for call in (first, second):
        store.begin_call(call, PLENTY)
    # when
    store.end_call(ended(first))
    store.judge_call("a", "accepted")
    # then
    assert store.calls(NOON) == (replace(ended(first), judged="accepted"), second)
    assert store.calls(LATER) == (second,)


def test_what_was_said_of_a_call_first_stays(store):
    # given
    store.begin_call(begun("a"), PLENTY)
    store.end_call(ended(begun("a")))
    store.judge_call("a", "refused")
    # when
    store.end_call(ended(begun("a"), verdict="late", tokens=9))
    store.judge_call("a", "accepted")
    # then
    assert store.calls(NOON) == (replace(ended(begun("a")), judged="refused"),)


def test_to_judge_a_call_that_is_not_there_changes_nothing(store):
    store.judge_call("elsewhere", "accepted")

    assert store.calls(NOON) == ()


def test_what_is_under_way_counts_with_what_was_set_aside_and_what_ended_with_what_it_used(store):
    # given
    store.begin_call(begun("a", 100, 1.0), PLENTY)
    store.begin_call(begun("b", 1000, 2.0, incident="1c09"), PLENTY)
    # when
    store.end_call(ended(begun("a"), tokens=60, cost=0.5))
    # then
    assert store.spent(NOON - DAY, LATER) == Spent(1060, 2.5)
    assert store.spent(NOON - DAY, LATER, "7f3a") == Spent(60, 0.5)
    assert store.spent(LATER, LATER) == Spent()


def test_what_a_killed_process_had_set_aside_is_free_again_after_a_time(store):
    # given
    store.begin_call(begun("killed", 100, 1.0), PLENTY)
    # when, then
    assert store.spent(NOON - DAY, NOON + timedelta(minutes=5)) == Spent()
    assert store.spent(NOON - DAY, NOON + timedelta(minutes=4)) == Spent(100, 1.0)


@pytest.mark.parametrize(
    ("budget", "call", "said"),
    [
        (ModelBudget(incident_tokens=199), begun("b"), "100 tokens were used for incident 7f3a"),
        (ModelBudget(day_tokens=199), begun("b", incident=""), "100 tokens were used in 24 hours"),
        (ModelBudget(day_cost=1.5), begun("b", cost=1.0, incident="1c09"), "1.00 was spent in 24 hours"),
    ],
)
def test_a_call_that_passes_a_budget_is_refused_and_not_written(store, budget, call, said):
    # given
    store.begin_call(begun("a", 100, 1.0), PLENTY)
    # when
    with pytest.raises(ModelBudgetSpent, match=said):
        store.begin_call(call, budget)
    # then
    assert [one.id for one in store.calls(NOON)] == ["a"]


def test_what_costs_nothing_is_asked_where_the_money_is_spent(store):
    # given
    store.begin_call(begun("a", cost=9.0), PLENTY.model_copy(update={"day_cost": 9.0}))
    # when
    store.begin_call(begun("free"), ModelBudget(day_cost=0.0))
    # then
    assert [one.id for one in store.calls(NOON)] == ["a", "free"]


def test_a_budget_is_as_large_again_a_day_later_and_that_of_an_incident_never(store):
    # given
    store.begin_call(begun("a"), PLENTY)
    store.end_call(ended(begun("a"), tokens=100))
    # when
    store.begin_call(begun("tomorrow", incident="1c09", at=NOON + DAY), ModelBudget(day_tokens=100))
    # then
    with pytest.raises(ModelBudgetSpent):
        store.begin_call(begun("same", at=NOON + DAY * 30), ModelBudget(incident_tokens=199))


def test_whoever_asks_at_once_stays_within_the_budget(store):
    # given
    budget = ModelBudget(incident_tokens=1050)

    def attempt(number):
        with suppress(ModelBudgetSpent):
            store.begin_call(begun(f"{number:02}"), budget)

    # when
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, range(40)))
    # then
    assert len(store.calls(NOON)) == 10
    assert store.spent(NOON, NOON) == Spent(1000, 0.0)


def test_a_database_from_before_the_ledger_gets_one(path):
    # given
    with Store.open(path) as store:
        store.begin_call(begun("a"), PLENTY)
    raw = sqlite3.connect(path)
    raw.executescript("DROP TABLE calls; UPDATE alembic_version SET version_num = '0002';")
    raw.close()
    # when
    with Store.open(path) as store:
        store.begin_call(begun("b"), PLENTY)
        found = store.calls(NOON)
    # then
    assert found == (begun("b"),)
