"""A patch that git holds names who wrote it: the models that answered for it, and the pattern that knew the cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.consulting.given import git, project
from tests.consulting.report import NOON, saying

from heal.cases import Citation, Evidence, Passage
from heal.consulting import Consultant
from heal.consulting.work import repository_of
from heal.model_settings import Model
from heal.models.script import Line
from heal.patch import Draft, Trial
from heal.records import Attempt, Diagnosis, Incident, Label, Run
from heal.settings import Settings
from heal.steps.consult import Matter
from heal.store import Store

SNAKEFILE = 'rule report:\n    output: "out.csv"\n    shell: "old > {output}"\n'
SAID = "old: command not found"
# the coder's first model refuses, and the next one is asked
ROUTES = {"triage": ("triage",), "coder": ("idle", "coder"), "reviewer": ("reviewer",), "writer": ("writer",)}
ANSWERS = {
    "triage": '{"class": "pipeline defect", "cause": "the program is called new", "change": true, '
    f'"cite": ["{SAID}"], "sure": 0.9}}',
    "coder": f"FILE Snakefile\n```\n{SNAKEFILE.replace('old', 'new')}```\n",
    "reviewer": '{"root": true, "hides": false, "more_than_asked": false, "why": "new is what the program is called"}',
    "writer": '{"subject": "Call the program new", "why": "The report called a program that is not there."}',
}


class Passes:
    """Takes every draft for good."""

    def tries(self, draft: Draft, failed: object, stop: object = None) -> tuple[Trial, ...]:
        return (Trial("replay", passed=True),)


def passing(settings: Settings, guard: object) -> Passes:
    return Passes()


@pytest.fixture
def url() -> Iterator[str]:
    """A model's server over real HTTP: the model called idle refuses all that it is asked."""
    lines = (Line(text, role) for role, text in ANSWERS.items())
    with saying(Line("no such model", "idle", status=400), *lines) as served:
        yield served


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A pipeline in a git repository of its own."""
    return project(tmp_path / "pipeline", {"Snakefile": SNAKEFILE})


def trailers(root: Path, commit: str) -> dict[str, str]:
    """All that a commit says in its last paragraph but what tells heal its drafts apart."""
    rows = (
        row.split(": ", 1) for row in git(root, "log", "-1", "--format=%(trailers:only,unfold)", commit).split("\n")
    )
    return {row[0]: row[1] for row in rows if len(row) == 2 and row[0] != "Heal-Draft"}


def matter(root: Path, diagnosis: Diagnosis) -> Matter:
    run = Run("r1", "r1", "snakemake", str(root), ("snakemake", "--cores", "1"), NOON)
    attempt = Attempt(1, "r1", "r1", "snakemake", "report", "report", "report", facts={"exit": 127}, ok=False)
    incident = Incident("7f3a", "r1", "r1", "snakemake", "report", "f1", NOON)
    log = Evidence("report.log", (Passage(1, f'File "{root}/Snakefile", line 3\n{SAID}\n'),))
    return Matter(incident, run, (attempt,), diagnosis, (log,))


@pytest.mark.parametrize(
    ("by", "pattern"),
    [({"by": "words"}, {}), ({"by": "pattern", "pattern": "command-not-found"}, {"Heal-Pattern": "command-not-found"})],
)
def test_a_commit_names_the_model_that_wrote_the_change_and_the_pattern_that_knew_the_cause(
    root: Path, url: str, tmp_path: Path, by: Mapping[str, str], pattern: Mapping[str, str]
) -> None:
    # Given five models, of which one never answers
    models = {name: Model(base_url=url, model=name) for name in ("idle", *ANSWERS)}
    settings = Settings(home=tmp_path, model=models, routes=ROUTES)
    diagnosis = Diagnosis(Label.SCRIPT_ERROR, "A program is not there.", 0.6, Citation("report.log", 2, SAID), **by)
    with Store.open(tmp_path / "heal.db") as store:
        consultant = Consultant(store, tmp_path / "cache", lambda _ours, _most: (), lambda: NOON, tester=passing)
        # When they heal an incident, and a person says yes
        answer = consultant.answer(matter(root, diagnosis), settings)
    assert answer.draft is not None, answer.why
    commit = repository_of(answer.draft).accept(answer.draft, "t1")
    # Then the commit names who wrote the change, and nobody else
    made = {"Heal-Incident": "7f3a", "Heal-Model": "coder", **pattern, "Heal-Confidence": "0.60"}
    assert trailers(root, answer.draft.commit) == made
    assert trailers(root, commit) == {**made, "Heal-Remedy": "t1"}
    assert answer.models == ("triage", "coder", "reviewer", "writer")
