"""JSON is asked for in the way a server has, made sure of, and mended once."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tests.models.conftest import NOON, asked
from tests.models.server import ModelServer, goes_on, refuses, says

from heal.dialogue import Message
from heal.errors import ModelsSilent
from heal.model_settings import ModelBudget
from heal.models import answers
from heal.models.failures import Unfit

SCHEMA = {
    "type": "object",
    "properties": {"cause": {"type": "string"}, "sure": {"type": "number"}},
    "required": ["cause"],
    "additionalProperties": False,
}
DATA = {"cause": "np.float is gone", "sure": 0.9}
GOOD = json.dumps(DATA)
IN_WORDS = "Answer with one JSON value that follows this JSON schema, and with nothing else:\n" + json.dumps(
    SCHEMA, separators=(",", ":")
)


def question(text="why?"):
    return asked(text, role="triage", schema=SCHEMA)


def forms(server):
    return [body.get("response_format", {}).get("type") for body in server.bodies]


def takes(*forms_taken):
    """Answer to these kinds of response_format, and refuse the others."""

    def act(server, request):
        form = server.bodies[-1].get("response_format", {}).get("type", "plain")
        (says(GOOD) if form in forms_taken else refuses(400, "unknown response_format"))(server, request)

    return act


def test_a_server_that_sees_to_the_form_is_asked_for_it(models):
    # given
    with ModelServer(says(GOOD)) as server:
        asking = models(server.url)
        # when
        reply = asking.ask(question())
        # then
        assert reply.data == DATA
        assert server.bodies[0]["response_format"] == {
            "type": "json_schema",
            "json_schema": {"name": "triage", "schema": SCHEMA},
        }
        assert asking.servers()[0].dialect.structured is True


@pytest.mark.parametrize(
    ("taken", "tried", "structured"),
    [
        (("json_schema", "plain"), ["json_schema"], True),
        (("json_object", "plain"), ["json_schema", "json_object"], True),
        (("plain",), ["json_schema", "json_object", None], False),
    ],
)
def test_what_a_server_refuses_is_not_asked_of_it_again(models, clock, taken, tried, structured):
    # given
    with ModelServer(takes(*taken)) as server:
        # when
        replies = [models(server.url).ask(question(text)).data for text in ("a", "b")]
        # then: the second, of another process, knows it too
        assert (replies, forms(server)) == ([DATA, DATA], [*tried, tried[-1]])
        assert models(server.url).servers()[0].dialect.structured is structured
        # when
        clock.forward(hours=2)
        models(server.url).ask(question("c"))
        # then: it may have been replaced meanwhile
        assert forms(server)[-len(tried) :] == tried


def test_where_the_server_does_not_see_to_the_form_the_model_is_told_it_last(models):
    with ModelServer(takes("plain")) as server:
        models(server.url).ask(question())

    assert server.bodies[-1]["messages"][-1] == {"role": "user", "content": f"why?\n\n{IN_WORDS}"}
    assert server.bodies[0]["messages"][-1] == {"role": "user", "content": "why?"}


@pytest.mark.parametrize(
    "text",
    [
        f"Here it is:\n```json\n{GOOD}\n```\nGood luck!",
        f"I think [so] that {GOOD} is it",
        f"<think>{{}}</think>\n{GOOD}",
        f'{{"note": 1}} and then {GOOD}',
    ],
)
def test_an_answer_with_words_around_it_is_found_and_the_server_known_to_ignore_the_form(models, text):
    with ModelServer(says(text)) as server:
        asking = models(server.url)

        assert asking.ask(question()).data == DATA
        assert asking.servers()[0].dialect.structured is text.startswith("<think>")


def test_an_answer_that_does_not_fit_is_shown_to_the_model_with_what_is_wrong(models, verdicts):
    # given
    with ModelServer(says('{"sure": 1}'), says(GOOD)) as server:
        # when
        reply = models(server.url).ask(question())
    # then
    wrong = "the whole: 'cause' is a required property"
    assert reply.data == DATA
    assert verdicts() == [("m1", f"it gave no JSON of the form asked for: {wrong}"), ("m1", "ok")]
    assert server.bodies[1]["messages"][2:] == [
        {"role": "assistant", "content": '{"sure": 1}'},
        {
            "role": "user",
            "content": f"That answer cannot be used: {wrong}. Answer again: only the JSON, nothing before or after it."
            f"\n\n{IN_WORDS}",
        },
    ]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("原因是内存不足", "it is no JSON"),
        ('{"cause": "half', "it is no JSON"),
        ('{"cause": 3}', "cause: 3 is not of type 'string'"),
        ('{"cause": "a", "sure": NaN}', "it is no JSON"),
        ('{"cause": "a", "cmd": "rm -rf /"}', "'cmd' was unexpected"),
    ],
)
def test_a_model_that_cannot_do_it_is_asked_twice_and_then_the_next(models, verdicts, text, wrong):
    with ModelServer(says(text)) as first, ModelServer(says(GOOD)) as second:
        reply = models(first.url, second.url).ask(question())

    assert (reply.data, reply.model, len(first.bodies)) == (DATA, "m2", 2)
    assert [wrong in verdict for _model, verdict in verdicts()] == [True, True, False]


# --- what a grammar can hold a model in --------------------------------------------------------

BLANKS, CUT = " \n" * 500, "it was cut short: the model wrote to the last token it was allowed"
LOOPS = [
    pytest.param(goes_on('{"cause":' + BLANKS), "it said the same over and over", id="blanks between"),
    pytest.param(goes_on(BLANKS), "it went on with nothing but blanks (2048 of them)", id="blanks alone"),
    pytest.param(goes_on('"cause": "a", '), "it said the same over and over", id="the same"),
    pytest.param(says('{"cause": ', "\n \t" * 50, finish="length"), CUT, id="blanks, cut short"),
    pytest.param(says('{"cause": "', "it is " * 40, finish="length"), CUT, id="the same, cut short"),
]


WELL = says(GOOD)


def in_a_grammar(act, in_words=WELL):
    """Do this while the server sees to the form, and that where it is told in words."""
    return lambda server, request: (act if "response_format" in server.bodies[-1] else in_words)(server, request)


@pytest.mark.parametrize(("act", "why"), LOOPS)
def test_a_model_that_finds_no_end_in_a_grammar_is_asked_once_more_in_words(models, verdicts, store, act, why):
    # given
    with ModelServer(in_a_grammar(act)) as server:
        asking = models(server.url)
        # when
        reply = asking.ask(question())
        # then: both stand in the ledger, and count
        assert (reply.data, forms(server)) == (DATA, ["json_schema", None])
        assert server.bodies[-1]["messages"][-1] == {"role": "user", "content": f"why?\n\n{IN_WORDS}"}
        assert verdicts() == [("m1", why), ("m1", "ok")]
        assert all(call.tokens > 0 for call in store.calls(NOON - timedelta(days=1)))
        # and the server is asked so from then on, by other processes too
        assert models(server.url).ask(question("and now?")).data == DATA
        assert (forms(server)[2:], asking.servers()[0].dialect.structured) == ([None], False)


@pytest.mark.parametrize(("act", "why"), LOOPS)
def test_one_that_finds_no_end_in_words_either_is_asked_no_third_time(models, verdicts, act, why):
    # given
    with ModelServer(act) as server:
        asking = models(server.url)
        # when
        with pytest.raises(ModelsSilent) as silent:
            asking.ask(question())
    # then
    assert (f"m1: {why})" in str(silent.value), verdicts()) == (True, [("m1", why)] * 2)
    # and the grammar was not to blame
    assert (forms(server), asking.servers()[0].dialect.structured) == (["json_schema", None], None)


def test_what_it_says_in_words_is_mended_in_words(models):
    act = in_a_grammar(goes_on(BLANKS), says('{"sure": 1}'))
    with ModelServer(act) as server, pytest.raises(ModelsSilent, match="'cause' is a required property"):
        models(server.url).ask(question())

    assert forms(server) == ["json_schema", None, None]


@pytest.mark.parametrize(
    ("act", "asks"),
    [
        pytest.param(
            says('{"cause": "', *(f"line {n} is wrong, " for n in range(90)), finish="length"),
            question(),
            id="a long text",
        ),
        pytest.param(says('{"cause": " ', finish="length"), question(), id="a short one"),
        pytest.param(says('{"cause": "a"}', finish="content_filter"), question(), id="another end"),
        pytest.param(says({"reasoning_content": BLANKS * 3}), question(), id="a thought"),
        pytest.param(goes_on(BLANKS), asked(), id="no form was asked for"),
    ],
)
def test_what_no_grammar_is_to_blame_for_is_not_asked_again(models, act, asks):
    with ModelServer(act) as server, pytest.raises(ModelsSilent):
        models(server.url).ask(asks)

    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (goes_on(BLANKS), "nothing but blanks"),
        (says('{"sure": 1}'), "'cause' is a required property"),
    ],
)
def test_where_the_budget_holds_one_question_the_first_answer_is_what_is_told(models, act, why):
    # given: what a question may take at most, and not twice
    with ModelServer(act) as server, pytest.raises(ModelsSilent, match=why):
        # when
        models(server.url, budget=ModelBudget(day_tokens=4200)).ask(question())
    # then: that one was sent is not taken back
    assert len(server.bodies) == 1


def test_brackets_without_end_are_no_json():
    with pytest.raises(Unfit, match="it is no JSON"):
        answers.read("[" * 100_000, SCHEMA)


def test_the_form_is_any_that_jsonschema_knows():
    schema = {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 1}

    assert answers.read('["a"]', schema) == (["a"], True)
    with pytest.raises(Unfit, match="0: 'c' is not one of"):
        answers.read('["c"]', schema)


@pytest.mark.parametrize(
    ("refusal", "asked_with", "then"),
    [
        ("Unrecognized request argument supplied: stream_options", "stream_options", {}),
        ("seed is not supported", "seed", {}),
        ("Unsupported value: 'temperature' does not support 0.0", "temperature", {}),
        ("Use 'max_completion_tokens' instead of 'max_tokens'", "max_tokens", {"max_completion_tokens": 4096}),
    ],
)
def test_a_field_that_a_server_does_not_take_is_left_out(models, verdicts, refusal, asked_with, then):
    # given
    with ModelServer(refuses(400, refusal), says("well")) as server:
        # when
        reply = models(server.url).ask(asked(seed=1))
    # then
    first, second = server.bodies
    assert (reply.text, verdicts()) == ("well", [("m1", f"HTTP 400: {refusal}"), ("m1", "ok")])
    assert second == {name: value for name, value in first.items() if name != asked_with} | then


def test_a_template_without_a_turn_of_the_system_gets_none(models):
    with ModelServer(refuses(400, "System role not supported"), says("well")) as server:
        models(server.url).ask(asked())

    assert server.bodies[1]["messages"] == [{"role": "user", "content": "You mend pipelines.\n\nwhy?"}]


def test_a_server_that_refuses_everything_is_asked_a_bounded_number_of_times(models):
    refusal = refuses(400, "no stream_options seed temperature max_completion_tokens system role response_format")
    with ModelServer(refusal) as server, pytest.raises(ModelsSilent, match="HTTP 400"):
        models(server.url).ask(question())

    assert len(server.bodies) == 7


def test_messages_of_one_kind_are_told_too(models):
    lonely = question()
    lonely = type(lonely)("triage", (Message("system", "Name the cause."),), SCHEMA)
    with ModelServer(takes("plain")) as server:
        models(server.url).ask(lonely)

    assert server.bodies[-1]["messages"] == [
        {"role": "system", "content": "Name the cause."},
        {"role": "user", "content": IN_WORDS},
    ]
