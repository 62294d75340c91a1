"""What a person says yes to with privacy.remote = ask: to what they were shown, and to nothing else."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.consulting.given import day, event, fails, project
from tests.models.server import ModelServer, says
from tests.payload.repositories import SNAKEMAKE

from heal.consulting import Consultant, approval
from heal.consulting.ready import Ready, ready
from heal.consulting.repositories import repository_in
from heal.consulting.windows import ASSUMED
from heal.errors import NotAllowedOut
from heal.evidence.tokens import tokens
from heal.home import places
from heal.journal import Consulted
from heal.model_settings import Model, Privacy
from heal.models.scripted_server import role_of
from heal.settings import Settings
from heal.steps.consult import Matter
from heal.store import Store

CITED = 'File "scripts/s0.py", line 2'
TRIAGE = {"class": "pipeline defect", "cause": "append is gone", "cite": [CITED], "change": True, "sure": 0.9}
# more than a window of 16,000 tokens holds, and less than one of 32,768
LONG = SNAKEMAKE | {f"scripts/s{n}.py": "value = 'some words of a line'\n" * 150 for n in range(15)}


def answers(server: ModelServer, request: Any) -> None:
    said = json.dumps(TRIAGE) if role_of(server.bodies[-1]) == "triage" else "NO FIX: it is not in these files"
    says(said, usage=None)(server, request)


class Elsewhere:
    """One incident of a real project, and a model on another host (this machine under an address that is not its own)."""

    def __init__(self, folder: Path, store: Store, server: ModelServer) -> None:
        self.server = server
        self.root = project(folder / "rnaseq", LONG)
        url = server.url.replace("//127.0.0.1", "//0.0.0.0")
        model = Model(base_url=url, model="m")
        self.settings = Settings(home=folder / "home", model={"far": model}, privacy=Privacy(remote="ask"))
        self.consultant = lambda: Consultant(
            store, folder / "cache", lambda _ours, _most: (), lambda: datetime.now(UTC)
        )
        store.take(event("run_started", self.root, day(2)))
        named = "\n".join(f'  File "scripts/s{n}.py", line 2' for n in range(15))
        self.matter: Matter = fails(store, self.root, day(3), log=f"{named}\n")

    def ready(self) -> Ready:
        return ready(self.matter, self.settings, repository_in(self.root, self.settings), lambda _ours, _most: ())

    def windows(self, route: str) -> int:
        return self.consultant().models(self.settings).window(route) or ASSUMED

    def says_yes(self) -> list[list[dict[str, str]]]:
        """Say yes to what is shown; the messages of each question."""
        made = self.ready()
        shown = made.all_shown(self.windows)
        approval.keep(self.settings.home, self.matter.incident.id, made.yes(shown, self.windows))
        return [[{"role": each.role, "content": each.text} for each in one.payload.messages] for one in shown]

    def is_asked(self) -> Consulted:
        return self.consultant().consulted(self.matter, self.settings)

    @property
    def bodies(self) -> list[list[dict[str, str]]]:
        return [body["messages"] for body in self.server.bodies]

    @property
    def note(self) -> Path:
        return places.approved(self.settings.home, self.matter.incident.id)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Callable[[int | None], Elsewhere]]:
    """Give one whose server tells this window; None: no window."""
    with Store.open(tmp_path / "heal.db") as store, ModelServer(answers) as server:

        def made(window: int | None) -> Elsewhere:
            row = {"id": "m"} if window is None else {"id": "m", "max_model_len": window}
            server.pages = {"/v1/models": {"data": [row]}}
            return Elsewhere(tmp_path, store, server)

        yield made


def length(messages: list[dict[str, str]]) -> int:
    return sum(tokens(each["content"]) for each in messages)


@pytest.mark.parametrize("window", [None, ASSUMED, 32_768])
def test_what_was_shown_leaves_and_no_more_however_large_the_window_is(elsewhere, window):
    one = elsewhere(window)
    # Given a yes to what was shown, which fills the window that was taken for the model's
    shown = one.says_yes()
    assert (one.server.looked, stat.S_IMODE(one.note.stat().st_mode)) == ([], 0o600)
    # When models are asked, Then the first question is that, and no later one is longer than the window allows
    assert one.is_asked().why.startswith("the coder says NO FIX")
    assert one.bodies[0] == shown[0]
    assert length(shown[0]) > ASSUMED - 3000
    assert max(map(length, one.bodies)) < ASSUMED


def test_what_is_no_longer_what_was_shown_is_not_sent_and_asked_for_again(elsewhere):
    one = elsewhere(None)
    one.says_yes()
    # Given a file that was changed since
    script = one.root / "scripts/plot.py"
    script.write_text(f"{script.read_text()}print('the group of Dr Kestrel')\n")
    # When models are asked, Then nothing leaves, and the yes is none any more
    with pytest.raises(
        NotAllowedOut, match=r"not what you said yes to: a file, .* has changed since\. heal payload INC --approve"
    ):
        one.is_asked()
    assert (one.bodies, one.note.exists()) == ([], False)
    assert "nobody said yes to what it is sent" in one.is_asked().why
    assert (one.bodies, list(one.root.rglob(".heal/payloads/*/*.json"))) == ([], [])
    # and a yes to what it is now holds
    shown = one.says_yes()
    one.is_asked()
    assert one.bodies[0] == shown[0]


def test_a_window_that_proves_smaller_than_what_was_shown_is_asked_about_again(elsewhere):
    one = elsewhere(6000)
    one.says_yes()
    with pytest.raises(
        NotAllowedOut, match=r"the model's window is 6,000 tokens for the triage, .*context in heal\.toml"
    ):
        one.is_asked()
    # what the server told is known now, and shown
    shown = one.says_yes()
    assert max(map(length, shown)) < 6000
    one.is_asked()
    assert one.bodies[0] == shown[0]


@pytest.mark.parametrize("note", ["", "{}", '{"digest": "0", "windows": {"triage": 16000}}', '["a"]'])
def test_a_note_that_says_yes_to_nothing_or_something_else_lets_nothing_out(elsewhere, note):
    one = elsewhere(None)
    one.note.parent.mkdir(parents=True)
    one.note.write_text(note)
    try:
        said = one.is_asked().why
    except NotAllowedOut as refusal:
        said = str(refusal)
    assert said.endswith("Nothing was sent.")
    assert one.bodies == []
