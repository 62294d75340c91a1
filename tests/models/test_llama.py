"""What heal promises of models, on a real llama.cpp server: its streams, its grammar, its window, its ends."""

from __future__ import annotations

import re
import threading
import time

import pytest
from jsonschema import Draft202012Validator
from tests.models.conftest import NOON, asked
from tests.models.llama_server import Llama

from heal.chain.plan_file import load
from heal.errors import ModelsSilent
from heal.models.survey import survey

# where it is not built yet, the first of them waits for that
pytestmark = [pytest.mark.xdist_group("llama"), pytest.mark.timeout(1800)]

CUT = "it was cut short: the model wrote to the last token it was allowed"
FREE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["cause"],
    "properties": {"cause": {"type": "string"}},
}
TOO_LARGE = "it gave no JSON of the form asked for: sure: N is greater than the maximum of 1"
LINES = {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "string", "minLength": 10, "maxLength": 40}}
ONE_WORD = {"enum": ["pipeline defect", "unknown"]}


def noise(text="why?", seed=1, **more):
    """A question whose answer is another for each seed."""
    return asked(text, seed=seed, temperature=1.0, **more)


def sentences(number):
    """A question of so many bytes, and with this tokenizer of nearly so many tokens."""
    return "".join(f"{line}: the job ended.\n" for line in range(number))[:number]


def test_an_answer_comes_in_pieces_and_the_first_is_heard_before_the_last_is_made(models, llama, store):
    # given
    heard = []
    asking = models(llama.url, model=Llama.name)
    # when
    reply = asking.ask(noise(schema=LINES), heard=lambda text: heard.append((time.monotonic(), text)))
    # then
    call = store.calls(NOON)[-1]
    assert "".join(text for _, text in heard) == reply.text
    assert len(heard) > 20
    assert heard[0][0] < heard[-1][0]
    assert 0 < reply.first_token_seconds < reply.seconds
    assert (call.verdict, call.tokens_in, call.tokens_out, call.tokens_cached) == ("ok", None, None, None)
    # it counts nothing where it streams, so heal guesses by the length
    asked_about = round(len("You mend pipelines.") / 3.5) + 8 + round(len("why?") / 3.5) + 8
    assert call.tokens == asked_about + round(len(reply.text.encode()) / 3.5)


def test_the_same_seed_gives_the_same_noise_and_another_gives_other(models, llama):
    asking = [models(llama.url, model=Llama.name, cache=cache) for cache in ("a", "b")]

    first, again, other = asking[0].ask(noise()), asking[1].ask(noise()), asking[0].ask(noise(seed=2))

    assert (first.text == again.text, again.kept, first.text == other.text) == (True, False, False)


def test_the_form_of_an_answer_is_kept_by_the_servers_grammar(models, llama, verdicts, store, clock):
    # given: the form that heal's own chain asks triage for
    schema = load().roles["triage"].answer
    asking = models(llama.url, model=Llama.name)
    # when
    came = [_came(asking, noise(seed=seed, schema=schema, max_tokens=2000)) for seed in range(5)]
    # then: what is taken follows it; a number that is too large is not seen to by a grammar, and not taken
    whole = [data for data in came if not isinstance(data, str)]
    assert len(whole) >= 2, came
    assert [list(Draft202012Validator(dict(schema)).iter_errors(data)) for data in whole] == [[]] * len(whole)
    assert {said for said in came if isinstance(said, str)} <= {CUT, TOO_LARGE}
    # it does not know the form by the name that others do: that cost one refusal, and was learnt
    (_model, refused), *after = verdicts()
    assert refused.startswith(
        "HTTP 500: 1 validation error: {'type': 'literal_error', 'loc': ('body', 'response_format'"
    )
    assert not [verdict for _model, verdict in after if verdict.startswith("HTTP")]
    assert survey(asking, store, clock())[0].structured is True


def test_an_answer_that_a_form_lets_grow_is_cut_short_or_whole_and_never_half(models, llama, verdicts):
    asking = models(llama.url, model=Llama.name)

    came = [_came(asking, noise(seed=seed, schema=FREE, max_tokens=150)) for seed in range(8)]

    whole = [data for data in came if data != CUT]
    assert CUT in came
    assert all(isinstance(data["cause"], str) and list(data) == ["cause"] for data in whole)
    assert [verdict for _model, verdict in verdicts()[1:]] == ["ok" if data != CUT else CUT for data in came]


def _came(asking, question):
    """The data of an answer, or why there is none; of a number, that it is too large."""
    try:
        return asking.ask(question).data
    except ModelsSilent as error:
        said = re.fullmatch(r"no model gave a whole answer to the coder \(m1: (.*)\)", str(error))[1]
        return re.sub(r"sure: [\d.e+-]+ is", "sure: N is", said)


def test_an_answer_that_runs_to_its_last_token_is_none(models, llama, llamas, verdicts):
    endless = llamas(kind="endless")

    reply = models(endless.url, llama.url, model=Llama.name).ask(noise(seed=4, max_tokens=200))

    assert reply.model == "m2"
    assert verdicts() == [("m1", CUT), ("m2", "ok")]


def test_the_window_is_what_the_server_says_when_it_refuses_a_question(models, llamas, store, clock):
    # given
    asking = models(llamas(n_ctx=512).url, model=Llama.name, max_output=64)
    before = asking.window("coder")
    # when
    with pytest.raises(ModelsSilent) as raised:
        asking.ask(asked(sentences(1000)))
    # then: it is asked twice, for the room of an answer is less once the window is known
    assert "HTTP 400: This model's maximum context length is 512 tokens. However, you requested" in str(raised.value)
    assert (before, asking.window("coder")) == (None, 512)
    assert [call.tokens for call in store.calls(NOON)] == [0, 0]
    # when
    row = survey(asking, store, clock())[0]
    # then
    assert (row.trouble, row.window, row.window_from) == ("", 512, "a question it refused")
    # when
    with pytest.raises(ModelsSilent, match=r"longer than its window of 512 tokens \(a question it refused\)"):
        asking.ask(asked(sentences(8000)))
    # then: what fits is answered, and what cannot fit was not sent
    assert asking.ask(noise()).text
    assert [call.verdict[:8] for call in store.calls(NOON)] == ["HTTP 400", "HTTP 400", "ok"]


def test_what_is_too_long_for_one_model_is_asked_of_the_next(models, llama, llamas):
    reply = models(llamas(n_ctx=512).url, llama.url, model=Llama.name).ask(noise(sentences(1000)))

    assert reply.model == "m2"


def test_a_server_that_takes_too_long_is_left_and_is_free_again(models, llamas, verdicts):
    # given: an answer that takes a minute
    server = llamas(kind="endless", n_ctx=32_768, interrupt_requests="False")
    hasty = models(server.url, model=Llama.name, timeout_seconds=1, max_output=30_000)
    patient = models(server.url, model=Llama.name)
    # when
    with pytest.raises(ModelsSilent, match="m1: it had not answered in full within 1 s"):
        hasty.ask(noise())
    began = time.monotonic()
    reply = patient.ask(noise(schema=ONE_WORD))
    # then
    assert reply.data in ONE_WORD["enum"]
    assert time.monotonic() - began < 10
    assert verdicts()[0] == ("m1", "it had not answered in full within 1 s")


def test_whoever_stops_listening_is_let_go_and_the_server_is_free_again(models, llamas, verdicts, until):
    # given
    server = llamas(kind="endless", n_ctx=32_768, interrupt_requests="False")
    asking = models(server.url, model=Llama.name, max_output=30_000)
    heard = []
    # when
    with pytest.raises(ModelsSilent, match="m1 was asked, and then it was cancelled"):
        asking.ask(noise(), heard=heard.append, stop=lambda: len(heard) >= 5)
    began = time.monotonic()
    reply = asking.ask(noise(schema=ONE_WORD))
    # then
    assert reply.data in ONE_WORD["enum"]
    assert time.monotonic() - began < 10
    assert verdicts()[0] == ("m1", "it was cancelled")
    assert until(lambda: "Disconnected from client" in server.said, 10, 0.1)


def test_a_server_killed_in_the_middle_of_an_answer_gave_none_and_the_next_is_asked(models, llama, llamas, verdicts):
    # given
    doomed = llamas(kind="endless", n_ctx=32_768)
    heard = []

    def listen(text):
        heard.append(text)
        if len(heard) == 5:
            doomed.kill()

    # when
    reply = models(doomed.url, llama.url, model=Llama.name).ask(noise(seed=4, max_tokens=3000), heard=listen)
    # then
    assert (reply.model, reply.text) == ("m2", "".join(heard)[-len(reply.text) :])
    (dead, said), (alive, well) = verdicts()
    assert (dead, alive, well) == ("m1", "m2", "ok")
    assert said.startswith("the connection failed: peer closed connection")


def test_two_questions_at_once_are_answered_one_after_the_other_where_the_settings_say_so(models, llama, verdicts):
    # given
    asking = models(llama.url, model=Llama.name, parallel=1)
    replies = []
    threads = [
        threading.Thread(target=lambda seed=seed: replies.append(asking.ask(noise(seed=seed)).text)) for seed in (4, 5)
    ]
    # when
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # then
    assert verdicts() == [("m1", "ok")] * 2
    alone = models(llama.url, model=Llama.name, cache="other")
    assert set(replies) == {alone.ask(noise(seed=seed)).text for seed in (4, 5)}


def test_an_answer_that_the_server_gives_up_for_another_question_is_none(models, llamas):
    # given: as llama-cpp-python is, if nobody says otherwise: a new question ends the one before it
    server = llamas(kind="endless", n_ctx=32_768)
    asking = models(server.url, model=Llama.name, parallel=2, max_output=30_000)
    begun, said = threading.Event(), []

    def first():
        with pytest.raises(ModelsSilent) as raised:
            asking.ask(noise(), heard=lambda _text: begun.set())
        said.append(str(raised.value))

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(30)
    # when
    second = asking.ask(noise(schema=ONE_WORD))
    thread.join(60)
    # then
    assert second.data in ONE_WORD["enum"]
    assert said == ["no model gave a whole answer to the coder (m1: the stream ended before the answer did)"]


def test_what_two_questions_begin_with_is_read_once(models, llamas):
    server = llamas()
    asking = models(server.url, model=Llama.name)
    rules = sentences(1500)

    for end in ("one", "two", "two or three"):
        asking.ask(noise(rules + end))

    (kept, read), other = server.reused()
    assert kept > 1000
    assert (read < 40, other) == (True, (kept + 3, read + 6))
