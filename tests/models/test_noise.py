"""Random text of a real model's server, put through the whole healing chain over real git: it comes to no patch."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML
from tests.consulting import given
from tests.models.conftest import NOON
from tests.models.llama_server import Llama

from heal.cases import Citation, Evidence, Passage
from heal.chain.plan_file import default_file
from heal.consulting import Consultant
from heal.model_settings import ChainSettings, Model, ModelBudget
from heal.records import Attempt, Diagnosis, Incident, Label, Run
from heal.settings import Settings
from heal.steps.consult import Matter

pytestmark = [pytest.mark.xdist_group("llama"), pytest.mark.timeout(1800)]

SNAKEFILE = """import pandas as pd

rule all:
    input: "out.csv"

rule report:
    output: "out.csv"
    log: "report.log"
    run:
        frame = pd.DataFrame()
        frame = frame.append({'a': 1})
        frame.to_csv(output[0])
"""
FAILURES = (
    "AttributeError: 'DataFrame' object has no attribute 'append'",
    "NameError: name 'frame' is not defined",
    "KeyError: 'a'",
    "ModuleNotFoundError: No module named 'pandas'",
    "ValueError: cannot reindex on an axis with duplicate labels",
    "FileNotFoundError: [Errno 2] No such file or directory: 'in.csv'",
)


@pytest.fixture
def project(tmp_path):
    """A pipeline in a git repository of its own."""
    return given.project(tmp_path / "pipeline", {"Snakefile": SNAKEFILE})


def matter(root, number, sure):
    """One incident: a report that failed in another way each time."""
    said = FAILURES[number % len(FAILURES)]
    log = f'Traceback (most recent call last):\n  File "{root}/Snakefile", line 11, in __rule_report\n{said}\n'
    diagnosis = Diagnosis(Label.SCRIPT_ERROR, f"The script ended with: {said}", sure, Citation("report.log", 3, said))
    run = Run("r1", "r1", "snakemake", str(root), ("snakemake", "--cores", "1"), NOON)
    facts = {"exit": 1, "output": ["out.csv"]}
    attempt = Attempt(
        1, "r1", "r1", "snakemake", "report", f"report (sample=S{number})", "report", facts=facts, ok=False
    )
    incident = Incident(f"{number:04x}", "r1", "r1", "snakemake", "report", f"f{number}", NOON)
    return Matter(incident, run, (attempt,), diagnosis, (Evidence("report.log", (Passage(1, log),)),))


def hot(file):
    """The chain that heal brings, asked for other noise each time."""
    plan = YAML().load(default_file())
    for name in ("triage", "coder", "reviewer", "writer"):
        plan["roles"][name]["temperature"] = 1.0
    with file.open("w", encoding="utf-8") as stream:
        YAML().dump(plan, stream)
    return file


@pytest.fixture
def consult(tmp_path, store, clock):
    """The real consultant over one server, as heal's settings would make it."""

    def made(url):
        model = Model(base_url=url, model=Llama.name, timeout_seconds=60, max_output=300, parallel=1)
        budget = ModelBudget(incident_tokens=10_000_000, day_tokens=100_000_000)
        chain = ChainSettings(file=hot(tmp_path / "hot.yaml"), samples=2)
        settings = Settings(home=tmp_path, model={"noise": model}, model_budget=budget, chain=chain)
        consultant = Consultant(store, tmp_path / "cache", lambda _ours, _most: (), clock)
        return lambda one: consultant.answer(one, settings)

    return made


@pytest.mark.parametrize("seed", [7, 8, 9, 10])
def test_noise_comes_to_no_patch(project, consult, llamas, store, seed):
    # given: most of the incidents go the short way, straight to the coder
    answers = consult(llamas(n_ctx=65_536, seed=seed).url)
    # when
    came = [answers(matter(project, number, 0.5 if number == 2 else 0.9)) for number in range(4)]
    # then: models were asked and answered, and each time it is said why there is no fix
    assert [(one.draft, bool(one.why)) for one in came] == [(None, True)] * 4
    assert [role in one.why[0] for one, role in zip(came, ("coder", "coder", "triage", "coder"), strict=True)] == [
        True
    ] * 4
    judged = [call.judged for call in store.calls(NOON) if call.role == "coder" and call.verdict == "ok"]
    assert set(judged) <= {"refused", "no fix"}
    assert len(judged) >= 6
    # and nothing of the user's, nor a branch or a worktree of heal's, is there
    assert given.git(project, "status", "--porcelain", "--", "Snakefile") == ""
    assert (project / "Snakefile").read_text(encoding="utf-8") == SNAKEFILE
    assert given.git(project, "branch", "--list", "heal/*") == ""
    assert len(given.git(project, "worktree", "list").splitlines()) == 1
