"""What a call is set aside for, and what it counts for when it has ended."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from heal.dialogue import Call, Question
from heal.model_settings import Model, ModelBudget
from heal.models import payloads
from heal.models.ledger import Ledger
from heal.models.pieces import Hearing

_MILLION = 1_000_000
# a call that its process did not end in so long after its time is one of a process that died
_SLACK = timedelta(minutes=1)


class Accounts:
    """Writes the calls of one model into the ledger."""

    def __init__(
        self, name: str, model: Model, budget: ModelBudget, ledger: Ledger, clock: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._model = model
        self._budget = budget
        self._ledger = ledger
        self._clock = clock

    def begin(self, question: Question, most_output: int) -> Call:
        """Set aside the most that a call may take. Raises ``ModelBudgetSpent`` where that is not there."""
        most_input = payloads.most_tokens(question.messages)
        now = self._clock()
        call = Call(
            id=uuid.uuid4().hex,
            at=now,
            role=question.role,
            model=self._name,
            incident=question.incident,
            tokens=most_input + most_output,
            cost=self._cost(most_input, most_output),
            until=now + timedelta(seconds=self._model.timeout_seconds) + _SLACK,
        )
        self._ledger.begin_call(call, self._budget)
        return call

    def end(
        self, call: Call, question: Question, hearing: Hearing, seconds: float, verdict: str, *, unused: bool
    ) -> Call:
        """Write down how a call ended. ``unused``: the server did no work for it. What it does not count is guessed."""
        usage = hearing.usage
        tokens_in = payloads.likely_tokens(question.messages) if usage.tokens_in is None else usage.tokens_in
        tokens_out = payloads.tokens_of(hearing.text) if usage.tokens_out is None else usage.tokens_out
        if unused:
            tokens_in = tokens_out = 0
        ended = replace(
            call,
            verdict=verdict,
            tokens=tokens_in + tokens_out,
            cost=self._cost(tokens_in, tokens_out),
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
            tokens_cached=usage.cached,
            seconds=seconds,
            first_token_seconds=hearing.first_at,
        )
        self._ledger.end_call(ended)
        return ended

    def _cost(self, tokens_in: int, tokens_out: int) -> float:
        return (tokens_in * self._model.price_in + tokens_out * self._model.price_out) / _MILLION
