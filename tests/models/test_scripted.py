"""A model that plays a script: in the program, and as a server that the real client asks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from tests.models.conftest import NOON, asked

from heal.errors import BadSettings, ModelsSilent
from heal.models.script import Line, Script, read
from heal.models.scripted import Scripted

SCRIPT = r"""
window: 9000
answers:
  - role: triage
    asked: 'np\.float'
    text: '{"cause": "numpy removed it"}'
  - asked: second
    file: second.txt
  - role: coder
    times: 1
    text: first try
  - role: coder
    text: second try
  - role: busy
    status: 429
    text: too many
  - role: short
    text: half
    finish: length
"""
SCHEMA = {"type": "object", "required": ["cause"]}


@pytest.fixture
def script(tmp_path):
    (tmp_path / "second.txt").write_text("from a file ✓", encoding="utf-8")
    file = tmp_path / "script.yaml"
    file.write_text(SCRIPT, encoding="utf-8")
    return file


@contextmanager
def played(script):
    """Serve a script by the program itself; its base_url, and what it says on stderr when it has ended."""
    told = []
    with subprocess.Popen(
        [sys.executable, "-m", "heal.models.scripted", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as program:
        try:
            yield program.stdout.readline().strip(), told
        finally:
            program.send_signal(signal.SIGINT)
            told.append(program.stderr.read())
            program.wait(10)
    assert program.returncode == 0


def test_a_question_gets_the_first_line_that_fits_and_is_left(script):
    # given
    playing = Scripted(read(script))
    # when
    told = [playing.ask(asked(text, role)).text for role, text in (("coder", "a"), ("coder", "a"), ("coder", "b"))]
    found = playing.ask(asked("AttributeError: np.float", "triage", schema=SCHEMA))
    # then
    assert told == ["first try", "second try", "second try"]
    assert (found.data, found.model) == ({"cause": "numpy removed it"}, "scripted")
    assert playing.ask(asked("a second one", "anybody")).text == "from a file ✓"
    assert playing.window("coder") == 9000
    assert [question.role for question in playing.questions] == [*["coder"] * 3, "triage", "anybody"]


@pytest.mark.parametrize("role", ["nobody", "busy", "short"])
def test_what_is_not_scripted_or_not_whole_is_no_answer(script, role):
    with pytest.raises(ModelsSilent, match=f"nothing whole is scripted for this question to the {role}"):
        Scripted(read(script)).ask(asked("x", role))


def test_what_is_scripted_and_does_not_fit_is_no_answer():
    with pytest.raises(ModelsSilent, match="'cause' is a required property"):
        Scripted(Script(Line("{}"))).ask(asked(schema=SCHEMA))


def test_a_folder_holds_answers_by_role_in_order(tmp_path):
    for name, text in (("coder-1.txt", "one"), ("coder-2.md", "two"), ("triage.json", "{}"), ("coder-10.txt", "ten")):
        (tmp_path / name).write_text(text)
    playing = Scripted(read(tmp_path))

    assert [playing.ask(asked(role=role)).text for role in ("coder", "triage", "coder", "coder", "coder")] == [
        *("one", "{}", "two", "ten", "ten"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("answers: [", "is no YAML"),
        ("answers: 3", "has no list of answers"),
        ("answers: [{text: a, rolle: b}]", "answer 1: unknown key 'rolle'; known keys: asked, "),
        ("answers: [{role: b}]", "answer 1 needs a text or a file"),
        ("answers: [{text: a}, {text: a, asked: '('}]", "answer 2: asked is no regex"),
        ("answers: [{file: gone.txt}]", "cannot be read"),
    ],
)
def test_a_script_that_is_none_is_told(tmp_path, text, said):
    file = tmp_path / "script.yaml"
    file.write_text(text)

    with pytest.raises(BadSettings, match=said.replace("(", r"\(")):
        read(file)


def test_the_program_serves_it_to_the_real_client(script, models, store):
    # given
    with played(script) as (url, told):
        roles = ("triage", "coder", "busy", "nobody")
        named = [{"model": role} for role in roles]
        asking = models(*[url] * 4, each=named, routes={role: (f"m{n}",) for n, role in enumerate(roles, 1)})
        # when
        found = asking.ask(asked("np.float" + " of a long log" * 100, "triage", schema=SCHEMA))
        heard = []
        answer = asking.ask(asked("np.float" + " of a long log" * 100, "coder"), heard=heard.append)
        # then
        assert (found.data, answer.text, "".join(heard)) == (
            {"cause": "numpy removed it"},
            *("first try", "first try"),
        )
        assert asking.window("coder") == 9000
        with pytest.raises(ModelsSilent, match="HTTP 429: too many"):
            asking.ask(asked(role="busy"))
        with pytest.raises(ModelsSilent, match="HTTP 404: nothing is scripted for this question to nobody"):
            asking.ask(asked(role="nobody"))
    assert told == ["nothing is scripted for nobody: …'You mend pipelines.\\n\\nwhy?'\n"]
    first, second, *_others = store.calls(NOON)
    # the second question begins as the first did
    assert (first.tokens_cached, second.tokens_cached, second.tokens_in) == (0, 400, 408)


def test_a_script_that_cannot_be_served_ends_the_program(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "heal.models.scripted", tmp_path / "gone.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "gone.yaml cannot be read" in ended.stderr
