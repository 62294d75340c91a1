"""A server that sends without end: what is held of it, and what is said of it, on the clock of one call."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.models.conftest import asked
from tests.models.server import ModelServer, says

from heal.errors import ModelsSilent

ROOT = Path(__file__).parents[2]
LUMP = 256 * 1024
# more than heal may hold, and less than a machine has
ENOUGH = 600 * 1024 * 1024
ASKS = """
import json, sys
from benchmarks.measure import most_held
from heal.models.failures import Failure
from heal.models.windows import Look
from heal.models.wire import Wire

url, warm, look = sys.argv[1], sys.argv[2], sys.argv[3] == "look"
what = {"messages": [], "model": "m", "stream": True}

def asked(url):
    wire = Wire(url, "", local=True, patience_s=20)
    if look:
        return [str(each) for each in wire.look([Look("/models")], 20) if isinstance(each, Failure)]
    try:
        wire.chat(what, 20, lambda _chunk: None, lambda: False)
    except Failure as failure:
        return [str(failure)]
    return []

asked(warm)
before = most_held()
said = asked(url)
print(json.dumps({"held": most_held() - before, "said": said}))
"""


def pours(begins, again, content_type="application/json", status=200):
    """Begin an answer, and go on with the same until nobody listens or it is more than enough."""

    def act(server, request):
        request.send_response(status)
        request.send_header("content-type", content_type)
        request.send_header("transfer-encoding", "chunked")
        request.end_headers()
        request.chunk(begins)
        lump = again * (LUMP // len(again))
        for _ in range(ENOUGH // len(lump)):
            if server.ending.is_set():
                return
            request.chunk(lump)
        request.chunk(b"")

    return act


def in_a_process(url, warm, how):
    """What a process of its own holds of it, in MB, and what it says."""
    command = [sys.executable, "-c", ASKS, url, warm, how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


STREAM = "text/event-stream"
WORD = b'data: {"choices": [{"index": 0, "delta": {"content": ""}}]}\n\n'


@pytest.mark.parametrize(
    ("act", "how", "said"),
    [
        (pours(b'"', b"a"), "chat", "its answer is longer than 4 MB"),
        (pours(b'{"error": "', b"a", status=400), "chat", "HTTP 400 with more than 256 KB to say of it"),
        (pours(b"data: ", b"a", STREAM), "chat", "a piece of its answer is longer than 2 MB"),
        (pours(b":\n", b"data: a\n", STREAM), "chat", "a piece of its answer is longer than 2 MB"),
        (pours(b":\n", WORD * 10 + b":" + b"-" * 50_000 + b"\n\n", STREAM), "chat", "it went on for more than 64 MB"),
        (pours(b'"', b"a"), "look", "its answer is longer than 4 MB"),
        (pours(b"<html>", b"a", "text/html"), "look", "its answer is longer than 4 MB"),
    ],
)
def test_of_a_server_that_sends_without_end_little_is_held_and_that_is_said(act, how, said):
    # given
    with ModelServer() as well, ModelServer(act, pages={"/v1/models": act}) as server:
        # when
        found = in_a_process(server.url, well.url, how)
    # then
    assert found["said"] == [f"{said}: the rest was not read"]
    assert found["held"] < 60


def test_the_next_model_is_asked_where_one_sends_without_end(models, verdicts):
    with ModelServer(pours(b'"', b"a")) as first, ModelServer(says("well")) as second:
        reply = models(first.url, second.url).ask(asked())

    assert (reply.model, verdicts()[0]) == ("m2", ("m1", "its answer is longer than 4 MB: the rest was not read"))


def test_the_time_of_a_call_holds_while_bytes_keep_coming(models):
    # given: comments alone, as fast as they can be read
    with ModelServer(pours(b":\n", b":\n\n", STREAM)) as server:
        asking = models(server.url, timeout_seconds=0.5)
        asking.window("coder")
        began = time.monotonic()
        # when
        with pytest.raises(ModelsSilent, match=r"not answered in full within 0\.5 s|it went on for more than 64 MB"):
            asking.ask(asked())
    # then
    assert time.monotonic() - began < 5
