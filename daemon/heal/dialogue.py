"""What a coding model is asked and what it answers, as data. Frozen like all records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a dialogue with a model."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``messages`` come from the payload builder: nothing in them is secret any more.

    ``role`` is the role of the chain that asks, and chooses the models. ``schema`` is a JSON schema of the answer;
    None asks for text. ``incident`` is what it is about, and whose budget it uses; empty for none. ``seed`` and
    ``temperature`` are passed on; two questions that differ in the seed alone are different questions.
    """

    role: str
    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    max_tokens: int | None = None
    temperature: float = 0.0
    seed: int | None = None
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. ``model`` is its name in heal.toml; ``data`` is the parsed answer where a schema was given.

    Tokens are None where the server does not tell. ``cost`` follows from the prices in heal.toml, in their currency.
    ``kept`` is True for an answer to the very same question that heal had kept: it was not asked again.
    ``call`` is its id in the ledger, to judge it by.
    """

    text: str
    model: str
    data: Any = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None
    seconds: float = 0.0
    first_token_seconds: float | None = None
    cost: float = 0.0
    kept: bool = False
    call: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a model, as the ledger keeps it; ``at`` is when it began.

    ``verdict`` is empty while it is under way: ``tokens`` and ``cost`` are then what is set aside for it, until
    ``until``. Afterwards it is ``ok`` or says why there was no whole answer, and they are what the call counts for; the
    server's own figures beside them are None where it gave none. ``judged`` is what came of the answer:
    ``accepted``, ``refused``, ``no fix``, or empty while nobody has said.
    """

    id: str
    at: datetime
    role: str
    model: str
    incident: str
    tokens: int
    cost: float
    until: datetime
    verdict: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None
    seconds: float = 0.0
    first_token_seconds: float | None = None
    judged: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """What calls count for together, those under way with what is set aside for them."""

    tokens: int = 0
    cost: float = 0.0


class Asker(Protocol):
    """Who asks models."""

    def ask(
        self,
        question: Question,
        *,
        heard: Callable[[str], None] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Reply:
        """The answer of the first model of the role's route that gives a whole one.

        ``heard`` is given each piece of text as it comes. ``stop`` True ends it early. Raises ``NoModel``,
        ``ModelsSilent``, ``ModelBudgetSpent`` or ``NotAllowedOut``; an answer that was cut short is none.
        """

    def window(self, role: str) -> int | None:
        """The tokens that question and answer may have together, by the smallest model of the role's route."""
