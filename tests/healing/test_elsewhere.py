"""A model on another host: nothing leaves before a person said yes to what it is sent."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.healing.material import ROLES, case
from tests.healing.place import Lay, Place
from tests.healing.test_heals import model, settings_of, told
from tests.models.server import ModelServer, says

from heal.chain.plan_file import default_file
from heal.models.scripted_server import role_of

pytestmark = [pytest.mark.snakemake, pytest.mark.xdist_group("healing ask")]


def elsewhere(settings: str, remote: str) -> str:
    """The same models under an address of this machine that is none of its loopback's, so that it counts as another."""
    return settings.replace("//127.0.0.1:", "//0.0.0.0:") + f'[privacy]\nremote = "{remote}"\n'


def test_without_a_word_nothing_is_sent_to_another_host(lay: Lay, tmp_path: Path) -> None:
    healed = case("numpy-removed-api")
    with model(tmp_path / "model", healed.answers) as settings:
        place = lay(healed, settings=elsewhere(settings, "never"))
        [incident] = place.under_heal().incidents
    assert (incident["state"], incident["fix"]["kind"]) == ("waiting", "advice")
    assert "privacy.remote = never. Nothing was sent." in told(incident)["why"]
    assert list((place.work / ".heal").rglob("payloads/*/*.json")) == []


def test_a_yes_to_what_is_sent_lets_the_models_be_asked_about_that_incident(lay: Lay, tmp_path: Path) -> None:
    healed = case("numpy-removed-api")
    with model(tmp_path / "model", healed.answers) as settings:
        place = lay(healed, settings=elsewhere(settings, "ask"))
        # Given an incident that waits for a yes
        [incident] = place.under_heal().incidents
        name = incident["id"]
        assert "heal payload INC --approve" in told(incident)["why"]
        shown = place.heal("payload", name)
        assert ("not sent" in shown.stdout, place.show(name)["fix"]["kind"]) == (True, "advice")
        # When a person sees what would leave, and says yes
        place.heal("payload", name, "--approve")
        # Then they are asked, and a patch waits
        healed_by = place.show(name)
        assert (healed_by["state"], healed_by["fix"]["kind"]) == ("waiting", "patch")
        assert told(healed_by)["models"] == ["coder", "reviewer"]


def answering(answers: Mapping[str, str]) -> Callable[..., None]:
    """Answers each question as the role that asks it."""

    def act(server: ModelServer, request: Any) -> None:
        says(answers[role_of(server.bodies[-1])], usage=None)(server, request)

    return act


def from_elsewhere(place: Place, folder: Path, *words: str) -> Any:
    """What a command prints as JSON in another folder than the pipeline's."""
    folder.mkdir(exist_ok=True)
    said = subprocess.run(["heal", *words], cwd=folder, env=place.env, capture_output=True, text=True, check=True)
    return json.loads(said.stdout)


def test_what_was_shown_is_what_left(lay: Lay, tmp_path: Path) -> None:
    healed = case("numpy-removed-api")
    # Given models elsewhere that take more than anybody knows yet, a key in a file, and a chain beside heal.toml
    key = tmp_path / "key"
    key.write_text("kestrel-77-osprey\n")
    key.chmod(0o600)
    rows = [{"id": role, "max_model_len": 32_768} for role in healed.answers]
    with ModelServer(answering(healed.answers), pages={"/v1/models": {"data": rows}}) as server:
        own = f'key_file = "{key}"\n'
        settings = re.sub(r"(?<=\n)model = .*\n", lambda line: line[0] + own, settings_of(server.url, healed.answers))
        place = lay(healed, settings=elsewhere(settings, "ask") + '[chain]\nfile = "ours/chain.yaml"\n')
        # and nothing in it takes the short way
        chain = default_file().read_text(encoding="utf-8").replace("simple_lines: 120", "simple_lines: 1")
        place.file("ours/chain.yaml", chain)
        triage = (default_file().parent / "prompts/triage.j2").read_text(encoding="utf-8")
        place.file("ours/prompts/triage.j2", f"You belong to the plate group.\n{triage}")
        snakefile = place.work / "Snakefile"
        snakefile.write_text(f"{snakefile.read_text()}# the model's key is kestrel-77-osprey\n")
        [incident] = place.under_heal().incidents
        # When a person looks at it from another folder, and says yes
        first = from_elsewhere(place, tmp_path / "home-folder", "payload", incident["id"], "--json")["payloads"]
        shown = from_elsewhere(place, tmp_path / "home-folder", "payload", incident["id"], "--approve", "--json")
        bodies = [(role_of(body), body["messages"]) for body in server.bodies]
        seen = [(row["role"], row["messages"]) for row in shown["payloads"]]
        # Then the first question is what was shown, to the letter, by the group's own chain, without the key
        assert [one["messages"] for one in first] == [seen[0][1]]
        assert bodies[0] == seen[0]
        assert "\nYou belong to the plate group.\n" in bodies[0][1][0]["content"]
        assert "kestrel-77-osprey" not in str(bodies)
        # and the later ones are of the roles that were shown, with what was answered before after what was shown
        assert [role for role, _messages in bodies] == [role for role, _messages in seen] == list(ROLES)
        assert [messages[0] for _role, messages in bodies] == [messages[0] for _role, messages in seen]
        assert bodies[1][1][1]["content"].startswith(seen[1][1][1]["content"])
        # the window that was shown is the one that was used, though the server tells of a larger one
        assert [row["window"] for row in shown["payloads"]] == [None] * 4
        assert place.show(incident["id"])["fix"]["kind"] == "patch"


def test_a_question_that_was_not_allowed_out_is_not_kept_as_sent(lay: Lay, tmp_path: Path) -> None:
    with model(tmp_path / "model", {"ask": "It is well.\n", "validate": "{}"}) as settings:
        place = lay(case("name-error"), settings=elsewhere(settings, "never"))
        said = place.heal("ask", "What does scripts/season.py do?")
        checked = place.heal("validate")
    assert "privacy.remote = never. Nothing was sent." in said.stdout
    assert "privacy.remote = never. Nothing was sent." in checked.stdout
    assert list((place.work / ".heal").rglob("payloads/*/*.json")) == []
    assert list((place.work / ".heal").rglob("conversations/*")) == []


def test_a_key_of_a_file_is_hidden_in_a_question_too(lay: Lay, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("kestrel-77-osprey\n")
    key.chmod(0o600)
    with ModelServer(answering({"ask": "Yes, <secret-1> is it.\n"})) as server:
        settings = settings_of(server.url, {"ask": ""}) + f'key_file = "{key}"\n'
        place = lay(case("name-error"), settings=settings)
        said = place.heal("ask", "Is kestrel-77-osprey the key?", "--json")
    [body] = server.bodies
    assert ("kestrel-77-osprey" in str(body), "Is <secret-1> the key?" in str(body)) == (False, True)
    assert json.loads(said.stdout)["answer"] == "Yes, kestrel-77-osprey is it.\n"
