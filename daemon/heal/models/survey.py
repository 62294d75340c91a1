"""What there is to say of the models: do they answer, how long may a question be, what was spent, what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from heal.dialogue import Call, Spent
from heal.errors import BadSettings, NoModel, NotAllowedOut
from heal.models.asking import Models
from heal.models.ledger import Ledger
from heal.models.server import Server

DAY, MONTH = timedelta(hours=24), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class RoleCount:
    """How one model did in one role, in thirty days: calls, whole answers, and what came of those."""

    role: str
    calls: int
    whole: int
    accepted: int
    refused: int
    no_fix: int


@dataclass(frozen=True, slots=True)
class Row:
    """One model. ``trouble`` is empty where it answers now; ``asked`` is False where the settings forbid to look.

    ``structured`` is None while it is not known. ``spent`` is of 24 hours. ``cached`` is the share of the tokens asked
    that the server had in its cache, in thirty days; None where it does not tell.
    """

    name: str
    model: str
    base_url: str
    trouble: str
    asked: bool
    window: int | None
    window_from: str
    structured: bool | None
    spent: Spent
    cached: float | None
    roles: tuple[RoleCount, ...]


def survey(models: Models, ledger: Ledger, now: datetime) -> tuple[Row, ...]:
    """A row for each model, in the order of heal.toml; each is asked now whether it answers, where it may be."""
    calls = ledger.calls(now - MONTH)
    return tuple(
        _row(server, [call for call in calls if call.model == server.name], now) for server in models.servers()
    )


def _row(server: Server, calls: Sequence[Call], now: datetime) -> Row:
    trouble, asked = _trouble(server)
    window, window_from = server.window(ask=False)
    return Row(
        name=server.name,
        model=server.model.model,
        base_url=server.model.base_url,
        trouble=trouble,
        asked=asked,
        window=window,
        window_from=window_from,
        structured=server.dialect.structured,
        spent=_spent(call for call in calls if call.at > now - DAY and (call.verdict or call.until > now)),
        cached=_cached(calls),
        roles=tuple(_count(role, calls) for role in sorted({call.role for call in calls})),
    )


def _trouble(server: Server) -> tuple[str, bool]:
    try:
        server.check_allowed()
        return server.look(), True
    except (NotAllowedOut, NoModel) as error:
        return str(error), False
    except BadSettings as error:
        return str(error), True


def _spent(calls: Iterable[Call]) -> Spent:
    counted = list(calls)
    return Spent(sum(call.tokens for call in counted), sum(call.cost for call in counted))


def _cached(calls: Sequence[Call]) -> float | None:
    told = [(call.tokens_in, call.tokens_cached) for call in calls if call.tokens_in and call.tokens_cached is not None]
    return sum(cached for _all, cached in told if cached) / sum(all_ for all_, _cached in told) if told else None


def _count(role: str, calls: Sequence[Call]) -> RoleCount:
    mine = [call for call in calls if call.role == role and call.verdict]
    judged = [call.judged for call in mine]
    return RoleCount(
        role=role,
        calls=len(mine),
        whole=sum(call.verdict == "ok" for call in mine),
        accepted=judged.count("accepted"),
        refused=judged.count("refused"),
        no_fix=judged.count("no fix"),
    )
