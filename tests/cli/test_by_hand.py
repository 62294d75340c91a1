"""heal accept --edit: what a person made of a patch is looked at as a model's is, and theirs to decide."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from tests.cli.place import Place
from tests.cli.test_terminal import Terminal
from tests.payload.repositories import SNAKEMAKE

from heal.consulting.repositories import repository_in
from heal.home import places
from heal.home.lock import Lock
from heal.journal import Consulted, Decided, Proposed
from heal.patch import Draft, Edit, Patch
from heal.patches.repository import Repository
from heal.records import Fix, FixKind, Verdict
from heal.service import DAEMON
from heal.settings import Settings
from heal.store import Store

SCRIPT = SNAKEMAKE["scripts/plot.py"]
MENDED = SCRIPT.replace("table.append({})", "pd.concat([table, table])")
HIDES = "sed -i 's/{output}\"$/{output} || true\"/' Snakefile"
BREAKS = "sed -i 's/concat(/concat((/'"
HONEST = "sed -i 's/table, table/table/'"
KEPT = "nothing was accepted; heal accept {} --edit goes on with what is in {}"


@dataclass(frozen=True)
class Waiting:
    """A model's patch that waits for a yes, in a place that a daemon looks after; so it is sent there."""

    place: Place
    incident: str
    draft: Draft
    repository: Repository

    def edits(self, editor: str) -> None:
        self.place.more["EDITOR"] = editor

    def sent(self) -> list[dict[str, object]]:
        """What of the patch as it was amended reached whoever looks after the run."""
        told = [json.loads(path.read_text()) for path in (self.place.home / "spool").glob("*.json")]
        return [one["facts"]["consulted"] for one in told if one["facts"]["answer"] == "amend"]

    def untouched(self) -> bool:
        """It waits as it did, and is the patch that it was."""
        return (self.sent(), self.repository.drafts(), self.place.states()) == ([], (self.draft,), ["waiting"])

    def kept(self) -> str:
        return KEPT.format(self.incident, self.draft.worktree)


@pytest.fixture
def waiting(place: Place, incident: str) -> Iterator[Waiting]:
    repository = repository_in(place.work, Settings(home=place.home))
    patch = Patch((Edit("scripts/plot.py", MENDED),), "Call what pandas has", "append is gone from pandas 2")
    draft = repository.draft(patch, incident=incident, slug="append")
    fix = Proposed(Fix(FixKind.PATCH, "plot", (), "append is gone"))
    with Store.open(places.database(place.home)) as store:
        last = store.last(incident)
        assert last
        bodies = (Consulted("", draft, models=("local",), doubts=("nobody reviewed it",)), fix)
        for seq, body in enumerate((*bodies, Decided(Verdict.ASK, "policy.patch = ask")), start=last.seq + 1):
            store.append(incident, seq, body, datetime.now(UTC))
    with Lock(places.lock(place.home), DAEMON):
        yield Waiting(place, incident, draft, repository)


@pytest.mark.parametrize(
    ("editor", "said"),
    [
        pytest.param(
            HIDES,
            "heal: of a model this is refused: Snakefile:12: a command's failure is turned into success",
            id="it hides the failure",
        ),
        pytest.param(
            BREAKS,
            "heal: of a model this is refused: scripts/plot.py: line 6: '(' was never closed",
            id="it does not parse",
        ),
    ],
)
def test_what_a_model_could_not_do_a_person_is_asked_about(waiting: Waiting, editor: str, said: str) -> None:
    # Given a person whose edit would be refused of a model
    waiting.edits(editor)
    # When there is no terminal to ask at, Then it is refused, and why
    ended = waiting.place.tells("accept", waiting.incident, "--edit")
    told = ended.stderr.decode()
    assert (ended.returncode, said in told, waiting.kept() in told) == (2, True, True), told
    assert "there is none here" in told
    assert waiting.untouched()
    # When they are asked, and did not mean it, Then nothing is changed either
    waiting.edits("true")
    terminal = Terminal(waiting.place, "accept", waiting.incident, "--edit")
    assert terminal.reads("[y/N]"), terminal.seen
    assert said in terminal.seen
    terminal.types("n\n")
    assert (terminal.ends(), waiting.untouched()) == (2, True), terminal.seen
    terminal.close()
    # When they mean it, Then it is accepted as they left it, and what speaks against it is kept
    terminal = Terminal(waiting.place, "accept", waiting.incident, "--edit")
    assert terminal.reads("[y/N]"), terminal.seen
    terminal.types("y\n")
    assert terminal.ends() == 0, terminal.seen
    terminal.close()
    [amended] = waiting.sent()
    assert any(said.rpartition(": ")[2] in str(one) for one in (amended["trials"], amended["objections"])), amended
    assert [one["name"] for one in amended["trials"]] == ["guard", "parses"]
    assert [one.commit for one in waiting.repository.drafts()] == [amended["draft"]["commit"]]


@pytest.mark.parametrize("editor", [HONEST, "chmod +x Snakefile"])
def test_an_edit_that_nothing_speaks_against_is_not_asked_about(waiting: Waiting, editor: str) -> None:
    # Given a user who went on in the very file since, and whose lines the patch does not hold
    waiting.place.file("scripts/plot.py", f"import sys\n{SCRIPT}")
    # When a person edits the patch, without a terminal
    waiting.edits(editor)
    ended = waiting.place.tells("accept", waiting.incident, "--edit")
    assert (ended.returncode, ended.stderr.decode()) == (0, "")
    # Then it is on its way, with what it was tried by, and nothing that was said of the patch before it
    [amended] = waiting.sent()
    assert [(one["name"], one["passed"]) for one in amended["trials"]] == [("guard", True), ("parses", True)]
    assert (amended["objections"], amended["doubts"], amended["sure"]) == ([], [], False)


def test_a_blank_editor_is_none(waiting: Waiting) -> None:
    # Given a blank VISUAL, and a patched script that would say so if it ran as the editor itself
    waiting.place.more["VISUAL"] = " "
    waiting.edits(HONEST)
    # When a person edits the patch, Then EDITOR is asked, and the edit is theirs
    ended = waiting.place.tells("accept", waiting.incident, "--edit")
    assert (ended.returncode, ended.stderr.decode()) == (0, "")
    assert [one["draft"]["files"] for one in waiting.sent()] == [["scripts/plot.py"]]


def test_an_editor_that_is_no_command_is_told_of_in_a_line(waiting: Waiting) -> None:
    waiting.edits('code "')
    ended = waiting.place.tells("accept", waiting.incident, "--edit")
    told = "heal: EDITOR is no command: 'code \"': No closing quotation. Correct it; nothing was accepted.\n"
    assert (ended.returncode, ended.stderr.decode(), waiting.untouched()) == (2, told, True)


def test_without_a_terminal_and_an_editor_nothing_is_opened(waiting: Waiting) -> None:
    # Given a vi that would leave a trace
    waiting.place.program("vi", "touch $HEAL_HOME/opened")
    waiting.place.more |= {"VISUAL": "", "EDITOR": ""}
    # When a patch is to be edited in a script, Then it is said what was looked for and what helps
    ended = waiting.place.tells("accept", waiting.incident, "--edit")
    told = (
        "heal: neither VISUAL nor EDITOR names an editor, and vi needs a terminal, which is not here; set one of them, or "
        "call it on a terminal. Nothing was accepted.\n"
    )
    assert (ended.returncode, ended.stderr.decode(), waiting.untouched()) == (2, told, True)
    assert not (waiting.place.home / "opened").exists()
    # And on a terminal it is opened
    assert Terminal(waiting.place, "accept", waiting.incident, "--edit").ends() == 0
    assert (waiting.place.home / "opened").exists()
