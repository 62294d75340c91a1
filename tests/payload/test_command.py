"""heal payload: what would leave is printed before it does; what left is printed as it was kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from tests.models.server import ModelServer
from typer.testing import CliRunner, Result

from heal.cli import payload
from heal.errors import BadChain, NothingThere
from heal.model_settings import Privacy
from heal.payload.archive import Archive
from heal.payload.build import Prompt, build
from heal.payload.redact import Names, Redactor

Heal = Callable[..., Result]


@pytest.fixture(name="heal")
def _heal(incident: str) -> Heal:
    app = typer.Typer()
    payload.register(app)
    return lambda *words: CliRunner().invoke(app, [incident, *words])


def test_what_would_be_sent_is_printed_and_told_before_anything_is(heal: Heal, project: Path):
    # When it is asked for, for people and for programs
    told, shape = heal("--role", "coder"), json.loads(heal("--role", "coder", "--json").stdout)
    # Then both are the same texts, byte for byte
    (row,) = shape["payloads"]
    assert told.stdout == "".join(f"[{each['role']}]\n{each['content']}" for each in row["messages"])
    # with the rules first, the files and the log
    system, user = (each["content"] for each in row["messages"])
    assert "NO FIX" in system
    assert "FILE scripts/plot.py (6 lines)" in user
    assert user.rstrip("`\n").endswith("token <secret-2> was refused")
    # and nothing secret, which is told
    assert "kestrel.77" not in told.stdout
    assert "osprey-42-merlin" not in told.stdout
    assert "heal: coder, not sent: about" in told.stderr
    assert "hidden: 1 environment, 1 setting" in told.stderr
    assert row["manifest"]["hidden"] == {"environment": 1, "setting": 1}
    # nothing was written beside the pipeline
    assert not (project / ".heal").exists()


def test_what_heal_toml_says_is_private_leaves_in_no_question(heal: Heal, project: Path, monkeypatch):
    # Given a pipeline that names its user, their folder and a patient, the last without what gives them away, too
    monkeypatch.setenv("USER", "mwanza")
    monkeypatch.setenv("HOME", "/data/people/mwanza")
    told = "# by mwanza, for PAT-lapwing-7\nMINE = '/data/people/mwanza/plots'\nWHO = 'lapwing-7'\n"
    script = project / "scripts/plot.py"
    script.write_text(told + script.read_text())
    (project / "heal.toml").write_text("[privacy]\npatterns = ['PAT-([\\w-]+)']\nhide_names = true\n")
    # When all that would be asked is printed
    shown = {role: heal("--role", role, "--json").stdout for role in ("triage", "coder", "reviewer", "writer")}
    # Then none of it is in any
    assert [(role, name) for role, said in shown.items() for name in ("mwanza", "lapwing-7") if name in said] == []
    user = json.loads(shown["coder"])["payloads"][0]["messages"][1]["content"]
    assert "# by <user-1>, for PAT-<secret-2>\n" in user
    assert "MINE = '<home-1>/plots'\n" in user
    assert "WHO = '<secret-2>'\n" in user


def test_without_a_role_the_first_that_would_be_asked_is_shown_with_the_form_of_its_answer(heal: Heal):
    (row,) = json.loads(heal("--json").stdout)["payloads"]
    assert row["role"] == "triage"
    assert row["schema"]["required"] == ["class", "cause", "cite", "change", "sure"]


def test_a_window_bounds_what_is_shown(heal: Heal):
    (row,) = json.loads(heal("--role", "triage", "--window", "3000", "--json").stdout)["payloads"]
    assert row["manifest"]["tokens"] <= 3000 - 400


def test_a_window_that_the_models_server_tells_is_the_one_that_holds(
    heal: Heal, project: Path, tmp_path: Path, monkeypatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with ModelServer(pages={"/v1/models": {"data": [{"id": "m", "max_model_len": 3000}]}}) as server:
        (project / "heal.toml").write_text(f'[model.local]\nbase_url = "{server.url}"\nmodel = "m"\n')
        told = heal("--json")
    (row,) = json.loads(told.stdout)["payloads"]
    assert (row["window"], server.bodies) == (3000, [])
    assert row["manifest"]["tokens"] <= 3000 - 400


def test_a_yes_is_to_all_that_is_asked(heal: Heal):
    for words in (("--role", "coder"), ("--window", "3000"), ("--sent",)):
        said = heal("--approve", *words)
        assert (said.exit_code, said.stdout) == (2, "")
        assert "--approve takes no" in said.stderr


def test_a_role_that_asks_no_model_is_refused_with_those_that_do(heal: Heal):
    said = heal("--role", "tester")
    assert isinstance(said.exception, BadChain)
    assert "its roles are triage, coder, reviewer, writer" in str(said.exception)


def test_what_was_sent_is_printed_as_it_was_kept(heal: Heal, incident: str, project: Path):
    from tests.payload.repositories import context  # noqa: PLC0415

    assert isinstance(heal("--sent").exception, NothingThere)
    own = Redactor({}, Privacy(), Names())
    made = build(Prompt("coder", "Rules.\n"), context(), 8000, own)
    Archive(project).keep(incident, "coder", made, datetime(2026, 3, 1, 12, tzinfo=UTC))
    told = heal("--sent")
    assert told.stdout == "".join(f"[{each.role}]\n{each.text}" for each in made.messages)
    assert "heal: coder, sent 2026-03-01T12:00:00+00:00: about" in told.stderr
    assert isinstance(heal("--sent", "--role", "writer").exception, NothingThere)
