"""A conversation about an incident and a project, with a scripted model and without one."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.healing.material import case
from tests.healing.place import Lay, Place
from tests.healing.test_heals import model

pytestmark = [pytest.mark.snakemake, pytest.mark.xdist_group("healing ask")]
FIRST = "The counter is called totals (scripts/season.py:14), not total. See also scripts/other.py:3.\n"
AGAIN = "As I said: scripts/season.py:14.\n"
ANSWERS = {"ask": FIRST}


@pytest.fixture
def place(lay: Lay, tmp_path: Path) -> Iterator[Place]:
    with model(tmp_path / "model", ANSWERS) as settings:
        made = lay(case("name-error"), settings=settings)
        made.under_heal()
        yield made


def test_an_answer_cites_what_was_shown_and_is_remembered(place: Place) -> None:
    [incident] = [one["id"] for one in place.incidents()]
    # When a person asks
    said = json.loads(place.heal("ask", "What is wrong?", incident, "--json").stdout)
    # Then the answer is the model's, and what it cites is looked up
    assert said == {
        "question": "What is wrong?",
        "answer": FIRST,
        "model": "ask",
        "cites": ["scripts/season.py:14", "scripts/other.py:3"],
        "unfounded": ["scripts/other.py:3"],
    }
    # And the next question tells what was said, in the payload that is kept
    place.heal("ask", "And where?", incident)
    kept = sorted((place.work / ".heal/payloads" / incident).glob("*-ask.json"))
    told = [json.loads(path.read_bytes())["messages"][1]["content"] for path in kept]
    assert ["What is wrong?" in told[1], "counter is called totals" in told[1]] == [True, True]
    assert "counter is called totals" not in told[0]
    memory = place.work / ".heal/conversations" / f"{incident}.jsonl"
    assert [json.loads(line)["question"] for line in memory.read_text().splitlines()] == [
        "What is wrong?",
        "And where?",
    ]
    assert stat.S_IMODE(memory.stat().st_mode) == 0o600


def test_what_is_cited_and_not_there_is_told_beside_the_answer(place: Place) -> None:
    [incident] = [one["id"] for one in place.incidents()]
    said = place.heal("explain", "--plain", incident).stdout
    assert said == f"{FIRST}heal: scripts/other.py:3 is in nothing that the model was shown\n"


def test_a_project_is_asked_about_without_an_incident(place: Place) -> None:
    said = json.loads(place.heal("ask", "What does scripts/season.py do?", "--json").stdout)
    assert (said["answer"], said["unfounded"]) == (FIRST, ["scripts/other.py:3"])
    [kept] = sorted((place.work / ".heal/payloads/project").glob("*-ask.json"))
    told = json.loads(kept.read_bytes())["messages"][1]["content"]
    assert "FILE scripts/season.py" in told
    assert f"incident {place.incidents()[0]['id']}, season, waiting" in told
    # And the next question about it tells what was said, which is no part of what is asked of an incident
    place.heal("ask", "And where?")
    [incident] = [one["id"] for one in place.incidents()]
    place.heal("ask", "Whose fault?", incident)
    kept = [
        *sorted((place.work / ".heal/payloads/project").glob("*-ask.json")),
        *(place.work / ".heal/payloads" / incident).glob("*-ask.json"),
    ]
    told = [json.loads(path.read_bytes())["messages"][1]["content"] for path in kept]
    assert ["counter is called totals" in one for one in told] == [False, True, False]
    assert ["Asked before" in one for one in told] == [False, True, False]
    memory = place.work / ".heal/conversations/project.jsonl"
    questions = [json.loads(line)["question"] for line in memory.read_text().splitlines()]
    assert questions == ["What does scripts/season.py do?", "And where?"]


def test_a_model_remarks_on_what_rules_cannot_read(lay: Lay, tmp_path: Path) -> None:
    # Given a model that remarks on a line there is, and on one there is not
    remark = {"file": "scripts/season.py", "line": 14, "what": "total is defined nowhere", "do": "write totals"}
    told = {"remarks": [remark, {**remark, "line": 999}]}
    with model(tmp_path / "model", {"validate": json.dumps(told)}) as settings:
        place = lay(case("name-error"), settings=settings)
        said = json.loads(place.heal("validate", "--json").stdout)
        alone = json.loads(place.heal("validate", "--json", "--rules-only").stdout)
    # Then the first is shown as the model's, and it makes nothing wrong
    mine = [one for one in said["findings"] if one["by"] == "model"]
    assert mine == [{"severity": "remark", **remark, "by": "model"}]
    assert [one for one in said["findings"] if one["by"] != "model"] == alone["findings"]


def test_a_patch_that_meets_its_users_own_line_waits_and_a_person_edits_it_before_the_yes(
    lay: Lay, tmp_path: Path
) -> None:
    # Given a patch that waits
    healed = case("numpy-removed-api")
    with model(tmp_path / "model", healed.answers) as settings:
        place = lay(healed, settings=settings)
        [incident] = place.under_heal().incidents
        before = (place.git("rev-parse", "HEAD"), place.git("status", "--porcelain"))
        # When its user says yes and has meanwhile written on the very line
        script = place.work / "scripts/normalise.py"
        given = script.read_text()
        script.write_text(given.replace("np.float)", "np.float16)"))
        theirs = place.files()
        met = place.heal("accept", incident["id"])
        # Then it waits as it did, no byte of theirs is another, and it is said where both are shown
        [shown] = (place.work / ".heal/conflicts").glob("*/scripts/normalise.py")
        meet = "the change and yours meet on the same lines: scripts/normalise.py (your work tree)"
        said = f"{meet}. Nothing was changed; both are shown in {shown.parents[1]}"
        assert (met.returncode, [one["state"] for one in place.incidents()]) == (3, ["waiting"])
        assert said in met.stdout
        assert (place.files(), place.git("rev-parse", "HEAD")) == (theirs, before[0])
        assert [line in shown.read_text() for line in ("dtype=np.float16)", "dtype=float)")] == [True, True]
        # When their line is put right, and their editor hides a failure, and there is nobody to ask whether they mean it
        script.write_text(given)
        place.more["EDITOR"] = "sed -i '/cat /s/{output}/{output} || true/' Snakefile"
        refused = place.heal("accept", incident["id"], "--edit")
        # Then that is told, and nothing is done
        assert "of a model this is refused: Snakefile:33: a command's failure is turned into success" in refused.stdout
        assert (refused.returncode, [one["state"] for one in place.incidents()]) == (2, ["waiting"])
        assert (place.git("rev-parse", "HEAD"), place.git("status", "--porcelain")) == before
        # When they put that right, change something else and accept
        place.more["EDITOR"] = "sed -i -e 's/ || true//' -e s/dtype=float/dtype=np.float64/ Snakefile"
        place.heal("accept", incident["id"], "--edit")
    # Then what they made of it is in their files, and it came home
    assert "dtype=np.float64)" in place.git("show", "HEAD:scripts/normalise.py")
    assert [one["state"] for one in place.incidents()] == ["healed"]
    assert place.outputs() == dict(healed.outputs)


def test_a_patch_is_shown_exported_and_refused_by_the_commands(lay: Lay, tmp_path: Path) -> None:
    # Given a patch that waits
    healed = case("numpy-removed-api")
    with model(tmp_path / "model", healed.answers) as settings:
        place = lay(healed, settings=settings)
        [incident] = place.under_heal().incidents
        name, before = incident["id"], (place.git("rev-parse", "HEAD"), place.git("status", "--porcelain"))
        # Then git takes what is shown as it stands, and what is exported in another clone, words and all
        (tmp_path / "shown.patch").write_text(place.heal("diff", name).stdout)
        place.git("apply", "--check", str(tmp_path / "shown.patch"))
        (tmp_path / "mail.patch").write_text(place.heal("diff", name, "--mail").stdout)
        place.git("clone", "--quiet", str(place.work), str(tmp_path / "clone"))
        there = ("-C", str(tmp_path / "clone"))
        place.git(
            *there, "-c", "user.name=B", "-c", "user.email=b@lab.example", "am", "-q", str(tmp_path / "mail.patch")
        )
        assert place.git(*there, "diff", "--name-only", "HEAD^", "HEAD").split() == healed.changes
        assert "dtype=float)" in place.git(*there, "show", "HEAD:scripts/normalise.py")
        assert "\nHeal-Model: coder\n" in place.git(*there, "log", "-1", "--format=%B")
        # And the text for a pull request tells how it was tried, and what runs again
        asked = place.heal("diff", name, "--pull-request").stdout
        assert "## Tried\n\n| check | outcome | said |\n" in asked
        assert "\n## Runs again\n\nno job more than without the change\n" in asked
        # When a person says no
        place.heal("reject", name, "--why", "float64 was meant")
    # Then it is kept as a file that says why, and nothing else is left of it
    assert [(one["id"], one["state"]) for one in place.incidents()] == [(name, "dismissed")]
    [kept] = (place.work / ".heal/rejected").glob("*.patch")
    assert kept.read_text().splitlines()[1] == "X-Heal-Rejected: float64 was meant"
    assert place.git("branch", "--list", "heal/*") == ""
    assert (place.git("rev-parse", "HEAD"), place.git("status", "--porcelain")) == before


def test_the_chain_is_run_by_hand_and_what_it_finds_stays_on_a_branch(lay: Lay, tmp_path: Path) -> None:
    # Given an incident of a time without models
    healed = case("wrong-output-name")
    place = lay(healed)
    [incident] = place.under_heal().incidents
    words = ("chain", "run", "--incident", incident["id"], "--json")
    # When the chain is run, by a model that is wrong, and by one that is right
    ended = []
    for patch in ("wrong", "good"):
        with model(tmp_path / patch, healed.answers_of(patch)) as settings:
            place.file("heal.toml", settings)
            before = (place.git("rev-parse", "HEAD"), place.git("status", "--porcelain"))
            ended.append(place.heal(*words))
            assert (place.git("rev-parse", "HEAD"), place.git("status", "--porcelain")) == before
    # Then there is no fix, and why; and then one, in git and in no file of the user's
    refused, found = (json.loads(one.stdout) for one in ended)
    assert [one.returncode for one in ended] == [1, 0]
    assert (refused["draft"], [one["rule"] for one in refused["objections"]]) == (None, ["hide.empty_output"])
    assert (found["draft"]["files"], found["why"]) == (
        healed.changes,
        ["checks: guard passed, parses passed, dry run passed, replay passed"],
    )
    assert [one["name"] for one in found["trials"]] == ["guard", "parses", "dry run", "replay"]
    # and it was the short way: the cause names one short file
    assert found["models"] == ["coder", "reviewer"]
    assert place.git("rev-parse", found["draft"]["branch"]).strip() == found["draft"]["commit"]
    assert place.git("branch", "--list", "heal/*", "--format=%(refname:lstrip=2)").split() == [found["draft"]["branch"]]
    # And the incident is where it was
    assert [(one["state"], one["fix"]["kind"]) for one in place.incidents()] == [("waiting", "advice")]


def test_without_a_model_rules_say_what_they_know(lay: Lay) -> None:
    place = lay(case("name-error"))
    place.under_heal()
    [incident] = place.incidents()
    said = place.heal("ask", "What is wrong?", incident["id"])
    assert said.returncode == 0
    assert incident["cause"] in said.stdout
    assert said.stdout.endswith(
        "with a model ([model] in heal.toml) heal answers in words, about this and what else you ask\n"
    )
