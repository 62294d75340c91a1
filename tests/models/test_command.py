"""heal models: what people and programs are told, and what is loaded for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import typer
from tests.models.server import WELL, ModelServer, says
from typer.testing import CliRunner

from heal.cli import models as command
from heal.dialogue import Call, Message, Question
from heal.home import places
from heal.model_settings import ModelBudget
from heal.models import Models
from heal.settings import load
from heal.store import Store

PAGES = {"/v1/models": {"data": [{"id": "qwen", "max_model_len": 8192}]}}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a heal.toml that is asked from, and a home of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def told(text, *args):
        (tmp_path / "heal.toml").write_text(text)
        app = typer.Typer()
        command.register(app)
        app.callback()(lambda: None)
        return CliRunner().invoke(app, ["models", *args])

    return told


def toml(server, more=""):
    return f'[model.local]\nbase_url = "{server.url}"\nmodel = "qwen"\n{more}'


def test_with_no_model_it_says_so_and_how_to_add_one(place):
    told = place("")

    assert (told.exit_code, told.stdout.splitlines()[0]) == (
        *(0, "no coding model is configured: heal does without one, and what its rules do not know it leaves to you"),
    )
    assert '[model.local]\nbase_url = "http://127.0.0.1:8000/v1"' in told.stdout
    assert json.loads(place("", "--json").stdout) == {
        "models": [],
        "spent": {"tokens": 0, "cost": 0.0},
        "left": {"day_tokens": 2_000_000, "day_cost": 5.0, "incident_tokens": 200_000},
    }


def asked_before(folder, text, role, judged=None, ago=timedelta()):
    """Ask as heal does, some time ago, by the settings of the folder."""
    settings = load(folder)
    with Store.open(settings.database) as store:
        models = Models(settings, store, places.cache() / "models", lambda: datetime.now(UTC) - ago)
        reply = models.ask(
            Question(role, (Message("user", text),), schema={"type": "object"} if role == "triage" else None)
        )
        if judged:
            models.judge(reply, judged)


def test_it_tells_health_window_form_spend_and_what_came_of_the_answers(place, tmp_path):
    # given
    more = 'price_in = 1000.0\n[routes]\ndefault = ["local"]\n[model_budget]\nday_tokens = 10000\n'
    with ModelServer(says("a"), says("{}", usage=WELL), says("b"), pages=PAGES) as server:
        assert place(toml(server, more)).exit_code == 0
        asked_before(tmp_path, "c", "coder", "refused", ago=timedelta(days=3))
        asked_before(tmp_path, "a", "triage")
        asked_before(tmp_path, "b", "coder", "accepted")
        # when
        text, shape = place(toml(server, more)).stdout, json.loads(place(toml(server, more), "--json").stdout)
    # then
    counts = {"accepted": 1, "refused": 1, "no_fix": 0}
    assert shape == {
        "models": [
            {
                "name": "local",
                "model": "qwen",
                "base_url": server.url,
                "trouble": "",
                "asked": True,
                "window": 8192,
                "window_from": "the server's list of models",
                "structured": True,
                "spent": {"tokens": 96, "cost": 0.08},
                "cached": 0.8,
                "roles": [
                    {"role": "coder", "calls": 2, "whole": 2, **counts},
                    {"role": "triage", "calls": 1, "whole": 1, "accepted": 0, "refused": 0, "no_fix": 0},
                ],
                "routes": ["default"],
            }
        ],
        "spent": {"tokens": 96, "cost": 0.08},
        "left": {"day_tokens": 9904, "day_cost": 4.92, "incident_tokens": 200_000},
    }
    assert text == (
        f"local  qwen at {server.url}\n"
        "  answers · window 8,192 tokens (the server's list of models) · JSON by schema\n"
        "  asked for: default\n"
        "  24 hours: 96 tokens, 0.08 · 80% of what it was asked was in its cache\n"
        "  coder: 2 calls, 2 whole answers · 1 accepted, 1 refused, 0 no fix\n"
        "  triage: 1 calls, 1 whole answers · 0 accepted, 0 refused, 0 no fix\n"
        "\n"
        "24 hours: 96 of 10,000 tokens · 0.08 of 5.00 · one incident: 200,000 tokens at most\n"
    )


def test_two_models_of_one_role_stand_side_by_side_each_with_what_came_of_its_own_answers(place, tmp_path):
    # given: the coder's questions go to one model for a while, and then to another
    with (
        ModelServer(says("a"), says("b"), says("c", finish="length"), pages=PAGES) as first,
        ModelServer(says("d"), says("e"), says("f"), pages=PAGES) as second,
    ):
        both = f'{toml(first)}[model.other]\nbase_url = "{second.url}"\nmodel = "qwen"\n'
        place(f'{both}[routes]\ncoder = ["local", "other"]\n')
        for text, judged in (("a", "accepted"), ("b", "refused"), ("falls to the other", "refused")):
            asked_before(tmp_path, text, "coder", judged)
        routed = f'{both}[routes]\ncoder = ["other"]\n'
        place(routed)
        for text, judged in (("e", "accepted"), ("f", "no fix")):
            asked_before(tmp_path, text, "coder", judged)
        # when
        text, shape = place(routed).stdout, json.loads(place(routed, "--json").stdout)
    # then
    assert [(row["name"], row["roles"]) for row in shape["models"]] == [
        ("local", [{"role": "coder", "calls": 3, "whole": 2, "accepted": 1, "refused": 1, "no_fix": 0}]),
        ("other", [{"role": "coder", "calls": 3, "whole": 3, "accepted": 1, "refused": 1, "no_fix": 1}]),
    ]
    assert [line for line in text.splitlines() if line.startswith(("local", "other", "  coder"))] == [
        f"local  qwen at {first.url}",
        "  coder: 3 calls, 2 whole answers · 1 accepted, 1 refused, 0 no fix",
        f"other  qwen at {second.url}",
        "  coder: 3 calls, 3 whole answers · 1 accepted, 1 refused, 1 no fix",
    ]


def test_a_server_that_is_not_there_is_told(place):
    with ModelServer() as server:
        pass

    assert "\n  the connection failed: " in place(toml(server)).stdout


SLOW = """
import sys, threading

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "openai":
            threading.Event().wait(3.2)

sys.meta_path.insert(0, Slow())
from heal.cli import main
sys.argv = ["heal", "models", "--json"]
main()
"""


def test_a_package_that_takes_long_to_load_is_no_fault_of_the_servers(tmp_path):
    # given: more than a server has to tell of itself, as on a busy machine or a slow file system
    with ModelServer(pages=PAGES) as server:
        (tmp_path / "heal.toml").write_text(toml(server))
        # when
        ended = subprocess.run(
            [sys.executable, "-c", SLOW],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "HEAL_HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        )
    # then
    row = json.loads(ended.stdout)["models"][0]
    assert (row["trouble"], row["window"]) == ("", 8192)


def test_a_server_that_refuses_the_key_is_told_and_one_without_a_list_is_well(place):
    with ModelServer(pages={"/v1/models": 401}) as server:
        assert "\n  HTTP 401: no page\n" in place(toml(server)).stdout
    with ModelServer(pages={}) as server:
        row = json.loads(place(toml(server), "--json").stdout)["models"][0]
        assert (row["trouble"], row["window"], row["structured"]) == ("", None, None)


def test_a_model_elsewhere_is_not_asked_where_that_is_not_allowed(place):
    told = place('[model.far]\nbase_url = "https://api.example.org/v1"\nmodel = "big"\ncontext = 128000\n')

    assert told.stdout.startswith(
        "far  big at https://api.example.org/v1\n"
        "  not asked: far is on api.example.org, and privacy.remote = never. Nothing was sent.\n"
        "  window 128,000 tokens (heal.toml) · JSON by schema not tried yet\n"
    )


def test_a_call_of_a_killed_process_is_not_counted_for_good(place, tmp_path):
    # given
    long_ago = datetime.now(UTC) - timedelta(hours=2)
    with ModelServer(pages=PAGES) as server:
        place(toml(server))
        with Store.open(tmp_path / "home" / "heal.db") as store:
            died = Call("died", long_ago, "coder", "local", "7f3a", 500, 0.0, long_ago + timedelta(minutes=4))
            store.begin_call(died, ModelBudget())
        # when
        shape = json.loads(place(toml(server), "--json").stdout)
    # then
    assert (shape["spent"]["tokens"], shape["models"][0]["spent"]["tokens"]) == (0, 0)
    assert shape["models"][0]["roles"] == [
        {"role": "coder", "calls": 0, "whole": 0, "accepted": 0, "refused": 0, "no_fix": 0}
    ]


@pytest.mark.parametrize(
    "program",
    [
        "import heal.models, heal.models.survey, heal.models.scripted",
        "from heal.cli import main; sys.argv = ['heal', 'status']; main()",
    ],
)
def test_what_asks_models_is_loaded_when_something_is_asked(tmp_path, program):
    ended = subprocess.run(
        [sys.executable, "-c", f"import sys\n{program}\nprint(*sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HEAL_HOME": str(tmp_path)},
    )

    loaded = {name.partition(".")[0] for name in ended.stdout.split()}
    assert loaded & {"openai", "httpx", "httpx2", "jsonschema", "ruamel"} == set()
    assert "heal" in loaded


def test_without_the_extra_it_says_what_to_install(tmp_path):
    program = """
import sys
sys.modules["openai"] = None
from datetime import UTC, datetime
from pathlib import Path
from heal.dialogue import Message, Question
from heal.home import places
from heal.model_settings import Model
from heal.models import Models
from heal.settings import Settings
from heal.store import Store

home = Path(sys.argv[1])
model = Model(base_url="http://127.0.0.1:9/v1", model="m")
with Store.open(home / "heal.db") as store:
    models = Models(Settings(home=home, model={"m": model}), store, home, lambda: datetime.now(UTC))
    try:
        models.ask(Question("coder", (Message("user", "why?"),)))
    except Exception as error:
        print(type(error).__name__, error)
"""
    ended = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)

    assert ended.stdout.startswith("NoModel what asks models is not installed")
    assert ended.stdout.endswith("pip install 'heal-hpc[models]'\n")


@pytest.mark.parametrize("said", ["<!DOCTYPE html><title>log in</title>", "welcome"])
def test_a_page_that_answers_every_address_is_no_server(place, said):
    # given: a portal before the server, which answers all that is asked with its own page
    def page(_server, request):
        request.send_response(200)
        request.send_header("content-type", "text/html")
        request.send_header("content-length", str(len(said)))
        request.end_headers()
        request.wfile.write(said.encode())

    addresses = ("/v1/models", "/props", "/api/v0/models", "/api/ps", "/api/show")
    with ModelServer(pages=dict.fromkeys(addresses, page)) as server:
        # when
        told = place(toml(server)).stdout
    # then
    what = "a page" if said.startswith("<") else "something else"
    assert told.splitlines()[1] == f"  what answers there is no OpenAI-compatible server: {what}, not JSON"
