"""Broken pipelines healed end to end by a scripted model's patch, served over real HTTP; wrong patches refused."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.healing.material import CASES, Case
from tests.healing.place import Lay, Place

MARKS = {"snakemake": pytest.mark.snakemake, "nextflow": pytest.mark.nextflow}


def every(row: str) -> pytest.MarkDecorator:
    """Each case, those of an engine one after the other."""
    marks = {engine: [mark, pytest.mark.xdist_group(f"{row} {engine}")] for engine, mark in MARKS.items()}
    return pytest.mark.parametrize("case", [pytest.param(one, id=one.name, marks=marks[one.engine]) for one in CASES])


@contextmanager
def model(folder: Path, answers: Mapping[str, str]) -> Iterator[str]:
    """The settings of a server that gives these answers, by role, as often as it is asked."""
    folder.mkdir()
    rows = [{"role": role, "text": text} for role, text in answers.items()]
    # JSON is YAML, and folds no line within an answer
    (folder / "answers.yaml").write_text(json.dumps({"answers": rows}), encoding="utf-8")
    words = [sys.executable, "-m", "heal.models.scripted", str(folder / "answers.yaml")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        url = server.stdout.readline().strip()
        try:
            yield settings_of(url, answers)
        finally:
            server.terminate()


def settings_of(url: str, answers: Mapping[str, str]) -> str:
    """A model for each role: a scripted model that is called by a role's name answers as that role."""
    routes = "".join(f'{role} = ["{role}"]\n' for role in answers)
    models = "".join(f'[model.{role}]\nbase_url = "{url}"\nmodel = "{role}"\n' for role in answers)
    return f"[routes]\n{routes}{models}"


def told(incident: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the newest consultation of models came to."""
    return next(entry for entry in reversed(incident["journal"]) if entry["kind"] == "consulted")


def executor(case: Case) -> str:
    return "slurm" if "slurm" in case.argv else "local"


@pytest.mark.snakemake
@pytest.mark.xdist_group("healing wrong")
def test_a_task_that_spoke_to_the_terminal_alone_is_run_again_to_hear_it(lay: Lay, tmp_path: Path) -> None:
    # Given a rule without a log of its own, on this machine
    healed = next(one for one in CASES if one.name == "name-error")
    with model(tmp_path / "model", healed.answers) as settings:
        place = lay(healed, settings=settings)
        before = place.git("status", "--porcelain")
        story = place.under_heal("local")
        # Then its own words are had by running it again, unchanged, and a patch is made of them
        [incident] = story.incidents
        causes = [entry for entry in incident["journal"] if entry["kind"] == "diagnosed"]
        assert [entry["label"] for entry in causes] == ["unknown", "script_error"]
        root = incident["diagnosis"]["root"]
        assert (root["source"], root["text"].partition(". ")[0]) == ("run again", healed.says)
        assert [trial["passed"] for trial in told(incident)["trials"]] == [True] * 4
        assert (incident["state"], place.git("status", "--porcelain")) == ("waiting", before)
        # And a yes heals it; taken back, the files are what they were
        place.heal("accept", incident["id"])
        assert [one["state"] for one in place.incidents()] == ["healed"]
        assert place.outputs() == dict(healed.outputs)
        place.heal("revert", incident["id"])
        assert {name: (place.work / name).read_text() for name in healed.files} == healed.files


@every("healing")
@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_a_broken_pipeline_is_healed_by_a_patch(case: Case, lay: Lay, tmp_path: Path) -> None:
    with model(tmp_path / "model", case.answers) as settings:
        place = lay(case, heal=True, settings=settings)
        before = place.git("rev-parse", "HEAD")
        # When it runs, a patch waits, and nothing of the user's is changed
        story = place.under_heal(executor(case))
        assert story.states == ["waiting"], story.said
        [incident] = story.incidents
        # what breaks as a task of it is made is the engine's own failure
        assert incident["process"] in (case.process, incident["engine"])
        assert incident["fix"]["kind"] == "patch", (told(incident), story.said)
        assert told(incident)["draft"]["files"] == case.changes
        trials = {trial["name"]: trial["passed"] for trial in told(incident)["trials"]}
        assert trials.get("replay") is (True if case.replays else None), told(incident)["trials"]
        # not every language has a parser here
        assert {passed for name, passed in trials.items() if name != "parses"} == {True} or not case.replays
        assert (place.git("rev-parse", "HEAD"), place.git("status", "--porcelain")) == (before, status(place))
        # And when a person says yes, it comes home
        once, well = place.started(), place.went_well()
        accepted = place.heal("accept", incident["id"])
        [incident] = [place.show(one["id"]) for one in place.incidents()]
        assert incident["state"] == "healed", (accepted.stdout, incident["journal"])
    # Then its results are right, the change is the user's, and what was well ran once
    assert {path: place.outputs().get(path) for path in case.outputs} == dict(case.outputs)
    assert landed(place, before.strip()) == case.changes
    again = place.started() - once
    if case.engine == "nextflow" and case.replays:
        assert_counted(told(incident), again, well)
    assert {
        name: again[name] for name, count in case.tasks.items() if name != case.process and well[name] == count
    } == {name: 0 for name, count in case.tasks.items() if name != case.process and well[name] == count}


def assert_counted(consulted: Mapping[str, Any], again: Counter[str], well: Counter[str]) -> None:
    """What a Nextflow run was said to do again is no more than it did, and what it has from its cache no less."""
    reruns = next(trial["reruns"] for trial in consulted["trials"] if trial["name"] == "replay")
    assert int((re.search(r"at least (\d+) of", reruns) or ["", "0"])[1]) <= (again & well).total(), reruns
    kept = sum(count for name, count in well.items() if not again[name])
    assert kept <= int(re.search(r"Nextflow took (\d+) from its cache$", reruns)[1]) <= well.total(), reruns


def landed(place: Place, before: str) -> list[str]:
    """The files that a yes changed: by a commit on the user's branch; or, where they had just written them, on disk.

    On disk means nowhere else, and what heal keeps of it is what they had and what is there now.
    """
    edited = place.git("diff", "--name-only", before).split()
    if not (place.case.folder / "committed").exists():
        assert (edited, place.git("status", "--porcelain")) == (place.case.changes, "")
        return place.git("diff", "--name-only", before, "HEAD").split()
    [kept] = place.git("for-each-ref", "--format=%(objectname)", "refs/heal/landed/").split()
    assert (place.git("rev-parse", "HEAD").strip(), place.git("stash", "list")) == (before, "")
    assert (place.git("status", "--porcelain"), place.git("branch", "--list", "heal/*")) == (status(place), "")
    changed = place.git("diff", "--name-only", f"{kept}^", kept).split()
    for name in changed:
        assert place.git("show", f"{kept}^:{name}") == (place.case.folder / "pipeline" / name).read_text()
        assert place.git("show", f"{kept}:{name}") == (place.work / name).read_text()
    return changed


def status(place: Place) -> str:
    """What git says of the user's own changes: those that the case lays over what is committed."""
    committed = place.case.folder / "committed"
    names = sorted(path.relative_to(committed).as_posix() for path in committed.rglob("*") if path.is_file())
    return "".join(f" M {name}\n" for name in names)


@every("wrong")
def test_a_wrong_patch_is_refused_with_a_reason(case: Case, lay: Lay, tmp_path: Path) -> None:
    with model(tmp_path / "model", case.answers_of("wrong")) as settings:
        place = lay(case, heal=True, settings=settings)
        before = place.git("rev-parse", "HEAD")
        story = place.under_heal("local")
    # Then a person is given the advice, and why no patch is shown; nothing was changed
    [incident] = story.incidents
    assert (incident["state"], incident["fix"]["kind"]) == ("waiting", "advice"), story.said
    said = told(incident)
    assert said["draft"] is None
    rules = {one["rule"] for one in said["objections"] if one["verdict"] == "refuse"}
    assert case.wrong.by in rules or case.wrong.by in said["why"], said
    assert (place.git("rev-parse", "HEAD"), place.git("status", "--porcelain")) == (before, status(place))
    assert place.git("branch", "--list", "heal/*") == ""
