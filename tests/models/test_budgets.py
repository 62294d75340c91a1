"""Budgets and turns hold, however many ask at once."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.models.conftest import NOON, asked
from tests.models.server import ModelServer, breaks_off, goes_on, refuses, says, silent

from heal.dialogue import Spent
from heal.errors import ModelBudgetSpent, ModelsSilent
from heal.model_settings import ModelBudget
from heal.models import Gates

USED = {"prompt_tokens": 30, "completion_tokens": 20}


def test_a_hundred_questions_at_once_keep_turns_budget_and_ledger(models, store, clock):
    # given
    with ModelServer(says("well ", "well", usage=USED, every=0.04)) as server:
        asking = models(server.url, parallel=3, context=8192, budget=ModelBudget(day_tokens=2_000), max_output=100)

        def attempt(number):
            try:
                return asking.ask(asked(f"number {number}", incident=f"{number:04}")).text
            except ModelBudgetSpent:
                return "refused"

        # when
        with ThreadPoolExecutor(100) as pool:
            came = Counter(pool.map(attempt, range(100)))
    # then
    calls = store.calls(NOON)
    assert came.total() == 100
    assert set(came) == {"well well", "refused"}
    assert (server.most_at_once, len(server.bodies)) == (3, came["well well"])
    assert {(call.verdict, call.tokens) for call in calls} == {("ok", 50)}
    assert len(calls) == came["well well"]
    spent = store.spent(NOON, clock.now)
    assert spent == Spent(50 * len(calls), 0.0)
    # what one question may take is all that can be left over
    assert 2_000 - 150 - 3 * 150 < spent.tokens <= 2_000


@pytest.mark.parametrize(
    ("budget", "price", "said"),
    [
        (ModelBudget(incident_tokens=100), 0.0, "0 tokens were used for incident 7f3a, the question to m1 may take"),
        (ModelBudget(day_tokens=100), 0.0, "0 tokens were used in 24 hours"),
        (ModelBudget(day_cost=0.001), 9.0, "0.00 was spent in 24 hours, the question to m1 may cost 0.04"),
    ],
)
def test_nothing_is_sent_beyond_a_budget(models, verdicts, budget, price, said):
    with ModelServer() as server, pytest.raises(ModelBudgetSpent, match=said):
        models(server.url, budget=budget, price_out=price).ask(asked(incident="7f3a"))

    assert (server.bodies, verdicts()) == ([], [])


def test_where_the_money_is_spent_a_model_that_costs_nothing_is_asked(models):
    with ModelServer() as dear, ModelServer(says("free")) as cheap:
        asking = models(dear.url, cheap.url, each=({"price_in": 1.0}, {}), budget=ModelBudget(day_cost=0.0))

        assert (asking.ask(asked()).text, dear.bodies) == ("free", [])


def test_what_a_server_does_not_count_is_guessed(models, store, clock):
    with ModelServer(says("x" * 350, usage=None)) as server:
        reply = models(server.url).ask(asked("y" * 700))

    assert (reply.tokens_in, reply.tokens_out) == (None, None)
    assert store.spent(NOON, clock.now) == Spent(100 + 200 + 5 + 16, 0.0)


@pytest.mark.parametrize(
    ("act", "tokens"),
    [(breaks_off("12345678"), 24), (silent, 22), (goes_on("", every=0.05), 22), (refuses(400), 0)],
)
def test_a_failed_call_counts_for_what_it_made_the_server_do(models, store, clock, act, tokens):
    with ModelServer(act) as server, pytest.raises(ModelsSilent):
        models(server.url, timeout_seconds=0.4).ask(asked())

    assert store.spent(NOON, clock.now) == Spent(tokens, 0.0)


def test_whoever_waits_for_a_turn_can_be_told_to_stop(models, until):
    # given
    enough = threading.Event()
    with ModelServer(silent) as server:
        asking = models(server.url, parallel=1, context=8192)
        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(asking.ask, asked(str(number)), stop=enough.is_set) for number in range(2)]
            assert until(lambda: server.bodies, 10, 0.02)
            # when
            enough.set()
            # then
            said = [str(each.exception(10)) for each in both]
    assert said == ["m1 was asked, and then it was cancelled"] * 2
    assert len(server.bodies) == 1


def test_projects_that_ask_the_same_server_share_its_gate(models, clock):
    # given
    gates = Gates(clock)
    with ModelServer(says("well", every=0.1)) as server, ModelServer(refuses(500)) as broken:
        # when
        with ThreadPoolExecutor(6) as pool:
            asking = [models(server.url, parallel=2, context=9000, gates=gates) for _ in range(6)]
            list(pool.map(lambda number: asking[number].ask(asked(str(number))), range(6)))
        # then
        assert (server.most_at_once, len(server.bodies)) == (2, 6)
        # when
        for number in range(4):
            with pytest.raises(ModelsSilent) as raised:
                models(broken.url, context=9000, gates=gates).ask(asked(str(number)))
        # then
        assert "left alone for 60 s" in str(raised.value)


def test_what_came_of_an_answer_is_written_beside_it(models, store):
    with ModelServer() as server:
        asking = models(server.url)
        reply = asking.ask(asked())
        asking.judge(reply, "accepted")
        # the answer was kept: it is the same call
        asking.judge(asking.ask(asked()), "refused")

    assert [(call.verdict, call.judged) for call in store.calls(NOON)] == [("ok", "accepted")]
