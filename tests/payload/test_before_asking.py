"""--payload of the commands that ask a model: what it prints is what is sent next, byte for byte, and nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.models.server import ModelServer, says
from typer.testing import CliRunner, Result

from heal.cli import ask, explain, payload, validate
from heal.errors import NotAllowedOut

Heal = Callable[..., Result]
ANSWER = "It is in scripts/plot.py:6.\n"
SECRETS = ("kestrel.77", "osprey-42-merlin")


@pytest.fixture(name="heal")
def _heal(incident: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Heal:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(project)
    app = typer.Typer()
    for command in (ask, explain, payload, validate):
        command.register(app)
    return lambda *words: CliRunner().invoke(app, [incident if word == "INC" else word for word in words])


@pytest.fixture(name="server")
def _server(project: Path) -> Iterator[ModelServer]:
    with ModelServer(answers) as server:
        settings(project, server.url)
        yield server


def answers(server: ModelServer, request: Any) -> None:
    says('{"remarks": []}' if "response_format" in server.bodies[-1] else ANSWER, usage=None)(server, request)


def settings(project: Path, url: str, remote: str = "never") -> None:
    (project / "heal.toml").write_text(
        f'[privacy]\nremote = "{remote}"\n[model.one]\nbase_url = "{url}"\nmodel = "m"\n', encoding="utf-8"
    )


def text(messages: list[dict[str, str]]) -> str:
    return "".join(f"[{each['role']}]\n{each['content']}" for each in messages)


ASKS = [
    pytest.param(("ask", "Where is osprey-42-merlin used?", "INC"), id="about an incident"),
    pytest.param(("ask", "What makes the plots?"), id="about the project"),
    pytest.param(("explain", "--plain", "INC"), id="in plain words"),
    pytest.param(("validate",), id="remarks"),
]


@pytest.mark.parametrize("words", ASKS)
def test_what_is_printed_is_what_is_sent_next(heal: Heal, server: ModelServer, project: Path, words: tuple[str, ...]):
    # Given that something was asked and answered before
    heal("ask", "What makes the plots?", "INC")
    heal("ask", "And what else?")
    before = [*server.bodies]
    # When it is asked what would be sent, for people and for programs
    told, shape = heal(*words, "--payload"), json.loads(heal(*words, "--payload", "--json").stdout)
    # Then nothing was sent, kept or remembered
    kept = sorted(path for path in (project / ".heal").rglob("*") if path.is_file())
    assert server.bodies == before
    # When it is asked in earnest (1: validate has found something)
    assert heal(*words).exit_code in {0, 1}
    # Then just that is received, with the form of the answer that was shown, and nothing secret
    [body] = server.bodies[len(before) :]
    [row] = shape["payloads"]
    form = body.get("response_format", {}).get("json_schema", {}).get("schema")
    assert (row["messages"], row["schema"]) == (body["messages"], form)
    assert told.stdout == text(body["messages"])
    assert [secret for secret in SECRETS if secret in told.stdout] == []
    assert f"heal: {row['role']}, not sent: about" in told.stderr
    # and what was kept is just what was sent since
    more = {path for path in (project / ".heal").rglob("*") if path.is_file()} - {*kept}
    assert [json.loads(path.read_text())["messages"] for path in more if path.suffix == ".json"] == [body["messages"]]


@pytest.mark.parametrize("words", ASKS)
@pytest.mark.parametrize("remote", ["never", "ask"])
def test_it_is_shown_where_it_may_not_leave(
    heal: Heal, server: ModelServer, project: Path, words: tuple[str, ...], remote: str
):
    # Given a model on another host (this machine under an address that is not its own)
    settings(project, server.url.replace("//127.0.0.1", "//0.0.0.0"), remote)
    # When it is asked what would be sent, Then it is told, and the host hears nothing of it
    shown = heal(*words, "--payload")
    assert (shown.exit_code, shown.stdout.startswith("[system]\n")) == (0, True)
    assert (server.bodies, server.looked) == ([], [])
    # and to ask in earnest is refused as ever
    said = heal(*words)
    assert "Nothing was sent." in said.stdout or isinstance(said.exception, NotAllowedOut)
    assert (server.bodies, server.looked) == ([], [])


@pytest.mark.parametrize("words", ASKS)
def test_no_model_need_be_configured_to_see_it(heal: Heal, project: Path, words: tuple[str, ...]):
    shown = heal(*words, "--payload")
    assert (shown.exit_code, shown.stdout.startswith("[system]\n")) == (0, True)
    assert "16,000 is assumed" in shown.stderr
    assert not (project / ".heal").exists()


def test_what_was_sent_of_a_project_is_printed_as_it_was_kept(heal: Heal, server: ModelServer):
    assert "nothing about this project was sent" in str(heal("payload", "--sent").exception)
    # Given questions about the project, remarks on it, and a question about an incident
    for words in (("ask", "What makes the plots?"), ("validate",), ("ask", "And why?"), ("ask", "Why?", "INC")):
        heal(*words)
    # When it is asked what was sent, Then it is what the server received, in that order
    first, remarks, second, _of_the_incident = (body["messages"] for body in server.bodies)
    shape = json.loads(heal("payload", "--sent", "--json").stdout)
    assert [(row["role"], row["messages"]) for row in shape["payloads"]] == [
        ("ask", first),
        ("validate", remarks),
        ("ask", second),
    ]
    assert shape["incident"] is None
    assert heal("payload", "--sent", "--role", "validate").stdout == text(remarks)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explain", "INC", "--payload"), "--plain alone"),
        (("validate", "--rules-only", "--payload"), "no model is asked"),
        (("payload",), "heal ask … --payload"),
    ],
)
def test_where_nothing_is_sent_there_is_nothing_to_show(heal: Heal, words: tuple[str, ...], said: str):
    ended = heal(*words)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert said in " ".join(ended.stderr.replace("│", " ").split())
