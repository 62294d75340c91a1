"""policy.patch = auto on real pipelines: what heal lands without a yes, and what waits for one whoever called it fine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.healing.material import case
from tests.healing.place import Lay
from tests.healing.test_heals import model, told

pytestmark = [pytest.mark.snakemake, pytest.mark.xdist_group("healing wrong")]

AUTO = '[policy]\npatch = "auto"\n[patches]\nauto = ["scripts/*"]\n'
FINE = '{"root": true, "hides": false, "more_than_asked": false, "why": "it is fine"}'


def test_what_replayed_well_lands_without_a_yes_also_in_a_folder_without_git(lay: Lay, tmp_path: Path) -> None:
    healed = case("numpy-removed-api")
    with model(tmp_path / "model", healed.answers) as settings:
        # Given a folder that is no git repository, and a policy that lets patches of its scripts act
        place = lay(healed, settings=settings + AUTO)
        shutil.rmtree(place.work / ".git")
        # When it runs, it comes home without a person
        story = place.under_heal()
    [incident] = story.incidents
    assert (story.code, incident["state"], place.outputs()) == (0, "healed", dict(healed.outputs)), story.said
    assert {trial["name"]: trial["passed"] for trial in told(incident)["trials"]}["replay"] is True
    decided = [entry["verdict"] for entry in incident["journal"] if entry["kind"] == "decided"]
    assert (decided, (place.work / ".git").exists()) == (["auto"], False)
    # Then what was done is in a history of heal's own, and can be taken back
    place.heal("revert", incident["id"])
    assert {name: (place.work / name).read_text() for name in healed.files} == healed.files


LITERAL = "a fixed text is written into a file: "
FALLBACK = "a fixed value takes the place of a result in some cases: snakemake.config['filter'].get('min_quality', 0)"


@pytest.mark.parametrize(
    ("name", "objections"),
    [
        (
            "name-error",
            [
                ("hide.loop_gone", "what was done for each of many is done no longer: a loop"),
                ("hide.literal_output", f"{LITERAL}out.write('heron\\t3\\n')"),
                ("hide.literal_output", f"{LITERAL}out.write('wren\\t3\\n')"),
            ],
        ),
        ("wrong-config-key", [("hide.fallback", FALLBACK)]),
    ],
)
def test_a_wrong_patch_that_a_reviewer_calls_fine_waits_for_a_person(
    name: str, objections: list[tuple[str, str]], lay: Lay, tmp_path: Path
) -> None:
    wrong = case(name)
    # Given a patch that would end well, a reviewer who believes anything, and a policy that lets patches act
    with model(tmp_path / "model", wrong.answers_of("wrong") | {"reviewer": FINE}) as settings:
        place = lay(wrong, settings=settings + AUTO)
        story = place.under_heal()
    # Then the guard asks, nothing of it is run or landed, and a person is told what speaks against it
    [incident] = story.incidents
    said = told(incident)
    assert (incident["state"], incident["fix"]["kind"], said["sure"]) == ("waiting", "patch", False), story.said
    assert [(one["rule"], one["why"]) for one in said["objections"] if one["verdict"] == "ask"] == objections
    assert {trial["name"]: trial["passed"] for trial in said["trials"]} == {
        **dict.fromkeys(("guard", "engine", "replay")),
        "parses": True,
    }
    assert all(f"mind: {why}" in story.said for _rule, why in objections)
    assert {path: (place.work / path).read_text() for path in wrong.files} == wrong.files
