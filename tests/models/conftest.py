"""Models that ask a real server on this machine and write a real ledger."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from tests.models.llama_server import Llama, python_of_llama

from heal.dialogue import Message, Question
from heal.model_settings import Model, ModelBudget, Privacy
from heal.models import Models
from heal.settings import Settings
from heal.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """Tells the time that a test says."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        # no two things happen in the same moment
        self.now += timedelta(microseconds=1)
        return self.now

    def forward(self, **some):
        self.now += timedelta(**some)


class Pauses:
    """Waits for nothing, and remembers how long it should have."""

    def __init__(self):
        self.lengths = []

    def __call__(self, seconds, stop):
        self.lengths.append(seconds)


def asked(text="why?", role="coder", **more):
    return Question(role, (Message("system", "You mend pipelines."), Message("user", text)), **more)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pauses():
    return Pauses()


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "heal.db") as opened:
        yield opened


@pytest.fixture
def models(tmp_path, store, clock, pauses):
    """Give models by the addresses of their servers; what is given besides is theirs or the settings'."""

    def made(
        *urls,
        each=(),
        privacy=None,
        budget=None,
        routes=None,
        env=None,
        cache="cache",
        gates=None,
        **more,
    ):
        own = (*each, *({},) * len(urls))
        named = {
            f"m{number}": Model(**({"base_url": url, "model": f"model-{number}"} | more | own[number - 1]))
            for number, url in enumerate(urls, 1)
        }
        settings = Settings(
            home=tmp_path,
            model=named,
            routes=routes or {},
            privacy=privacy or Privacy(),
            model_budget=budget or ModelBudget(),
        )
        return Models(settings, store, tmp_path / cache, clock, gates=gates, env=env or {}, pause=pauses)

    return made


@pytest.fixture
def verdicts(store):
    """Give model and verdict of each call in the ledger, oldest first."""

    def found():
        return [(call.model, call.verdict) for call in store.calls(NOON - timedelta(days=1))]

    return found


@pytest.fixture(scope="session")
def llama_python():
    """The Python that has a llama.cpp server: skipped at home where it was not built, and built where CI=true."""
    return python_of_llama()


@pytest.fixture(scope="session")
def llama(llama_python, tmp_path_factory):
    """A llama.cpp server over random weights, whose window is 4,096 tokens."""
    with Llama(llama_python, tmp_path_factory.mktemp("llama")) as server:
        yield server


@pytest.fixture
def llamas(llama_python, tmp_path):
    """Start a llama.cpp server of the test's own."""
    with ExitStack() as stack:
        yield lambda **more: stack.enter_context(Llama(llama_python, tmp_path / "llama", **more))
