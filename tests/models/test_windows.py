"""The window is what a server really reads, by its own word or by what a question shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.models.conftest import asked
from tests.models.server import ModelServer, refuses, says

from heal.errors import ModelsSilent
from heal.models.windows import told

OLLAMA = {"model_info": {"qwen2.context_length": 32768}}
WORDS = " ".join(f"word{number}" for number in range(3000))


def listed(**more):
    return {"data": [{"id": "other", "max_model_len": 7}, {"id": "model-1", **more}]}


@pytest.mark.parametrize(
    ("pages", "window", "who"),
    [
        ({"/v1/models": listed(max_model_len=32768)}, 32768, "the server's list of models"),
        ({"/v1/models": listed(meta={"n_ctx": 4096, "n_ctx_train": 32768})}, 4096, "the server's list of models"),
        ({"/v1/models": listed(meta={"n_ctx_train": 32768})}, None, ""),
        (
            {"/v1/models": listed(), "/props": {"default_generation_settings": {"n_ctx": 8192}, "total_slots": 4}},
            *(8192, "llama.cpp's /props"),
        ),
        (
            {"/v1/models": listed(), "/api/v0/models": listed(max_context_length=131072, loaded_context_length=4096)},
            *(4096, "LM Studio, as it is loaded"),
        ),
        ({"/v1/models": listed(), "/api/v0/models": listed(max_context_length=131072, state="not-loaded")}, None, ""),
        (
            {"/v1/models": listed(), "/api/show": {**OLLAMA, "parameters": 'stop  "x"\nnum_ctx      16384\n'}},
            *(16384, "Ollama's num_ctx of the model"),
        ),
        (
            {"/v1/models": listed(), "/api/show": {**OLLAMA, "parameters": 'stop "num_ctx 7"'}},
            *(4096, "Ollama's default: num_ctx is not set"),
        ),
        (
            {
                "/v1/models": listed(),
                "/api/show": OLLAMA,
                "/api/ps": {"models": [{"name": "model-1:latest", "context_length": 65536}]},
            },
            *(65536, "Ollama, as it is loaded"),
        ),
        ({"/v1/models": listed(context_length=131072)}, 131072, "the server's list of models"),
        ({"/v1/models": listed(max_model_len=True), "/props": {"default_generation_settings": []}}, None, ""),
        ({"/v1/models": ["nonsense"], "/props": "nonsense", "/api/ps": {"models": 3}}, None, ""),
        ({}, None, ""),
    ],
)
def test_each_server_says_its_window_in_its_own_way(models, pages, window, who):
    with ModelServer(pages=pages) as server:
        asking = models(server.url)

        assert asking.window("coder") == window
        assert asking.servers()[0].window(ask=False) == (window, who)


def test_a_window_of_the_settings_is_taken_as_it_is(models):
    with ModelServer(pages={"/v1/models": listed(max_model_len=7)}) as server:
        asking = models(server.url, context=9000)

        assert (asking.window("coder"), server.looked) == (9000, [])


def test_a_server_is_asked_once_and_after_an_hour_again(models, clock):
    # given
    with ModelServer(pages={"/v1/models": listed(max_model_len=8192)}) as server:
        asking = models(server.url)
        # when
        windows = [asking.window("coder"), asking.window("triage"), models(server.url).window("coder")]
        # then
        assert (windows, server.looked.count("/v1/models")) == ([8192] * 3, 1)
        # when
        clock.forward(hours=1, minutes=1)
        # then
        assert (models(server.url).window("coder"), server.looked.count("/v1/models")) == (8192, 2)


def test_the_smallest_window_of_a_route_counts(models):
    with (
        ModelServer(pages={"/v1/models": listed(max_model_len=8192)}) as first,
        ModelServer(pages={"/v1/models": {"data": [{"id": "model-2", "max_model_len": 4096}]}}) as second,
        ModelServer(pages={}) as unknown,
    ):
        asking = models(first.url, second.url, unknown.url, routes={"coder": ("m1", "m2", "m3"), "triage": ("m1",)})

        assert (asking.window("coder"), asking.window("triage")) == (4096, 8192)


def test_a_server_that_is_not_there_leaves_its_window_unknown_and_is_asked_again(models):
    with ModelServer() as server:
        gone = server.url

    asking = models(gone)
    assert (asking.window("coder"), asking.servers()[0].window(ask=False)) == (None, (None, ""))


def test_the_answer_gets_what_the_window_leaves(models):
    with ModelServer(pages={"/v1/models": listed(max_model_len=1000)}) as server:
        models(server.url).ask(asked("x" * 700))

    assert server.bodies[0]["max_tokens"] == 1000 - 200 - 5 - 16


def test_a_question_that_cannot_fit_is_not_sent(models, verdicts):
    with ModelServer(pages={"/v1/models": listed(max_model_len=1000)}) as server, pytest.raises(ModelsSilent) as raised:
        models(server.url).ask(asked(WORDS))

    assert "longer than its window of 1,000 tokens (the server's list of models)" in str(raised.value)
    assert (server.bodies, verdicts()) == ([], [])


def test_a_server_that_cut_the_question_gave_no_answer(models, verdicts):
    # given
    cut = {"prompt_tokens": 2048, "completion_tokens": 8}
    with (
        ModelServer(says("well", usage=cut), pages={"/api/show": OLLAMA}) as server,
        ModelServer(says("a", usage=None)) as other,
    ):
        asking = models(server.url, other.url, each=({}, {"context": 32768}))
        # when
        reply = asking.ask(asked(WORDS))
        # then
        assert reply.model == "m2"
        reason = "the server cut the question: it was at least 3,700 tokens, of which 2,048 were read"
        assert verdicts() == [("m1", reason), ("m2", "ok")]
        assert asking.servers()[0].window(ask=False) == (2048, "a question it cut")
        assert models(server.url).window("coder") == 2048
        # when
        asking.servers()[0].look()
        # then
        assert asking.window("coder") == 2048


@pytest.mark.parametrize(
    "text",
    [
        "=" * 100_000,
        " " * 50_000 + "\n" * 50_000,
        "-+" * 200,
        "short",
    ],
)
def test_a_thrifty_tokenizer_has_cut_nothing(models, text):
    with ModelServer(says("well", usage={"prompt_tokens": 90, "completion_tokens": 1})) as server:
        assert models(server.url).ask(asked(text)).text == "well"


def test_a_question_that_asked_for_too_long_an_answer_is_asked_again_for_a_shorter_one(models):
    said = "This model's maximum context length is 2048 tokens, and 4096 were asked for"
    with ModelServer(refuses(400, said), says("well")) as server:
        assert models(server.url).ask(asked("x" * 700)).text == "well"

    assert [body["max_tokens"] for body in server.bodies] == [4096, 2048 - 200 - 5 - 16]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "models", "id", "name", "meta", "n_ctx", "max_model_len", "parameters", "model_info"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=6))
def test_whatever_a_server_says_of_itself_is_a_window_or_none(found):
    window, who = told(found, "m")

    assert (window is None) == (who == "")


@pytest.mark.parametrize(
    ("said", "window"),
    [
        ("This model's maximum context length is 2048 tokens. However, you requested 9000 tokens", 2048),
        ("the request exceeds the available context size (1024 tokens), try increasing it", 1024),
        ("Requested tokens (9000) exceed context window of 512", 512),
    ],
)
def test_a_window_that_a_refusal_tells_is_remembered(models, said, window):
    # given
    with ModelServer(refuses(400, said)) as server:
        asking = models(server.url)
        # when
        with pytest.raises(ModelsSilent, match="longer than its window"):
            asking.ask(asked(WORDS))
        # then
        assert (asking.window("coder"), len(server.bodies)) == (window, 1)
