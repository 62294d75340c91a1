"""The ledger of models: what was asked, what it cost and what came of it; no budget is passed, whoever asks at once."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from heal.dialogue import Call, Spent
from heal.errors import ModelBudgetSpent
from heal.store.database import Database
from heal.store.rows import to_micros, to_time
from heal.store.schema import calls

if TYPE_CHECKING:
    # it brings pydantic, which a quick look into the store does without
    from heal.model_settings import ModelBudget

_DAY = timedelta(hours=24)


class CallLedger(Database):
    """What a store knows of the calls of models. A call is written down before it is made."""

    def begin_call(self, call: Call, budget: ModelBudget) -> None:
        """Write down a call that is about to be made, if what is set aside for it fits into what is left.

        Raises ``ModelBudgetSpent``, and writes nothing, where it does not: with what was used, and with what other
        calls that are under way have set aside. What is free is always within ``day_cost``.
        """
        with self._writing() as connection:
            _check(connection, call, budget)
            row = asdict(call) | {"at": to_micros(call.at), "until": to_micros(call.until)}
            connection.execute(insert(calls).values(row))

    def end_call(self, call: Call) -> None:
        """Write down how a call ended: its verdict, and what it counts for. Once: a second end changes nothing."""
        with self._writing() as connection:
            ended = asdict(call)
            filled = {name: ended[name] for name in _FILLED_IN}
            connection.execute(update(calls).where(calls.c.id == call.id, calls.c.verdict == "").values(filled))

    def judge_call(self, call_id: str, judged: str) -> None:
        """Say what came of an answer: ``accepted``, ``refused`` or ``no fix``. The first word on it stays."""
        with self._writing() as connection:
            connection.execute(update(calls).where(calls.c.id == call_id, calls.c.judged == "").values(judged=judged))

    def calls(self, since: datetime) -> tuple[Call, ...]:
        """Give the calls begun since then, oldest first."""
        with self._reading() as connection:
            question = select(calls).where(calls.c.at >= to_micros(since)).order_by(calls.c.at, calls.c.id)
            return tuple(map(_call, connection.execute(question)))

    def spent(self, since: datetime, now: datetime, incident: str | None = None) -> Spent:
        """Add up what the calls begun since then count for, all of them or those about one incident."""
        with self._reading() as connection:
            wanted = [calls.c.at >= to_micros(since)]
            if incident is not None:
                wanted.append(calls.c.incident == incident)
            return _spent(connection, now, *wanted)


_FILLED_IN = (
    *("verdict", "tokens", "cost", "tokens_in", "tokens_out", "tokens_cached"),
    *("seconds", "first_token_seconds"),
)


def _check(connection: Connection, call: Call, budget: ModelBudget) -> None:
    day = _spent(connection, call.at, calls.c.at > to_micros(call.at - _DAY))
    about = _spent(connection, call.at, calls.c.incident == call.incident) if call.incident else Spent()
    kept_for = f"the question to {call.model} may take {call.tokens:,} tokens"
    if call.incident and about.tokens + call.tokens > budget.incident_tokens:
        raise ModelBudgetSpent(
            f"{about.tokens:,} tokens were used for incident {call.incident}, {kept_for}, and "
            f"model_budget.incident_tokens allows {budget.incident_tokens:,}. It was not asked."
        )
    if day.tokens + call.tokens > budget.day_tokens:
        raise ModelBudgetSpent(
            f"{day.tokens:,} tokens were used in 24 hours, {kept_for}, and "
            f"model_budget.day_tokens allows {budget.day_tokens:,}. It was not asked."
        )
    if call.cost and day.cost + call.cost > budget.day_cost:
        raise ModelBudgetSpent(
            f"{day.cost:.2f} was spent in 24 hours, the question to {call.model} may cost {call.cost:.2f}, and "
            f"model_budget.day_cost allows {budget.day_cost:.2f}. It was not asked."
        )


def _spent(connection: Connection, now: datetime, *wanted: ColumnElement[bool]) -> Spent:
    # whoever set something aside and never came back has died: what it used is not known, and holds up nobody for good
    counts = (calls.c.verdict != "") | (calls.c.until > to_micros(now))
    question = select(func.coalesce(func.sum(calls.c.tokens), 0), func.coalesce(func.sum(calls.c.cost), 0.0))
    tokens, cost = connection.execute(question.where(counts, *wanted)).one()
    # PostgreSQL adds up whole numbers to a Decimal
    return Spent(int(tokens), float(cost))


def _call(row: Row[Any]) -> Call:
    return Call(**dict(row._mapping) | {"at": to_time(row.at), "until": to_time(row.until)})  # noqa: SLF001 - SQLAlchemy's
