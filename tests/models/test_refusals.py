"""Refusals and answers in the ways of llama-cpp-python, played back: what ``test_llama.py`` met on the real one."""

from __future__ import annotations

import pytest
from tests.models.conftest import asked
from tests.models.server import ModelServer, breaks_off, refuses, says, whole

from heal.errors import ModelsSilent

TOO_LONG = (
    "This model's maximum context length is 512 tokens. However, you requested 1885 tokens (1825 in the messages, 60 in "
    "the completion). Please reduce the length of the messages or completion."
)
UNREAD = (
    "1 validation error: {'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be"
)
SURE = {"type": "object", "required": ["sure"], "properties": {"sure": {"type": "number", "maximum": 1}}}
CAUSE = {"type": "object", "required": ["cause"], "properties": {"cause": {"type": "string"}}}


def says_nothing(server, request):
    """Begin a stream, and end it."""
    request.begin()
    request.chunk(b"")


def test_a_stream_in_which_nothing_comes_is_asked_for_in_one_piece_to_hear_why(models, verdicts):
    # given
    with ModelServer(says_nothing, refuses(400, TOO_LONG)) as server:
        asking = models(server.url)
        # when
        with pytest.raises(ModelsSilent, match="HTTP 400: This model's maximum context length is 512 tokens"):
            asking.ask(asked("word " * 500))
        # then
        first, second, *_ = server.bodies
        gone = {"stream": True, "stream_options": {"include_usage": True}}
        assert first == second | gone
        assert not gone.keys() & second.keys()
        assert asking.window("coder") == 512
        assert {verdict[:8] for _model, verdict in verdicts()} == {"HTTP 400"}


def test_an_answer_in_one_piece_after_an_empty_stream_is_one(models):
    with ModelServer(says_nothing, whole("It is.")) as server:
        reply = models(server.url).ask(asked())

    assert (reply.text, reply.tokens_out, len(server.bodies)) == ("It is.", 8, 2)


def test_a_server_that_says_nothing_twice_gave_no_answer(models, verdicts):
    with ModelServer(says_nothing) as server, ModelServer(says("well")) as other:
        reply = models(server.url, other.url).ask(asked())

    assert (reply.model, len(server.bodies), verdicts()[0]) == (
        *("m2", 2),
        ("m1", "it gave no answer but ''"),
    )


def test_a_stream_that_breaks_off_is_not_asked_for_in_one_piece(models):
    with ModelServer(breaks_off("half ")) as server, ModelServer(says("well")) as other:
        models(server.url, other.url).ask(asked())

    assert len(server.bodies) == 1


def test_a_server_that_fails_at_a_field_it_does_not_know_is_asked_without_it(models, verdicts):
    # given
    with ModelServer(refuses(500, UNREAD), says('{"sure": 1}')) as server:
        asking = models(server.url)
        # when
        reply = asking.ask(asked(schema=SURE))
    # then
    assert reply.data == {"sure": 1}
    assert [body["response_format"]["type"] for body in server.bodies] == ["json_schema", "json_object"]
    assert asking.servers()[0].dialect.structured is True


def test_a_server_that_fails_for_another_reason_is_tried_again_as_before(models, pauses):
    with ModelServer(refuses(500, "CUDA error: out of memory"), says('{"sure": 1}')) as server:
        models(server.url).ask(asked(schema=SURE))

    assert [body["response_format"]["type"] for body in server.bodies] == ["json_schema"] * 2
    assert len(pauses.lengths) == 1


def test_a_line_end_inside_of_a_string_does_not_undo_an_answer(models):
    # given: the grammar of llama-cpp-python lets a model write it
    with ModelServer(says('{"cause": "line 4\n\tcalls append"}')) as server:
        asking = models(server.url)
        # when
        reply = asking.ask(asked(schema=CAUSE))
    # then
    assert reply.data == {"cause": "line 4\n\tcalls append"}
    assert asking.servers()[0].dialect.structured is True


@pytest.mark.parametrize(
    ("text", "structured"),
    [('{"sure": 9}', True), ('{"sure": "much"}', False), ("{}", False), ('Well: {"sure": 9}', False)],
)
def test_a_number_too_large_says_nothing_against_a_servers_grammar(models, text, structured):
    # given
    with ModelServer(says(text), says('{"sure": 1}')) as server:
        asking = models(server.url)
        # when
        reply = asking.ask(asked(schema=SURE))
    # then
    assert reply.data == {"sure": 1}
    assert ("response_format" in server.bodies[1]) == structured
    assert asking.servers()[0].dialect.structured is structured
