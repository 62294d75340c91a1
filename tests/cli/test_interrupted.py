"""A person who interrupts heal while a model thinks has their terminal back at once, and nothing half-written."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.cli.place import Place, named
from tests.models.server import ModelServer, chunk, says, silent
from tests.payload.repositories import ERROR

from heal.home import places
from heal.store import Store

# the end of a process that only has to stop, on a machine with other work
SOON_S = 5.0
TRIAGE = json.dumps({"class": "pipeline defect", "cause": "c", "cite": [ERROR], "change": True, "sure": 0.9})


def speaks_and_thinks(server, request):
    """Say the first words, and no more."""
    request.begin()
    request.event(chunk("The disk "))
    request.wait_for_close()


def interrupted(place: Place, server: ModelServer, until: Callable[..., bool], asked: int, *argv: str):
    """Start heal, interrupt it once so many questions are at the server; how it ended, how soon, and what it said."""
    process = place.begins(*argv, stderr=subprocess.PIPE)
    assert until(lambda: len(server.bodies) == asked or process.poll() is not None, 60, 0.02)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    said, told = process.communicate(timeout=60)
    return process.returncode, time.monotonic() - began < SOON_S, said.decode(), told.decode()


def verdicts(place: Place) -> list[str]:
    with Store.open(places.database(place.home)) as store:
        return [call.verdict for call in store.calls(datetime.now(UTC) - timedelta(days=1))]


def kept(place: Place) -> list[str]:
    """What heal made in the pipeline's folder, but for what it sent."""
    made = (path.relative_to(place.work / ".heal").as_posix() for path in (place.work / ".heal").rglob("*"))
    return sorted(path for path in made if not path.startswith("payloads"))


@pytest.mark.parametrize("command", [("ask", "Why?"), ("ask", "Why?", "INC"), ("explain", "--plain", "INC")])
@pytest.mark.parametrize("act", [silent, speaks_and_thinks])
def test_a_question_is_dropped(place, incident, until, command, act):
    with ModelServer(act) as server:
        named(place, server.url)
        # When it is interrupted while the model thinks, or speaks
        argv = [incident if word == "INC" else word for word in command]
        code, soon, said, told = interrupted(place, server, until, 1, *argv)
        # Then it ends at once, as programs do that are interrupted, and the server is left
        assert (code, soon, told) == (130, True, "")
        assert said in ("", "The disk ")
        assert until(server.closed_early.is_set, 5, 0.02)
    # And nobody else is asked, the call is closed in the ledger, and nothing is remembered
    assert (len(server.bodies), verdicts(place)) == (1, ["it was cancelled"])
    assert kept(place) == [".gitignore"]


@pytest.mark.parametrize(("samples", "asked"), [(1, 1), (3, 2)])
def test_a_chain_is_dropped_in_the_midst_of_it(place, incident, until, samples, asked):
    # Given a chain whose coder thinks about several candidates at once, two of them at the server and one in line
    with ModelServer(says(TRIAGE, usage=None), silent) as server:
        named(place, server.url, samples=samples)
        # When it is interrupted
        ended = interrupted(place, server, until, 1 + asked, "chain", "run", "--incident", incident)
        # Then it ends at once, and nothing is printed that looks like an answer
        assert ended == (130, True, "", "")
        assert until(server.closed_early.is_set, 5, 0.02)
    # Then those who were asked are in the ledger as such, and whoever was in line was asked nothing
    assert (len(server.bodies), verdicts(place)) == (1 + asked, ["ok", *["it was cancelled"] * asked])
    assert kept(place) == [".gitignore"]
