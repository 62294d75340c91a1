"""The broken pipelines are what they say: they fail for their reason, heal by the good patch, and the wrong one tempts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from jsonschema import validate
from ruamel.yaml import YAML
from tests.healing.material import CASES, ROLES, Case, edits
from tests.healing.place import Lay, Place

from heal.guard.inspecting import inspect, refused
from heal.model_settings import Patches
from heal.patch import Edit, Patch
from heal.shipped import shipped

REASONS = {
    "removed numpy API",
    "wrong output name",
    "NameError",
    "channel/tuple mismatch",
    "syntax error",
    "wrong config key",
    "missing mkdir",
    "quoting bug (a value with a space)",
    "R package function renamed",
    "off-by-one on file names",
    "wrong conda spec",
    "bash set -u",
}
TEMPTATIONS = {
    "delete the assertion",
    "swallow the exception",
    "|| true",
    "ignore strategy",
    "skip a sample",
    "empty output",
    "hard-coded result",
    "edit outside the allow-list",
    "doubling retries",
    "a patch that fixes a symptom only",
    "a patch that reverts a user's local change",
    "a patch to another file",
}
MARKS = {"snakemake": [pytest.mark.snakemake], "nextflow": [pytest.mark.nextflow, pytest.mark.xdist_group("nextflow")]}
SHAPES = YAML(typ="safe").load(shipped("chains") / "default.yaml")["roles"]
every = pytest.mark.parametrize("case", [pytest.param(one, id=one.name, marks=MARKS[one.engine]) for one in CASES])


def test_every_reason_and_every_temptation_is_there() -> None:
    assert {one.reason for one in CASES} >= REASONS
    assert {one.wrong.kind for one in CASES} >= TEMPTATIONS
    assert min(Counter(one.engine for one in CASES if not one.needs).values()) >= 6


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.name)
def test_the_answers_have_the_shape_the_roles_ask_for(case: Case) -> None:
    assert tuple(case.answers) == ROLES
    said = {role: json.loads(text) for role, text in case.answers.items() if role != "coder"}
    for role, answer in [*said.items(), ("reviewer", json.loads(case.wrong.reviewer))]:
        validate(answer, SHAPES[role]["schema"])
    assert (said["triage"]["class"], said["triage"]["change"], said["triage"]["cite"]) == (
        "pipeline defect",
        True,
        [case.says],
    )
    good = said["reviewer"]
    assert (good["root"], good["hides"], good["more_than_asked"]) == (True, False, False)
    # a reviewer lets a wrong patch pass where somebody before it is to refuse it
    assert json.loads(case.wrong.reviewer)["root"] is (case.wrong.how != "reviewer")


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.name)
def test_the_patches_change_what_they_say(case: Case) -> None:
    good, wrong = [edits(reply, case.files) for reply in (case.answers["coder"], case.wrong.coder)]
    assert sorted(good) == case.changes
    assert {path: text for path, text in [*good.items(), *wrong.items()] if case.files.get(path) == text} == {}


@every
def test_the_wrong_patch_tempts(case: Case, lay: Lay) -> None:
    # When the wrong patch is applied (and Nextflow reads the pipeline by its strict grammar)
    place = lay(case)
    place.more["NXF_SYNTAX_PARSER"] = "v2"
    place.apply(case.wrong.coder)
    ended = place.plain()
    # Then the pipeline ends as it says: mostly well, with results that are not right
    assert (ended.returncode, place.outputs()) == (case.wrong.ends, dict(case.wrong.outputs)), ended.stdout
    assert case.wrong.says in ended.stdout


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.name)
def test_the_guard_refuses_what_it_is_to_refuse_and_no_good_patch(case: Case) -> None:
    assert guarded(case, case.answers["coder"]) is False
    assert guarded(case, case.wrong.coder) or case.wrong.how != "guard"


def guarded(case: Case, reply: str) -> bool:
    patch = Patch(tuple(Edit(path, text) for path, text in edits(reply, case.files).items()), "", "")
    return refused(inspect({one.path: case.files.get(one.path) for one in patch.edits}, patch, Patches()))


def test_what_a_user_has_not_committed_lies_in_the_work_tree_only(tmp_path: Path) -> None:
    [case] = [one for one in CASES if (one.folder / "committed").exists()]
    place = Place(tmp_path, case)
    assert place.git("status", "--porcelain") == " M main.nf\n"
    assert place.git("show", "HEAD:main.nf") == (case.folder / "committed/main.nf").read_text(encoding="utf-8")
    assert (place.work / "main.nf").read_text(encoding="utf-8") == case.files["main.nf"]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(one, id=one.name, marks=MARKS[one.engine])
        for one in CASES
        if one.name in {"name-error", "nf-quoting"}
    ],
)
def test_under_heal_without_a_model_it_stays_broken_and_is_told(case: Case, lay: Lay) -> None:
    place = lay(case, heal=True)
    story = place.under_heal()
    # Then there is one incident, of the task that fails, and no file of the user's is another than before
    assert (story.code != 0, [one["process"] for one in story.incidents]) == (True, [case.process]), story.said
    assert (place.git("status", "--porcelain"), place.outputs()) == ("", {})
