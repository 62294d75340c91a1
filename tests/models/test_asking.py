"""An answer is whole or it is none: what servers do wrong is told, written down, and made good by the next model."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.models.conftest import NOON, asked
from tests.models.server import (
    CALLS,
    ModelServer,
    breaks_off,
    goes_on,
    refuses,
    says,
    sends,
    silent,
    whole,
)

from heal.dialogue import Reply
from heal.errors import BadSettings, ModelsSilent, NoModel
from heal.models.pauses import length


def test_an_answer_is_given_whole_and_heard_in_pieces(models, store, clock):
    # given
    heard = []
    with ModelServer(says("Use ", "np.", "float64")) as server:
        # when
        reply = models(server.url, price_in=1.0, price_out=2.0).ask(asked(incident="7f3a"), heard=heard.append)
    # then
    call = store.calls(NOON)[0]
    assert heard == ["Use ", "np.", "float64"]
    assert reply == Reply(
        text="Use np.float64",
        model="m1",
        tokens_in=40,
        tokens_out=8,
        tokens_cached=32,
        seconds=call.seconds,
        first_token_seconds=call.first_token_seconds,
        cost=56e-6,
        call=call.id,
    )
    assert 0 < reply.first_token_seconds <= reply.seconds
    assert (call.role, call.model, call.incident, call.verdict, call.tokens, call.cost) == (
        *("coder", "m1", "7f3a", "ok"),
        *(48, 56e-6),
    )


def test_a_question_is_sent_as_it_is_and_with_nothing_of_this_machine(models, monkeypatch):
    # given
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "of-the-users")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Mine: of-the-users")
    with ModelServer() as server:
        # when
        models(server.url).ask(asked(seed=7, temperature=0.2, max_tokens=100))
    # then
    (body,), (head,) = server.bodies, server.heads
    assert body == {
        "model": "model-1",
        "messages": [
            {"role": "system", "content": "You mend pipelines."},
            {"role": "user", "content": "why?"},
        ],
        "temperature": 0.2,
        "max_tokens": 100,
        "stream": True,
        "stream_options": {"include_usage": True},
        "seed": 7,
    }
    assert set(head) == {
        *("host", "accept", "accept-encoding", "connection", "content-type", "content-length", "user-agent"),
    }
    assert re.fullmatch(r"heal/[\w.]+", head["user-agent"])


def test_half_of_a_surrogate_pair_in_a_log_is_no_reason_to_fail(models):
    with ModelServer() as server:
        models(server.url).ask(asked("a\udce9b"))

    assert server.bodies[0]["messages"][1]["content"] == "a?b"


def test_each_piece_is_heard_as_it_comes(models):
    # given: a server that sends the next piece once the one before was heard
    sent, heard, ears = [], [], threading.Semaphore(0)

    def by_turns(server, request):
        request.begin()
        for word in ("one ", "two ", "three "):
            server.ending.wait(0.1)
            sent.append(time.monotonic())
            request.event({"choices": [{"delta": {"content": word}}]})
            assert ears.acquire(timeout=20)
        request.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        request.end()

    def listen(_text):
        heard.append(time.monotonic())
        ears.release()

    with ModelServer(says("warm"), by_turns) as server:
        asking = models(server.url)
        asking.ask(asked("warm up"))
        # when
        reply = asking.ask(asked(), heard=listen)
    # then: a tenth of a second is ample, where the machine has a moment
    assert reply.text == "one two three "
    assert min(late - early for early, late in zip(sent, heard, strict=True)) < 0.1
    assert (reply.first_token_seconds >= 0.1, reply.first_token_seconds + 0.2 <= reply.seconds) == (True, True)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (says("half a th", finish="length"), "it was cut short: the model wrote to the last token it was allowed"),
        (says("x", finish="content_filter"), "the server's filter withheld it"),
        (says(*CALLS, finish="tool_calls"), "it called a tool, and has none"),
        (says("I look. ", *CALLS, finish="tool_calls"), "it called a tool, and has none"),
        (says("x", finish="function_call"), "it called a function, and has none"),
        (says(*CALLS), "it was empty"),
        (says("x", finish="because"), "it ended for a reason that is not known: 'because'"),
        (says(), "it was empty"),
        (says("  \n"), "it was empty"),
        (says("<think>hm</think>"), "it was empty"),
        (goes_on(" \n" * 40), "it went on with nothing but blanks (2048 of them)"),
        (says("{", *[" \n" * 40] * 60), "it went on with nothing but blanks (2048 of them)"),
        (goes_on("and then the same again, "), "it said the same over and over"),
        (breaks_off("half "), "the connection failed: peer closed connection without sending complete message body"),
        (breaks_off(), "the connection failed: peer closed connection without sending complete message body"),
        (sends(b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n'), "the stream ended before the answer did"),
        (sends(b"data: {nonsense\n\n"), "it sent what is no JSON"),
        (sends(b'data: "words"\n\n'), "it gave no answer but 'words'"),
        (sends(b'data: {"choices": ["x"]}\n\n'), "it gave no answer but a list of something else"),
        (sends(b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n'), "it sent what is no UTF-8"),
        (sends(b"<html>log in</html>", "text/html"), "the server gave no answer at all"),
        (sends(b'data: {"error": {"message": "out of memory"}}\n\n'), "it broke off: out of memory"),
        (sends(b'{"error": "overloaded"}', "application/json"), "it broke off: overloaded"),
        (refuses(401, "who are you?"), "HTTP 401: who are you?"),
        (refuses(503, "loading"), "HTTP 503: loading"),
    ],
)
def test_what_is_no_whole_answer_is_none_and_the_next_model_is_asked(models, verdicts, act, reason):
    # given
    with ModelServer(act) as first, ModelServer(says("well")) as second:
        # when
        reply = models(first.url, second.url).ask(asked())
    # then
    assert (reply.text, reply.model) == ("well", "m2")
    told = verdicts()
    assert {model: verdict[: len(reason)] for model, verdict in told} == {"m1": reason, "m2": "ok"}
    assert told[-1] == ("m2", "ok")


def test_a_tool_that_is_called_beside_an_answer_is_no_part_of_it(models):
    heard = []
    with ModelServer(says("It ", *CALLS, "is.")) as server:
        reply = models(server.url).ask(asked(), heard=heard.append)

    assert (reply.text, reply.data, heard) == ("It is.", None, ["It ", "is."])
    # and none was ever offered
    [body] = server.bodies
    assert {"tools", "tool_choice", "functions"} & set(body) == set()


def test_where_no_model_gives_a_whole_answer_all_reasons_are_told(models):
    with (
        ModelServer(says("a", finish="length")) as first,
        ModelServer(says()) as second,
        pytest.raises(ModelsSilent) as raised,
    ):
        models(first.url, second.url).ask(asked())

    assert str(raised.value) == (
        "no model gave a whole answer to the coder (m1: it was cut short: the model wrote to the last token it was "
        "allowed; m2: it was empty)"
    )


def test_a_thought_before_the_answer_is_no_part_of_it(models):
    thinking = sends(b'data: {"choices": [{"delta": {"reasoning_content": "hm"}}]}\n\n')
    with ModelServer(says("<think>\nis it?\n</think>\n\nIt is.")) as server, ModelServer(thinking) as thinker:
        assert models(server.url).ask(asked()).text == "It is."
        with pytest.raises(ModelsSilent, match="the stream ended before the answer did"):
            models(thinker.url).ask(asked())


def test_an_answer_of_a_server_that_does_not_stream_is_one(models):
    with ModelServer(whole("It is.")) as server:
        reply = models(server.url).ask(asked())

    assert (reply.text, reply.tokens_out) == ("It is.", 8)


def test_a_whole_answer_counts_though_the_server_hangs_up_before_the_last_word(models):
    def hangs_up(server, request):
        request.begin()
        request.event({"choices": [{"delta": {"content": "It is."}, "finish_reason": "stop"}]})

    with ModelServer(hangs_up) as server:
        assert models(server.url).ask(asked()).text == "It is."


@pytest.mark.parametrize("act", [silent, goes_on("drip "), goes_on("drip ", every=0.05), goes_on("", every=0.02)])
def test_a_server_that_is_silent_or_drips_is_left_when_the_time_is_up(models, until, act):
    # given
    with ModelServer(act) as server:
        asking = models(server.url, timeout_seconds=0.5, max_output=100_000, context=200_000)
        began = time.monotonic()
        # when
        with pytest.raises(ModelsSilent, match=r"it had not answered in full within 0\.5 s|it said the same"):
            asking.ask(asked())
        took = time.monotonic() - began
        # then
        assert took < 5
        assert until(server.closed_early.is_set, 5, 0.02)


@pytest.mark.parametrize("act", [silent, goes_on("drip ", every=0.05)])
def test_whoever_wants_no_answer_any_longer_is_let_go_at_once(models, verdicts, until, act):
    # given
    with ModelServer(act) as server, ModelServer() as other:
        asking = models(server.url, other.url)
        # when the question has come
        with pytest.raises(ModelsSilent, match="m1 was asked, and then it was cancelled"):
            asking.ask(asked(), stop=lambda: bool(server.bodies))
        # then
        assert until(server.closed_early.is_set, 5, 0.02)
        assert (verdicts(), other.bodies) == ([("m1", "it was cancelled")], [])


def test_an_interrupt_while_listening_closes_the_stream_and_is_written_down(models, verdicts, until):
    # given
    def interrupt(_text):
        raise KeyboardInterrupt

    with ModelServer(goes_on("drip ", every=0.02)) as server:
        # when
        with pytest.raises(KeyboardInterrupt):
            models(server.url).ask(asked(), heard=interrupt)
        # then
        assert until(server.closed_early.is_set, 5, 0.02)
    assert verdicts() == [("m1", "it was cancelled")]


def test_what_a_listener_raises_is_his_own(models, verdicts):
    def hangs_up(_text):
        raise BrokenPipeError("the terminal is gone")

    with ModelServer(says("a", "b")) as server, ModelServer() as other:
        with pytest.raises(BrokenPipeError, match="the terminal is gone"):
            models(server.url, other.url).ask(asked(), heard=hangs_up)

        assert (verdicts(), other.bodies) == ([("m1", "ended by BrokenPipeError")], [])


WAITS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from heal.dialogue import Message, Question
from heal.model_settings import Model
from heal.models import Models
from heal.settings import Settings
from heal.store import Store

home, url = Path(sys.argv[1]), sys.argv[2]
settings = Settings(home=home, model={"m1": Model(base_url=url, model="m", context=9000)})
with Store.open(home / "heal.db") as store:
    Models(settings, store, home, lambda: datetime(2026, 3, 1, 12, tzinfo=UTC)).ask(
        Question("coder", (Message("user", "why?"),))
    )
"""


def test_an_interrupt_by_a_person_ends_a_question_to_a_silent_server_at_once(verdicts, tmp_path, until):
    # given
    with ModelServer(silent) as server:
        argv = [sys.executable, "-c", WAITS, tmp_path, server.url]
        with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as program:
            assert until(lambda: server.bodies, 20, 0.02)
            began = time.monotonic()
            # when
            program.send_signal(signal.SIGINT)
            said = program.stderr.read()
        # then
        assert time.monotonic() - began < 5
        assert said.rstrip().endswith("KeyboardInterrupt")
        assert until(server.closed_early.is_set, 5, 0.02)
    assert verdicts() == [("m1", "it was cancelled")]


def test_what_a_killed_process_had_set_aside_counts_until_its_time_is_up(store, tmp_path, until):
    # given
    with ModelServer(silent) as server:
        with subprocess.Popen([sys.executable, "-c", WAITS, tmp_path, server.url]) as program:
            assert until(lambda: server.bodies, 20, 0.02)
            # when
            program.kill()
        # then
        assert until(server.closed_early.is_set, 5, 0.02)
    (call,) = store.calls(NOON)
    assert (call.verdict, call.tokens, call.until - NOON) == ("", 4096 + 2 + 8, timedelta(seconds=180 + 60))
    spent = [store.spent(NOON, NOON + timedelta(seconds=after)).tokens for after in (239, 240)]
    assert spent == [call.tokens, 0]


def test_a_busy_server_is_asked_again_when_it_said(models, verdicts, pauses):
    # given
    with ModelServer(refuses(429, "busy", retry_after=7), refuses(500, "oh"), says("well")) as server:
        # when
        reply = models(server.url).ask(asked())
    # then
    assert reply.text == "well"
    assert verdicts() == [("m1", "HTTP 429: busy"), ("m1", "HTTP 500: oh"), ("m1", "ok")]
    first, second = pauses.lengths
    assert (7 <= first <= 7.5, 0.5 <= second <= 1) == (True, True)


@pytest.mark.parametrize(
    ("tries", "after", "least", "most"),
    [(1, None, 0.25, 0.5), (2, None, 0.5, 1), (3, None, 1, 2), (9, None, 4, 8), (1, 7.0, 7, 7.5)],
)
def test_no_two_wait_for_as_long(tries, after, least, most):
    waits = [length(tries, after) for _ in range(40)]
    # spread over its range: of so many all lie in one half of it once in 10^11
    half = (least + most) / 2
    assert (least <= min(waits) < half < max(waits) <= most, len(set(waits))) == (True, 40)


def test_a_date_to_come_back_at_is_understood(models, pauses):
    later = {"retry_after": "Sun, 01 Mar 2026 12:00:09 GMT", "date": "Sun, 01 Mar 2026 12:00:00 GMT"}

    def busy(server, request):
        # the server's own date would come first
        request.date_time_string = lambda *_args: later["date"]
        refuses(503, "busy", retry_after=later["retry_after"])(server, request)

    with ModelServer(busy, says("well")) as server:
        models(server.url).ask(asked())

    assert [round(pause - 0.25) for pause in pauses.lengths] == [9]


def test_a_server_that_wants_to_be_left_alone_for_longer_than_there_is_time_is_not_waited_for(models, pauses):
    with ModelServer(refuses(429, "busy", retry_after=600)) as server, ModelServer(says("well")) as other:
        reply = models(server.url, other.url).ask(asked())

    assert (reply.model, len(server.bodies), pauses.lengths) == ("m2", 1, [])


def test_a_server_that_is_not_there_is_tried_three_times_and_uses_nothing(models, store, clock, pauses):
    # given
    with ModelServer() as server:
        gone = server.url
    # when
    with pytest.raises(ModelsSilent, match="m1: the connection failed"):
        models(gone, context=8192).ask(asked())
    # then
    assert [(call.verdict[:21], call.tokens) for call in store.calls(NOON)] == [("the connection failed", 0)] * 3
    assert len(pauses.lengths) == 2


def test_a_server_that_fails_again_and_again_is_left_alone_and_tried_once_after_a_while(models, clock):
    # given
    with ModelServer(*[refuses(500)] * 9, says("well")) as server:
        asking = models(server.url, context=8192)
        for number in range(3):
            with pytest.raises(ModelsSilent, match="HTTP 500"):
                asking.ask(asked(str(number)))
        # when
        with pytest.raises(ModelsSilent, match="m1: it failed 3 times in a row; left alone for 60 s"):
            asking.ask(asked("4"))
        # then
        assert len(server.bodies) == 9
        # when
        clock.forward(seconds=61)
        reply = asking.ask(asked("5"))
        # then
        assert (reply.text, asking.ask(asked("6")).text) == ("well", "well")


def test_what_the_model_writes_says_nothing_against_its_server(models):
    with ModelServer(says("a", finish="length")) as server:
        asking = models(server.url)
        for number in range(5):
            with pytest.raises(ModelsSilent, match="cut short"):
                asking.ask(asked(str(number)))

    assert len(server.bodies) == 5


def test_the_role_chooses_the_models(models):
    # given
    with ModelServer(says("one")) as first, ModelServer(says("two")) as second:
        asking = models(first.url, second.url, routes={"reviewer": ("m2", "m1"), "default": ("m1",)})
        # when, then
        assert asking.ask(asked(role="reviewer")).model == "m2"
        assert asking.ask(asked(role="coder")).model == "m1"


@pytest.mark.parametrize(
    ("urls", "routes", "error", "said"),
    [
        ((), {}, NoModel, "no coding model is configured"),
        (("http://127.0.0.1:9/v1",), {"triage": ("m1",)}, NoModel, "no route for the coder"),
        (("http://127.0.0.1:9/v1",), {"coder": ("m9",)}, BadSettings, "no model is called 'm9'; there are m1"),
    ],
)
def test_where_no_model_is_to_be_asked_that_is_said(models, urls, routes, error, said):
    asking = models(*urls, routes=routes)

    with pytest.raises(error, match=said):
        asking.ask(asked())
    with pytest.raises(error, match=said):
        asking.window("coder")


def test_the_same_question_is_asked_once(models, store, clock):
    # given
    with ModelServer(says("one"), says("two"), says("three")) as server:
        asking, heard = models(server.url), []
        first = asking.ask(asked(seed=1))
        # when
        again = models(server.url).ask(asked(seed=1), heard=heard.append)
        other = asking.ask(asked(seed=2))
        # then
        free = Reply("one", "m1", tokens_in=0, tokens_out=0, kept=True, call=first.call)
        assert (again, heard, other.text) == (free, ["one"], "two")
        assert len(store.calls(NOON)) == 2
        # when
        clock.forward(days=8)
        # then
        assert replace(asking.ask(asked(seed=1)), call="").text == "three"


def test_an_answer_that_is_none_is_not_kept(models):
    with ModelServer(says("a", finish="length"), says("whole")) as server:
        asking = models(server.url)
        with pytest.raises(ModelsSilent):
            asking.ask(asked())

        assert asking.ask(asked()).text == "whole"
