"""heal chain show, check and run, as typed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from tests.chain.house import HIDES, LINE, assignment, block, house
from typer.testing import CliRunner, Result

from heal.chain.answer import Answer
from heal.chain.plan_file import default_file
from heal.cli.chain import register
from heal.errors import BadChain, NoSuchIncident
from heal.patch import Objection, Trial
from heal.records import Verdict

OWN = default_file().read_text(encoding="utf-8")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEAL_HOME", str(tmp_path / "home"))
    return tmp_path


def heal(*words: str, answers=None) -> Result:
    app = typer.Typer()
    register(app, answers)
    return CliRunner().invoke(app, ["chain", *words])


def own(folder: Path, text: str = OWN) -> Path:
    file = folder / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    (folder / "heal.toml").write_text(f'[chain]\nfile = "{file}"\n')
    return file


def test_show_prints_the_chain_that_holds(here: Path):
    assert heal("show").output == f"# {default_file()}\n{OWN}"
    file = own(here, OWN.replace("rounds: 3", "rounds: 2"))
    assert heal("show").output.startswith(f"# {file}\n")
    assert "rounds: 2" in heal("show").output


def test_show_prints_what_a_role_is_told(here: Path):
    said = heal("show", "--role", "coder").output
    assert said.startswith("You work on a scientific pipeline")
    assert "NO FIX" in said


def test_show_of_a_role_that_is_none_names_those_there_are(here: Path):
    for role in ("tester", "nobody"):
        error = heal("show", "--role", role).exception
        assert isinstance(error, BadChain)
        assert "those that do: triage, coder, reviewer, writer" in str(error)


def test_check_says_that_a_chain_is_good(here: Path):
    assert heal("check").output == (
        f"{default_file()}: good\n"
        "  asks triage (triage), coder (coder), reviewer (reviewer), writer (writer); "
        "at most 3 rounds of coder, tester, reviewer\n"
    )
    assert heal("check", str(own(here))).output.startswith(f"{here}/mine.yaml: good")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("retries: 1", "retires: 1", "did you mean 'retries'?"),
        ("prompt: coder.j2", "prompt: codr.j2", "role coder: no prompt is called 'codr.j2'"),
    ],
)
def test_check_names_the_mistake(here: Path, old: str, new: str, said: str):
    error = heal("check", str(own(here, OWN.replace(old, new, 1)))).exception
    assert isinstance(error, BadChain)
    assert said in str(error)


def test_a_chain_is_found_from_the_folder_of_heal_toml(here: Path, monkeypatch: pytest.MonkeyPatch):
    # Given a heal.toml that names a file beside it, and a person in a folder below
    file = own(here, OWN.replace("rounds: 3", "rounds: 1"))
    (here / "heal.toml").write_text('[chain]\nfile = "mine.yaml"\n')
    (here / "below").mkdir()
    monkeypatch.chdir(here / "below")
    # Then that file holds
    assert heal("check").output.startswith(f"{file}: good")


def test_check_finds_a_name_that_a_prompt_misspells(here: Path):
    (here / "prompts").mkdir()
    (here / "prompts" / "writer.j2").write_text("\n{{ rolle }}")
    error = heal("check", str(own(here))).exception
    assert "writer.j2:2: 'rolle' is not known; a prompt may name" in str(error)


@pytest.fixture
def healed() -> Answer:
    return house().chain().run(assignment())


def answering(answer: Answer) -> Iterator[object]:
    def answers(incident: str) -> Answer:
        if incident != "7f":
            raise NoSuchIncident(f"no incident starts with {incident}")
        return answer

    return answers


def test_run_prints_what_came_of_it(healed: Answer):
    result = heal("run", "--incident", "7f", answers=answering(healed))
    assert result.exit_code == 0
    assert result.output.splitlines()[:-1] == [
        "a fix",
        "  checks: parses passed, replay passed",
        "  changes scripts/report.py on heal/7f3a-1: Use pd.concat in place of frame.append",
        "size: usual (one place of 5 lines, diagnosis 0.60)",
        "triage: pipeline defect, sure 0.90, by small: frame.append is gone from pandas 2",
        f"  > {LINE}      report.log:3",
        "tried: parses passed",
        "tried: replay passed",
        "reviewer (small): good: the rows are the same",
    ]
    assert result.output.splitlines()[-1].startswith("1 round, 480 tokens, models ")


def test_run_prints_json(healed: Answer):
    said = json.loads(heal("run", "--incident", "7f", "--json", answers=answering(healed)).output)
    assert said["draft"]["files"] == ["scripts/report.py"]
    assert (said["asks"], said["later"], said["rounds"], said["tokens"]) == (False, False, 1, 480)
    assert [turn["role"] for turn in said["turns"]] == ["chain", "triage", "coder", "tester", "reviewer", "writer"]
    assert set(said["seconds"]) == {"models", "checks", "own"}


def keys(value: object) -> set[str]:
    """All names in what JSON holds."""
    if isinstance(value, dict):
        return set(value) | {name for each in value.values() for name in keys(each)}
    return {name for each in value for name in keys(each)} if isinstance(value, list) else set()


def test_the_json_is_as_docs_tell(healed: Answer):
    doubt = Objection("powers.network", Verdict.ASK, "scripts/report.py", 4, "it calls curl")
    answer = replace(healed, objections=(doubt,))
    said = json.loads(heal("run", "--incident", "7f", "--json", answers=answering(answer)).output)
    page = (Path(__file__).parents[2] / "docs/chain.md").read_text(encoding="utf-8")
    told = page.partition('{"draft": ')[2].partition("```")[0]
    assert keys(said) == {"draft", *re.findall(r'"(\w+)"', told)}


def test_run_prints_json_of_no_fix_too():
    answer = house(coder="NO FIX: the data are wrong").chain().run(assignment())
    result = heal("run", "--incident", "7f", "--json", answers=answering(answer))
    said = json.loads(result.output)
    assert (result.exit_code, said["draft"], said["why"]) == (1, None, ["the coder says NO FIX: the data are wrong"])


def test_run_tells_what_runs_again():
    counted = (Trial("dry run", passed=True, reruns="2 jobs (table 2) more than without the change"),)
    answer = replace(house().chain().run(assignment()), trials=counted)
    said = heal("run", "--incident", "7f", answers=answering(answer)).output
    assert "\ntried: dry run passed\nruns again: 2 jobs (table 2) more than without the change\n" in said


def test_run_ends_with_1_where_there_is_no_fix_and_shows_what_was_said():
    bad = block("x\x1b[2J = 1\n", "scripts/new.py")
    answer = house(coder=bad, reviewer=HIDES).chain().run(assignment())
    result = heal("run", "--incident", "7f", "--said", answers=answering(answer))
    assert result.exit_code == 1
    assert result.output.startswith("no fix\n")
    assert "   x\\x1b[2J = 1" in result.output
    assert "\x1b" not in result.output


def test_run_is_there_only_where_it_can_run(here: Path):
    assert heal("run", "--incident", "7f").exit_code == 2
    assert isinstance(heal("run", "--incident", "zz", answers=answering(Answer(None, ()))).exception, NoSuchIncident)
